/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User registers as the kernel of a riscv64 machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_RISCV_PTRACE_H
#define KERNEL_RISCV_PTRACE_H

#include <stdint.h>

struct pt_regs {
	uint64_t epc, ra, sp, gp, tp, t0, t1, t2, s0, s1;
	uint64_t a0, a1, a2, a3, a4, a5, a6, a7;
	uint64_t s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
	uint64_t t3, t4, t5, t6;
};

#define TIF_32BIT 0
#define test_thread_flag(flag) false

#endif /* KERNEL_RISCV_PTRACE_H */
