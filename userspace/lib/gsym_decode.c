// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: line programs and trees of inlined functions, step by step.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_decode.h"

bool kprof_gsym_program_start(struct kprof_gsym_program *program,
			      const struct kprof_gsym_entry *entry)
{
	struct kprof_gsym_cursor *cursor = &program->cursor;
	int64_t max_delta;

	*cursor = kprof_gsym_cursor(entry->lines);
	program->min_delta = kprof_gsym_sleb(cursor);
	max_delta = kprof_gsym_sleb(cursor);
	program->nr_deltas =
		(uint64_t)max_delta - (uint64_t)program->min_delta + 1;
	program->row = (struct kprof_gsym_row){
		.address = entry->function.start,
		.file = 1,
		.line = (uint32_t)kprof_gsym_uleb(cursor),
	};
	return !cursor->has_failed && max_delta >= program->min_delta &&
	       program->nr_deltas;
}

bool kprof_gsym_program_next(struct kprof_gsym_program *program)
{
	struct kprof_gsym_cursor *cursor = &program->cursor;
	struct kprof_gsym_row *row = &program->row;

	while (!cursor->has_failed) {
		uint8_t operator= kprof_gsym_u8(cursor);

		switch (operator) {
		case KPROF_GSYM_OP_END:
			return false;
		case KPROF_GSYM_OP_FILE:
			row->file = (uint32_t)kprof_gsym_uleb(cursor);
			break;
		case KPROF_GSYM_OP_ADVANCE_ADDRESS:
			row->address += kprof_gsym_uleb(cursor);
			return !cursor->has_failed;
		case KPROF_GSYM_OP_ADVANCE_LINE:
			row->line += (uint32_t)kprof_gsym_sleb(cursor);
			break;
		default:
			operator-= KPROF_GSYM_OP_SPECIAL;
			row->line += (uint32_t)program->min_delta +
				     (uint32_t)(operator% program->nr_deltas);
			row->address += operator/ program->nr_deltas;
			return true;
		}
	}
	return false;
}

void kprof_gsym_node_read(struct kprof_gsym_cursor *cursor, uint64_t base,
			  uint64_t address, struct kprof_gsym_node *ret)
{
	*ret = (struct kprof_gsym_node){
		.nr_ranges = kprof_gsym_uleb(cursor),
		.low = UINT64_MAX,
	};
	if (!ret->nr_ranges)
		return;
	for (uint64_t i = 0; i < ret->nr_ranges && !cursor->has_failed; i++) {
		uint64_t start = base + kprof_gsym_uleb(cursor);
		uint64_t size = kprof_gsym_uleb(cursor);

		if (i == 0)
			ret->start = start;
		if (start < ret->low)
			ret->low = start;
		if (start + size > ret->high)
			ret->high = start + size;
		ret->covers |= address - start < size;
	}
	ret->has_children = kprof_gsym_u8(cursor);
	ret->name = kprof_gsym_u32(cursor);
	ret->call_file = (uint32_t)kprof_gsym_uleb(cursor);
	ret->call_line = (uint32_t)kprof_gsym_uleb(cursor);
}
