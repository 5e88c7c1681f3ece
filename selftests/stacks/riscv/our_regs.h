/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a recorded stop as the kernel of a riscv64 machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_RISCV_OUR_REGS_H
#define SELFTESTS_STACKS_RISCV_OUR_REGS_H

#include "../stops.h"

#include <linux/ptrace.h>

/* With page tables of four levels */
#define OUR_LIMIT (1ull << 47)

static inline void our_regs(const struct stops_stop *stop, struct pt_regs *regs)
{
	uint64_t *words = (uint64_t *)regs;

	words[0] = stop->pc;
	for (int i = 1; i < 32; i++)
		words[i] = stop->regs[i];
}

#endif /* SELFTESTS_STACKS_RISCV_OUR_REGS_H */
