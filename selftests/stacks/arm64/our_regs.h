/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a recorded stop as the kernel of an arm64 machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_ARM64_OUR_REGS_H
#define SELFTESTS_STACKS_ARM64_OUR_REGS_H

#include "../stops.h"

#include <linux/ptrace.h>

#define OUR_LIMIT (1ull << 48)

static inline void our_regs(const struct stops_stop *stop, struct pt_regs *regs)
{
	*regs = (struct pt_regs){.sp = stop->regs[31], .pc = stop->pc};
	for (int i = 0; i < 31; i++)
		regs->regs[i] = stop->regs[i];
}

#endif /* SELFTESTS_STACKS_ARM64_OUR_REGS_H */
