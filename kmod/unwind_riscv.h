/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * riscv64: s0 is the stack pointer at the function's entry, below it lie ra
 * and the caller's s0. A leaf function saves s0 alone, where ra would be.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <asm/sigcontext.h>

#define KPROF_FP_PREV	(-16)
#define KPROF_FP_RET	(-8)
#define KPROF_FP_CFA	0
#define KPROF_LEAF_SAVES_FP	true

#define KPROF_MACHINE	EM_RISCV
#define KPROF_DWARF_SP	2
#define KPROF_DWARF_LR	1
#define KPROF_DWARF_FP	8
#define KPROF_DWARF_FP1	KPROF_NO_REGISTER
#define KPROF_SIGCONTEXT_PC	offsetof(struct sigcontext, sc_regs.pc)

/* In pt_regs and in a signal's frame the pc takes the place of register 0. */
enum { KPROF_RISCV_LAST_REGISTER = 31 };

static inline bool kprof_regs_user(struct pt_regs *regs,
				   struct kprof_user_regs *ret)
{
	ret->pc = regs->epc;
	ret->sp = regs->sp;
	ret->fp = regs->s0;
	ret->lr = regs->ra;
	ret->frames32 = KPROF_FRAMES32_NONE;
	return !test_thread_flag(TIF_32BIT);
}

/* User space is a power of two, and the kernel has the highest bits. */
static inline u64 kprof_user_mask(u64 task_size)
{
	return task_size - 1;
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
	BUILD_BUG_ON(offsetof(struct pt_regs, ra) != sizeof(long) ||
		     offsetof(struct pt_regs, t6) !=
			     KPROF_RISCV_LAST_REGISTER * sizeof(long));
	if (!nr || nr > KPROF_RISCV_LAST_REGISTER)
		return false;
	*ret = ((const unsigned long *)regs)[nr];
	return true;
}

static inline int kprof_sigcontext_offset(u32 nr)
{
	if (!nr || nr > KPROF_RISCV_LAST_REGISTER)
		return -1;
	return offsetof(struct sigcontext, sc_regs) + nr * sizeof(long);
}
