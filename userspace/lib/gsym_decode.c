// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: line programs and trees of inlined functions, step by step.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_decode.h"

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
	if (node.nr_ranges) {
		node.has_children = kprof_gsym_u8(&at);
		node.name = kprof_gsym_u32(&at);
		node.call_file = (uint32_t)kprof_gsym_uleb(&at);
		node.call_line = (uint32_t)kprof_gsym_uleb(&at);
	}
	*cursor = at;
	*ret = node;
}
