/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: line programs and trees of inlined functions, step by step.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A line program starts at the function's start, in file 1. Its operators
 * change file, line and address; a row is complete where the address advances.
 * Rows ascend; one is valid up to the next.
 *
 * The tree of inlined functions is a walk: for each its ranges, relative to the
 * start of the first range of the one around it, whether others are inlined in
 * it, its name and from where it was called; then those others, and an empty
 * one behind the last. The root is the function itself.
 */
#ifndef LIB_GSYM_DECODE_H
#define LIB_GSYM_DECODE_H

#include "lib/gsym_cursor.h"

#include <stdbool.h>
#include <stdint.h>

/* From @address on it is @line of @file. */
struct kprof_gsym_row {
	uint64_t address;
	uint32_t file;
	uint32_t line;
};

/**
 * struct kprof_gsym_program - a line program at work
 * @cursor: behind the latest row
 * @min_delta: of lines, that a special operator can add
 * @nr_deltas: how many lines there are for it to choose from
 * @row: the latest
 */
struct kprof_gsym_program {
	struct kprof_gsym_cursor cursor;
	int64_t min_delta;
	uint64_t nr_deltas;
	struct kprof_gsym_row row;
};

/**
 * struct kprof_gsym_node - a function in the tree
 * @nr_ranges: 0 behind the last one of a list
 * @start: of its first range
 * @low: lowest address in its ranges
 * @high: first address behind its ranges
 * @covers: one of its ranges has the address that was asked for
 * @has_children: they follow
 * @name: offset of a string
 * @call_file: from where it was called
 * @call_line: likewise
 */
struct kprof_gsym_node {
	uint64_t nr_ranges;
	uint64_t start;
	uint64_t low;
	uint64_t high;
	bool covers;
	bool has_children;
	uint32_t name;
	uint32_t call_file;
	uint32_t call_line;
};

/* False if it has no valid start. */
bool kprof_gsym_program_start(struct kprof_gsym_program *program,
			      const struct kprof_gsym_entry *entry);
/* Up to the next complete row; false at the end, or if the cursor failed. */
bool kprof_gsym_program_next(struct kprof_gsym_program *program);

/* The next one in the walk, with ranges relative to @base. */
void kprof_gsym_node_read(struct kprof_gsym_cursor *cursor, uint64_t base,
			  uint64_t address, struct kprof_gsym_node *ret);

#endif /* LIB_GSYM_DECODE_H */
