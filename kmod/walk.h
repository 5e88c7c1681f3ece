/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk over a user stack, on its way.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Every address is checked here before it is read, because
 * user_access_begin() checks a range only and unsafe_get_user() nothing: inside
 * user memory, aligned, and above the frame before, so that a walk goes up and
 * ends. A frame that does not pass ends the stack; it is never guessed.
 */
#ifndef KPROF_WALK_H
#define KPROF_WALK_H

#include "unwind.h"
#include "unwind_arch.h"

#include <linux/bitops.h>
#include <linux/kprof.h>
#include <linux/types.h>

/* The first page is never mapped, and a function pointer there is NULL. */
enum { KPROF_LOWEST_PC = 4096 };

/**
 * struct kprof_walk - a walk
 * @stack: what becomes of it
 * @frames: where the frames go
 * @hash: of the frames so far
 * @multiplier: of the hash
 * @floor: the next frame lies above this
 * @limit: user memory ends here
 * @mask: all bits that an address of user space can have
 * @fp: frame pointer of the newest frame
 * @nr: frames so far
 * @end: KPROF_END_*; KPROF_END_NONE while it goes on
 */
struct kprof_walk {
	struct kprof_stack *stack;
	u64 *frames;
	u64 hash;
	u64 multiplier;
	u64 floor;
	u64 limit;
	u64 mask;
	u64 fp;
	u32 nr;
	u16 end;
};

/*
 * Keyed by a start and a multiplier that the walked program cannot know, so
 * that it cannot make two of its stacks look like one.
 */
static __always_inline u64 kprof_hash_word(u64 hash, u64 word, u64 multiplier)
{
	return rol64((hash ^ word) * multiplier, 32);
}

static __always_inline void kprof_walk_add(struct kprof_walk *walk, u64 pc)
{
	walk->frames[walk->nr++] = pc;
	walk->hash = kprof_hash_word(walk->hash, pc, walk->multiplier);
}

/* The bits that the address of a frame, or of a word in it, does not have. */
static __always_inline u64 kprof_no_frame_bits(u64 mask)
{
	return ~mask | (sizeof(unsigned long) - 1);
}

static __always_inline bool kprof_is_frame(u64 fp, u64 floor, u64 wrong)
{
	return fp > floor && !(fp & wrong);
}

static inline bool kprof_walk_has_frame(const struct kprof_walk *walk)
{
	return kprof_is_frame(walk->fp, walk->floor,
			      kprof_no_frame_bits(walk->mask));
}

static __always_inline bool kprof_is_pc(const struct kprof_walk *walk, u64 pc)
{
	return pc - KPROF_LOWEST_PC < walk->limit - KPROF_LOWEST_PC;
}

/* The outermost frame has a frame pointer or a return address of 0. */
static inline u16 kprof_end_of_chain(u64 word)
{
	return word ? KPROF_END_NO_UNWIND_INFO : KPROF_END_COMPLETE;
}

/*
 * Interrupts off, page faults disabled; only the first frame has been added.
 * Whether @lr, the link register there, is the next frame. If that one's frame
 * is known, too, walk->fp moves on to it.
 */
bool kprof_walk_link_register(struct kprof_walk *walk, u64 lr);

/*
 * Interrupts off, page faults disabled; only the first frame has been added.
 * Walks a 32-bit program's stack by frame pointers, from @lr, its link register,
 * to the end of the stack, the depth or the time.
 */
void kprof_walk_fp32(const struct kprof_unwind_config *config,
		     struct kprof_walk *walk, enum kprof_frames32 kind, u64 lr,
		     u64 now_ns);

/* Page faults disabled. Whether @ret, Thumb bit included, is behind a call. */
bool kprof_is_arm_return(const struct kprof_walk *walk, u64 ret);

/* Whether a frame pointer that leads to this word may be believed. */
static inline bool kprof_may_return_to(const struct kprof_walk *walk, u64 word)
{
	return !IS_ENABLED(CONFIG_ARM) || kprof_is_arm_return(walk, word);
}

#endif /* KPROF_WALK_H */
