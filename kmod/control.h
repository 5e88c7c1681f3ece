/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control ring: what must not be lost.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Written by the session's worker alone. A full ring makes the worker wait
 * for the reader, until the session is closed. A reader that has stopped must
 * not hold up anybody else: after a second, and again while it lasts, the
 * worker lets go of what it holds (stalled).
 */
#ifndef KPROF_CONTROL_H
#define KPROF_CONTROL_H

#include "ring.h"

#include <linux/wait.h>

struct kprof_control {
	struct kprof_ring ring;
	wait_queue_head_t *readers;
	void (*stalled)(struct kprof_control *control);
	/* Nobody reads any more: records may be dropped. */
	bool closed;
};

/*
 * Worker only; sleeps. @head and @tail make one record together; their sizes
 * are multiples of 8. @tail may be NULL.
 */
void kprof_control_write(struct kprof_control *control, const void *head,
			 u32 head_bytes, const void *tail, u32 tail_bytes);

#endif /* KPROF_CONTROL_H */
