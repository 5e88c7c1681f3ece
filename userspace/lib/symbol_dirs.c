// SPDX-License-Identifier: GPL-2.0-only
/*
 * What directories with files for symbols have.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include "lib/debug_file.h"
#include "lib/elf_file.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_DEPTH = 16,
	MAX_FILES = 100000,
	PAGE_BYTES = 4096,
};

define_cleanup(cleanup_gsym, struct kprof_gsym *, kprof_gsym_close)
define_cleanup(cleanup_elf, struct kprof_elf_file *, kprof_elf_file_close)

/**
 * struct walk - through a directory
 * @root_len: bytes of its path, which what is found is relative to
 * @nr_files: looked at so far
 * @found: who wants to know
 * @context: for it
 */
struct walk {
	size_t root_len;
	size_t nr_files;
	int (*found)(const struct kprof_symbol_file *file, void *context);
	void *context;
};

static uint64_t page_down(uint64_t address)
{
	return address / PAGE_BYTES * PAGE_BYTES;
}

/* As a loader maps it. */
static void set_range(struct kprof_symbol_file *file, uint64_t offset,
		      uint64_t bytes)
{
	file->offset = page_down(offset);
	file->bytes = page_down(offset - file->offset + bytes + PAGE_BYTES - 1);
}

/* "OFFSET:VADDR:BYTES ..." of the part with the first function. */
static bool parse_segments(const char *text, uint64_t start,
			   struct kprof_symbol_file *file)
{
	unsigned long long offset, vaddr, bytes;

	for (; text &&
	       sscanf(text, "%llx:%llx:%llx", &offset, &vaddr, &bytes) == 3;
	     text = strchr(text, ' '), text = text ? text + 1 : NULL) {
		if (start - vaddr >= bytes)
			continue;
		set_range(file, offset, bytes);
		return true;
	}
	return false;
}

static int look_at_map(struct walk *walk, struct kprof_symbol_file file)
{
	_cleanup_(cleanup_gsym) struct kprof_gsym *gsym = NULL;
	struct kprof_gsym_function function;
	struct kprof_gsym_info info;

	if (kprof_gsym_open(file.path, &gsym))
		return 0;
	kprof_gsym_info(gsym, &info);
	if (!info.build_id[0] || kprof_gsym_function(gsym, 0, &function) ||
	    !parse_segments(info.segments, function.start, &file))
		return 0;
	file.kind = KPROF_SYMBOL_FILE_MAP;
	file.build_id = info.build_id;
	return walk->found(&file, walk->context);
}

static int look_at_elf(struct walk *walk, struct kprof_symbol_file file)
{
	_cleanup_(cleanup_elf) struct kprof_elf_file *elf = NULL;
	int err = 0;

	if (kprof_elf_file_open(file.path, &elf) || !elf->build_id[0])
		return 0;
	file.kind = kprof_elf_file_has_code(elf) ? KPROF_SYMBOL_FILE_PROGRAM
						 : KPROF_SYMBOL_FILE_DEBUG;
	file.build_id = elf->build_id;
	for (size_t i = 0; !err && i < elf->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &elf->segments[i];

		if (!segment->is_executable)
			continue;
		set_range(&file, segment->offset, segment->memory_bytes);
		err = walk->found(&file, walk->context);
	}
	return err;
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), suffix_len = strlen(suffix);

	return len > suffix_len && !strcmp(name + len - suffix_len, suffix);
}

static int look_at_file(struct walk *walk, const char *path)
{
	struct kprof_symbol_file file = {
		.path = path,
		.name = path + walk->root_len,
	};

	if (has_suffix(path, ".gsym"))
		return look_at_map(walk, file);
	return has_suffix(path, ".kuw") ? 0 : look_at_elf(walk, file);
}

static int look_in(struct walk *walk, const char *path, unsigned int depth)
{
	_cleanup_closedir_ DIR *dir = opendir(path);
	struct dirent *entry;
	int err = 0;

	/* What cannot be read is nothing that could be served. */
	while (dir && !err && (entry = readdir(dir))) {
		_cleanup_free_ char *below = NULL;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (walk->nr_files++ >= MAX_FILES)
			return 0;
		if (asprintf(&below, "%s/%s", path, entry->d_name) < 0) {
			below = NULL;
			return -ENOMEM;
		}
		if (entry->d_type == DT_DIR && depth < MAX_DEPTH)
			err = look_in(walk, below, depth + 1);
		else if (entry->d_type == DT_REG || entry->d_type == DT_LNK)
			err = look_at_file(walk, below);
	}
	return err;
}

int kprof_symbol_dirs_list(const char *const *dirs, size_t nr_dirs,
			   int (*found)(const struct kprof_symbol_file *file,
					void *context),
			   void *context)
{
	int err = 0;

	for (size_t i = 0; !err && i < nr_dirs; i++) {
		struct walk walk = {
			.root_len = strlen(dirs[i]),
			.found = found,
			.context = context,
		};

		err = look_in(&walk, dirs[i], 0);
	}
	return err;
}

/* One file */

/**
 * struct search - for a file by its build-id
 * @build_id: of it
 * @kind: what it is to be
 * @fd: the file, -1 for none
 */
struct search {
	const char *build_id;
	enum kprof_symbol_file_kind kind;
	int fd;
};

/* 1 ends the walk. */
static int take_if_wanted(const struct kprof_symbol_file *file, void *context)
{
	struct search *search = context;

	if (file->kind != search->kind ||
	    strcmp(file->build_id, search->build_id))
		return 0;
	search->fd = open(file->path, O_RDONLY | O_CLOEXEC);
	return search->fd >= 0;
}

/* Where they usually are; what is there may be anything. */
static int look_where_usual(const char *dir, struct search *search)
{
	_cleanup_free_ char *debug = NULL, *own = NULL;
	struct walk walk = {
		.root_len = strlen(dir),
		.found = take_if_wanted,
		.context = search,
	};
	int found;

	if (asprintf(&debug, "%s/.build-id/%.2s/%s.debug", dir,
		     search->build_id, search->build_id + 2) < 0)
		debug = NULL;
	if (asprintf(&own, "%s/%s", dir, search->build_id) < 0)
		own = NULL;
	if (!debug || !own)
		return -ENOMEM;
	found = look_at_file(&walk, debug);
	return found ?: look_in(&walk, own, MAX_DEPTH);
}

int kprof_symbol_dirs_open(const char *const *dirs, size_t nr_dirs,
			   const char *build_id,
			   enum kprof_symbol_file_kind kind)
{
	struct search search = {.build_id = build_id, .kind = kind, .fd = -1};
	int found = 0;

	if (!kprof_is_build_id(build_id))
		return -EINVAL;
	for (size_t i = 0; !found && i < nr_dirs; i++)
		found = look_where_usual(dirs[i], &search);
	if (!found)
		found = kprof_symbol_dirs_list(dirs, nr_dirs, take_if_wanted,
					       &search);
	if (found < 0)
		return found;
	return search.fd >= 0 ? search.fd : -ENOENT;
}
