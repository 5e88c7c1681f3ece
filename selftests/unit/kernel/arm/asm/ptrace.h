/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User registers as the kernel of a 32-bit ARM machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_ARM_PTRACE_H
#define KERNEL_ARM_PTRACE_H

#include <stdint.h>

struct pt_regs {
	unsigned long uregs[18];
};

#define ARM_fp uregs[11]
#define ARM_sp uregs[13]
#define ARM_lr uregs[14]
#define ARM_pc uregs[15]

#endif /* KERNEL_ARM_PTRACE_H */
