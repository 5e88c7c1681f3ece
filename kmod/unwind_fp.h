/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks a user stack by frame pointers.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Inline, for unwind.c only: as a function of another file it had to keep the
 * walk in memory, which cost as much as four frames more.
 */
#ifndef KPROF_UNWIND_FP_H
#define KPROF_UNWIND_FP_H

#include "walk.h"

#include <linux/ktime.h>
#include <linux/kernel.h>
#include <linux/uaccess.h>

/*
 * The clock is read once for so many frames: one read costs about as much as
 * three frames, and 64 frames take about half a microsecond.
 */
enum { KPROF_FRAMES_PER_CLOCK_READ = 64 };

/* It pays where the loop is a chain of loads; clang cannot do it here. */
#ifdef __clang__
#define KPROF_TWICE_IN_A_ROW
#else
#define KPROF_TWICE_IN_A_ROW _Pragma("GCC unroll 2")
#endif

/* Both words of a frame lie above this, seen from its frame pointer. */
enum {
	KPROF_FP_LOWEST = KPROF_FP_PREV < KPROF_FP_RET ? KPROF_FP_PREV :
							 KPROF_FP_RET,
};

/*
 * Walks until @stop frames, of which there is at least one to go, or to the
 * end of the stack (walk->end is set). Nothing in the user access section may
 * be a call (objtool), hence the forced inlining around it.
 *
 * Frame pointers are masked although they have been checked: behind a
 * mispredicted check a loop that follows pointers would read any address.
 *
 * An address that has passed the check of its bits lies in the user's half.
 * Behind the last mapping there it faults, at the word at its start, before
 * the word behind it could be one that is in neither half.
 */
static inline void kprof_walk_fp_some(struct kprof_walk *walk, u32 stop)
{
	const u64 multiplier = walk->multiplier;
	const u64 range = walk->limit - KPROF_LOWEST_PC;
	const u64 mask = walk->mask;
	const u64 wrong = kprof_no_frame_bits(mask);
	/* Counts up to 0, which is two instructions less for each frame. */
	u64 *end = walk->frames + stop;
	long left = (long)walk->nr - stop;
	u64 hash = walk->hash;
	u64 fp = walk->fp & mask;
	unsigned long prev, ret;

	if (!kprof_walk_has_frame(walk)) {
		walk->end = kprof_end_of_chain(walk->fp);
		return;
	}
	if (!user_access_begin((void __user *)(unsigned long)
				       (fp + KPROF_FP_LOWEST),
			       2 * sizeof(unsigned long))) {
		walk->end = KPROF_END_UNREADABLE;
		return;
	}
	/* Twice in a row, so that frame pointers need not change registers. */
	KPROF_TWICE_IN_A_ROW
	do {
		kprof_get_user(prev, (unsigned long __user *)
				(unsigned long)(fp + KPROF_FP_PREV), fault);
		kprof_get_user(ret, (unsigned long __user *)
				(unsigned long)(fp + KPROF_FP_RET), fault);
		ret = kprof_return_address(ret, mask);
		if (unlikely(ret - KPROF_LOWEST_PC >= range))
			goto bad_return;
		hash = kprof_hash_word(hash, ret, multiplier);
		end[left] = ret;
		if (unlikely(!kprof_is_frame(prev, fp, wrong)))
			goto bad_frame;
		fp = prev & mask;
	} while (++left);
	user_access_end();
	goto out;

bad_return:
	user_access_end();
	walk->end = kprof_end_of_chain(ret);
	goto out;
bad_frame:
	user_access_end();
	stop++;
	walk->end = kprof_end_of_chain(prev);
	goto out;
fault:
	user_access_end();
	walk->end = KPROF_END_UNREADABLE;
out:
	walk->nr = stop + left;
	walk->hash = hash;
	walk->fp = fp;
}

/*
 * Interrupts off, page faults disabled; the first frame has been added. Walks
 * to the end of the stack, the depth or the time.
 */
static inline void kprof_walk_fp(const struct kprof_unwind_config *config,
				 struct kprof_walk *walk, u64 now_ns)
{
	for (;;) {
		if (walk->nr >= config->max_depth) {
			walk->end = KPROF_END_DEPTH;
			return;
		}
		kprof_walk_fp_some(walk, min(walk->nr + KPROF_FRAMES_PER_CLOCK_READ,
				    config->max_depth));
		if (walk->end != KPROF_END_NONE)
			return;
		if (ktime_get_mono_fast_ns() - now_ns > config->max_ns) {
			walk->end = KPROF_END_TIME;
			return;
		}
	}
}

#endif /* KPROF_UNWIND_FP_H */
