// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of kprofctl doctor: each thing that may be wrong with a profile is said
 * where it is, and nowhere else.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/doctor.h"

#include <stdbool.h>

#include "test.h"

static struct kprof_profile *profile;

static int create(void **state)
{
	struct kprof_mapping program = {
		.limit = 1 << 20,
		.filename = "/nowhere/demo",
		.build_id = "abcd",
		.fd = -1,
	};
	uint32_t index;

	(void)state;
	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_sample_type(profile, "samples", "count"));
	assert_ok(kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"));
	assert_ok(kprof_profile_add_mapping(profile, &program, &index));
	profile->time_nanos = 1000000000;
	profile->duration_nanos = 1000000000;
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	kprof_profile_destroy(profile);
	return 0;
}

static void comment(const char *text)
{
	assert_ok(kprof_profile_add_comment(profile, "%s", text));
}

static void add_ours(void)
{
	comment("kprof: kprofctl 1, module 1, Linux 6.1 x86_64");
	comment("command: kprofctl record -p 1");
}

/* @nr samples in a function without a name if @name is NULL. */
static void add_samples(const char *name, int64_t nr)
{
	struct kprof_function function = {.name = name, .system_name = name};
	int64_t values[] = {nr, nr * 1000};
	struct kprof_line line = {};
	uint32_t location;

	assert_ok(kprof_profile_add_location(profile, 0,
					     profile->nr_locations + 16, false,
					     &location));
	if (name) {
		assert_ok(kprof_profile_add_function(profile, &function,
						     &line.function));
		assert_ok(kprof_profile_set_lines(profile, location, &line, 1));
	}
	assert_ok(kprof_profile_add_sample(profile, &location, 1, NULL, 0,
					   values));
}

/* Is @part in a line that starts with @verdict? How many bad ones are there? */
static void assert_says(const char *verdict, const char *part,
			unsigned int nr_bad)
{
	struct kprof_doctor doctor = {};
	bool is_said = false;
	char *text, *line, *rest;
	size_t len;

	doctor.out = open_memstream(&text, &len);
	kprof_doctor_profile(&doctor, profile);
	fclose(doctor.out);
	rest = text;
	while ((line = strsep(&rest, "\n")))
		is_said |= !strncmp(line, verdict, strlen(verdict)) &&
			   strstr(line, part);
	if (!is_said || doctor.nr_bad != nr_bad)
		fail_msg("expected '%s' after '%s' and %u bad, got %u", part,
			 verdict, nr_bad, doctor.nr_bad);
	free(text);
}

static void a_good_profile_is_ok(void **state)
{
	(void)state;
	add_ours();
	comment("lost: 0 samples, weight 0");
	comment("stacks: complete 99.0 %, depth limit 0.5 %, time 0.0 %");
	comment("names: .symtab 100.0 %");
	add_samples("f", 10);
	assert_says("ok ", "with: kprofctl record -p 1", 0);
	assert_says("ok ", "/nowhere/demo, build-id abcd", 0);
	assert_says("ok ", "10 samples", 0);
	assert_says("ok ", "0 samples lost", 0);
	assert_says("ok ", "not throttled", 0);
	assert_says("ok ", "99.0 % of the stacks are complete", 0);
	assert_says("ok ", "from: .symtab 100.0 %", 0);
}

static void another_tools_profile_is_ok(void **state)
{
	(void)state;
	add_samples("f", 10);
	assert_says("ok ", "another tool", 0);
}

static void loss_and_throttling_are_bad(void **state)
{
	(void)state;
	add_ours();
	comment("lost: 5 samples, weight 5 (ring full: 5)");
	comment("throttle: cpu 0 1/4 from 1.000 s to 2.000 s");
	comment("throttle: cpu 1 1/4 from 1.000 s to 2.000 s");
	comment("timer: tick-bound, at most 250 Hz");
	add_samples("f", 95);
	assert_says("bad ", "5 samples were lost, 5.0 %", 3);
	assert_says("bad ", "throttled 2 times", 3);
	assert_says("bad ", "bound to the tick", 3);
}

static void cut_stacks_are_bad(void **state)
{
	(void)state;
	add_ours();
	comment("stacks: complete 40.0 %, depth limit 50.0 %, time 10.0 %");
	add_samples("f", 10);
	assert_says("bad ", "only 40.0 % of the stacks", 3);
	assert_says("bad ", "a larger --depth", 3);
	assert_says("bad ", "--max-sample-us", 3);
}

static void missing_names_are_bad(void **state)
{
	(void)state;
	add_samples("f", 80);
	add_samples(NULL, 10);
	add_samples("[demo+0x1234]", 10);
	assert_says("bad ", "20.0 % of the time is in functions without", 1);
}

static void an_empty_profile_says_why(void **state)
{
	(void)state;
	add_ours();
	comment("empty: the target slept all the time");
	assert_says("bad ", "no sample in it: the target slept", 1);
}

static void a_profile_without_times_is_bad(void **state)
{
	(void)state;
	add_samples("f", 1);
	profile->time_nanos = profile->duration_nanos = 0;
	assert_says("bad ", "when it was taken", 2);
	assert_says("bad ", "its duration is 0", 2);
}

/* This test's own program, under another build-id. */
static void a_file_that_was_replaced_is_bad(void **state)
{
	char path[4096] = "";
	struct kprof_mapping mapping = {
		.filename = path, .build_id = "0123", .fd = -1};
	uint32_t index;

	(void)state;
	assert_true(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	add_samples("f", 1);
	assert_ok(kprof_profile_add_mapping(profile, &mapping, &index));
	assert_says("bad ", "than that of the profile, 0123", 1);
}

static void a_file_without_build_id_is_bad(void **state)
{
	struct kprof_mapping mapping = {.filename = "/lib/x.so", .fd = -1};
	uint32_t index;

	(void)state;
	add_samples("f", 1);
	assert_ok(kprof_profile_add_mapping(profile, &mapping, &index));
	assert_says("bad ", "1 file without a build-id", 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_good_profile_is_ok),
		test(another_tools_profile_is_ok),
		test(loss_and_throttling_are_bad),
		test(cut_stacks_are_bad),
		test(missing_names_are_bad),
		test(an_empty_profile_says_why),
		test(a_profile_without_times_is_bad),
		test(a_file_that_was_replaced_is_bad),
		test(a_file_without_build_id_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
