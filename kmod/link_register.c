// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caller that only the link register knows.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "walk.h"

#include <linux/uaccess.h>

static bool read_frame(u64 fp, unsigned long *prev, unsigned long *ret)
{
	return !copy_from_user_nofault(prev, (void __user *)(unsigned long)
				       (fp + KPROF_FP_PREV), sizeof(*prev)) &&
	       !copy_from_user_nofault(ret, (void __user *)(unsigned long)
				       (fp + KPROF_FP_RET), sizeof(*ret));
}

/*
 * Whether @word, found where others have their return address, is the frame
 * pointer that a leaf function has saved: from there the chain goes on.
 */
static bool is_saved_by_leaf(const struct kprof_walk *walk, u64 word)
{
	const u64 wrong = kprof_no_frame_bits(walk->mask);
	unsigned long prev, ret;

	return KPROF_LEAF_SAVES_FP && kprof_is_frame(word, walk->fp, wrong) &&
	       read_frame(word, &prev, &ret) &&
	       (!prev || kprof_is_frame(prev, word, wrong)) &&
	       kprof_is_pc(walk, kprof_return_address(ret, walk->mask));
}

/*
 * A leaf function, or one in its prologue, has its return address in the link
 * register only. When the register equals the next frame's return address the
 * function has saved it and not called anybody yet; otherwise only somebody
 * with symbols can tell, and gets the frame marked.
 */
bool kprof_walk_link_register(struct kprof_walk *walk, u64 lr)
{
	unsigned long prev, saved;

	if (!kprof_may_return_to(walk, lr))
		return false;
	lr = kprof_return_address(lr, walk->mask);
	if (!kprof_is_pc(walk, lr))
		return false;
	if (kprof_walk_has_frame(walk) && read_frame(walk->fp, &prev, &saved)) {
		if (kprof_return_address(saved, walk->mask) == lr)
			return false;
		if (is_saved_by_leaf(walk, saved)) {
			walk->floor = walk->fp;
			walk->fp = saved;
			return true;
		}
	}
	walk->stack->flags |= KPROF_STACK_LINK_REGISTER;
	return true;
}
