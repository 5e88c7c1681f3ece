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

#include <linux/compiler.h>
#include <linux/math64.h>
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

/* As kprof_cells_advance(), for a timer that came late or a group that ends. */
struct kprof_cells_due kprof_cells_catch_up(struct kprof_cells *cells,
					    u64 now_ns, u64 since_ns,
					    u32 every);

/* A finalizer with good avalanche; constants of splitmix64. */
static inline u64 kprof_cells_mix(u64 x)
{
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static inline u64 kprof_cells_point(const struct kprof_cells *cells, u64 cell,
				    u64 start_ns)
{
	u32 u = cells->jitter ? (u32)kprof_cells_mix(cells->seed ^ cell) : 0;

	return start_ns + mul_u64_u32_shr(cells->period_ns * cells->every, u,
					  32);
}

/*
 * The owner's interrupt at @now_ns, not before point_ns: counts the cells
 * whose point has passed and goes on to the next. The task that runs now was
 * switched in at @since_ns; 0 if that is not known.
 */
static inline struct kprof_cells_due
kprof_cells_advance(struct kprof_cells *cells, u64 now_ns, u64 since_ns,
		    u32 every)
{
	u64 start_ns = cells->start_ns + cells->period_ns;
	u64 point_ns = kprof_cells_point(cells, cells->cell + 1, start_ns);

	if (unlikely(point_ns <= now_ns || cells->point_ns < since_ns ||
		     (cells->every | every) != 1))
		return kprof_cells_catch_up(cells, now_ns, since_ns, every);
	cells->cell++;
	cells->start_ns = start_ns;
	cells->point_ns = point_ns;
	return (struct kprof_cells_due){ .valid = 1 };
}

#endif /* KPROF_CELLS_H */
