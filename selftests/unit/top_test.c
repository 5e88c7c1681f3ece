// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of kprofctl top: the last windows, their order, filter and stacks.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/top.h"

#include "test.h"

static struct kprof_top top;

static int create(void **state)
{
	(void)state;
	top = (struct kprof_top){.max_windows = 2};
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	kprof_top_deinit(&top);
	return 0;
}

static uint32_t add_location(struct kprof_profile *profile, const char *name)
{
	struct kprof_function function = {
		.name = name, .system_name = name, .filename = ""};
	struct kprof_line line = {};
	uint32_t location;

	assert_ok(kprof_profile_add_location(profile, KPROF_NO_INDEX,
					     profile->nr_locations + 1, false,
					     &location));
	assert_ok(
		kprof_profile_add_function(profile, &function, &line.function));
	assert_ok(kprof_profile_set_lines(profile, location, &line, 1));
	return location;
}

/* leaf() called by a(), and by b(); @in_a and @in_b samples of 10 ms. */
static void add_window(int64_t in_a, int64_t in_b)
{
	static const struct kprof_counters counters;
	struct kprof_profile *profile;
	uint32_t leaf, a, b;

	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_sample_type(profile, "samples", "count"));
	assert_ok(kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"));
	profile->duration_nanos = 1000000000;
	leaf = add_location(profile, "leaf");
	a = add_location(profile, "caller_a");
	b = add_location(profile, "caller_b");
	assert_ok(kprof_profile_add_sample(profile, (uint32_t[]){leaf, a}, 2,
					   NULL, 0,
					   (int64_t[]){in_a, in_a * 10000000}));
	assert_ok(kprof_profile_add_sample(profile, (uint32_t[]){b}, 1, NULL, 0,
					   (int64_t[]){in_b, in_b * 10000000}));
	assert_ok(kprof_top_add(&top, profile, &counters));
}

static void assert_row(size_t row, const char *expected)
{
	char text[KPROF_TOP_LINE_BYTES];

	assert_true(row < top.nr_rows);
	kprof_top_format_row(&top, row, text);
	assert_string_equal(text, expected);
}

static void the_last_windows_are_shown_together(void **state)
{
	char text[KPROF_TOP_LINE_BYTES];

	(void)state;
	kprof_top_describe(&top, text);
	assert_non_null(strstr(text, "0 samples"));
	add_window(75, 25);
	assert_row(0, " 75.00%  75.00%  leaf");
	assert_row(1, " 25.00%  25.00%  caller_b");
	assert_row(2, "  0.00%  75.00%  caller_a");
	add_window(25, 75);
	assert_row(0, " 50.00%  50.00%  caller_b");
	kprof_top_describe(&top, text);
	assert_non_null(strstr(text, "200 samples in 2.0 s, 1.00 CPUs busy"));
	/* The first one is forgotten. */
	add_window(25, 75);
	assert_row(0, " 75.00%  75.00%  caller_b");
	kprof_top_describe(&top, text);
	assert_non_null(strstr(text, "200 samples in 2.0 s"));
}

static void the_order_is_another_when_asked_for(void **state)
{
	(void)state;
	add_window(60, 40);
	top.by_cum = true;
	assert_ok(kprof_top_sort(&top));
	assert_row(0, "  0.00%  60.00%  caller_a");
	assert_row(2, " 40.00%  40.00%  caller_b");
}

static void a_filter_leaves_what_it_names_and_shares_as_they_are(void **state)
{
	(void)state;
	add_window(60, 40);
	assert_ok(kprof_top_set_filter(&top, "_b$"));
	assert_int_equal(top.nr_rows, 1);
	assert_row(0, " 40.00%  40.00%  caller_b");
	assert_errno(kprof_top_set_filter(&top, "("), -EINVAL);
	assert_int_equal(top.nr_rows, 1);
	assert_ok(kprof_top_set_filter(&top, "nothing"));
	assert_int_equal(top.nr_rows, 0);
	assert_ok(kprof_top_set_filter(&top, ""));
	assert_int_equal(top.nr_rows, 3);
}

static void a_pause_keeps_what_is_shown(void **state)
{
	(void)state;
	add_window(60, 40);
	assert_ok(kprof_top_set_paused(&top, true));
	add_window(0, 100);
	add_window(0, 100);
	assert_row(0, " 60.00%  60.00%  leaf");
	assert_ok(kprof_top_set_paused(&top, false));
	assert_row(0, "100.00% 100.00%  caller_b");
}

static void stacks_are_those_with_the_function(void **state)
{
	kprof_top_lines lines = {};

	(void)state;
	add_window(60, 40);
	assert_ok(kprof_top_stacks(&top, 0, &lines));
	assert_int_equal(lines.nr, 2);
	assert_string_equal(lines.data[0], " 60.00%  leaf");
	assert_string_equal(lines.data[1], "         caller_a");
	kprof_top_free_lines(&lines);
}

static void nothing_sampled_is_shown_as_nothing(void **state)
{
	(void)state;
	add_window(0, 0);
	assert_int_equal(top.nr_rows, 0);
	assert_ok(kprof_top_sort(&top));
}

#define test(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_last_windows_are_shown_together),
		test(the_order_is_another_when_asked_for),
		test(a_filter_leaves_what_it_names_and_shares_as_they_are),
		test(a_pause_keeps_what_is_shown),
		test(stacks_are_those_with_the_function),
		test(nothing_sampled_is_shown_as_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
