/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One open of the device = one session.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_SESSION_H
#define KPROF_SESSION_H

#include "control.h"
#include "load.h"
#include "notify.h"
#include "sampler.h"
#include "space.h"
#include "track.h"

#include <linux/kprof.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

enum kprof_session_state {
	/* Opened. */
	KPROF_SESSION_NEW,
	/* SETUP has been done. */
	KPROF_SESSION_READY,
	KPROF_SESSION_RUNNING,
	/* FLUSH was called: the worker writes what is left. */
	KPROF_SESSION_FLUSHING,
	/* The final STATS record has been written. */
	KPROF_SESSION_FLUSHED,
};

/* How the records are taken out: whichever comes first. */
enum kprof_session_output {
	KPROF_OUTPUT_NONE,
	KPROF_OUTPUT_MMAP,
	KPROF_OUTPUT_READ,
};

/**
 * struct kprof_session - a session
 * @lock: of changes of @state, and of what SETUP makes; every ioctl of the
 *	session has it
 * @output: decided once, by cmpxchg
 * @node: in the list of sessions that probes go through (RCU)
 * @opener_mm: compared, never followed; held by mmgrab
 * @worker: writes the control ring; one at a time
 * @reaper: frees the session after its file is closed
 * @readers: poll() and read() wait here
 * @read_lock: of the consumer side in read mode, and @read_ring
 * @read_ring: ring whose records come next
 */
struct kprof_session {
	struct mutex lock;
	enum kprof_session_state state;
	enum kprof_session_output output;
	u64 ring_bytes;
	u64 stop_ns;
	struct hlist_node node;
	struct mm_struct *opener_mm;
	struct kprof_sampler sampler;
	struct kprof_track track;
	struct kprof_spaces spaces;
	struct kprof_loads loads;
	struct kprof_control control;
	struct kprof_notify notify;
	struct delayed_work worker;
	struct work_struct reaper;
	wait_queue_head_t readers;
	struct mutex read_lock;
	int read_ring;
	/* The worker's own; others read. */
	bool throttled;
	u64 snapshots;
	u64 snapshots_failed;
};

/* Module load and unload */
int kprof_session_register(void);
void kprof_session_unregister(void);

/* Process context; may sleep */
int kprof_session_create(const struct file *device, struct kprof_session **ret);
/* The file is gone. Does not wait for I/O: the rest is freed by the reaper. */
void kprof_session_close(struct kprof_session *session);
void kprof_session_info(struct kprof_info *info);
/* -EBUSY if the other way out has been taken. */
int kprof_session_choose_output(struct kprof_session *session,
				enum kprof_session_output output);
/* The ring at an index of KPROF_MMAP_STRIDE, NULL if there is none. */
struct kprof_ring *kprof_session_ring(struct kprof_session *session, int index);
bool kprof_session_has_data(struct kprof_session *session);

/* Process context; may sleep; session->lock is held */
int kprof_session_setup(struct kprof_session *session,
			const struct file *device,
			struct kprof_setup_args *args,
			const struct cpumask *wanted);
int kprof_session_attach(struct kprof_session *session,
			 const struct file *device,
			 const struct kprof_attach_args *args);
int kprof_session_load(struct kprof_session *session,
		       const struct kprof_load_args *args);
int kprof_session_start(struct kprof_session *session);
int kprof_session_stop(struct kprof_session *session);
int kprof_session_flush(struct kprof_session *session);
int kprof_session_stats(struct kprof_session *session,
			struct kprof_stats *stats);

/* Worker (worker.c) */
void kprof_worker_run(struct work_struct *work);
void kprof_session_count(struct kprof_session *session,
			 struct kprof_stats *stats);

/* RCU list for probes (hooks.c). Inside rcu_read_lock(). */
struct hlist_head *kprof_session_list(void);

#endif /* KPROF_SESSION_H */
