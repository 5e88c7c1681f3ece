/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's walk over user stacks, compiled for user space. One of
 * CONFIG_X86_64, CONFIG_ARM64... and -Ikernel/x86, -Ikernel/arm64... chooses
 * the machine.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_WALKER_H
#define KERNEL_WALKER_H

#include "shim.h"

#include "../../../kmod/code_map.h"
#include "../../../kmod/image.h"
#include "../../../kmod/unwind.h"
#include "../../../kmod/unwind_rows.h"

#include <linux/ptrace.h>

/**
 * struct walker - an address space to walk in
 * @code: its mappings; images with tables, or none
 * @cache: zeroed once; must be zeroed again if tables change
 * @limit: user memory ends here
 *
 * Its memory is read by shim_read_user().
 */
struct walker {
	const struct kprof_code_map *code;
	struct kprof_row_cache *cache;
	u64 limit;
};

/*
 * Walks as an interrupt would that found @regs. The caller gives
 * stack->frames room for @max_depth frames; nr_user, user_end, flags and
 * signals are filled in.
 */
void walker_walk(const struct walker *walker, struct pt_regs *regs,
		 u32 max_depth, struct kprof_stack *stack);

#endif /* KERNEL_WALKER_H */
