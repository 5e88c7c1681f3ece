// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's walk over user stacks, compiled for user space: whoever links
 * this says what user memory is, and in which address space.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "walker.h"

#include "../../../kmod/link_register.c"
#include "../../../kmod/unwind_rows.c"

u32 kprof_images_epoch;

const struct kprof_code_mapping *
kprof_code_map_find(const struct kprof_code_map *map, u64 pc)
{
	for (u32 n = 0; n < map->nr; n++)
		if (pc >= map->mappings[n].start && pc < map->mappings[n].end)
			return &map->mappings[n];
	return NULL;
}

void walker_walk(const struct walker *walker, struct pt_regs *regs,
		 u32 max_depth, struct kprof_stack *stack)
{
	const struct kprof_unwind_config config = {
		.max_depth = max_depth,
		.max_ns = UINT32_MAX,
		.walk_user = true,
		.walk_rows = true,
	};
	struct kprof_user_regs user;
	struct kprof_walk walk = {
		.stack = stack,
		.frames = stack->frames,
		.multiplier = 1,
		.limit = walker->limit,
		.mask = kprof_user_mask(walker->limit),
	};

	kprof_regs_user(regs, &user);
	stack->flags = 0;
	stack->nr_signals = 0;
	kprof_walk_add(&walk, user.pc);
	kprof_walk_rows(&config, walker->cache, walker->code, regs, 0, &walk);
	stack->nr_user = walk.nr;
	stack->user_end = walk.end;
	stack->hash = walk.hash;
}

#ifdef CONFIG_ARM
#undef long
#endif
