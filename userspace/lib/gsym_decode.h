/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: line programs and trees of inlined functions, step by step.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A line program starts at the function's start, in file 1. Its ops
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

enum {
	/* Operators of line programs; from the last one on they do both. */
	KPROF_GSYM_OP_END = 0,
	KPROF_GSYM_OP_FILE = 1,
	KPROF_GSYM_OP_ADVANCE_ADDRESS = 2,
	KPROF_GSYM_OP_ADVANCE_LINE = 3,
	KPROF_GSYM_OP_SPECIAL = 4,
};

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
 * @per_delta: 65536 / @nr_deltas, rounded up: multiplying by it divides
 * @row: the latest
 */
struct kprof_gsym_program {
	struct kprof_gsym_cursor cursor;
	uint32_t min_delta;
	uint32_t nr_deltas;
	uint32_t per_delta;
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

/* Of the function that starts at @start. False if it has no valid head. */
bool kprof_gsym_program_start(struct kprof_gsym_program *program,
			      struct kprof_gsym_span lines, uint64_t start);
/* Exact, because the op and the divisor are below 256. */
static inline void
kprof_gsym_program_advance(struct kprof_gsym_program *program, uint32_t op)
{
	uint32_t quotient;

	op -= KPROF_GSYM_OP_SPECIAL;
	quotient = op * program->per_delta >> 16;
	program->row.line +=
		program->min_delta + op - quotient * program->nr_deltas;
	program->row.address += quotient;
}

/*
 * Up to the next complete row; false at the end, or if the cursor failed: then
 * it has nothing left.
 */
static inline bool kprof_gsym_program_next(struct kprof_gsym_program *program)
{
	struct kprof_gsym_cursor *cursor = &program->cursor;
	struct kprof_gsym_row *row = &program->row;

	while (cursor->at < cursor->end) {
		uint8_t op = *cursor->at++;

		if (op >= KPROF_GSYM_OP_SPECIAL) {
			kprof_gsym_program_advance(program, op);
			return true;
		}
		if (op == KPROF_GSYM_OP_ADVANCE_LINE) {
			row->line += (uint32_t)kprof_gsym_sleb(cursor);
		} else if (op == KPROF_GSYM_OP_ADVANCE_ADDRESS) {
			row->address += kprof_gsym_uleb(cursor);
			return !cursor->has_failed;
		} else if (op == KPROF_GSYM_OP_FILE) {
			row->file = (uint32_t)kprof_gsym_uleb(cursor);
		} else {
			return false;
		}
	}
	/* Without an end it is cut off. */
	cursor->has_failed = true;
	return false;
}

/* The next one in the walk, with ranges relative to @base. */
void kprof_gsym_node_read(struct kprof_gsym_cursor *cursor, uint64_t base,
			  uint64_t address, struct kprof_gsym_node *ret);
/*
 * The same for who only wants what covers @address: of any other one only
 * nr_ranges and has_children are set.
 */
void kprof_gsym_node_find(struct kprof_gsym_cursor *cursor, uint64_t base,
			  uint64_t address, struct kprof_gsym_node *ret);
/* Past one whose ranges do not matter: only nr_ranges and has_children. */
void kprof_gsym_node_skip(struct kprof_gsym_cursor *cursor,
			  struct kprof_gsym_node *ret);

#endif /* LIB_GSYM_DECODE_H */
