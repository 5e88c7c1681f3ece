/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64: stp x29, x30, [sp, #-n]!; mov x29, sp. Leaf functions and prologues
 * have their return address in x30 only.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <asm/sigcontext.h>

#define KPROF_FP_PREV	0
#define KPROF_FP_RET	8
/* Frame records lie anywhere in their frames. */
#define KPROF_FP_CFA	(-1)
#define KPROF_LEAF_SAVES_FP	false

#define KPROF_MACHINE	EM_AARCH64
#define KPROF_DWARF_SP	31
#define KPROF_DWARF_LR	30
#define KPROF_DWARF_FP	29
#define KPROF_DWARF_FP1	KPROF_NO_REGISTER
#define KPROF_SIGCONTEXT_PC	offsetof(struct sigcontext, pc)

static inline bool kprof_regs_user(struct pt_regs *regs,
				   struct kprof_user_regs *ret)
{
	ret->pc = regs->pc;
	if (compat_user_mode(regs)) {
		ret->sp = regs->compat_sp;
		ret->fp = regs->compat_fp;
		ret->lr = regs->compat_lr;
		ret->frames32 = KPROF_FRAMES32_ARM;
		return true;
	}
	ret->sp = regs->sp;
	ret->fp = regs->regs[29];
	ret->lr = regs->regs[30];
	ret->frames32 = KPROF_FRAMES32_NONE;
	return true;
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

static inline bool kprof_pt_register(const struct pt_regs *regs, u32 nr,
				     u64 *ret)
{
	if (nr > KPROF_DWARF_SP)
		return false;
	*ret = nr == KPROF_DWARF_SP ? regs->sp : regs->regs[nr];
	return true;
}

static inline int kprof_sigcontext_offset(u32 nr)
{
	if (nr > KPROF_DWARF_SP)
		return -1;
	return nr == KPROF_DWARF_SP ? offsetof(struct sigcontext, sp) :
				      offsetof(struct sigcontext, regs[nr]);
}
