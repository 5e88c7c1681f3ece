// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the module's cells.c: what a timer that comes late, sleeps or is
 * throttled counts is the time that went by, and whose it was.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "../../kmod/cells.h"
#include "../../kmod/cells.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum {
	PERIOD = 1000003,
	ORIGIN = 123456789,
};

static struct kprof_cells start(u64 seed, u32 every)
{
	struct kprof_cells cells;

	kprof_cells_init(&cells, PERIOD, seed, true);
	cells.origin_ns = ORIGIN;
	kprof_cells_seek(&cells, ORIGIN, every);
	return cells;
}

static void assert_within(double got, double expected, double tolerance)
{
	if (got < expected - tolerance || got > expected + tolerance)
		fail_msg("expected %.4f +- %.4f, got %.4f", expected, tolerance,
			 got);
}

static void every_cell_has_one_point(void **state)
{
	struct kprof_cells cells = start(1, 1);

	(void)state;
	for (u64 k = 0; k < 100000; k++) {
		u64 point = cells.point_ns;
		struct kprof_cells_due due;

		assert_in_range(point, ORIGIN + k * PERIOD,
				ORIGIN + (k + 1) * PERIOD - 1);
		due = kprof_cells_advance(&cells, point, 1, 1);
		assert_int_equal(due.valid, 1);
		assert_int_equal(due.missed, 0);
	}
}

static void points_are_uniform_in_their_cells(void **state)
{
	struct kprof_cells cells = start(2, 1);
	u32 tenths[10] = {};

	(void)state;
	for (u64 k = 0; k < 100000; k++) {
		u64 at = cells.point_ns - ORIGIN - k * PERIOD;

		tenths[at * 10 / PERIOD]++;
		kprof_cells_advance(&cells, cells.point_ns, 1, 1);
	}
	for (int i = 0; i < 10; i++)
		assert_within(tenths[i], 10000, 500);
}

static void late_cells_are_counted_once(void **state)
{
	struct kprof_cells cells = start(3, 1);
	u64 now = ORIGIN, counted = 0;

	(void)state;
	srand(3);
	for (int i = 0; i < 20000; i++) {
		struct kprof_cells_due due;

		now = cells.point_ns + rand() % (rand() % 50 ? 100 : 90 * PERIOD);
		due = kprof_cells_advance(&cells, now, 1, 1);
		counted += due.valid + due.missed;
		assert_true(cells.point_ns > now);
	}
	assert_within(counted, (now - ORIGIN) / (double)PERIOD, 1);
}

static void cells_before_the_switch_are_missed(void **state)
{
	struct kprof_cells cells = start(4, 1);
	u64 now = ORIGIN + 10 * PERIOD, since = ORIGIN + 6 * PERIOD;
	struct kprof_cells_due due =
		kprof_cells_advance(&cells, now, since, 1);

	(void)state;
	assert_int_equal(due.valid, 4);
	assert_int_equal(due.missed, 6);
}

/*
 * A target and another take turns; the timer sleeps when its point finds the
 * other, and starts when the target comes.
 */
static double counted_share(u32 every, u64 mine, u64 others, u64 seed)
{
	struct kprof_cells cells = start(seed, every);
	u64 now = ORIGIN, weight = 0, end = ORIGIN + 200000ULL * PERIOD;
	bool is_parked = false;

	for (; now < end; now += mine + others) {
		if (is_parked)
			kprof_cells_seek(&cells, now, every);
		is_parked = false;
		while (cells.point_ns < now + mine)
			weight += kprof_cells_advance(&cells, cells.point_ns,
						      now, every)
					  .valid;
		if (cells.point_ns < now + mine + others)
			is_parked = true;
	}
	return weight * (double)PERIOD / (end - ORIGIN);
}

static void a_sleeping_timer_counts_the_same(void **state)
{
	static const u32 every[] = {1, 2, 3, 16};
	static const u64 turns[][2] = {
		{100000, 100000},   {100000, 300000},  {700000, 300000},
		{1200000, 1100000}, {9000000, 500000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
		for (size_t j = 0; j < sizeof(turns) / sizeof(turns[0]); j++) {
			double mine = turns[j][0], others = turns[j][1];
			double share = counted_share(every[i], mine, others,
						     i * 10 + j);

			/* Five standard deviations of so many groups. */
			assert_within(share, mine / (mine + others),
				      2.5 / 447 * (every[i] > 3 ? 4 : every[i]));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cell_has_one_point),
		cmocka_unit_test(points_are_uniform_in_their_cells),
		cmocka_unit_test(late_cells_are_counted_once),
		cmocka_unit_test(cells_before_the_switch_are_missed),
		cmocka_unit_test(a_sleeping_timer_counts_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
