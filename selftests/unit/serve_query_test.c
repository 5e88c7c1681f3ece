// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of serve_query.c and serve_window.c: what a request asks for, and which
 * collections run together.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_query.h"

#include "cmd/serve_window.h"

#include "test.h"

static const struct kprof_serve_limits limits = {
	.max_seconds = 120,
	.max_rate_hz = 1000,
};

static char why[512];

static int parse(const char *query, struct kprof_serve_window *ret)
{
	uint32_t debug;

	why[0] = '\0';
	return kprof_serve_parse_window(query, &limits, ret, &debug, why,
					sizeof(why));
}

static uint32_t seconds_of(const char *query)
{
	struct kprof_serve_window window;

	assert_int_equal(parse(query, &window), 0);
	return window.seconds;
}

static void seconds_are_as_in_go(void **state)
{
	(void)state;
	assert_int_equal(seconds_of(""), 30);
	assert_int_equal(seconds_of("seconds=7"), 7);
	assert_int_equal(seconds_of("seconds="), 30);
	assert_int_equal(seconds_of("seconds=0"), 30);
	assert_int_equal(seconds_of("seconds=-5"), 30);
	assert_int_equal(seconds_of("seconds=abc"), 30);
	assert_int_equal(seconds_of("seconds=nan"), 30);
	assert_int_equal(seconds_of("seconds=0.5"), 1);
	assert_int_equal(seconds_of("seconds=121"), 120);
	assert_int_equal(seconds_of("seconds=1e300"), 120);
	assert_int_equal(seconds_of("seconds=inf"), 120);
}

static void targets_are_read(void **state)
{
	struct kprof_serve_window window;

	(void)state;
	assert_int_equal(parse("pid=7,3&pid=3&comm=b%20c&comm=a&hz=500&"
			       "cgroup=/system.slice/x/&kernel=1",
			       &window),
			 0);
	assert_int_equal(window.nr_pids, 2);
	assert_int_equal(window.pids[0], 3);
	assert_int_equal(window.pids[1], 7);
	assert_int_equal(window.nr_comms, 2);
	assert_string_equal(window.comms[0], "a");
	assert_string_equal(window.comms[1], "b c");
	assert_string_equal(window.cgroup, "system.slice/x");
	assert_int_equal(window.rate_hz, 500);
	assert_int_equal(window.has_kernel, 1);
	assert_false(kprof_serve_window_is_plain(&window));
}

static void equal_windows_have_equal_bytes(void **state)
{
	struct kprof_serve_window one, other;

	(void)state;
	memset(&one, 0xcc, sizeof(one));
	memset(&other, 0x33, sizeof(other));
	assert_int_equal(parse("pid=2,1&comm=x&comm=a&seconds=5", &one), 0);
	assert_int_equal(parse("seconds=5.4&comm=a&comm=x&comm=a&pid=1&pid=2&"
			       "debug=1&hz=99",
			       &other),
			 0);
	assert_memory_equal(&one, &other, sizeof(one));
}

static void what_is_wrong_is_refused(void **state)
{
	static const struct {
		const char *query;
		const char *words;
	} wrong[] = {
		{"hz=0", "\"hz\" - must be a number from 1 to 1000"},
		{"hz=1001", "\"hz\""},
		{"hz=-1", "\"hz\""},
		{"hz=99x", "\"hz\""},
		{"pid=", "\"pid\""},
		{"pid=0", "\"pid\""},
		{"pid=1,x", "\"pid\""},
		{"pid=99999999999", "\"pid\""},
		{"comm=", "\"comm\""},
		{"comm=0123456789abcdef", "\"comm\""},
		{"cgroup=", "\"cgroup\""},
		{"cgroup=..", "\"cgroup\""},
		{"cgroup=../a", "\"cgroup\""},
		{"cgroup=a/../../b", "\"cgroup\""},
		{"cgroup=a/..", "\"cgroup\""},
		{"cgroup=%2e%2e/a", "\"cgroup\""},
		{"kernel=2", "\"kernel\""},
		{"debug=yes", "\"debug\""},
		{"second=1", "no parameter \"second\""},
		{"comm=%zz", "escape"},
		{"comm=%4", "escape"},
		{"comm=a%00b", "escape"},
	};
	struct kprof_serve_window window;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(parse(wrong[i].query, &window), -EINVAL);
		if (!strstr(why, wrong[i].words))
			fail_msg("%s: expected \"%s\", got \"%s\"",
				 wrong[i].query, wrong[i].words, why);
	}
}

static void there_is_an_end_to_targets(void **state)
{
	struct kprof_serve_window window;
	char query[1024] = "pid=1";

	(void)state;
	for (int i = 2; i <= KPROF_SERVE_MAX_PIDS; i++)
		sprintf(query + strlen(query), ",%d", i);
	assert_int_equal(parse(query, &window), 0);
	strcat(query, ",65");
	assert_int_equal(parse(query, &window), -EINVAL);
	assert_int_equal(parse("comm=1&comm=2&comm=3&comm=4&comm=5&comm=6&"
			       "comm=7&comm=8&comm=9",
			       &window),
			 -EINVAL);
}

static void plain_is_what_scrapers_ask_for(void **state)
{
	struct kprof_serve_window window;

	(void)state;
	assert_int_equal(parse("seconds=10", &window), 0);
	assert_true(kprof_serve_window_is_plain(&window));
	assert_int_equal(parse("hz=100", &window), 0);
	assert_false(kprof_serve_window_is_plain(&window));
	assert_int_equal(parse("kernel=1", &window), 0);
	assert_false(kprof_serve_window_is_plain(&window));
}

static void addresses_are_read(void **state)
{
	uint64_t addresses[4];

	(void)state;
	assert_int_equal(kprof_serve_parse_addresses("0x10+0xFfffffffffffffff",
						     addresses, 4),
			 2);
	assert_true(addresses[0] == 0x10);
	assert_true(addresses[1] == UINT64_MAX);
	assert_int_equal(kprof_serve_parse_addresses("", addresses, 4), 0);
	assert_int_equal(kprof_serve_parse_addresses("++", addresses, 4), 0);
	assert_int_equal(
		kprof_serve_parse_addresses(
			"x+0x+12+0xg+0x1g+-0x1+0x10000000000000000+0x7",
			addresses, 4),
		1);
	assert_true(addresses[0] == 7);
	assert_int_equal(
		kprof_serve_parse_addresses("0x1+0x2+0x3", addresses, 2), 2);
}

static void a_query_has_what_stands_in_it(void **state)
{
	(void)state;
	assert_string_equal(kprof_serve_query_of("/a?b=c?d"), "b=c?d");
	assert_string_equal(kprof_serve_query_of("/a"), "");
	assert_true(kprof_serve_query_has("x=1&seconds", "seconds"));
	assert_true(kprof_serve_query_has("&&seconds=", "seconds"));
	assert_false(kprof_serve_query_has("second=1&secondss=2", "seconds"));
}

/* Windows */

static bool may_start(size_t running, size_t same, size_t max, bool is_plain)
{
	return kprof_window_may_start(&(struct kprof_window_load){
		.running = running,
		.same = same,
		.max = max,
		.is_plain = is_plain,
	});
}

static void the_last_place_is_for_scrapers(void **state)
{
	(void)state;
	assert_true(may_start(2, 0, 4, false));
	assert_false(may_start(3, 0, 4, false));
	assert_true(may_start(3, 0, 4, true));
	assert_false(may_start(4, 0, 4, true));
	assert_true(may_start(0, 0, 1, false));
}

static void the_same_window_leaves_room_for_others(void **state)
{
	(void)state;
	assert_true(may_start(1, 1, 4, true));
	assert_false(may_start(2, 1, 4, true));
	assert_false(may_start(2, 2, 4, true));
	assert_false(may_start(1, 1, 1, true));
}

static void only_what_has_just_begun_is_joined(void **state)
{
	(void)state;
	assert_true(kprof_window_slack_ns(1) == 50000000);
	assert_true(kprof_window_slack_ns(10) == 500000000);
	assert_true(kprof_window_slack_ns(120) == 1000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_as_in_go),
		cmocka_unit_test(targets_are_read),
		cmocka_unit_test(equal_windows_have_equal_bytes),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(there_is_an_end_to_targets),
		cmocka_unit_test(plain_is_what_scrapers_ask_for),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(a_query_has_what_stands_in_it),
		cmocka_unit_test(the_last_place_is_for_scrapers),
		cmocka_unit_test(the_same_window_leaves_room_for_others),
		cmocka_unit_test(only_what_has_just_begun_is_joined),
	};

	return cmocka_run_group_tests_name("serve_query", tests, NULL, NULL);
}
