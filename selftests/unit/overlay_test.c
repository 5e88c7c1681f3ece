// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of overlay.c: which of many ranges is on top.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/overlay.h"

#include "test.h"

enum {
	NOTHING = UINT32_MAX,
	/* Of the comparison with the naive model. */
	ADDRESSES = 64,
	RANGES = 24,
};

static struct kprof_overlay overlay;

static int setup(void **state)
{
	(void)state;
	overlay = (struct kprof_overlay){.max_ranges = 1000};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kprof_overlay_deinit(&overlay);
	return 0;
}

static void add(uint64_t start, uint64_t size, uint32_t value)
{
	assert_ok(kprof_overlay_add(&overlay, start, size, value));
}

static uint32_t value_at(uint64_t address)
{
	struct kprof_overlay_range range;

	if (kprof_overlay_find(&overlay, address, &range))
		return NOTHING;
	assert_true(range.start <= address);
	assert_true(address < range.end);
	return range.value;
}

static void nothing_covers_nothing(void **state)
{
	(void)state;
	assert_ok(kprof_overlay_finish(&overlay));
	assert_int_equal(value_at(0), NOTHING);
}

static void range_ends_before_its_end(void **state)
{
	(void)state;
	add(0x100, 0x10, 1);
	assert_ok(kprof_overlay_finish(&overlay));
	assert_int_equal(value_at(0xff), NOTHING);
	assert_int_equal(value_at(0x100), 1);
	assert_int_equal(value_at(0x10f), 1);
	assert_int_equal(value_at(0x110), NOTHING);
}

static void newer_range_cuts_the_older_in_two(void **state)
{
	struct kprof_overlay_range range;

	(void)state;
	add(0x100, 0x30, 1);
	add(0x110, 0x10, 2);
	assert_ok(kprof_overlay_finish(&overlay));
	assert_int_equal(value_at(0x110), 2);
	assert_ok(kprof_overlay_find(&overlay, 0x105, &range));
	assert_int_equal(range.start, 0x100);
	assert_int_equal(range.end, 0x110);
	assert_ok(kprof_overlay_find(&overlay, 0x12f, &range));
	assert_int_equal(range.start, 0x120);
	assert_int_equal(range.end, 0x130);
	assert_int_equal(range.value, 1);
}

static void neighbours_of_one_value_stay_apart(void **state)
{
	struct kprof_overlay_range range;

	(void)state;
	add(0x100, 0x10, 1);
	add(0x110, 0x10, 1);
	assert_ok(kprof_overlay_finish(&overlay));
	assert_ok(kprof_overlay_find(&overlay, 0x110, &range));
	assert_int_equal(range.start, 0x110);
}

static void empty_and_endless_ranges_are_left_out(void **state)
{
	(void)state;
	add(0x100, 0, 1);
	add(UINT64_MAX - 1, 2, 2);
	add(0x100, UINT64_MAX, 3);
	add(UINT64_MAX - 1, 1, 4);
	assert_ok(kprof_overlay_finish(&overlay));
	assert_int_equal(value_at(0x100), NOTHING);
	assert_int_equal(value_at(UINT64_MAX - 1), 4);
	assert_int_equal(value_at(UINT64_MAX), NOTHING);
}

static void oldest_ranges_are_forgotten_beyond_the_limit(void **state)
{
	(void)state;
	overlay.max_ranges = 4;
	for (uint32_t i = 0; i < 7; i++)
		add(0x100 * i, 0x10, i);
	assert_true(overlay.ranges.nr <= 4);
	assert_ok(kprof_overlay_finish(&overlay));
	assert_int_equal(value_at(0), NOTHING);
	assert_int_equal(value_at(0x500), 5);
	assert_int_equal(value_at(0x600), 6);
}

static void agrees_with_painting_address_by_address(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 200; round++) {
		uint32_t painted[ADDRESSES];

		memset(painted, 0xff, sizeof(painted));
		for (uint32_t i = 0; i < RANGES; i++) {
			uint32_t start, size;

			seed = seed * 1103515245 + 12345;
			start = seed >> 16 & (ADDRESSES - 1);
			size = seed >> 24 & 15;
			add(start, size, i);
			for (uint32_t at = start;
			     at < start + size && at < ADDRESSES; at++)
				painted[at] = i;
		}
		assert_ok(kprof_overlay_finish(&overlay));
		for (uint32_t at = 0; at < ADDRESSES; at++)
			assert_int_equal(value_at(at), painted[at]);
		kprof_overlay_deinit(&overlay);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(nothing_covers_nothing),
		test(range_ends_before_its_end),
		test(newer_range_cuts_the_older_in_two),
		test(neighbours_of_one_value_stay_apart),
		test(empty_and_endless_ranges_are_left_out),
		test(oldest_ranges_are_forgotten_beyond_the_limit),
		test(agrees_with_painting_address_by_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
