/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernel of a riscv64 machine saves what a signal interrupts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_RISCV_SIGCONTEXT_H
#define KERNEL_RISCV_SIGCONTEXT_H

#include <stdint.h>

struct user_regs_struct {
	uint64_t pc, x[31];
};

struct sigcontext {
	struct user_regs_struct sc_regs;
};

#endif /* KERNEL_RISCV_SIGCONTEXT_H */
