/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86-64: push %rbp; mov %rsp, %rbp.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <asm/sigcontext.h>

#define KPROF_FP_PREV	0
#define KPROF_FP_RET	8
#define KPROF_FP_CFA	16
#define KPROF_LEAF_SAVES_FP	false

#define KPROF_MACHINE	EM_X86_64
#define KPROF_DWARF_SP	7
#define KPROF_DWARF_LR	KPROF_NO_REGISTER
#define KPROF_DWARF_FP	6
#define KPROF_DWARF_FP1	KPROF_NO_REGISTER
#define KPROF_SIGCONTEXT_PC	offsetof(struct sigcontext_64, ip)

static inline bool kprof_regs_user(struct pt_regs *regs,
				   struct kprof_user_regs *ret)
{
	ret->pc = regs->ip;
	ret->sp = regs->sp;
	ret->fp = regs->bp;
	ret->lr = 0;
	ret->frames32 = user_64bit_mode(regs) ? KPROF_FRAMES32_NONE :
						KPROF_FRAMES32_I386;
	return true;
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

static inline bool kprof_pt_register(const struct pt_regs *regs, u32 nr,
				     u64 *ret)
{
	static const u8 offsets[] = {
		offsetof(struct pt_regs, ax), offsetof(struct pt_regs, dx),
		offsetof(struct pt_regs, cx), offsetof(struct pt_regs, bx),
		offsetof(struct pt_regs, si), offsetof(struct pt_regs, di),
		offsetof(struct pt_regs, bp), offsetof(struct pt_regs, sp),
		offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),
		offsetof(struct pt_regs, r10), offsetof(struct pt_regs, r11),
		offsetof(struct pt_regs, r12), offsetof(struct pt_regs, r13),
		offsetof(struct pt_regs, r14), offsetof(struct pt_regs, r15),
	};

	if (nr >= sizeof(offsets))
		return false;
	*ret = *(const unsigned long *)((const u8 *)regs + offsets[nr]);
	return true;
}

static inline int kprof_sigcontext_offset(u32 nr)
{
	static const u8 offsets[] = {
		offsetof(struct sigcontext_64, ax),
		offsetof(struct sigcontext_64, dx),
		offsetof(struct sigcontext_64, cx),
		offsetof(struct sigcontext_64, bx),
		offsetof(struct sigcontext_64, si),
		offsetof(struct sigcontext_64, di),
		offsetof(struct sigcontext_64, bp),
		offsetof(struct sigcontext_64, sp),
		offsetof(struct sigcontext_64, r8),
		offsetof(struct sigcontext_64, r9),
		offsetof(struct sigcontext_64, r10),
		offsetof(struct sigcontext_64, r11),
		offsetof(struct sigcontext_64, r12),
		offsetof(struct sigcontext_64, r13),
		offsetof(struct sigcontext_64, r14),
		offsetof(struct sigcontext_64, r15),
	};

	return nr < sizeof(offsets) ? offsets[nr] : -1;
}
