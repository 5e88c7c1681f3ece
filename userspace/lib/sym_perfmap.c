// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: perf-PID.map, in which programs name the code they make.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A line is "start size name", both numbers hexadecimal; the name may contain
 * spaces. Code that is dropped stays in the file, so where lines overlap the
 * last one is right. Lines are remembered by where they are, and read again for
 * their names: memory is bounded by a number of functions, whatever the size
 * of the file. Of a file that is too long the end counts: a name from the
 * beginning could be of code that is long gone.
 */
#include "lib/sym_perfmap.h"

#include "lib/kprof.h"
#include "lib/overlay.h"
#include "util/cleanup.h"
#include "util/io.h"
#include "util/log.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	/* What is read at once; a longer line is skipped. */
	CHUNK_BYTES = 65536,
	/* A name is cut here; before it are two numbers. */
	LINE_BYTES = 4096,
	MAX_MAP_BYTES = 64 << 20,
	MAX_FUNCTIONS = 1 << 19,
};

/**
 * struct perfmap - a file
 * @fd: the profile's
 * @base: where it is read from
 * @end: where it ended then
 * @overlay: its functions; their values are where their lines are, from @base
 * @line: of the newest find
 */
struct perfmap {
	int fd;
	uint64_t base;
	uint64_t end;
	struct kprof_overlay overlay;
	char line[LINE_BYTES];
};

/* Parsing */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Java writes 0x before its numbers, V8 does not. */
static const char *parse_hex(const char *text, const char *end, uint64_t *ret)
{
	const char *start;

	while (text < end && *text == ' ')
		text++;
	if (end - text > 2 && text[0] == '0' && text[1] == 'x')
		text += 2;
	*ret = 0;
	for (start = text; text < end && hex_digit(*text) >= 0; text++) {
		if (text - start == 16)
			return NULL;
		*ret = *ret << 4 | (uint64_t)hex_digit(*text);
	}
	return text > start && text < end && *text == ' ' ? text : NULL;
}

/* Gives where the name starts, which ends where the line does; else NULL. */
static const char *split_line(const char *text, size_t len, uint64_t *start_ret,
			      uint64_t *size_ret)
{
	const char *end = text + len;

	text = parse_hex(text, end, start_ret);
	if (text)
		text = parse_hex(text, end, size_ret);
	while (text && text < end && *text == ' ')
		text++;
	return text && text < end ? text : NULL;
}

/* Adds the whole lines in @text; says how many bytes they are. */
static int add_lines(struct perfmap *map, const char *text, size_t size,
		     uint64_t offset, size_t *ret)
{
	const char *at = text, *newline;
	int err = 0;

	while (!err && (newline = memchr(at, '\n', text + size - at))) {
		uint64_t where = offset + (uint64_t)(at - text) - map->base;
		uint64_t start, bytes;

		if (split_line(at, (size_t)(newline - at), &start, &bytes))
			err = kprof_overlay_add(&map->overlay, start, bytes,
						(uint32_t)where);
		at = newline + 1;
	}
	*ret = (size_t)(at - text);
	return err;
}

/* Moves to the start of the next line; false if there is none. */
static bool skip_line(struct perfmap *map, char *chunk, uint64_t *offset)
{
	while (*offset < map->end) {
		size_t size =
			kprof_io_read_at(map->fd, *offset, chunk, CHUNK_BYTES);
		const char *newline = memchr(chunk, '\n', size);

		if (!size)
			break;
		if (newline) {
			*offset += (size_t)(newline - chunk) + 1;
			return true;
		}
		*offset += size;
	}
	return false;
}

/* The last line is still being written if it has no end. */
static int read_lines(struct perfmap *map)
{
	_cleanup_free_ char *chunk = malloc(CHUNK_BYTES);
	uint64_t offset = map->base;

	if (!chunk)
		return -ENOMEM;
	if (offset && !skip_line(map, chunk, &offset))
		return 0;
	while (offset < map->end) {
		size_t size =
			kprof_io_read_at(map->fd, offset, chunk, CHUNK_BYTES);
		size_t done;
		int err = add_lines(map, chunk, size, offset, &done);

		if (err)
			return err;
		offset += done;
		if (done)
			continue;
		if (size < CHUNK_BYTES || !skip_line(map, chunk, &offset))
			return 0;
	}
	return 0;
}

/* Opening and closing */

static void perfmap_close(void *opaque)
{
	struct perfmap *map = opaque;

	if (!map)
		return;
	kprof_overlay_deinit(&map->overlay);
	free(map);
}

define_cleanup(cleanup_perfmap, struct perfmap *, perfmap_close)

	static int read_file(struct perfmap *map)
{
	struct stat st;
	int err;

	if (fstat(map->fd, &st))
		return -errno;
	map->end = (uint64_t)st.st_size;
	if (map->end > MAX_MAP_BYTES) {
		map->base = map->end - MAX_MAP_BYTES;
		log_warning("of a perf map of %llu MiB the last %d are read",
			    (unsigned long long)map->end >> 20,
			    MAX_MAP_BYTES >> 20);
	}
	err = read_lines(map);
	if (err)
		return err;
	if (!map->overlay.ranges.nr)
		return -ENOENT;
	return kprof_overlay_finish(&map->overlay);
}

static int perfmap_open(const struct kprof_symbol_binary *binary, void **ret)
{
	_cleanup_(cleanup_perfmap) struct perfmap *map = NULL;
	int err;

	if (!binary->jit || binary->jit->perf_map < 0)
		return -ENOENT;
	map = calloc(1, sizeof(*map));
	if (!map)
		return -ENOMEM;
	map->fd = binary->jit->perf_map;
	map->overlay.max_ranges = MAX_FUNCTIONS;
	err = read_file(map);
	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	*ret = no_cleanup_ptr(map);
	return 0;
}

/* Finding */

/* The file may have been written anew: the line must still be that one. */
static const char *read_name(struct perfmap *map,
			     const struct kprof_overlay_range *range,
			     uint64_t address)
{
	size_t size = kprof_io_read_at(map->fd, map->base + range->value,
				       map->line, sizeof(map->line) - 1);
	char *end = memchr(map->line, '\n', size) ?: map->line + size;
	const char *name;
	uint64_t start, bytes;

	while (end > map->line && (end[-1] == '\r' || end[-1] == ' '))
		end--;
	kprof_utf8_replace_controls(map->line, (size_t)(end - map->line));
	*end = '\0';
	name = split_line(map->line, (size_t)(end - map->line), &start, &bytes);
	if (!name || address < start || address - start >= bytes)
		return NULL;
	return name;
}

static int perfmap_find(void *opaque, uint64_t address,
			struct kprof_symbol *ret)
{
	struct perfmap *map = opaque;
	struct kprof_overlay_range range;
	int err = kprof_overlay_find(&map->overlay, address, &range);

	if (err)
		return err;
	*ret = (struct kprof_symbol){
		.name = read_name(map, &range, address),
		.start = range.start,
		.end = range.end,
	};
	return ret->name ? 0 : -ENOENT;
}

const struct kprof_symbolizer_ops kprof_perfmap_ops = {
	.name = "perf map",
	.open = perfmap_open,
	.find = perfmap_find,
	.close = perfmap_close,
};
