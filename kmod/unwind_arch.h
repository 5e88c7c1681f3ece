/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the stack walk has to know of an architecture.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Each unwind_<arch>.h defines
 *
 *	KPROF_FP_PREV, KPROF_FP_RET	where the caller's frame pointer and the
 *					return address lie, from the frame
 *					pointer, in bytes
 *	kprof_regs_user()		the registers that a walk starts from;
 *					false if such a task cannot be walked
 *	kprof_user_mask()		all bits that a user address can have;
 *					no kernel address passes unchanged
 *	kprof_return_address()		a word on the stack without the bits
 *					that are no address
 *	kprof_can_read_user()		whether user memory belongs to current
 *					at this moment
 *	KPROF_LEAF_SAVES_FP		whether functions that call nobody save
 *					their frame pointer alone, where others
 *					have their return address
 *
 * and for walking by unwind tables, with DWARF's numbers of registers,
 *
 *	KPROF_MACHINE			e_machine of tables; 0 is none
 *	KPROF_FP_CFA			where the caller's stack pointer begins,
 *					from the frame pointer, in bytes;
 *					negative if frames do not tell
 *	KPROF_DWARF_SP, _LR		stack pointer, link register
 *	KPROF_DWARF_FP, _FP1		frame registers 0 and 1
 *	kprof_pt_register()		a user register; false if there is no such
 *	KPROF_SIGCONTEXT_PC		the pc in a struct sigcontext, in bytes
 *	kprof_sigcontext_offset()	a register in it, -1 if there is no such
 */
#ifndef KPROF_UNWIND_ARCH_H
#define KPROF_UNWIND_ARCH_H

#include <linux/types.h>
#include <linux/uaccess.h>

/* A register that an architecture does not have. */
#define KPROF_NO_REGISTER	255

/* Frames of 32-bit programs, which are walked another way. */
enum kprof_frames32 {
	KPROF_FRAMES32_NONE,
	KPROF_FRAMES32_I386,
	KPROF_FRAMES32_ARM,
};

/**
 * struct kprof_user_regs - user registers at the interrupt or system call
 * @pc: program counter
 * @sp: stack pointer
 * @fp: frame pointer
 * @lr: link register, 0 where there is none
 * @frames32: KPROF_FRAMES32_NONE if it is a 64-bit program
 */
struct kprof_user_regs {
	u64 pc;
	u64 sp;
	u64 fp;
	u64 lr;
	enum kprof_frames32 frames32;
};

/*
 * The kernel's own way of asking: it knows when the page tables that are
 * loaded are not those of current.
 */
static inline bool kprof_ask_can_read_user(u64 sp)
{
	unsigned long word;

	sp &= -(u64)sizeof(word);
	return !copy_from_user_nofault(&word,
				       (void __user *)(unsigned long)sp,
				       sizeof(word));
}

#if defined(CONFIG_X86_64)
#include "unwind_x86.h"
#elif defined(CONFIG_ARM64)
#include "unwind_arm64.h"
#elif defined(CONFIG_RISCV) && defined(CONFIG_64BIT)
#include "unwind_riscv.h"
#elif defined(CONFIG_ARM)
#include "unwind_arm.h"
#else
#include "unwind_none.h"
#endif

/* Whether what has no other bits than the mask is an address of user space. */
#ifndef KPROF_MASK_IS_LIMIT
#define KPROF_MASK_IS_LIMIT	true
#endif

/* Whether programs with frames of KPROF_FRAMES32_ARM can run here. */
#if defined(CONFIG_ARM) || defined(CONFIG_ARM64)
#define KPROF_RUNS_ARM	true
#else
#define KPROF_RUNS_ARM	false
#endif

/* unsafe_get_user() of a word whose address has no other bits than the mask. */
#define kprof_get_user(x, from, fault)					\
	do {								\
		if (!KPROF_MASK_IS_LIMIT &&				\
		    !access_ok(from, sizeof(*(from))))			\
			goto fault;					\
		unsafe_get_user(x, from, fault);			\
	} while (0)

#endif /* KPROF_UNWIND_ARCH_H */
