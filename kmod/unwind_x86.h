/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86-64: push %rbp; mov %rsp, %rbp.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/ptrace.h>

#define KPROF_FP_PREV	0
#define KPROF_FP_RET	8

/* 32-bit programs have frames of another size: their pc is all we give. */
static inline bool kprof_regs_user(struct pt_regs *regs,
				   struct kprof_user_regs *ret)
{
	ret->pc = regs->ip;
	ret->sp = regs->sp;
	ret->fp = regs->bp;
	ret->lr = 0;
	return user_64bit_mode(regs);
}

/*
 * User space of a 64-bit program ends one page before its half does, on four
 * and on five levels; the kernel's half has the highest bit.
 */
static inline u64 kprof_user_mask(u64 task_size)
{
	return task_size | (PAGE_SIZE - 1);
}

static inline u64 kprof_return_address(u64 word, u64 mask)
{
	return word;
}

/*
 * Always, for a task that has user registers and is not in exec, which the
 * walk has made sure of: other page tables than current's are loaded only with
 * interrupts off (switch_mm_irqs_off, use_temporary_mm, text_poke), by kernel
 * threads (EFI calls, kthread_use_mm), and in exec between the change of
 * current->mm and activate_mm(). An NMI would have to ask, an interrupt need
 * not; asking costs about as much as five frames.
 */
static inline bool kprof_can_read_user(u64 sp)
{
	return true;
}
