/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User registers as the kernel of an arm64 machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_ARM64_PTRACE_H
#define KERNEL_ARM64_PTRACE_H

#include <stdint.h>

struct pt_regs {
	uint64_t regs[31];
	uint64_t sp, pc, pstate;
};

#define compat_user_mode(regs) false
#define compat_fp regs[11]
#define compat_sp regs[13]
#define compat_lr regs[14]

#endif /* KERNEL_ARM64_PTRACE_H */
