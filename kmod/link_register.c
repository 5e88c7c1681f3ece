// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caller that only the link register knows.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "walk.h"

#include <linux/uaccess.h>

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
