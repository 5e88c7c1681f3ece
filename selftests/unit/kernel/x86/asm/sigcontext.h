/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernel of an x86-64 machine saves what a signal interrupts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_X86_SIGCONTEXT_H
#define KERNEL_X86_SIGCONTEXT_H

#include <stdint.h>

struct sigcontext_64 {
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t di, si, bp, bx, dx, ax, cx, sp, ip;
};

#endif /* KERNEL_X86_SIGCONTEXT_H */
