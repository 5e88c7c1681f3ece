/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How interrupts and probes wake the reader and the worker.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A hard interrupt may hold the run-queue lock's CPU (sched_switch), and on
 * PREEMPT_RT a wait queue's lock sleeps. So neither wakes anybody: they queue
 * an irq_work, and the waking is done from there.
 */
#ifndef KPROF_NOTIFY_H
#define KPROF_NOTIFY_H

#include <linux/irq_work.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct kprof_notify {
	struct irq_work irq_work;
	unsigned long wanted;
	wait_queue_head_t *readers;
	struct workqueue_struct *queue;
	struct delayed_work *worker;
};

/* Process context */
void kprof_notify_init(struct kprof_notify *notify, wait_queue_head_t *readers,
		       struct workqueue_struct *queue,
		       struct delayed_work *worker);
/* Waits for what is under way. Nobody may notify any more. */
void kprof_notify_deinit(struct kprof_notify *notify);

/* Any context, run-queue lock held or not */
void kprof_notify_reader(struct kprof_notify *notify);
void kprof_notify_worker(struct kprof_notify *notify);

#endif /* KPROF_NOTIFY_H */
