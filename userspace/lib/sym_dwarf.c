// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: lines and inlined functions, from DWARF.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Which unit covers an address is known of all units at once, from their index
 * in the file or from themselves. The insides of a few units are kept, so that
 * addresses that come sorted cost little; and from time to time libdw is asked
 * to forget all that it knows, as it never does so by itself.
 */
#include "lib/sym_dwarf.h"

#include <errno.h>

#ifdef HAVE_LIBDW

#include "lib/dwarf_file.h"
#include "lib/dwarf_paths.h"
#include "lib/dwarf_unit.h"
#include "lib/symbol_table.h"
#include "util/cleanup.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Kept open: with link-time optimization they take turns. */
	MAX_UNITS = 8,
	/* Deeper nesting is cut at the outer end. */
	MAX_FRAMES = 256,
	/* After so much libdw is asked to forget. */
	MAX_CACHE_BYTES = 64 << 20,
};

#define NO_OFFSET UINT64_MAX

/* @offset: NO_OFFSET if there is none here; @last_used: of the source's clock
 */
struct cached_unit {
	struct kprof_dwarf_unit unit;
	uint64_t offset;
	uint64_t last_used;
};

/**
 * struct dwarf_source - the DWARF of one file
 * @file: opened
 * @ranges: addresses of units; names are positions in @offsets
 * @offsets: of units
 * @units: a few, opened
 * @clock: ticks when a unit is used
 * @cached_bytes: of memory, since the last restart
 * @paths: of source files, as they are shown
 * @frames: of the newest answer
 * @has_failed: it took too much memory: it knows nothing any more
 */
struct dwarf_source {
	struct kprof_dwarf_file file;
	struct kprof_symbol_table ranges;
	vector(uint64_t) offsets;
	struct cached_unit units[MAX_UNITS];
	uint64_t clock;
	uint64_t cached_bytes;
	struct kprof_dwarf_paths paths;
	struct kprof_symbol_frame frames[MAX_FRAMES];
	bool has_failed;
};

/* Index of units */

static int add_range(uint64_t start, uint64_t end, void *context)
{
	struct dwarf_source *source = context;
	uint64_t size = end - start;

	return kprof_symbol_table_add(
		&source->ranges,
		&(struct kprof_symbol_entry){
			.start = start,
			.size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX,
			.name = (uint32_t)source->offsets.nr - 1,
		});
}

/* A unit may say nothing of its addresses, and its functions do. */
static int add_functions(struct dwarf_source *source, uint64_t offset)
{
	struct kprof_dwarf_unit unit;
	int err = kprof_dwarf_unit_init(&unit, &source->file, offset);

	if (err)
		return err == -ENOMEM ? err : 0;
	vector_for_each (&unit.ranges.entries, entry) {
		uint32_t outer = unit.functions.data[entry->name].outer;

		if (!err && outer == KPROF_SYMBOL_NONE)
			err = add_range(entry->start,
					entry->start + entry->size, source);
	}
	kprof_dwarf_unit_deinit(&unit);
	return err;
}

static int add_unit(struct dwarf_source *source, Dwarf_Die *cu)
{
	size_t nr = source->ranges.entries.nr;
	uint64_t offset = dwarf_dieoffset(cu);
	int err;

	if (source->offsets.nr == UINT32_MAX)
		return -ENOMEM;
	err = vector_push(&source->offsets, offset);
	if (!err)
		err = kprof_dwarf_ranges(cu, add_range, source);
	if (!err && source->ranges.entries.nr == nr &&
	    dwarf_hasattr(cu, DW_AT_stmt_list))
		err = add_functions(source, offset);
	return err;
}

/* What the units say themselves. */
static int add_units(struct dwarf_source *source)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die cu;
	int err = 0;

	while (!err && !dwarf_get_units(source->file.dwarf, unit, &unit, NULL,
					NULL, &cu, NULL))
		if (dwarf_tag(&cu) == DW_TAG_compile_unit ||
		    dwarf_tag(&cu) == DW_TAG_skeleton_unit)
			err = add_unit(source, &cu);
	if (err)
		return err;
	kprof_symbol_table_finish(&source->ranges);
	return source->ranges.entries.nr ? 0 : -ENOENT;
}

/* Units */

static void close_units(struct dwarf_source *source)
{
	for (size_t i = 0; i < MAX_UNITS; i++) {
		kprof_dwarf_unit_deinit(&source->units[i].unit);
		source->units[i] = (struct cached_unit){.offset = NO_OFFSET};
	}
}

/* Frees what can be freed, and gives up if that is not enough. */
static int make_room(struct dwarf_source *source)
{
	uint64_t max = source->file.max_bytes / 4;
	int err;

	if (source->cached_bytes <= MAX_CACHE_BYTES &&
	    source->cached_bytes <= max)
		return 0;
	close_units(source);
	kprof_dwarf_paths_reset(&source->paths);
	source->cached_bytes = 0;
	err = kprof_dwarf_file_restart(&source->file);
	source->has_failed = err;
	return err;
}

static int open_unit(struct dwarf_source *source, uint64_t offset,
		     struct cached_unit *ret)
{
	int err = make_room(source);

	if (err)
		return err;
	kprof_dwarf_unit_deinit(&ret->unit);
	ret->offset = NO_OFFSET;
	err = kprof_dwarf_unit_init(&ret->unit, &source->file, offset);
	if (err)
		return err;
	ret->offset = offset;
	source->cached_bytes += kprof_dwarf_unit_bytes(&ret->unit);
	return 0;
}

static int get_unit(struct dwarf_source *source, uint64_t offset,
		    struct kprof_dwarf_unit **ret)
{
	struct cached_unit *oldest = &source->units[0];
	int err;

	for (size_t i = 0; i < MAX_UNITS; i++) {
		struct cached_unit *unit = &source->units[i];

		if (unit->offset == offset) {
			unit->last_used = ++source->clock;
			*ret = &unit->unit;
			return 0;
		}
		if (unit->last_used < oldest->last_used)
			oldest = unit;
	}
	err = open_unit(source, offset, oldest);
	if (err)
		return err;
	oldest->last_used = ++source->clock;
	*ret = &oldest->unit;
	return 0;
}

/* Frames */

static const char *path(struct dwarf_source *source,
			const struct kprof_dwarf_unit *unit, const char *raw)
{
	return kprof_dwarf_paths_get(&source->paths, unit->comp_dir, raw);
}

/* A line counts from the file in which the function is. */
static uint32_t start_line(struct dwarf_source *source,
			   const struct kprof_dwarf_unit *unit,
			   const struct kprof_dwarf_function *function,
			   const char *file)
{
	if (!function->decl_file || !function->decl_line)
		return 0;
	if (strcmp(path(source, unit, function->decl_file), file))
		return 0;
	return function->decl_line;
}

static void add_line(struct dwarf_source *source, struct kprof_dwarf_unit *unit,
		     uint64_t address, struct kprof_symbol_frame *frame)
{
	size_t nr_lines = unit->nr_lines;
	const char *file;

	kprof_dwarf_unit_line(unit, address, &file, &frame->line);
	frame->file = path(source, unit, file);
	if (unit->nr_lines != nr_lines)
		source->cached_bytes += kprof_dwarf_unit_bytes(unit);
}

/* From the innermost function outwards; each says where it was called. */
static uint32_t add_frames(struct dwarf_source *source,
			   struct kprof_dwarf_unit *unit, uint32_t nr)
{
	struct kprof_symbol_frame *frames = source->frames;
	uint32_t nr_frames = 0;

	while (nr != KPROF_SYMBOL_NONE) {
		const struct kprof_dwarf_function *function =
			kprof_dwarf_unit_function(unit, nr);
		struct kprof_symbol_frame *frame = &frames[nr_frames++];

		frame->name = function->name;
		frame->start_line =
			start_line(source, unit, function, frame->file);
		nr = function->outer;
		if (nr_frames == MAX_FRAMES || nr == KPROF_SYMBOL_NONE)
			break;
		frame[1].line = function->call_line;
		frame[1].file =
			path(source, unit,
			     kprof_dwarf_unit_file(unit, function->call_file));
	}
	return nr_frames;
}

/* @ret has the name that a table of symbols gave; for people that is it. */
static int find_in_unit(struct dwarf_source *source,
			struct kprof_dwarf_unit *unit, uint64_t address,
			struct kprof_symbol *ret)
{
	struct kprof_symbol_frame *frames = source->frames;
	uint64_t start = address, end = address + 1;
	uint32_t function = kprof_dwarf_unit_find(unit, address, &start, &end);
	uint32_t nr = 1;

	frames[0] = (struct kprof_symbol_frame){.name = ""};
	add_line(source, unit, address, &frames[0]);
	if (function != KPROF_SYMBOL_NONE)
		nr = add_frames(source, unit, function);
	else if (!ret->name || !frames[0].file[0])
		return -ENOENT;
	if (ret->name) {
		frames[nr - 1].name = ret->name;
	} else {
		ret->name = frames[nr - 1].name;
		ret->start = start;
		ret->end = end;
	}
	if (!ret->name[0])
		return -ENOENT;
	ret->frames = frames;
	ret->nr_frames = nr;
	return 0;
}

/* Several units may claim the address: one of them has the function. */
static int dwarf_find(void *opaque, uint64_t address, struct kprof_symbol *ret)
{
	struct dwarf_source *source = opaque;
	struct kprof_symbol_match match;
	struct kprof_dwarf_unit *unit;
	int err = -ENOENT;

	if (source->has_failed ||
	    kprof_symbol_table_find(&source->ranges, address, &match))
		return -ENOENT;
	for (size_t i = 0; err == -ENOENT && i < match.nr; i++) {
		uint32_t nr = match.entries[i].name;

		err = get_unit(source, source->offsets.data[nr], &unit);
		if (!err)
			err = find_in_unit(source, unit, address, ret);
	}
	return err;
}

/* Life */

static void dwarf_close(void *opaque)
{
	struct dwarf_source *source = opaque;

	if (!source)
		return;
	close_units(source);
	kprof_dwarf_paths_deinit(&source->paths);
	kprof_symbol_table_deinit(&source->ranges);
	vector_free(&source->offsets);
	kprof_dwarf_file_close(&source->file);
	free(source);
}

define_cleanup(cleanup_source, struct dwarf_source *, dwarf_close)

	static int dwarf_open(const struct kprof_symbol_binary *binary,
			      void **ret)
{
	_cleanup_(cleanup_source) struct dwarf_source *source =
		calloc(1, sizeof(*source));
	int err;

	if (!source)
		return -ENOMEM;
	close_units(source);
	err = kprof_dwarf_file_open(binary, &source->file);
	if (!err)
		err = add_units(source);
	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	*ret = no_cleanup_ptr(source);
	return 0;
}

#else

static int dwarf_open(const struct kprof_symbol_binary *binary, void **ret)
{
	(void)binary;
	(void)ret;
	return -ENOENT;
}

static int dwarf_find(void *source, uint64_t address, struct kprof_symbol *ret)
{
	(void)source;
	(void)address;
	(void)ret;
	return -ENOENT;
}

static void dwarf_close(void *source)
{
	(void)source;
}

#endif /* HAVE_LIBDW */

const struct kprof_symbolizer_ops kprof_dwarf_ops = {
	.name = "DWARF",
	.open = dwarf_open,
	.find = dwarf_find,
	.close = dwarf_close,
};
