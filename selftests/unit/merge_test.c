// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of adding up profiles: what becomes one, and what is refused.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include "test.h"

static struct kprof_profile *new_profile(void)
{
	struct kprof_profile *profile;

	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_sample_type(profile, "samples", "count"));
	assert_ok(kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"));
	profile->period_type = profile->sample_types[1];
	profile->period = 1000;
	profile->time_nanos = 5000;
	profile->duration_nanos = 100;
	return profile;
}

static uint32_t mapping(struct kprof_profile *profile, uint64_t start,
			const char *build_id)
{
	struct kprof_mapping added = {
		.start = start,
		.limit = start + 8192,
		.filename = "/bin/demo",
		.build_id = build_id,
		.fd = -1,
	};
	uint32_t index;

	assert_ok(kprof_profile_add_mapping(profile, &added, &index));
	return index;
}

static void sample(struct kprof_profile *profile, uint32_t in, uint64_t address,
		   const char *name, int64_t line_nr, int64_t count)
{
	struct kprof_function function = {.name = name, .system_name = name};
	struct kprof_label label = {.key = "comm", .str = "demo"};
	struct kprof_line line = {.line = line_nr};
	int64_t values[] = {count, count * 1000};
	uint32_t location;

	assert_ok(kprof_profile_add_location(profile, in, address, false,
					     &location));
	assert_ok(
		kprof_profile_add_function(profile, &function, &line.function));
	assert_ok(kprof_profile_set_lines(profile, location, &line, 1));
	assert_ok(kprof_profile_add_sample(profile, &location, 1, &label, 1,
					   values));
}

/* Destroys what it adds up. */
static struct kprof_profile *merge(struct kprof_profile *a,
				   struct kprof_profile *b)
{
	struct kprof_merger *merger;
	struct kprof_profile *sum;

	assert_ok(kprof_merger_create(&merger));
	assert_ok(kprof_merger_add(merger, a));
	assert_ok(kprof_merger_add(merger, b));
	kprof_profile_destroy(a);
	kprof_profile_destroy(b);
	assert_ok(kprof_merger_finish(merger, &sum));
	kprof_merger_destroy(merger);
	return sum;
}

static void one_program_at_two_addresses_is_one(void **state)
{
	struct kprof_profile *a = new_profile(), *b = new_profile(), *sum;

	(void)state;
	sample(a, mapping(a, 0x10000, "abcd"), 0x10010, "f", 1, 3);
	mapping(b, 0x90000, "ffff");
	sample(b, mapping(b, 0x50000, "abcd"), 0x50010, "f", 1, 4);
	sum = merge(a, b);
	assert_int_equal(sum->nr_mappings, 1);
	assert_int_equal(sum->mappings[0].start, 0x10000);
	assert_int_equal(sum->mappings[0].fd, -1);
	assert_int_equal(sum->nr_locations, 1);
	assert_int_equal(sum->locations[0].address, 0x10010);
	assert_int_equal(sum->nr_functions, 1);
	assert_int_equal(sum->nr_samples, 1);
	assert_int_equal(sum->samples[0].values[0], 7);
	assert_int_equal(sum->samples[0].values[1], 7000);
	kprof_profile_destroy(sum);
}

static void other_builds_and_lines_stay_apart(void **state)
{
	struct kprof_profile *a = new_profile(), *b = new_profile(), *sum;

	(void)state;
	sample(a, mapping(a, 0x10000, "abcd"), 0x10010, "f", 1, 1);
	sample(b, mapping(b, 0x10000, "abcd"), 0x10010, "f", 2, 1);
	sample(b, mapping(b, 0x10000, "dcba"), 0x10010, "f", 1, 1);
	sum = merge(a, b);
	assert_int_equal(sum->nr_mappings, 2);
	assert_int_equal(sum->nr_locations, 3);
	assert_int_equal(sum->nr_functions, 1);
	assert_int_equal(sum->nr_samples, 3);
	kprof_profile_destroy(sum);
}

static void heads_add_up_as_in_pprof(void **state)
{
	struct kprof_profile *a = new_profile(), *b = new_profile(), *sum;

	(void)state;
	a->time_nanos = 0;
	b->period = 2000;
	assert_ok(kprof_profile_intern(b, "cpu", &b->default_sample_type));
	assert_ok(kprof_profile_intern(b, "http://x", &b->doc_url));
	assert_ok(kprof_profile_intern(a, "drop", &a->drop_frames));
	assert_ok(kprof_profile_add_comment(a, "one"));
	assert_ok(kprof_profile_add_comment(b, "two"));
	assert_ok(kprof_profile_add_comment(b, "one"));
	sum = merge(a, b);
	assert_int_equal(sum->time_nanos, 5000);
	assert_int_equal(sum->duration_nanos, 200);
	assert_int_equal(sum->period, 2000);
	assert_string_equal(sum->default_sample_type, "cpu");
	assert_string_equal(sum->doc_url, "http://x");
	assert_string_equal(sum->drop_frames, "drop");
	assert_int_equal(sum->nr_comments, 2);
	assert_string_equal(sum->comments[1], "two");
	kprof_profile_destroy(sum);
}

static void samples_that_cancel_out_are_gone_with_what_they_named(void **state)
{
	struct kprof_profile *a = new_profile(), *b = new_profile(), *sum;

	(void)state;
	sample(a, mapping(a, 0x10000, "abcd"), 0x10010, "f", 1, 3);
	sample(a, 0, 0x10020, "g", 1, 1);
	sample(b, mapping(b, 0x10000, "abcd"), 0x10010, "f", 1, -3);
	sum = merge(a, b);
	assert_int_equal(sum->nr_samples, 1);
	assert_int_equal(sum->nr_functions, 1);
	assert_string_equal(sum->functions[0].name, "g");
	kprof_profile_destroy(sum);
}

static void other_types_are_refused_with_words(void **state)
{
	struct kprof_profile *a = new_profile(), *b;
	struct kprof_merger *merger;

	(void)state;
	assert_ok(kprof_merger_create(&merger));
	assert_errno(kprof_merger_finish(merger, &b), -EINVAL);
	assert_ok(kprof_merger_add(merger, a));
	assert_ok(kprof_profile_create(&b));
	assert_ok(kprof_profile_add_sample_type(b, "samples", "count"));
	assert_errno(kprof_merger_add(merger, b), -EINVAL);
	assert_ok(kprof_profile_add_sample_type(b, "cpu", "nanoseconds"));
	/* The same types, but the period is of something else. */
	assert_errno(kprof_merger_add(merger, b), -EINVAL);
	b->period_type = b->sample_types[1];
	assert_ok(kprof_merger_add(merger, b));
	kprof_merger_destroy(merger);
	kprof_profile_destroy(a);
	kprof_profile_destroy(b);
}

static void a_pair_has_the_values_of_both(void **state)
{
	struct kprof_profile *a = new_profile(), *b = new_profile(), *pair;

	(void)state;
	sample(a, mapping(a, 0x10000, "abcd"), 0x10010, "f", 1, 3);
	sample(b, mapping(b, 0x50000, "abcd"), 0x50010, "f", 1, 4);
	sample(b, 0, 0x50020, "g", 1, 5);
	assert_ok(kprof_profile_pair(a, b, &pair));
	assert_int_equal(pair->nr_sample_types, 4);
	assert_string_equal(pair->sample_types[3].type, "cpu");
	assert_int_equal(pair->nr_samples, 2);
	assert_int_equal(pair->samples[0].values[0], 3);
	assert_int_equal(pair->samples[0].values[2], 4);
	assert_int_equal(pair->samples[1].values[1], 0);
	assert_int_equal(pair->samples[1].values[3], 5000);
	kprof_profile_destroy(pair);
	kprof_profile_destroy(a);
	kprof_profile_destroy(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_program_at_two_addresses_is_one),
		cmocka_unit_test(other_builds_and_lines_stay_apart),
		cmocka_unit_test(heads_add_up_as_in_pprof),
		cmocka_unit_test(
			samples_that_cancel_out_are_gone_with_what_they_named),
		cmocka_unit_test(other_types_are_refused_with_words),
		cmocka_unit_test(a_pair_has_the_values_of_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
