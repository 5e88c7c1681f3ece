// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines of a function in a jitdump.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * An entry has an address, a line, and a file name of any length, so that only
 * a walk finds the entry of an address. Writers have made mistakes here: V8
 * has filled the names with other memory, which shifts the entries after them.
 */
#include "lib/jitdump_lines.h"

#include "util/cleanup.h"
#include "util/io.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_BYTES = 65536,
	/* Of one function; more are not believed. */
	MAX_ENTRIES = 1 << 17,
	MAX_BYTES = 16 << 20,
	/*
	 * V8 adds to all addresses the size of the ELF header that perf puts
	 * before the code in files of its own.
	 */
	ELF_HEADER_BYTES = 64,
};

/* A file name with its NUL follows. */
struct dump_entry {
	uint64_t address;
	uint32_t line;
	uint32_t discriminator;
};

/**
 * struct walk - over the entries
 * @lines: whose
 * @wanted: address to look for
 * @nr: entries seen
 * @is_shifted: all addresses are too high by ELF_HEADER_BYTES
 * @file: where the last file name is, 0 if there is none
 * @best_address: of the entry that fits best so far
 * @best_line: of that
 * @best_file: likewise
 */
struct walk {
	const struct kprof_jitdump_lines *lines;
	uint64_t wanted;
	uint64_t nr;
	bool is_shifted;
	uint64_t file;
	uint64_t best_address;
	uint32_t best_line;
	uint64_t best_file;
};

/* A name of this one byte stands for that of the entry before. */
static bool is_same_file(const char *name)
{
	return name[0] == '\xff' && !name[1];
}

/* False if the entry cannot be true. */
static bool add_entry(struct walk *walk, const char *data, uint64_t offset)
{
	const struct kprof_jitdump_lines *lines = walk->lines;
	struct dump_entry entry;

	memcpy(&entry, data, sizeof(entry));
	if (!is_same_file(data + sizeof(entry)))
		walk->file = offset + sizeof(entry);
	if (!walk->nr++)
		walk->is_shifted =
			entry.address - lines->address == ELF_HEADER_BYTES;
	if (walk->is_shifted)
		entry.address -= ELF_HEADER_BYTES;
	if (entry.address - lines->address > lines->code_bytes || !walk->file)
		return false;
	if (entry.address <= walk->wanted &&
	    entry.address >= walk->best_address) {
		walk->best_address = entry.address;
		walk->best_line = entry.line;
		walk->best_file = walk->file;
	}
	return true;
}

/* Walks over the whole entries in @data; 0 bytes of them say to give up. */
static size_t add_entries(struct walk *walk, const char *data, size_t size,
			  uint64_t offset)
{
	size_t done = 0;

	while (walk->nr < walk->lines->nr &&
	       size - done > sizeof(struct dump_entry)) {
		const char *name = data + done + sizeof(struct dump_entry);
		const char *end = memchr(name, '\0', data + size - name);

		if (!end)
			break;
		if (!add_entry(walk, data + done, offset + done))
			return 0;
		done = (size_t)(end + 1 - data);
	}
	return done;
}

static int walk_all(struct walk *walk, int fd)
{
	_cleanup_free_ char *chunk = malloc(CHUNK_BYTES);
	uint64_t offset = walk->lines->offset;

	if (!chunk)
		return -ENOMEM;
	while (walk->nr < walk->lines->nr) {
		uint64_t left = walk->lines->end - offset;
		size_t size = kprof_io_read_at(
			fd, offset, chunk,
			left < CHUNK_BYTES ? left : CHUNK_BYTES);

		size = add_entries(walk, chunk, size, offset);
		if (!size)
			return -ENOENT;
		offset += size;
	}
	return 0;
}

int kprof_jitdump_lines_find(const struct kprof_jitdump_lines *lines, int fd,
			     uint64_t address, char *file_ret, size_t file_size,
			     uint32_t *line_ret)
{
	struct walk walk = {.lines = lines, .wanted = address};
	size_t size;
	int err;

	if (lines->nr > MAX_ENTRIES || lines->end - lines->offset > MAX_BYTES)
		return -ENOENT;
	err = walk_all(&walk, fd);
	if (err)
		return err;
	if (!walk.best_file)
		return -ENOENT;
	size = kprof_io_read_at(fd, walk.best_file, file_ret, file_size - 1);
	file_ret[size] = '\0';
	kprof_utf8_replace_controls(file_ret, strlen(file_ret));
	*line_ret = walk.best_line;
	return file_ret[0] ? 0 : -ENOENT;
}
