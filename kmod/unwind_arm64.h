/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64: stp x29, x30, [sp, #-n]!; mov x29, sp. Leaf functions and prologues
 * have their return address in x30 only.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/ptrace.h>

#define KPROF_FP_PREV	0
#define KPROF_FP_RET	8

static inline bool kprof_regs_user(struct pt_regs *regs,
				   struct kprof_user_regs *ret)
{
	ret->pc = regs->pc;
	ret->sp = regs->sp;
	ret->fp = regs->regs[29];
	ret->lr = regs->regs[30];
	return !compat_user_mode(regs);
}

/*
 * Return addresses may be signed; the signature lies above the address. The
 * size of user space is a power of two here.
 */
static inline u64 kprof_user_mask(u64 task_size)
{
	return task_size - 1;
}

static inline u64 kprof_return_address(u64 word, u64 mask)
{
	return word & mask;
}

static inline bool kprof_can_read_user(u64 sp)
{
	return kprof_ask_can_read_user(sp);
}
