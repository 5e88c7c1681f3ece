/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Architectures whose frames nobody has described yet: the pc is all we give.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/ptrace.h>

#define KPROF_FP_PREV	0
#define KPROF_FP_RET	8
#define KPROF_FP_CFA	(-1)
#define KPROF_LEAF_SAVES_FP	false

#define KPROF_MACHINE	0
#define KPROF_DWARF_SP	0
#define KPROF_DWARF_LR	KPROF_NO_REGISTER
#define KPROF_DWARF_FP	1
#define KPROF_DWARF_FP1	KPROF_NO_REGISTER
#define KPROF_SIGCONTEXT_PC	0

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

static inline bool kprof_pt_register(const struct pt_regs *regs, u32 nr,
				     u64 *ret)
{
	return false;
}

static inline int kprof_sigcontext_offset(u32 nr)
{
	return -1;
}
