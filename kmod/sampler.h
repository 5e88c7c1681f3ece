/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interrupt: one timer per CPU and session.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_SAMPLER_H
#define KPROF_SAMPLER_H

#include "cells.h"
#include "intern.h"
#include "ring.h"
#include "unwind.h"

#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/kprof.h>
#include <linux/types.h>

struct cred;
struct kprof_notify;
struct kprof_spaces;
struct kprof_track;
struct pid_namespace;
struct task_struct;

struct kprof_counts {
	u64 interrupts;
	u64 taken_samples;
	u64 taken_weight;
	u64 lost_samples;
	u64 lost_weight;
	u64 missed_cells;
	u64 denied_samples;
	u64 handler_ns;
	u64 handler_measured;
	u64 handler_max_ns;
};

/* What the timer of a CPU does. */
enum kprof_cpu_state {
	/* Not sampling, or the CPU is down: nobody may start it. */
	KPROF_CPU_OFF,
	/* Nothing to sample runs here: it starts when that is switched in. */
	KPROF_CPU_PARKED,
	KPROF_CPU_SAMPLING,
};

/**
 * struct kprof_cpu - a session's part on one CPU
 * @sampler: whose
 * @cpu: which
 * @state: changed on this CPU with interrupts off
 * @throttle_seen: value of @every that the worker has told the reader
 * @every: one cell in so many is sampled, since @every_since_ns
 * @max_every: a session that is throttled by others still samples this often
 * @timer: the sampling timer, pinned, hard
 *
 * Once sampling runs all this belongs to the CPU's hard interrupt; others
 * read the counters, and may write when the timer is stopped.
 */
struct kprof_cpu {
	struct kprof_sampler *sampler;
	int cpu;
	enum kprof_cpu_state state;
	u32 throttle_told;
	u32 every;
	u32 max_every;
	u64 every_since_ns;
	struct hrtimer timer;
	struct kprof_cells cells;
	struct kprof_counts counts;
	/* Lost and not yet told by a LOST record. */
	u64 untold_samples;
	u64 untold_weight;
	/* The reader is woken when the ring's head gets here. */
	u32 wake_at;
	struct kprof_ring ring;
	struct kprof_stack stack;
	struct kprof_intern intern;
};

/**
 * struct kprof_sampler - all CPUs of a session
 * @unwind: how stacks are walked
 * @period_ns: length of a cell
 * @ring_bytes: of each sample ring
 * @wakeup_bytes: fill that wakes the reader
 * @jitter: points are random in their cells
 * @parks: switches are seen, so that CPUs with nothing to sample can sleep
 * @restricted: samples of tasks that @opener may not see are not taken
 * @opener: who opened the device
 * @pid_ns: whose process ids are given
 * @mask: CPUs that are sampled
 * @cpus: by CPU number; NULL for those that are not
 * @start_ns: origin of the cells
 */
struct kprof_sampler {
	struct kprof_unwind_config unwind;
	u64 period_ns;
	u32 ring_bytes;
	u32 wakeup_bytes;
	bool jitter;
	bool parks;
	bool restricted;
	const struct cred *opener;
	struct pid_namespace *pid_ns;
	struct kprof_track *track;
	struct kprof_spaces *spaces;
	struct kprof_notify *notify;
	cpumask_var_t mask;
	struct kprof_cpu **cpus;
	u64 seed;
	u64 start_ns;
	bool running;
	struct hlist_node hotplug;
};

/* Module load and unload */
int kprof_sampler_register(void);
void kprof_sampler_unregister(void);

/* Process context; may sleep. The caller has filled in what is configured. */
int kprof_sampler_init(struct kprof_sampler *sampler);
void kprof_sampler_deinit(struct kprof_sampler *sampler);
int kprof_sampler_start(struct kprof_sampler *sampler);
/* When this returns no interrupt of the session runs or will. */
void kprof_sampler_stop(struct kprof_sampler *sampler);
/* Adds up the counters of all CPUs. */
void kprof_sampler_count(const struct kprof_sampler *sampler,
			 struct kprof_stats *stats);

/* A task that runs may be a target now: looks on all CPUs. */
void kprof_sampler_unpark(struct kprof_sampler *sampler);

/*
 * Probe of sched_switch, interrupts off, in this order: what is due of the
 * task that goes; the time of the switch; the timer of the task that comes.
 */
void kprof_sampler_switch_out(struct kprof_sampler *sampler, u64 now_ns);
void kprof_sampler_switched(u64 now_ns);
/* Also any other context on the CPU that runs @task. */
void kprof_sampler_switch_in(struct kprof_sampler *sampler,
			     struct task_struct *task, u64 now_ns);
/* Process context: the probe has been taken off. */
void kprof_sampler_forget_switches(void);

#endif /* KPROF_SAMPLER_H */
