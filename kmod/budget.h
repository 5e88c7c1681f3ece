/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How much of a CPU sampling may take.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * All sessions together are held to the module parameter max_cpu_percent of
 * each CPU: what their handlers take, plus what entering and leaving an
 * interrupt costs, which is measured when a session starts. Beyond it fewer
 * cells are sampled, with more weight each; below a quarter of it, more again.
 */
#ifndef KPROF_BUDGET_H
#define KPROF_BUDGET_H

#include <linux/percpu.h>
#include <linux/time64.h>
#include <linux/types.h>

enum {
	/* One interrupt in so many is timed, and stands for the others. */
	KPROF_BUDGET_TIMED = 8,
	KPROF_BUDGET_MAX_EVERY = 1024,
	/* The share of a CPU is taken over this. */
	KPROF_BUDGET_WINDOW_NS = 100 * NSEC_PER_MSEC,
};

struct kprof_budget {
	u64 window_start_ns;
	u64 used_ns;
	/* What an interrupt usually takes. */
	u64 usual_ns;
	/* One cell in so many is sampled. */
	u32 every;
};

DECLARE_PER_CPU(struct kprof_budget, kprof_budget);

/* Any context: the module parameter max_cpu_percent. */
u32 kprof_budget_percent(void);

/* Process context, may sleep: measures the cost of an interrupt, once. */
void kprof_budget_calibrate(void);

/* Process context, on the CPU that sampling starts on: forgets what is old. */
void kprof_budget_refresh(void);

/* Hard interrupt, this CPU only */
static inline u32 kprof_budget_every(void)
{
	return this_cpu_read(kprof_budget.every);
}

/* Hard interrupt, this CPU only: a timed interrupt took @ns until @now_ns. */
void kprof_budget_charge(u64 ns, u64 now_ns);

#endif /* KPROF_BUDGET_H */
