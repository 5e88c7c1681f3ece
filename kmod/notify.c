// SPDX-License-Identifier: GPL-2.0-only
/*
 * How interrupts and probes wake the reader and the worker.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "notify.h"

#include <linux/bitops.h>
#include <linux/kernel.h>

enum { WANT_READER, WANT_WORKER };

/* irq_work: hard interrupt, on PREEMPT_RT a kernel thread. */
static void kprof_notify_run(struct irq_work *irq_work)
{
	struct kprof_notify *notify =
		container_of(irq_work, struct kprof_notify, irq_work);

	if (test_and_clear_bit(WANT_READER, &notify->wanted))
		wake_up_interruptible(notify->readers);
	if (test_and_clear_bit(WANT_WORKER, &notify->wanted))
		mod_delayed_work(notify->queue, notify->worker, 0);
}

void kprof_notify_init(struct kprof_notify *notify, wait_queue_head_t *readers,
		       struct workqueue_struct *queue,
		       struct delayed_work *worker)
{
	init_irq_work(&notify->irq_work, kprof_notify_run);
	notify->wanted = 0;
	notify->readers = readers;
	notify->queue = queue;
	notify->worker = worker;
}

void kprof_notify_deinit(struct kprof_notify *notify)
{
	irq_work_sync(&notify->irq_work);
}

static void want(struct kprof_notify *notify, int what)
{
	if (!test_and_set_bit(what, &notify->wanted))
		irq_work_queue(&notify->irq_work);
}

void kprof_notify_reader(struct kprof_notify *notify)
{
	want(notify, WANT_READER);
}

void kprof_notify_worker(struct kprof_notify *notify)
{
	want(notify, WANT_WORKER);
}
