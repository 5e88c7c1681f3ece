/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attacks on the walker: what its parts share.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef PROGRAMS_ATTACK_H
#define PROGRAMS_ATTACK_H

#include "registers.h"
#include "uapi.h"

#include <linux/kprof_unwind.h>

#define AREA 65536
#define CODE ((uint64_t)(uintptr_t)hold_loop)
/* Behind the loop's first byte: the row of the loop is this one's, too */
#define IN_LOOP (CODE + 1)
#define KERNEL	0xffff888000000000
#define TEXT	0xffffffff81000000
#define NEITHER 0x4141414141414140
#define END_4	0x7ffffffffff0
#define END_5	0xfffffffffffff0

/**
 * struct memory - what a target has, in this order
 * @ram: may be read and written
 * @none: may not be touched
 * @hole: there is nothing
 * @fresh: as ram, but nobody has touched it
 * @special: what an attack puts there
 */
struct memory {
	char *ram;
	char *none;
	char *hole;
	char *fresh;
	char *special;
};

/**
 * struct regs - what a target runs with
 * @fd: a descriptor of it for "quiet", which nobody may have woken; or -1
 */
struct regs {
	uint64_t sp;
	uint64_t fp;
	uint64_t other;
	int fd;
};

/**
 * struct attack - an attack and what its stacks look like
 * @aim: makes the memory and the registers; false: this machine has not got it
 * @ends: bits of KPROF_END_* that are right
 * @nr_user: frames, 0 for any number
 * @rule: of the loop, where the walk is by tables
 * @max_depth: of the session, 0 for the default
 * @max_sample_us: likewise
 */
struct attack {
	const char *name;
	bool (*aim)(struct memory *memory, struct regs *regs);
	uint32_t ends;
	uint32_t nr_user;
	const struct kprof_unwind_rule *rule;
	uint32_t max_depth;
	uint32_t max_sample_us;
};

#define ONLY(end) (1U << KPROF_END_##end)
#define ATTACK(called, makes, right, frames, ...)            \
	{                                                    \
		.name = called, .aim = makes, .ends = right, \
		.nr_user = frames, ##__VA_ARGS__             \
	}

extern const struct attack frame_attacks[], row_attacks[];
extern const size_t nr_frame_attacks, nr_row_attacks;

#endif /* PROGRAMS_ATTACK_H */
