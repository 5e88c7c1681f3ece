// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of lib/profile.c and lib/profile_sample.c: the model of a profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <fcntl.h>

#include "test.h"

static int create(void **state)
{
	struct kprof_profile *profile;

	if (kprof_profile_create(&profile) ||
	    kprof_profile_add_sample_type(profile, "samples", "count") ||
	    kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"))
		return -1;
	*state = profile;
	return 0;
}

static int destroy(void **state)
{
	kprof_profile_destroy(*state);
	return 0;
}

static uint32_t add_location(struct kprof_profile *profile, uint64_t address)
{
	uint32_t location;

	assert_ok(kprof_profile_add_location(profile, KPROF_NO_INDEX, address,
					     false, &location));
	return location;
}

static void equal_strings_are_one_pointer(void **state)
{
	char name[] = "name";
	const char *a, *b, *c;

	assert_ok(kprof_profile_intern(*state, "name", &a));
	assert_ok(kprof_profile_intern(*state, name, &b));
	assert_ok(kprof_profile_intern(*state, "nam", &c));
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, name);
	assert_string_equal(c, "nam");
}

static void strings_stay_where_they_are(void **state)
{
	enum { NR = 20000 };
	static const char *strings[NR];
	char name[400];

	for (int i = 0; i < NR; i++) {
		snprintf(name, sizeof(name), "%0*d", 1 + i % 300, i);
		assert_ok(kprof_profile_intern(*state, name, &strings[i]));
	}
	for (int i = 0; i < NR; i++)
		assert_int_equal(strtol(strings[i], NULL, 10), i);
}

static void long_string_is_whole(void **state)
{
	size_t len = 300000;
	char *name = malloc(len + 1);
	const char *copy;

	memset(name, 'x', len);
	name[len] = '\0';
	assert_ok(kprof_profile_intern(*state, name, &copy));
	assert_string_equal(copy, name);
	free(name);
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
	const char *repaired, *again;

	assert_ok(kprof_profile_intern(*state,
				       "a\xff"
				       "b",
				       &repaired));
	assert_string_equal(repaired,
			    "a\xef\xbf\xbd"
			    "b");
	assert_ok(kprof_profile_intern(*state,
				       "a\xef\xbf\xbd"
				       "b",
				       &again));
	assert_ptr_equal(repaired, again);
}

static void equal_functions_are_one(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_function f = {"f", "_Z1fv", "f.c", 3};
	struct kprof_function g = {"f", "_Z1fv", "f.c", 4};
	uint32_t a, b, c;

	assert_ok(kprof_profile_add_function(profile, &f, &a));
	assert_ok(kprof_profile_add_function(profile, &f, &b));
	assert_ok(kprof_profile_add_function(profile, &g, &c));
	assert_int_equal(a, b);
	assert_int_not_equal(a, c);
	assert_int_equal(profile->nr_functions, 2);
}

static void missing_strings_are_empty(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_function f = {.name = "f"};
	struct kprof_mapping mapping = {.fd = -1};
	uint32_t index;

	assert_ok(kprof_profile_add_function(profile, &f, &index));
	assert_string_equal(profile->functions[index].filename, "");
	assert_ok(kprof_profile_add_mapping(profile, &mapping, &index));
	assert_string_equal(profile->mappings[index].filename, "");
	assert_string_equal(profile->mappings[index].build_id, "");
}

static void locations_differ_by_mapping_address_and_side(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_mapping mapping = {.limit = 100, .fd = -1};
	uint32_t m, a, b;

	assert_ok(kprof_profile_add_mapping(profile, &mapping, &m));
	assert_ok(kprof_profile_add_location(profile, m, 7, false, &a));
	assert_ok(kprof_profile_add_location(profile, m, 7, false, &b));
	assert_int_equal(a, b);
	assert_ok(kprof_profile_add_location(profile, m, 8, false, &b));
	assert_int_not_equal(a, b);
	assert_ok(kprof_profile_add_location(profile, m, 7, true, &b));
	assert_int_not_equal(a, b);
	assert_ok(kprof_profile_add_location(profile, KPROF_NO_INDEX, 7, false,
					     &b));
	assert_int_not_equal(a, b);
	assert_int_equal(profile->nr_locations, 4);
}

static void what_does_not_exist_is_refused(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_line line = {};
	int64_t values[2] = {1, 1};
	uint32_t location = 0;

	assert_errno(
		kprof_profile_add_location(profile, 0, 7, false, &location),
		-EINVAL);
	assert_errno(kprof_profile_set_lines(profile, 0, NULL, 0), -EINVAL);
	location = add_location(profile, 1);
	assert_errno(kprof_profile_set_lines(profile, location, &line, 1),
		     -EINVAL);
	location++;
	assert_errno(kprof_profile_add_sample(profile, &location, 1, NULL, 0,
					      values),
		     -EINVAL);
	assert_errno(kprof_profile_move_mapping_first(profile, 0), -EINVAL);
	assert_int_equal(profile->nr_samples, 0);
}

static void equal_samples_add_up(void **state)
{
	struct kprof_profile *profile = *state;
	uint32_t stack[] = {add_location(profile, 1), add_location(profile, 2)};
	int64_t values[] = {1, 10}, more[] = {2, INT64_MAX};

	assert_ok(kprof_profile_add_sample(profile, stack, 2, NULL, 0, values));
	assert_ok(kprof_profile_add_sample(profile, stack, 2, NULL, 0, values));
	assert_int_equal(profile->nr_samples, 1);
	assert_int_equal(profile->samples[0].values[0], 2);
	assert_int_equal(profile->samples[0].values[1], 20);
	assert_ok(kprof_profile_add_sample(profile, stack, 1, NULL, 0, values));
	assert_int_equal(profile->nr_samples, 2);
	/* Too much to add stays at the largest number. */
	assert_ok(kprof_profile_add_sample(profile, stack, 2, NULL, 0, more));
	assert_int_equal(profile->samples[0].values[0], 4);
	assert_true(profile->samples[0].values[1] == INT64_MAX);
}

static void labels_tell_samples_apart_in_any_order(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_label labels[] = {
		{.key = "pid", .num = 7},
		{.key = "comm", .str = "x"},
		{.key = "pid", .num = 7},
	};
	uint32_t stack[] = {add_location(profile, 1)};
	int64_t values[] = {1, 10};

	assert_ok(
		kprof_profile_add_sample(profile, stack, 1, labels, 2, values));
	assert_ok(kprof_profile_add_sample(profile, stack, 1, labels + 1, 2,
					   values));
	assert_int_equal(profile->nr_samples, 1);
	assert_int_equal(profile->nr_labels, 2);
	labels[0].num = 8;
	assert_ok(
		kprof_profile_add_sample(profile, stack, 1, labels, 2, values));
	labels[0].num_unit = "things";
	assert_ok(
		kprof_profile_add_sample(profile, stack, 1, labels, 2, values));
	assert_ok(kprof_profile_add_sample(profile, stack, 1, NULL, 0, values));
	assert_int_equal(profile->nr_samples, 4);
}

static void stacks_and_labels_are_shared(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_label label = {.key = "tid"};
	int64_t values[] = {1, 10};
	uint32_t stack[20];

	for (int i = 0; i < 20; i++)
		stack[i] = add_location(profile, i);
	for (int thread = 1; thread <= 100; thread++) {
		label.num = thread;
		for (uint32_t depth = 1; depth <= 20; depth++)
			assert_ok(kprof_profile_add_sample(
				profile, stack, depth, &label, 1, values));
	}
	assert_int_equal(profile->nr_samples, 2000);
	assert_int_equal(profile->nr_location_indices, 20 * 21 / 2);
	assert_int_equal(profile->nr_labels, 100);
}

static void lines_are_replaced(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_function f = {.name = "f"}, g = {.name = "g"};
	uint32_t location = add_location(profile, 1);
	struct kprof_line lines[2] = {};

	assert_ok(kprof_profile_add_function(profile, &f, &lines[0].function));
	assert_ok(kprof_profile_add_function(profile, &g, &lines[1].function));
	assert_ok(kprof_profile_set_lines(profile, location, lines, 1));
	assert_ok(kprof_profile_set_lines(profile, location, lines, 2));
	assert_int_equal(profile->locations[location].nr_lines, 2);
	assert_ok(kprof_profile_set_lines(profile, location, lines + 1, 1));
	assert_int_equal(profile->locations[location].nr_lines, 1);
	assert_int_equal(profile->lines[profile->locations[location].first_line]
				 .function,
			 lines[1].function);
}

static void moved_mapping_takes_its_locations_along(void **state)
{
	struct kprof_profile *profile = *state;
	struct kprof_mapping mapping = {.limit = 100, .fd = -1};
	uint32_t m[3], l[3], again;

	for (int i = 0; i < 3; i++) {
		mapping.start = i;
		assert_ok(kprof_profile_add_mapping(profile, &mapping, &m[i]));
		assert_ok(kprof_profile_add_location(profile, m[i], 50, false,
						     &l[i]));
	}
	assert_ok(kprof_profile_move_mapping_first(profile, 1));
	assert_int_equal(profile->mappings[0].start, 1);
	assert_int_equal(profile->mappings[1].start, 0);
	assert_int_equal(profile->mappings[2].start, 2);
	for (int i = 0; i < 3; i++)
		assert_int_equal(
			profile->mappings[profile->locations[l[i]].mapping]
				.start,
			i);
	/* What is added afterwards meets the locations that were there. */
	assert_ok(kprof_profile_add_location(profile, 0, 50, false, &again));
	assert_int_equal(again, l[1]);
}

static void sample_types_come_before_samples(void **state)
{
	struct kprof_profile *profile = *state;
	int64_t values[] = {1, 10};

	assert_ok(kprof_profile_add_sample(profile, NULL, 0, NULL, 0, values));
	assert_errno(kprof_profile_add_sample_type(profile, "x", "y"), -EBUSY);
}

static void files_of_mappings_are_closed(void **state)
{
	struct kprof_mapping mapping = {.fd = open("/dev/null", O_RDONLY)};
	struct kprof_profile *profile;
	uint32_t index;

	(void)state;
	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_mapping(profile, &mapping, &index));
	kprof_profile_destroy(profile);
	assert_int_equal(fcntl(mapping.fd, F_GETFD), -1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(equal_strings_are_one_pointer),
		test(strings_stay_where_they_are),
		test(long_string_is_whole),
		test(bytes_that_are_no_text_are_replaced),
		test(equal_functions_are_one),
		test(missing_strings_are_empty),
		test(locations_differ_by_mapping_address_and_side),
		test(what_does_not_exist_is_refused),
		test(equal_samples_add_up),
		test(labels_tell_samples_apart_in_any_order),
		test(stacks_and_labels_are_shared),
		test(lines_are_replaced),
		test(moved_mapping_takes_its_locations_along),
		test(sample_types_come_before_samples),
		cmocka_unit_test(files_of_mappings_are_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
