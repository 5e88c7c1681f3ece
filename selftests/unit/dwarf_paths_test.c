// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of dwarf_paths.c: paths of source files for people.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/dwarf_paths.h"

#include "test.h"

static void assert_path(const char *comp_dir, const char *raw,
			const char *expected)
{
	struct kprof_dwarf_paths paths = {};
	const char *got = kprof_dwarf_paths_get(&paths, comp_dir, raw);

	assert_string_equal(got, expected);
	/* The second time it is known. */
	assert_ptr_equal(kprof_dwarf_paths_get(&paths, comp_dir, raw), got);
	kprof_dwarf_paths_deinit(&paths);
}

static void relative_names_count_from_the_directory(void **state)
{
	(void)state;
	assert_path("/build", "/src/a.c", "/src/a.c");
	assert_path("/build", "a.c", "/build/a.c");
	assert_path("/build", "../src/a.c", "/build/../src/a.c");
	assert_path("", "src/a.c", "src/a.c");
	assert_path("csu", "../elf/a.h", "csu/../elf/a.h");
}

static void directory_comes_once(void **state)
{
	(void)state;
	assert_path("/build", "/build/a.c", "/build/a.c");
	assert_path("./csu", "./csu/a.c", "csu/a.c");
	assert_path("./csu", "./csu/./csu/a.c", "csu/a.c");
	assert_path("csu", "csu2/a.c", "csu/csu2/a.c");
}

static void dots_that_say_nothing_are_left_out(void **state)
{
	(void)state;
	assert_path("/build", "/src/./a/.//b.c", "/src/a/b.c");
	assert_path("/build/.", "./a.c", "/build/a.c");
	assert_path("", "./a.c", "a.c");
	assert_path("", "/../.a/..b/c.c", "/../.a/..b/c.c");
	assert_path("", ".", "");
	assert_path("", "/", "/");
}

static void unknown_files_have_no_name(void **state)
{
	struct kprof_dwarf_paths paths = {};

	(void)state;
	assert_string_equal(kprof_dwarf_paths_get(&paths, "/build", NULL), "");
	assert_string_equal(kprof_dwarf_paths_get(&paths, "/build", "???"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relative_names_count_from_the_directory),
		cmocka_unit_test(directory_comes_once),
		cmocka_unit_test(dots_that_say_nothing_are_left_out),
		cmocka_unit_test(unknown_files_have_no_name),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
