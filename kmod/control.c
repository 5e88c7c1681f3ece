// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control ring: what must not be lost.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "control.h"

#include <linux/delay.h>
#include <linux/kernel.h>

enum {
	FIRST_WAIT_MS = 2,
	LONGEST_WAIT_MS = 100,
	PATIENCE_MS = 1000,
};

/*
 * The reader makes room by a store to shared memory, which nobody can wait
 * for: hence the look every few milliseconds, and more rarely later.
 */
static bool wait_for_room(struct kprof_control *control, u32 bytes)
{
	u32 wait_ms = FIRST_WAIT_MS;
	u32 waited_ms = 0;

	while (!kprof_ring_reserve(&control->ring, bytes)) {
		if (READ_ONCE(control->closed))
			return false;
		wake_up_interruptible(control->readers);
		msleep(wait_ms);
		waited_ms += wait_ms;
		if (waited_ms < PATIENCE_MS)
			continue;
		control->stalled(control);
		wait_ms = LONGEST_WAIT_MS;
	}
	return true;
}

void kprof_control_write(struct kprof_control *control, const void *head,
			 u32 head_bytes, const void *tail, u32 tail_bytes)
{
	if (!wait_for_room(control, head_bytes + tail_bytes))
		return;
	kprof_ring_put_words(&control->ring, head, head_bytes / sizeof(u64));
	kprof_ring_put_words(&control->ring, tail, tail_bytes / sizeof(u64));
	kprof_ring_commit(&control->ring);
	wake_up_interruptible(control->readers);
}
