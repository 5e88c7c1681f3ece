// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much of a CPU sampling may take.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "budget.h"

#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>

enum {
	/*
	 * No charge for so long: nothing ran, and what was is no guide. Longer
	 * than 8 interrupts of a throttled session, each a window apart.
	 */
	PAUSE_WINDOWS = 16,
	/* Half the rate costs half: recovery below half of that, so that it
	 * does not swing.
	 */
	CALM_DIVISOR = 4,
	/* What took longer had something else in it. */
	MAX_ENTRY_NS = 50 * NSEC_PER_USEC,
	CALIBRATION_ROUNDS = 8,
	CALIBRATION_DELAY_NS = 20 * NSEC_PER_USEC,
	CALIBRATION_PATIENCE_NS = 200 * NSEC_PER_USEC,
};

DEFINE_PER_CPU(struct kprof_budget, kprof_budget) = { .every = 1 };

static unsigned int max_cpu_percent = 5;
module_param(max_cpu_percent, uint, 0644);
MODULE_PARM_DESC(max_cpu_percent,
		 "percent of each CPU for all sessions, 0: no limit");

/* What an interrupt costs beside its handler; written once. */
static u64 entry_ns;
static DEFINE_MUTEX(calibration_lock);
static bool is_calibrated;

u32 kprof_budget_percent(void)
{
	return READ_ONCE(max_cpu_percent);
}

static u32 adapted(u32 every, u64 used_ns, u64 elapsed_ns, u32 max_percent)
{
	u64 allowed = div_u64(elapsed_ns * max_percent, 100);

	if (used_ns > allowed)
		return min_t(u32, every * 2, KPROF_BUDGET_MAX_EVERY);
	if (used_ns < allowed / CALM_DIVISOR)
		return max_t(u32, every / 2, 1);
	return every;
}

static bool is_pause(u64 elapsed_ns)
{
	return elapsed_ns >= PAUSE_WINDOWS * (u64)KPROF_BUDGET_WINDOW_NS;
}

/*
 * Follows the median, an eighth at a time: one interrupt that an SMI or the
 * hypervisor made long says nothing of those that were not timed.
 */
static u64 follow(u64 usual_ns, u64 ns)
{
	u64 step = usual_ns / 8 + 1;

	if (!usual_ns)
		return ns;
	return ns > usual_ns ? min(usual_ns + step, ns) :
			       max(usual_ns - min(step, usual_ns), ns);
}

void kprof_budget_charge(u64 ns, u64 now_ns)
{
	struct kprof_budget *budget = this_cpu_ptr(&kprof_budget);
	u32 max_percent = kprof_budget_percent();
	u64 elapsed;

	ns += READ_ONCE(entry_ns);
	budget->usual_ns = follow(budget->usual_ns, ns);
	budget->used_ns += ns + (KPROF_BUDGET_TIMED - 1) * budget->usual_ns;
	elapsed = now_ns - budget->window_start_ns;
	if (elapsed < KPROF_BUDGET_WINDOW_NS)
		return;
	if (is_pause(elapsed) || !max_percent)
		budget->every = 1;
	else
		budget->every = adapted(budget->every, budget->used_ns,
					elapsed, max_percent);
	budget->window_start_ns = now_ns;
	budget->used_ns = 0;
}

void kprof_budget_refresh(void)
{
	struct kprof_budget *budget;
	unsigned long flags;
	u64 now_ns;

	local_irq_save(flags);
	budget = this_cpu_ptr(&kprof_budget);
	now_ns = ktime_get_mono_fast_ns();
	if (is_pause(now_ns - budget->window_start_ns)) {
		budget->every = 1;
		budget->window_start_ns = now_ns;
		budget->used_ns = 0;
	}
	local_irq_restore(flags);
}

struct calibration {
	struct hrtimer timer;
	u64 handler_ns;
	bool fired;
};

static enum hrtimer_restart kprof_calibration_fire(struct hrtimer *timer)
{
	struct calibration *calibration =
		container_of(timer, struct calibration, timer);
	u64 start = ktime_get_ns();

	WRITE_ONCE(calibration->fired, true);
	calibration->handler_ns = ktime_get_ns() - start;
	return HRTIMER_NORESTART;
}

/* The gap that one timer interrupt tears into a loop that reads the clock. */
static u64 gap_of_one(struct calibration *calibration)
{
	u64 start = ktime_get_ns();
	u64 last = start;
	u64 now;

	calibration->fired = false;
	hrtimer_start(&calibration->timer, ns_to_ktime(CALIBRATION_DELAY_NS),
		      HRTIMER_MODE_REL_PINNED_HARD);
	do {
		now = ktime_get_ns();
		if (READ_ONCE(calibration->fired))
			return now - last - calibration->handler_ns;
		last = now;
	} while (now - start < CALIBRATION_PATIENCE_NS);
	return 0;
}

/* The smallest of a few: anything larger had something else in it. */
static u64 smallest_gap(void)
{
	struct calibration calibration;
	u64 best = MAX_ENTRY_NS;
	int n;

	hrtimer_setup_on_stack(&calibration.timer, kprof_calibration_fire,
			       CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	for (n = 0; n < CALIBRATION_ROUNDS; n++) {
		u64 gap;

		preempt_disable();
		gap = gap_of_one(&calibration);
		preempt_enable();
		hrtimer_cancel(&calibration.timer);
		if (gap)
			best = min(best, gap);
	}
	destroy_hrtimer_on_stack(&calibration.timer);
	return best;
}

void kprof_budget_calibrate(void)
{
	mutex_lock(&calibration_lock);
	if (!is_calibrated)
		WRITE_ONCE(entry_ns, smallest_gap());
	is_calibrated = true;
	mutex_unlock(&calibration_lock);
}
