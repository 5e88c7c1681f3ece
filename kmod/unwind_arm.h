/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 32-bit ARM: push {fp, lr}; add fp, sp, #4. See unwind_fp32.c for what of it
 * can be believed.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/elf.h>
#include <linux/log2.h>
#include <linux/ptrace.h>
#include <asm/sigcontext.h>

#define KPROF_FP_PREV	(-4)
#define KPROF_FP_RET	0
#define KPROF_FP_CFA	4
#define KPROF_LEAF_SAVES_FP	true

#define KPROF_MACHINE	EM_ARM
#define KPROF_DWARF_SP	13
#define KPROF_DWARF_LR	14
#define KPROF_DWARF_FP	11
#define KPROF_DWARF_FP1	7
#define KPROF_SIGCONTEXT_PC	offsetof(struct sigcontext, arm_pc)

static inline bool kprof_regs_user(struct pt_regs *regs,
				   struct kprof_user_regs *ret)
{
	ret->pc = regs->ARM_pc;
	ret->sp = regs->ARM_sp;
	ret->fp = regs->ARM_fp;
	ret->lr = regs->ARM_lr;
	ret->frames32 = KPROF_FRAMES32_ARM;
	return true;
}

/*
 * User space does not end at a power of two: what is between its end and the
 * kernel's half, modules, passes this mask. See KPROF_MASK_IS_LIMIT.
 */
static inline u64 kprof_user_mask(u64 task_size)
{
	return roundup_pow_of_two(task_size) - 1;
}

#define KPROF_MASK_IS_LIMIT	false

/* The lowest bit tells Thumb code from ARM code. */
static inline u64 kprof_return_address(u64 word, u64 mask)
{
	return word & ~1ULL;
}

static inline bool kprof_can_read_user(u64 sp)
{
	return kprof_ask_can_read_user(sp);
}

static inline bool kprof_pt_register(const struct pt_regs *regs, u32 nr,
				     u64 *ret)
{
	if (nr > KPROF_DWARF_LR)
		return false;
	*ret = regs->uregs[nr];
	return true;
}

static inline int kprof_sigcontext_offset(u32 nr)
{
	if (nr > KPROF_DWARF_LR)
		return -1;
	return offsetof(struct sigcontext, arm_r0) + nr * sizeof(long);
}
