/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: writing one; gsym.h has the format.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Functions may be added in any order. Each is encoded at once, so a map in
 * the making takes little more memory than the file.
 */
#ifndef LIB_GSYM_WRITE_H
#define LIB_GSYM_WRITE_H

#include "lib/gsym.h"

#include <stddef.h>
#include <stdint.h>

/* From @address on it is @line of @file. */
struct kprof_gsym_line {
	uint64_t address;
	uint32_t file;
	uint32_t line;
};

struct kprof_gsym_range {
	uint64_t start;
	uint64_t end;
};

/**
 * struct kprof_gsym_inline - an inlined function
 * @ranges: ascending, all inside of the function around it; at least one
 * @nr_ranges: how many
 * @depth: 1 if it is inlined into the function itself
 * @name: of kprof_gsym_writer_string()
 * @call_file: where it is called, of kprof_gsym_writer_file()
 * @call_line: likewise
 */
struct kprof_gsym_inline {
	const struct kprof_gsym_range *ranges;
	size_t nr_ranges;
	uint32_t depth;
	uint32_t name;
	uint32_t call_file;
	uint32_t call_line;
};

/**
 * struct kprof_gsym_body - what is known of a function beside its name
 * @lines: ascending; the first one at the function's start, or behind it
 * @nr_lines: how many
 * @inlines: each one right behind the function that it is inlined into, or
 *	behind its siblings and what is inlined in them
 * @nr_inlines: how many
 */
struct kprof_gsym_body {
	const struct kprof_gsym_line *lines;
	size_t nr_lines;
	const struct kprof_gsym_inline *inlines;
	size_t nr_inlines;
};

/*
 * @build_id is lower-case hexadecimal and may be "". @segments is as in gsym.h,
 * without the first word; "" if they are not known.
 */
int kprof_gsym_writer_create(const char *build_id, const char *segments,
			     struct kprof_gsym_writer **ret);
/* The number by which a function has its name; 0 for "". */
int kprof_gsym_writer_string(struct kprof_gsym_writer *writer, const char *text,
			     uint32_t *ret);
/* The number by which a line has its file; 0 for "". */
int kprof_gsym_writer_file(struct kprof_gsym_writer *writer, const char *path,
			   uint32_t *ret);
/*
 * @name is of kprof_gsym_writer_string(). @body may be NULL. A function without
 * a name or size is not added.
 */
int kprof_gsym_writer_add(struct kprof_gsym_writer *writer, uint32_t name,
			  uint64_t start, uint64_t size,
			  const struct kprof_gsym_body *body);

#endif /* LIB_GSYM_WRITE_H */
