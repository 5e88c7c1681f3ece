/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User registers as the kernel of an x86-64 machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_X86_PTRACE_H
#define KERNEL_X86_PTRACE_H

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};

#define user_64bit_mode(regs) true

#endif /* KERNEL_X86_PTRACE_H */
