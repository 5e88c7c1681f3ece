/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which tasks a session samples.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A target is a struct pid, never a number, and the table holds a reference
 * to it from insertion until the worker removes it, so that the pointer stays
 * unique. Interrupts and probes search, insert targets that are alive, and wake
 * the worker; only the worker removes, what it finds dead.
 */
#ifndef KPROF_TRACK_H
#define KPROF_TRACK_H

#include "slots.h"

#include <linux/mutex.h>
#include <linux/types.h>

struct kprof_notify;
struct pid;
struct task_struct;

enum kprof_track_kind {
	KPROF_TRACK_PROCESS,
	KPROF_TRACK_THREAD,
};

/* Verdicts of the lazy inheritance that are kept; a power of two. */
enum { KPROF_TRACK_STRANGERS = 256 };

struct kprof_track {
	struct kprof_slots slots;
	/* Between attach and settle. */
	struct mutex lock;
	/* Bits per slot; those of an empty slot are 0. */
	unsigned long *flags;
	/* Process id per slot, as the first PID namespace counts. */
	pid_t *numbers;
	struct kprof_notify *notify;
	/* Set before sampling starts. */
	bool all;
	bool inherit;
	bool lazy;
	/* There has been a thread target. */
	bool has_threads;
	u64 attached_ns;
	/* Something may have come or gone since the worker looked. */
	bool changed;
	u64 settled_ns;
	atomic_t overflow;
	u64 strangers[KPROF_TRACK_STRANGERS];
};

/* Process context; may sleep */
int kprof_track_init(struct kprof_track *track, u32 limit,
		     struct kprof_notify *notify);
void kprof_track_deinit(struct kprof_track *track);
/* Takes its own reference. -EEXIST, -ENOSPC, -ESRCH */
int kprof_track_attach(struct kprof_track *track, struct pid *pid,
		       enum kprof_track_kind kind);

/* Hard interrupt: whether @task (current) is to be sampled. */
bool kprof_track_wants(struct kprof_track *track, struct task_struct *task);

/* Probes: process context, preemption off */
void kprof_track_fork(struct kprof_track *track, struct task_struct *parent,
		      struct task_struct *child);
void kprof_track_exec(struct kprof_track *track, struct task_struct *task,
		      pid_t old_pid);
void kprof_track_exit(struct kprof_track *track, struct task_struct *task);

/*
 * Worker only: calls @changed for each target that came or went since the
 * last time, and drops those that went. @nr is how many are left after it.
 * Looks when it has been told of a change, and once a second.
 */
typedef void kprof_track_changed_fn(void *context, u32 event, struct pid *pid,
				    u32 nr);
void kprof_track_settle(struct kprof_track *track,
			kprof_track_changed_fn *changed, void *context);

#endif /* KPROF_TRACK_H */
