/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a recorded stop as the kernel of an x86-64 machine has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_X86_OUR_REGS_H
#define SELFTESTS_STACKS_X86_OUR_REGS_H

#include "../stops.h"

#include <linux/ptrace.h>

#define OUR_LIMIT 0x7ffffffff000ull

static inline void our_regs(const struct stops_stop *stop, struct pt_regs *regs)
{
	const uint64_t *r = stop->regs;

	*regs = (struct pt_regs){
		.ax = r[0],
		.dx = r[1],
		.cx = r[2],
		.bx = r[3],
		.si = r[4],
		.di = r[5],
		.bp = r[6],
		.sp = r[7],
		.r8 = r[8],
		.r9 = r[9],
		.r10 = r[10],
		.r11 = r[11],
		.r12 = r[12],
		.r13 = r[13],
		.r14 = r[14],
		.r15 = r[15],
		.ip = stop->pc,
	};
}

#endif /* SELFTESTS_STACKS_X86_OUR_REGS_H */
