/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Architectures whose frames nobody has described yet: the pc is all we give.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/ptrace.h>

#define KPROF_FP_PREV	0
#define KPROF_FP_RET	8

static inline bool kprof_regs_user(struct pt_regs *regs,
				   struct kprof_user_regs *ret)
{
	*ret = (struct kprof_user_regs){
		.pc = instruction_pointer(regs),
		.sp = user_stack_pointer(regs),
	};
	return false;
}

static inline u64 kprof_user_mask(u64 task_size)
{
	return ~0ULL;
}

static inline u64 kprof_return_address(u64 word, u64 mask)
{
	return word;
}

static inline bool kprof_can_read_user(u64 sp)
{
	return kprof_ask_can_read_user(sp);
}
