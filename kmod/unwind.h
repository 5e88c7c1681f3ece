/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks the stack of the interrupted task.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_UNWIND_H
#define KPROF_UNWIND_H

#include <linux/types.h>

struct pt_regs;

/* Kernel frames are few; what is deeper is cut as KPROF_END_DEPTH. */
enum { KPROF_MAX_KERNEL_FRAMES = 64 };

/**
 * struct kprof_unwind_config - the same for all stacks of a session
 * @seed: start of the stack hash, random
 * @multiplier: of the stack hash, random and odd
 * @max_depth: user frames
 * @max_ns: a walk that took longer is cut
 * @walk_user: more than the first user frame is wanted
 * @walk_kernel: kernel frames are wanted
 */
struct kprof_unwind_config {
	u64 seed;
	u64 multiplier;
	u32 max_depth;
	u32 max_ns;
	bool walk_user;
	bool walk_kernel;
};

/**
 * struct kprof_stack - a walked stack
 * @hash: of all that follows, keyed by the session
 * @frames: KPROF_MAX_KERNEL_FRAMES + max_depth of them, and a bit for each
 * @nr_user: user frames, behind the kernel frames
 * @user_end: KPROF_END_*
 * @kernel_end: KPROF_END_*
 * @flags: KPROF_STACK_*
 * @nr_kernel: kernel frames at the start of @frames
 * @shape: the four above it in one word
 *
 * Frame 0 of either part is an exact pc, the others are return addresses.
 */
struct kprof_stack {
	u64 hash;
	u64 *frames;
	u32 nr_user;
	union {
		struct {
			u16 user_end;
			u16 kernel_end;
			u16 flags;
			u16 nr_kernel;
		};
		u64 shape;
	};
};

/*
 * Interrupts off, this CPU only. @regs are those of the interrupt, NULL in the
 * scheduler, @now_ns when it began. Touches user memory without faulting. Bounded by max_depth
 * and max_ns.
 */
void kprof_unwind(const struct kprof_unwind_config *config,
		  struct pt_regs *regs, u64 now_ns,
		  struct kprof_stack *ret);

#endif /* KPROF_UNWIND_H */
