/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a recorded stop as the kernel of a 32-bit ARM machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_ARM_OUR_REGS_H
#define SELFTESTS_STACKS_ARM_OUR_REGS_H

#include "../stops.h"

#include <linux/ptrace.h>

#define OUR_LIMIT 0xbf000000ull

static inline void our_regs(const struct stops_stop *stop, struct pt_regs *regs)
{
	for (int i = 0; i < 15; i++)
		regs->uregs[i] = (unsigned long)stop->regs[i];
	regs->ARM_pc = (unsigned long)stop->pc;
}

#endif /* SELFTESTS_STACKS_ARM_OUR_REGS_H */
