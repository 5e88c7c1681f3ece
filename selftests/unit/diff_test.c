// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of kprofctl diff: it finds what has changed and nothing else. The
 * profiles are drawn, from a fixed seed: in each period of a busy CPU one
 * function is hit.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/diff.h"

#include <math.h>

#include "test.h"

enum {
	RATE_HZ = 997,
	LONG_S = 30,
	SHORT_S = 10,
	/* With one of 15 %, the others in ever smaller parts. */
	NR_FUNCTIONS = 400,
	CHANGED = 3,
	NR_REPEATS = 40,
	/* 95 % of them */
	ENOUGH = 38,
};

static uint64_t random_state;

/* xorshift64*, between 0 and 1 */
static double draw(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545f4914f6cdd1dULL >> 11) * 0x1p-53;
}

/* Like real ones: a few large functions, a long tail. */
static void make_shares(double shares[NR_FUNCTIONS], double slower)
{
	double rest = 0, sum = 0;

	for (int i = 0; i < NR_FUNCTIONS; i++) {
		shares[i] = i == CHANGED ? 0 : 1 / pow(i + 1, 1.2);
		rest += shares[i];
	}
	for (int i = 0; i < NR_FUNCTIONS; i++)
		shares[i] *= 0.85 / rest;
	shares[CHANGED] = 0.15 * slower;
	for (int i = 0; i < NR_FUNCTIONS; i++)
		sum += shares[i];
	for (int i = 0; i < NR_FUNCTIONS; i++)
		shares[i] /= sum;
}

static struct kprof_profile *new_profile(int rate_hz, int seconds)
{
	struct kprof_profile *profile;

	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_sample_type(profile, "samples", "count"));
	assert_ok(kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"));
	profile->period_type = profile->sample_types[1];
	profile->period = 1000000000 / rate_hz;
	profile->duration_nanos = seconds * 1000000000LL;
	return profile;
}

/* @nr samples of function @i, called by main, each of @weight periods. */
static void add_samples(struct kprof_profile *profile, int i, int64_t nr,
			int64_t weight)
{
	int64_t values[] = {nr, nr * weight * profile->period};
	struct kprof_function function = {.system_name = "_Z"};
	struct kprof_line line = {};
	uint32_t stack[2];
	char name[16];

	for (int depth = 0; depth < 2; depth++) {
		snprintf(name, sizeof(name), "f%d", i);
		function.name = depth ? "main" : name;
		assert_ok(kprof_profile_add_location(profile, KPROF_NO_INDEX,
						     depth ? 1 : i + 2, false,
						     &stack[depth]));
		assert_ok(kprof_profile_add_function(profile, &function,
						     &line.function));
		assert_ok(kprof_profile_set_lines(profile, stack[depth], &line,
						  1));
	}
	assert_ok(
		kprof_profile_add_sample(profile, stack, 2, NULL, 0, values));
}

/* What a CPU that is busy a part @load of the time gives. */
static struct kprof_profile *record(const double shares[NR_FUNCTIONS],
				    int seconds, double load)
{
	struct kprof_profile *profile = new_profile(RATE_HZ, seconds);
	int64_t hits[NR_FUNCTIONS] = {};
	double at;
	int i;

	for (int k = 0; k < RATE_HZ * seconds; k++) {
		at = draw() / load;
		if (at >= 1)
			continue;
		for (i = 0; i < NR_FUNCTIONS - 1 && at >= shares[i]; i++)
			at -= shares[i];
		hits[i]++;
	}
	for (i = 0; i < NR_FUNCTIONS; i++)
		if (hits[i])
			add_samples(profile, i, hits[i], 1);
	return profile;
}

/* What of two profiles, which are destroyed, is marked. */
struct marks {
	size_t nr;
	bool is_changed_found;
	double limit;
};

static struct marks compare(struct kprof_profile *a, struct kprof_profile *b,
			    enum kprof_diff_by by)
{
	struct kprof_diff diff = {
		.sides = {{.path = "a", .profile = a},
			  {.path = "b", .profile = b}},
		.by = by,
	};
	struct kprof_diff_row *rows;
	struct marks marks = {};
	size_t nr;

	assert_ok(kprof_diff_init(&diff));
	assert_ok(kprof_diff_functions(&diff, &rows, &nr, &marks.limit));
	while (marks.nr < nr && rows[marks.nr].is_significant)
		if (!strcmp(rows[marks.nr++].name, "f3"))
			marks.is_changed_found = true;
	for (size_t i = marks.nr; i < nr; i++)
		assert_false(rows[i].is_significant);
	free(rows);
	kprof_diff_deinit(&diff);
	kprof_profile_destroy(a);
	kprof_profile_destroy(b);
	return marks;
}

/* In how many of the repeats is nothing marked, in how many the right one? */
static void repeat(double slower, double load, enum kprof_diff_by by,
		   int *nr_quiet, int *nr_found)
{
	double before[NR_FUNCTIONS], after[NR_FUNCTIONS];
	struct marks marks;

	make_shares(before, 1);
	make_shares(after, slower);
	random_state = 20261125;
	*nr_quiet = *nr_found = 0;
	for (int i = 0; i < NR_REPEATS; i++) {
		marks = compare(record(before, LONG_S, load),
				record(after, SHORT_S, load), by);
		*nr_quiet += !marks.nr;
		*nr_found += marks.is_changed_found;
	}
}

static void assert_enough(int got, const char *what)
{
	if (got < ENOUGH)
		fail_msg("expected %s in %d of %d repeats at least, got %d",
			 what, ENOUGH, NR_REPEATS, got);
}

static void the_same_load_is_not_marked(void **state)
{
	int nr_quiet, nr_found;

	(void)state;
	repeat(1, 1, KPROF_DIFF_BY_DURATION, &nr_quiet, &nr_found);
	assert_enough(nr_quiet, "no mark, by duration,");
	repeat(1, 1, KPROF_DIFF_BY_TOTAL, &nr_quiet, &nr_found);
	assert_enough(nr_quiet, "no mark, by total,");
	repeat(1, 0.3, KPROF_DIFF_BY_DURATION, &nr_quiet, &nr_found);
	assert_enough(nr_quiet, "no mark at 30 % load, by duration,");
	repeat(1, 0.3, KPROF_DIFF_BY_TOTAL, &nr_quiet, &nr_found);
	assert_enough(nr_quiet, "no mark at 30 % load, by total,");
}

static void a_function_a_fifth_slower_is_found(void **state)
{
	int nr_quiet, nr_found;

	(void)state;
	repeat(1.2, 1, KPROF_DIFF_BY_DURATION, &nr_quiet, &nr_found);
	assert_enough(nr_found, "the slower one, by duration,");
	repeat(1.2, 1, KPROF_DIFF_BY_TOTAL, &nr_quiet, &nr_found);
	assert_enough(nr_found, "the slower one, by total,");
}

static void what_is_said_to_be_visible_is_found(void **state)
{
	struct kprof_profile *a = new_profile(RATE_HZ, LONG_S);
	struct kprof_profile *b = new_profile(RATE_HZ, SHORT_S);
	struct kprof_diff diff = {
		.sides = {{.path = "a", .profile = a},
			  {.path = "b", .profile = b}},
	};
	double change, smaller;

	(void)state;
	add_samples(a, 0, LONG_S * RATE_HZ, 1);
	add_samples(b, 0, SHORT_S * RATE_HZ, 1);
	assert_ok(kprof_diff_init(&diff));
	change = kprof_diff_visible_change(&diff, 0.15, 0.05 / 400);
	smaller = kprof_diff_visible_change(&diff, 0.3, 0.05 / 400);
	/* The square root of the variances, 5.5 times; less for more. */
	assert_true(change > 0.14 && change < 0.2);
	assert_true(smaller > 0.09 && smaller < change);
	assert_true(isinf(kprof_diff_visible_change(&diff, 0.15, 0)));
	assert_true(isinf(kprof_diff_visible_change(&diff, 1e-6, 0.01)));
	kprof_diff_deinit(&diff);
	kprof_profile_destroy(a);
	kprof_profile_destroy(b);
}

/* Half the rate, half the samples: the same time. */
static void other_rates_and_weights_are_no_change(void **state)
{
	struct kprof_profile *a = new_profile(1000, 10);
	struct kprof_profile *b = new_profile(500, 20);
	struct marks marks;

	(void)state;
	add_samples(a, 1, 6000, 1);
	add_samples(a, 2, 4000, 1);
	add_samples(b, 1, 6000, 1);
	/* Every fourth, for four. */
	add_samples(b, 2, 1000, 4);
	marks = compare(a, b, KPROF_DIFF_BY_DURATION);
	assert_int_equal(marks.nr, 0);
	assert_true(marks.limit > 0);
}

static void too_few_samples_tell_nothing(void **state)
{
	struct kprof_profile *a = new_profile(99, 1), *b = new_profile(99, 1);
	struct marks marks;

	(void)state;
	add_samples(a, 1, 3, 1);
	add_samples(b, 2, 2, 1);
	marks = compare(a, b, KPROF_DIFF_BY_DURATION);
	assert_int_equal(marks.nr, 0);
	assert_int_equal(marks.limit, 0);
}

static void assert_shows(struct kprof_diff *diff,
			 int (*view)(const struct kprof_diff *diff),
			 const char *const parts[])
{
	size_t len;
	char *text;

	diff->out = open_memstream(&text, &len);
	assert_ok(view(diff));
	fclose(diff->out);
	for (; *parts; parts++)
		if (!strstr(text, *parts))
			fail_msg("expected '%s' in:\n%s", *parts, text);
	free(text);
}

static void table_and_flame_graph_say_what_they_compare(void **state)
{
	static const char *const words[] = {
		"A: a: 10000 samples at 1000 Hz, 10.00s cpu in 10.00s\n",
		"B: b: 5000 samples at 500 Hz, 10.00s cpu in 10.00s\n",
		"Warning: the rates differ, 1000 and 500 Hz",
		"Warning: the loss differs, 0.0 and 50.0 % of",
		"Normalised by duration",
		"3 of 3 functions, marked *, have changed",
		"600.00ms/s          0/s   -600.00ms/s      gone *",
		"+300.00ms/s    +75.0% *",
		"f2\n",
		NULL,
	};
	static const char *const drawn[] = {
		"A 600.00ms/s, B 0/s, gone", "fill=\"#5a96e8\"",
		"A 400.00ms/s, B 700.00ms/s, +75.0%", NULL};
	struct kprof_profile *a = new_profile(1000, 10);
	struct kprof_profile *b = new_profile(500, 10);
	struct kprof_diff diff = {
		.sides = {{.path = "a", .profile = a},
			  {.path = "b", .profile = b}},
		.nr_rows = 20,
	};

	(void)state;
	add_samples(a, 1, 6000, 1);
	add_samples(a, 2, 4000, 1);
	add_samples(b, 2, 3500, 1);
	add_samples(b, 3, 1500, 1);
	assert_ok(kprof_profile_add_comment(b, "lost: 5000 samples"));
	assert_ok(kprof_diff_init(&diff));
	assert_shows(&diff, kprof_diff_table, words);
	assert_shows(&diff, kprof_diff_flame, drawn);
	kprof_diff_deinit(&diff);
	kprof_profile_destroy(a);
	kprof_profile_destroy(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_load_is_not_marked),
		cmocka_unit_test(a_function_a_fifth_slower_is_found),
		cmocka_unit_test(what_is_said_to_be_visible_is_found),
		cmocka_unit_test(other_rates_and_weights_are_no_change),
		cmocka_unit_test(too_few_samples_tell_nothing),
		cmocka_unit_test(table_and_flame_graph_say_what_they_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
