// SPDX-License-Identifier: GPL-2.0-only
/*
 * Walks a user stack by frame pointers.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "walk.h"

#include <linux/ktime.h>
#include <linux/kernel.h>
#include <linux/uaccess.h>

/*
 * The clock is read once for so many frames: one read costs about as much as
 * three frames, and 64 frames take about half a microsecond.
 */
enum { FRAMES_PER_CLOCK_READ = 64 };

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
static void walk_some(struct kprof_walk *walk, u32 stop)
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
	if (!user_access_begin((void __user *)(unsigned long)fp,
			       2 * sizeof(unsigned long))) {
		walk->end = KPROF_END_UNREADABLE;
		return;
	}
	do {
		unsafe_get_user(prev, (unsigned long __user *)
				(unsigned long)(fp + KPROF_FP_PREV), fault);
		unsafe_get_user(ret, (unsigned long __user *)
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
 * A leaf function, or one in its prologue, has its return address in the link
 * register only. When the register equals the next frame's return address the
 * function has saved it and not called anybody yet; otherwise only somebody
 * with symbols can tell, and gets the frame marked.
 */
bool kprof_walk_link_register(struct kprof_walk *walk, u64 lr)
{
	unsigned long saved;

	lr = kprof_return_address(lr, walk->mask);
	if (!kprof_is_pc(walk, lr))
		return false;
	if (kprof_walk_has_frame(walk) &&
	    !copy_from_user_nofault(&saved, (void __user *)(unsigned long)
				    (walk->fp + KPROF_FP_RET), sizeof(saved)) &&
	    kprof_return_address(saved, walk->mask) == lr)
		return false;
	walk->stack->flags |= KPROF_STACK_LINK_REGISTER;
	return true;
}

void kprof_walk_fp(const struct kprof_unwind_config *config,
		   struct kprof_walk *walk, u64 now_ns)
{
	for (;;) {
		if (walk->nr >= config->max_depth) {
			walk->end = KPROF_END_DEPTH;
			return;
		}
		walk_some(walk, min(walk->nr + FRAMES_PER_CLOCK_READ,
				    config->max_depth));
		if (walk->end != KPROF_END_NONE)
			return;
		if (ktime_get_mono_fast_ns() - now_ns > config->max_ns) {
			walk->end = KPROF_END_TIME;
			return;
		}
	}
}
