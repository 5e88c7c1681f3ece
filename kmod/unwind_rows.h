/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks a user stack by the rows of unwind tables.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_UNWIND_ROWS_H
#define KPROF_UNWIND_ROWS_H

#include <linux/kprof_unwind.h>
#include <linux/types.h>

struct kprof_code_map;
struct kprof_unwind_config;
struct kprof_walk;
struct pt_regs;

enum { KPROF_ROW_CACHE = 1024 };

/**
 * struct kprof_row_cache - rules that were looked up before, on one CPU
 * @pc: whose rule it is
 * @key: of the code map and of the tables at that time; 0 is free
 * @rule: a copy, so that nothing here outlives a table; its cfa has a bit more
 *	where the rule is a plain one
 *
 * Return addresses repeat from sample to sample: nearly all are found here.
 */
struct kprof_row_cache {
	struct kprof_cached_rule {
		u64 pc;
		u64 key;
		struct kprof_unwind_rule rule;
	} rules[KPROF_ROW_CACHE];
};

/*
 * Interrupts off, page faults disabled; the first frame, that of @regs, has
 * been added. Walks to the end of the stack, the depth or the time: by rows
 * where there are some, by frame pointers where not, in any order. Looks up
 * a rule and reads at most four words for each frame.
 */
void kprof_walk_rows(const struct kprof_unwind_config *config,
		     struct kprof_row_cache *cache,
		     const struct kprof_code_map *code, struct pt_regs *regs,
		     u64 now_ns, struct kprof_walk *walk);

#endif /* KPROF_UNWIND_ROWS_H */
