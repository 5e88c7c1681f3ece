/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernel of an arm64 machine saves what a signal interrupts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_ARM64_SIGCONTEXT_H
#define KERNEL_ARM64_SIGCONTEXT_H

#include <stdint.h>

struct sigcontext {
	uint64_t fault_address;
	uint64_t regs[31];
	uint64_t sp, pc, pstate;
};

#endif /* KERNEL_ARM64_SIGCONTEXT_H */
