// SPDX-License-Identifier: GPL-2.0-only
/*
 * Collects the files that a profile refers to, for another machine.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A file is taken for what its build-id says, never for its name. Names in the
 * profile are anybody's: in the archive there are only build-ids and the last
 * parts of paths.
 */
#include "lib/kprof.h"

#include "lib/debug_file.h"
#include "lib/elf_file.h"
#include "lib/sym_vdso.h"
#include "lib/symbolize.h"
#include "util/cleanup.h"
#include "util/hash.h"
#include "util/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char *const default_debug_dirs[] = {"/usr/lib/debug"};

/**
 * struct archive - one that is being written
 * @options: where files are
 * @fd: where to
 * @seen: build-ids that were dealt with, and paths without one
 */
struct archive {
	const struct kprof_archive_options *options;
	int fd;
	struct kprof_map seen;
};

/**
 * struct wanted - a binary to collect
 * @path: in the profile
 * @base: last part of it
 * @build_id: of it
 * @nr: files that were found for it
 * @has_other: there was a file with its name and another build-id
 */
struct wanted {
	const char *path;
	const char *base;
	const char *build_id;
	uint32_t nr;
	bool has_other;
};

/* NULL if there is no memory. */
static char *format(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	return text;
}

/* Takes over @name. */
static int add_as(struct archive *archive, struct wanted *wanted, int fd,
		  char *name)
{
	_cleanup_free_ char *owned = name;

	if (!owned)
		return -ENOMEM;
	wanted->nr++;
	return kprof_tar_add(archive->fd, owned, fd);
}

/* Binaries */

/* Takes over @path; -ENOENT if what is there is not it. */
static int try_binary(struct archive *archive, struct wanted *wanted,
		      char *path)
{
	_cleanup_free_ char *owned = path;
	struct kprof_elf_file *file;
	int err;

	if (!owned)
		return -ENOMEM;
	err = kprof_elf_file_open(owned, &file);
	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	if (strcmp(file->build_id, wanted->build_id)) {
		wanted->has_other = true;
		err = -ENOENT;
	} else {
		err = add_as(archive, wanted, file->fd,
			     format("%s/%s", wanted->build_id, wanted->base));
	}
	kprof_elf_file_close(file);
	return err;
}

static int try_binary_in(struct archive *archive, struct wanted *wanted,
			 const char *dir)
{
	int err =
		try_binary(archive, wanted, format("%s/%s", dir, wanted->path));

	if (err == -ENOENT)
		err = try_binary(archive, wanted,
				 format("%s/%s", dir, wanted->base));
	if (err == -ENOENT)
		err = try_binary(archive, wanted,
				 format("%s/%s/%s", dir, wanted->build_id,
					wanted->base));
	return err;
}

/* What the user names first: it may be what this machine has stripped. */
static int add_binary(struct archive *archive, struct wanted *wanted)
{
	const struct kprof_archive_options *options = archive->options;
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < options->nr_symbol_dirs; i++)
		err = try_binary_in(archive, wanted, options->symbol_dirs[i]);
	if (err == -ENOENT && wanted->path[0] == '/')
		err = try_binary(archive, wanted, strdup(wanted->path));
	return err == -ENOENT ? 0 : err;
}

/* That of the running kernel, which is in no file system. */
static int add_vdso(struct archive *archive, struct wanted *wanted)
{
	struct kprof_elf_file *own;
	_cleanup_close_ int fd = -1;
	bool is_wanted;

	if (kprof_vdso_open(&own))
		return 0;
	is_wanted = !strcmp(own->build_id, wanted->build_id);
	kprof_elf_file_close(own);
	if (!is_wanted)
		return 0;
	fd = kprof_vdso_copy();
	if (fd < 0)
		return fd;
	return add_as(archive, wanted, fd,
		      format("%s/%s", wanted->build_id, KPROF_VDSO_FILE));
}

/* Debug files */

static int try_debug(struct archive *archive, struct wanted *wanted,
		     const char *const *dirs, size_t nr_dirs)
{
	struct kprof_debug_file debug = {};
	const struct kprof_symbol_binary binary = {
		.build_id = wanted->build_id,
		.path = "",
		.debug = &debug,
		.debug_dirs = dirs,
		.nr_debug_dirs = nr_dirs,
	};
	const struct kprof_elf_file *file;
	int err = kprof_debug_file_get(&binary, &file);

	if (!err)
		err = add_as(archive, wanted, file->fd,
			     format(".build-id/%.2s/%s.debug", wanted->build_id,
				    wanted->build_id + 2));
	kprof_debug_file_close(&debug);
	return err;
}

static int add_debug(struct archive *archive, struct wanted *wanted)
{
	const struct kprof_archive_options *options = archive->options;
	const char *const *dirs = options->debug_dirs ?: default_debug_dirs;
	size_t nr = options->debug_dirs ? options->nr_debug_dirs : 1;
	int err = try_debug(archive, wanted, options->symbol_dirs,
			    options->nr_symbol_dirs);

	if (err == -ENOENT)
		err = try_debug(archive, wanted, dirs, nr);
	return err == -ENOENT ? 0 : err;
}

/* Maps of symbols */

/* A build-id that is too long for a map is cut in it. */
static bool is_map_of(const char *path, const char *build_id)
{
	struct kprof_gsym_info info;
	struct kprof_gsym *gsym;
	size_t len;

	if (kprof_gsym_open(path, &gsym))
		return false;
	kprof_gsym_info(gsym, &info);
	kprof_gsym_close(gsym);
	len = strlen(info.build_id);
	return len && !strncmp(build_id, info.build_id, len) &&
	       (!build_id[len] || len == sizeof(info.build_id) - 1);
}

static int try_map(struct archive *archive, struct wanted *wanted,
		   const char *dir)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *path = format(
		"%s/%.2s/%s.gsym", dir, wanted->build_id, wanted->build_id + 2);

	if (!path)
		return -ENOMEM;
	if (!is_map_of(path, wanted->build_id))
		return -ENOENT;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -ENOENT;
	return add_as(
		archive, wanted, fd,
		format("%.2s/%s.gsym", wanted->build_id, wanted->build_id + 2));
}

static int add_map(struct archive *archive, struct wanted *wanted)
{
	const struct kprof_archive_options *options = archive->options;
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < options->nr_symbol_dirs; i++)
		err = try_map(archive, wanted, options->symbol_dirs[i]);
	return err == -ENOENT ? 0 : err;
}

/* All of them */

/* [vdso], [kernel.kallsyms], //anon: nobody expects a file. */
static bool is_file_name(const char *name)
{
	return name[0] && name[0] != '[' && strncmp(name, "//", 2) != 0;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	if (!*base || !strcmp(base, ".") || !strcmp(base, ".."))
		return "binary";
	return base;
}

static const char *why_missing(const struct wanted *wanted)
{
	if (!kprof_is_build_id(wanted->build_id))
		return "the profile has no build-id of it";
	if (wanted->has_other)
		return "the file there is another one";
	return "not found";
}

static int collect(struct archive *archive, struct wanted *wanted)
{
	int err = 0;

	if (!kprof_is_build_id(wanted->build_id))
		return 0;
	if (!strcmp(wanted->path, "[vdso]"))
		err = add_vdso(archive, wanted);
	else if (is_file_name(wanted->path))
		err = add_binary(archive, wanted);
	err = err ?: add_debug(archive, wanted);
	return err ?: add_map(archive, wanted);
}

/* Strings of a profile are equal if their pointers are. */
static int see(struct archive *archive, const struct kprof_mapping *mapping,
	       bool *is_new_ret)
{
	const char *key =
		mapping->build_id[0] ? mapping->build_id : mapping->filename;
	uint64_t value;

	*is_new_ret = !kprof_map_get(&archive->seen, (uintptr_t)key, &value);
	return *is_new_ret ? kprof_map_set(&archive->seen, (uintptr_t)key, 0)
			   : 0;
}

static int add_mapping(struct archive *archive,
		       const struct kprof_mapping *mapping,
		       struct kprof_archive_summary *summary)
{
	const struct kprof_archive_options *options = archive->options;
	struct wanted wanted = {
		.path = mapping->filename,
		.base = base_of(mapping->filename),
		.build_id = mapping->build_id,
	};
	bool is_new;
	int err = see(archive, mapping, &is_new);

	if (err || !is_new)
		return err;
	err = collect(archive, &wanted);
	if (err)
		return err;
	summary->nr_files += wanted.nr;
	if (wanted.nr) {
		summary->nr_binaries++;
	} else if (is_file_name(wanted.path)) {
		summary->nr_missing++;
		if (options->missing)
			options->missing(mapping, why_missing(&wanted),
					 options->context);
	}
	return 0;
}

int kprof_archive_write(const struct kprof_profile *profile,
			const struct kprof_archive_options *options, int fd,
			struct kprof_archive_summary *ret)
{
	struct archive archive = {
		.options = options,
		.fd = fd,
	};
	int err = 0;

	*ret = (struct kprof_archive_summary){};
	for (uint32_t i = 0; !err && i < profile->nr_mappings; i++)
		err = add_mapping(&archive, &profile->mappings[i], ret);
	kprof_map_deinit(&archive.seen);
	return err ?: kprof_tar_finish(fd);
}
