/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks the stack of the interrupted task.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_UNWIND_H
#define KPROF_UNWIND_H

#include <linux/types.h>

struct kprof_code_map;
struct kprof_row_cache;
struct pt_regs;

enum {
	/* Kernel frames are few; deeper is cut as KPROF_END_DEPTH. */
	KPROF_MAX_KERNEL_FRAMES = 64,
	/* Signal handlers inside of signal handlers in one stack. */
	KPROF_MAX_SIGNAL_FRAMES = 8,
};

/**
 * struct kprof_unwind_config - the same for all stacks of a session
 * @seed: start of the stack hash, random
 * @multiplier: of the stack hash, random and odd
 * @max_depth: user frames
 * @max_ns: a walk that took longer is cut
 * @walk_user: more than the first user frame is wanted
 * @walk_kernel: kernel frames are wanted
 * @walk_rows: unwind tables are to be used
 */
struct kprof_unwind_config {
	u64 seed;
	u64 multiplier;
	u32 max_depth;
	u32 max_ns;
	bool walk_user;
	bool walk_kernel;
	bool walk_rows;
};

/**
 * struct kprof_stack - a walked stack, and what the walk needs
 * @row_cache: of this CPU; only if rows are walked
 * @hash: of all that follows, keyed by the session
 * @frames: KPROF_MAX_KERNEL_FRAMES + max_depth of them, and a bit for each
 * @nr_user: user frames, behind the kernel frames
 * @user_end: KPROF_END_*
 * @kernel_end: KPROF_END_*
 * @flags: KPROF_STACK_*
 * @nr_kernel: kernel frames at the start of @frames
 * @shape: the four above it in one word
 * @nr_signals: entries of @signals
 * @signals: user frames that a signal interrupted, by number
 *
 * Frame 0 of either part, and what a signal interrupted, is an exact pc; the
 * others are return addresses.
 */
struct kprof_stack {
	u64 hash;
	u64 *frames;
	struct kprof_row_cache *row_cache;
	u32 nr_user;
	u32 nr_signals;
	union {
		struct {
			u16 user_end;
			u16 kernel_end;
			u16 flags;
			u16 nr_kernel;
		};
		u64 shape;
	};
	u16 signals[KPROF_MAX_SIGNAL_FRAMES];
};

/*
 * Interrupts off, this CPU only. @regs are those of the interrupt, NULL in the
 * scheduler, @now_ns when it began. @code is that of the address space; NULL
 * walks by frame pointers. Touches user memory without faulting. Bounded by
 * max_depth and max_ns.
 */
void kprof_unwind(const struct kprof_unwind_config *config,
		  const struct kprof_code_map *code, struct pt_regs *regs,
		  u64 now_ns, struct kprof_stack *ret);

#endif /* KPROF_UNWIND_H */
