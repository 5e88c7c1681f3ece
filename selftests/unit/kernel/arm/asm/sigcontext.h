/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the kernel of a 32-bit ARM machine saves what a signal interrupts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KERNEL_ARM_SIGCONTEXT_H
#define KERNEL_ARM_SIGCONTEXT_H

#include <stdint.h>

struct sigcontext {
	unsigned long trap_no, error_code, oldmask;
	unsigned long arm_r0, arm_r1, arm_r2, arm_r3, arm_r4, arm_r5, arm_r6;
	unsigned long arm_r7, arm_r8, arm_r9, arm_r10, arm_fp, arm_ip, arm_sp;
	unsigned long arm_lr, arm_pc, arm_cpsr, fault_address;
};

#endif /* KERNEL_ARM_SIGCONTEXT_H */
