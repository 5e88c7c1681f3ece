// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of names.c: what was named once has its name again, at whatever
 * address, and nothing else has it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/names.h"

#include "test.h"

/* A function of a file that is here: this program, as it is mapped. */
static __attribute__((noinline, noclone)) void a_function_to_be_named(void)
{
	__asm__ volatile("");
}

static struct kprof_mapping own;
static struct kprof_names *names;
static const struct kprof_symbolize_options options = {.no_lines = true};

/* The mapping with the function, from /proc/self/maps. */
static int find_own_mapping(void **state)
{
	static char build_id[KPROF_BUILD_ID_SIZE], path[4096];
	unsigned long start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4352];

	(void)state;
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %4095s", &start, &end,
			   &offset, path) == 4 &&
		    start <= (uintptr_t)a_function_to_be_named &&
		    (uintptr_t)a_function_to_be_named < end)
			break;
	}
	fclose(maps);
	assert_ok(kprof_file_build_id(path, build_id));
	assert_true(*build_id);
	own = (struct kprof_mapping){
		.start = start,
		.limit = end,
		.file_offset = offset,
		.filename = path,
		.build_id = build_id,
		.fd = -1,
	};
	return 0;
}

static int create(void **state)
{
	find_own_mapping(state);
	assert_ok(kprof_names_create(&options, &names));
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	kprof_names_destroy(names);
	return 0;
}

/* What the function is called in a window that has @mapping. */
static void assert_named(const struct kprof_mapping *mapping,
			 const char *expected)
{
	uint64_t offset = (uintptr_t)a_function_to_be_named - own.start;
	struct kprof_profile *profile;
	uint32_t index, location;
	const char *got;

	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_mapping(profile, mapping, &index));
	assert_ok(kprof_profile_add_location(
		profile, index, mapping->start + offset, false, &location));
	assert_ok(kprof_names_give(names, profile));
	assert_int_equal(profile->locations[location].nr_lines, 1);
	got = profile->functions
		      [profile->lines[profile->locations[location].first_line]
			       .function]
			      .name;
	if (!strstr(got, expected))
		fail_msg("expected '%s', got '%s'", expected, got);
	assert_true(profile->mappings[0].has_functions);
	kprof_profile_destroy(profile);
}

static void a_name_is_remembered_when_the_file_is_gone(void **state)
{
	static char gone[] = "/nonexistent/program";
	struct kprof_mapping mapping = own;

	(void)state;
	/* What cannot be found has no name... */
	mapping.filename = gone;
	assert_named(&mapping, "[program+0x");
	/* ...unless it was there before, by this path and build-id. */
	assert_named(&own, "a_function_to_be_named");
	mapping = own;
	assert_named(&mapping, "a_function_to_be_named");
}

static void the_same_code_elsewhere_has_the_same_name(void **state)
{
	struct kprof_mapping moved = own;

	(void)state;
	assert_named(&own, "a_function_to_be_named");
	moved.start += 1 << 20;
	moved.limit += 1 << 20;
	assert_named(&moved, "a_function_to_be_named");
}

static void another_build_at_the_same_place_has_no_such_name(void **state)
{
	static char other[] = "0123456789abcdef";
	struct kprof_mapping mapping = own;

	(void)state;
	assert_named(&own, "a_function_to_be_named");
	mapping.build_id = other;
	assert_named(&mapping, "+0x");
}

static void code_without_a_build_id_is_looked_up_anew(void **state)
{
	struct kprof_mapping mapping = own;

	(void)state;
	mapping.build_id = "";
	assert_named(&mapping, "a_function_to_be_named");
	/* Somebody has replaced the file. */
	mapping.filename = "/nonexistent/program";
	assert_named(&mapping, "[program+0x");
}

#define test(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_name_is_remembered_when_the_file_is_gone),
		test(the_same_code_elsewhere_has_the_same_name),
		test(another_build_at_the_same_place_has_no_such_name),
		test(code_without_a_build_id_is_looked_up_anew),
	};

	a_function_to_be_named();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
