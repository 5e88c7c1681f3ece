// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: line programs and trees of inlined functions, step by step.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_decode.h"

#include <endian.h>
#include <stddef.h>

bool kprof_gsym_program_start(struct kprof_gsym_program *program,
			      struct kprof_gsym_span lines, uint64_t start)
{
	struct kprof_gsym_cursor *cursor = &program->cursor;
	int64_t min_delta, max_delta;
	uint64_t nr_deltas;

	*cursor = kprof_gsym_cursor(lines);
	min_delta = kprof_gsym_sleb(cursor);
	max_delta = kprof_gsym_sleb(cursor);
	program->row = (struct kprof_gsym_row){
		.address = start,
		.file = 1,
		.line = (uint32_t)kprof_gsym_uleb(cursor),
	};
	nr_deltas = (uint64_t)max_delta - (uint64_t)min_delta + 1;
	if (cursor->has_failed || max_delta < min_delta || !nr_deltas)
		return false;
	/* An operator is one byte. */
	if (nr_deltas > UINT8_MAX)
		nr_deltas = UINT8_MAX;
	program->min_delta = (uint32_t)min_delta;
	program->nr_deltas = (uint32_t)nr_deltas;
	program->per_delta =
		(65536 + program->nr_deltas - 1) / program->nr_deltas;
	return true;
}

static inline void read_names(struct kprof_gsym_cursor *cursor,
			      struct kprof_gsym_node *node)
{
	node->has_children = kprof_gsym_u8(cursor);
	node->name = kprof_gsym_u32(cursor);
	node->call_file = (uint32_t)kprof_gsym_uleb(cursor);
	node->call_line = (uint32_t)kprof_gsym_uleb(cursor);
}

/* With copies of what pointers lead to, for the compiler's sake. */
void kprof_gsym_node_read(struct kprof_gsym_cursor *cursor, uint64_t base,
			  uint64_t address, struct kprof_gsym_node *ret)
{
	struct kprof_gsym_cursor at = *cursor;
	struct kprof_gsym_node node = {
		.nr_ranges = kprof_gsym_uleb(&at),
		.low = UINT64_MAX,
	};

	for (uint64_t i = 0; i < node.nr_ranges && !at.has_failed; i++) {
		uint64_t start = base + kprof_gsym_uleb(&at);
		uint64_t size = kprof_gsym_uleb(&at);

		if (i == 0)
			node.start = start;
		if (start < node.low)
			node.low = start;
		if (start + size > node.high)
			node.high = start + size;
		node.covers |= address - start < size;
	}
	if (node.nr_ranges)
		read_names(&at, &node);
	*cursor = at;
	*ret = node;
}

/*
 * Past @nr numbers, eight bytes at once: the last byte of each number is the
 * one below 128. This and what follows is most of the work of a look-up.
 */
static inline void skip_numbers(struct kprof_gsym_cursor *cursor, uint64_t nr)
{
	uint64_t word, ends;

	while (nr && cursor->end - cursor->at >= (ptrdiff_t)sizeof(word)) {
		memcpy(&word, cursor->at, sizeof(word));
		word = le64toh(word);
		ends = ~word & 0x8080808080808080;
		while (nr > 1 && ends) {
			ends &= ends - 1;
			nr--;
		}
		if (ends) {
			cursor->at += (__builtin_ctzll(ends) >> 3) + 1;
			return;
		}
		/* A last one may go on behind these bytes. */
		cursor->at += sizeof(word);
	}
	while (nr && cursor->at < cursor->end)
		nr -= *cursor->at++ < 0x80;
	cursor->has_failed |= nr != 0;
}

static inline void skip_names(struct kprof_gsym_cursor *cursor,
			      struct kprof_gsym_node *node)
{
	node->has_children = kprof_gsym_u8(cursor);
	kprof_gsym_u32(cursor);
	skip_numbers(cursor, 2);
}

void kprof_gsym_node_find(struct kprof_gsym_cursor *cursor, uint64_t base,
			  uint64_t address, struct kprof_gsym_node *ret)
{
	struct kprof_gsym_cursor at = *cursor;
	struct kprof_gsym_node node = {.nr_ranges = kprof_gsym_uleb(&at)};

	for (uint64_t i = 0; i < node.nr_ranges && !at.has_failed; i++) {
		uint64_t start = base + kprof_gsym_uleb(&at);

		if (i == 0)
			node.start = start;
		node.covers |= address - start < kprof_gsym_uleb(&at);
	}
	if (node.covers)
		read_names(&at, &node);
	else if (node.nr_ranges)
		skip_names(&at, &node);
	*cursor = at;
	*ret = node;
}

void kprof_gsym_node_skip(struct kprof_gsym_cursor *cursor,
			  struct kprof_gsym_node *ret)
{
	struct kprof_gsym_cursor at = *cursor;

	ret->nr_ranges = kprof_gsym_uleb(&at);
	ret->has_children = false;
	/* Each takes two bytes or more. */
	if (ret->nr_ranges > (size_t)(at.end - at.at)) {
		at.has_failed = true;
	} else if (ret->nr_ranges) {
		skip_numbers(&at, 2 * ret->nr_ranges);
		skip_names(&at, ret);
	}
	*cursor = at;
}
