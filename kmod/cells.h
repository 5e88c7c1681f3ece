/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When to sample: time in cells of one period, one point in each.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The point of cell k is (k + u) * period with u uniform in [0, 1) and a
 * function of (seed, k) alone. A full cell of jitter matters: a program that
 * repeats itself with the sampling period would otherwise be sampled at the
 * same place each time. And since the point does not depend on when anything
 * was armed, a timer that comes late or was off finds the same points.
 *
 * While throttled, `every` cells make one group with one point, and a sample
 * stands for all of them.
 */
#ifndef KPROF_CELLS_H
#define KPROF_CELLS_H

#include <linux/types.h>

struct kprof_cells {
	/* Fixed while sampling. */
	u64 origin_ns;
	u64 period_ns;
	u64 seed;
	bool jitter;
	/* The group whose point comes next: its first cell, start and point. */
	u64 cell;
	u64 start_ns;
	u64 point_ns;
	u32 every;
};

/* What has gone by. */
struct kprof_cells_due {
	/* Cells whose point has passed since the running task came. */
	u32 valid;
	/* Cells whose point passed before that, or too long ago to tell. */
	u64 missed;
};

void kprof_cells_init(struct kprof_cells *cells, u64 period_ns, u64 seed,
		      bool jitter);

/* Makes the first point after @now_ns the next one. */
void kprof_cells_seek(struct kprof_cells *cells, u64 now_ns, u32 every);

/*
 * The owner's interrupt at @now_ns, not before point_ns: counts the cells
 * whose point has passed and goes on to the next. The task that runs now was
 * switched in at @since_ns; 0 if that is not known.
 */
struct kprof_cells_due kprof_cells_advance(struct kprof_cells *cells,
					   u64 now_ns, u64 since_ns, u32 every);

#endif /* KPROF_CELLS_H */
