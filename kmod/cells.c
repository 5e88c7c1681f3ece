// SPDX-License-Identifier: GPL-2.0-only
/*
 * When to sample: time in cells of one period, one point in each.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * No clock and no timer in here, so that it is tested in user space.
 */
#include "cells.h"

#include <linux/kernel.h>
#include <linux/time64.h>

enum {
	/* Points that are looked at one by one when the timer came late. */
	LATE_POINTS = 64,
	/* Cells that one sample may stand for if switches cannot be seen. */
	MAX_BLIND_CELLS = 8,
};

void kprof_cells_init(struct kprof_cells *cells, u64 period_ns, u64 seed,
		      bool jitter)
{
	*cells = (struct kprof_cells){
		.period_ns = period_ns,
		.seed = kprof_cells_mix(seed),
		.jitter = jitter,
		.every = 1,
	};
}

static void next_group(struct kprof_cells *cells, u32 every)
{
	cells->start_ns += cells->period_ns * cells->every;
	cells->cell += cells->every;
	cells->every = every;
	cells->point_ns = kprof_cells_point(cells, cells->cell, cells->start_ns);
}

/*
 * Groups start at multiples of @every: a timer that starts again and again
 * must find points that do not depend on when it starts.
 */
void kprof_cells_seek(struct kprof_cells *cells, u64 now_ns, u32 every)
{
	u64 rest;

	cells->cell = div64_u64(now_ns - cells->origin_ns, cells->period_ns);
	div64_u64_rem(cells->cell, every, &rest);
	cells->cell -= rest;
	cells->start_ns = cells->origin_ns + cells->cell * cells->period_ns;
	cells->every = every;
	cells->point_ns = kprof_cells_point(cells, cells->cell, cells->start_ns);
	if (cells->point_ns <= now_ns)
		next_group(cells, every);
}

static void count(struct kprof_cells_due *due, const struct kprof_cells *cells,
		  u64 since_ns)
{
	if (cells->point_ns >= since_ns)
		due->valid += cells->every;
	else
		due->missed += cells->every;
}

/*
 * A sample stands for at most a second: whoever was stopped for longer (a
 * paused machine, a debugger) did not run. Without sched_switch it stands for
 * a few cells only.
 */
static void cap(struct kprof_cells_due *due, const struct kprof_cells *cells,
		u64 since_ns, u32 group)
{
	u64 most = since_ns ? div64_u64(NSEC_PER_SEC, cells->period_ns) :
			      MAX_BLIND_CELLS;

	most = max_t(u64, most, group);
	if (due->valid <= most)
		return;
	due->missed += due->valid - most;
	due->valid = most;
}

/* So late that points are not looked at: whole cells are compared instead. */
static void skip_to(struct kprof_cells *cells, struct kprof_cells_due *due,
		    u64 now_ns, u64 since_ns, u32 every)
{
	u64 from = cells->cell;
	u64 since = max(since_ns, cells->start_ns);
	u64 mine;

	mine = since < now_ns ?
		       div64_u64(now_ns - since, cells->period_ns) : 0;
	kprof_cells_seek(cells, now_ns, every);
	mine = min(mine, cells->cell - from);
	due->valid += min_t(u64, mine, U32_MAX / 2);
	due->missed += cells->cell - from - mine;
}

struct kprof_cells_due kprof_cells_catch_up(struct kprof_cells *cells,
					    u64 now_ns, u64 since_ns, u32 every)
{
	struct kprof_cells_due due = { 0 };
	u32 group = cells->every;
	u32 n;

	for (n = 0; n < LATE_POINTS; n++) {
		count(&due, cells, since_ns);
		next_group(cells, every);
		if (likely(cells->point_ns > now_ns))
			break;
	}
	if (unlikely(cells->point_ns <= now_ns))
		skip_to(cells, &due, now_ns, since_ns, every);
	if (due.valid > group)
		cap(&due, cells, since_ns, group);
	return due;
}
