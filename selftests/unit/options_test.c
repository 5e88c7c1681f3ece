// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of options.c: values, and which command lines are accepted.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/options.h"

#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int cpus_of(const char *text, uint64_t *ret)
{
	unsigned char *cpus;
	size_t bytes;
	int err = kprof_options_parse_cpus(text, &cpus, &bytes);

	*ret = 0;
	if (err)
		return err;
	assert_true(bytes <= sizeof(*ret));
	memcpy(ret, cpus, bytes);
	free(cpus);
	return 0;
}

static void list_of_cpus_is_a_bitmap(void **state)
{
	uint64_t bits;

	(void)state;
	assert_int_equal(cpus_of("0", &bits), 0);
	assert_int_equal(bits, 1);
	assert_int_equal(cpus_of("0,2-4,17", &bits), 0);
	assert_int_equal(bits, 1 | 7 << 2 | 1 << 17);
	assert_int_equal(cpus_of("9,1,1-1", &bits), 0);
	assert_int_equal(bits, 1 << 9 | 1 << 1);
}

static void what_is_no_list_of_cpus_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",	    ",",
		"1,",	    "1-",
		"-1",	    "3-1",
		"a",	    "1a",
		"1 ",	    " 1",
		"99999999", "1--2",
		"1-2-3",    "18446744073709551617",
	};
	uint64_t bits;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(cpus_of(wrong[i], &bits), -EINVAL);
}

static void seconds_may_have_a_fraction(void **state)
{
	static const char *const wrong[] = {
		"", "0", "0.0", "-1", "1s", ".5", "1e3", "nan", "99999999999",
	};
	uint64_t ns;

	(void)state;
	assert_int_equal(kprof_options_parse_seconds("2", &ns), 0);
	assert_true(ns == 2000000000);
	assert_int_equal(kprof_options_parse_seconds("0.25", &ns), 0);
	assert_true(ns == 250000000);
	assert_int_equal(kprof_options_parse_seconds("1.0000000019", &ns), 0);
	assert_true(ns == 1000000001);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(kprof_options_parse_seconds(wrong[i], &ns),
				 -EINVAL);
}

static void name_cannot_be_a_path(void **state)
{
	(void)state;
	assert_true(kprof_options_is_name("default"));
	assert_true(kprof_options_is_name("a-b_c.9"));
	assert_false(kprof_options_is_name(""));
	assert_false(kprof_options_is_name("."));
	assert_false(kprof_options_is_name(".."));
	assert_false(kprof_options_is_name(".hidden"));
	assert_false(kprof_options_is_name("a/b"));
	assert_false(kprof_options_is_name("a b"));
}

/* Parses words; what is said about them is for nobody here. */
static int parse(const char *line, struct kprof_record_options *ret)
{
	static char words[256];
	static char *argv[32];
	int quiet = open("/dev/null", O_WRONLY), err = dup(2), out = dup(1);
	int argc = 0, status;

	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	fflush(stdout);
	dup2(quiet, 2);
	dup2(quiet, 1);
	optind = 0;
	status = kprof_options_parse(argc, argv, ret);
	fflush(stdout);
	dup2(err, 2);
	dup2(out, 1);
	close(quiet);
	close(err);
	close(out);
	return status;
}

static void assert_status(const char *line, int expected)
{
	struct kprof_record_options options;
	int status = parse(line, &options);

	if (status != expected)
		print_message("%s: expected %d, got %d\n", line, expected,
			      status);
	assert_int_equal(status, expected);
	kprof_options_deinit(&options);
}

static void wrong_command_line_is_refused(void **state)
{
	static const char *const wrong[] = {
		"record",
		"record -p",
		"record -p x",
		"record -p 0",
		"record -p 1,",
		"record -p 1 true",
		"record -t 1 -a",
		"record -F 0 true",
		"record -F -1 true",
		"record -F 9x true",
		"record -d 0 true",
		"record -g dwarf true",
		"record --ring-kib 3 true",
		"record --ring-kib 0 true",
		"record --depth 0 true",
		"record --name x true",
		"record --nonsense true",
		"record -Z true",
		"record -C a true",
		"start --name a/b -p 1",
		"start",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_status(wrong[i], KPROF_EXIT_USAGE);
}

static void help_is_no_mistake(void **state)
{
	(void)state;
	assert_status("record --help", KPROF_EXIT_DONE);
	assert_status("start -h", KPROF_EXIT_DONE);
}

static void options_end_at_the_command(void **state)
{
	struct kprof_record_options options;

	(void)state;
	assert_int_equal(parse("record -k ls -p 1", &options), -1);
	assert_string_equal(options.argv[0], "ls");
	assert_string_equal(options.argv[1], "-p");
	assert_int_equal(options.pids.nr, 0);
	kprof_options_deinit(&options);
	assert_int_equal(parse("record -- -odd -x", &options), -1);
	assert_string_equal(options.argv[0], "-odd");
	kprof_options_deinit(&options);
}

static void options_are_what_they_say(void **state)
{
	struct kprof_record_options options;

	(void)state;
	assert_int_equal(parse("record -p 1,2 -p 3 -t 9 -F 997 -d 1.5 -o out "
			       "-C 1 -g none -k -q --no-inherit --depth 20 "
			       "--max-sample-us 400 --ring-kib 64 --read",
			       &options),
			 -1);
	assert_int_equal(options.pids.nr, 3);
	assert_int_equal(options.pids.data[2], 3);
	assert_int_equal(options.tids.data[0], 9);
	assert_int_equal(options.collect.rate_hz, 997);
	assert_true(options.duration_ns == 1500000000);
	assert_string_equal(options.output, "out");
	assert_int_equal(options.collect.cpus[0], 2);
	assert_true(options.collect.no_user_stacks);
	assert_true(options.collect.kernel_stacks);
	assert_true(options.collect.no_inherit);
	assert_true(options.collect.use_read);
	assert_true(options.is_quiet);
	assert_int_equal(options.collect.max_depth, 20);
	assert_int_equal(options.collect.max_sample_us, 400);
	assert_int_equal(options.collect.ring_bytes, 65536);
	assert_string_equal(options.command_line,
			    "kprofctl record -p 1,2 -p 3 -t 9 -F 997 -d 1.5 "
			    "-o out -C 1 -g none -k -q --no-inherit --depth "
			    "20 --max-sample-us 400 --ring-kib 64 --read");
	kprof_options_deinit(&options);
}

static void options_for_names_are_what_they_say(void **state)
{
	struct kprof_record_options options;

	(void)state;
	assert_int_equal(parse("record -a --no-lines --max-memory 3 "
			       "--debug-dir one --debug-dir /two",
			       &options),
			 -1);
	assert_true(options.names.no_lines);
	assert_int_equal(options.names.max_memory, 3 << 20);
	assert_int_equal(options.names.nr_debug_dirs, 2);
	assert_string_equal(options.names.debug_dirs[0], "one");
	assert_string_equal(options.names.debug_dirs[1], "/two");
	kprof_options_deinit(&options);
	assert_status("record -a --max-sample-us 10001", KPROF_EXIT_USAGE);
	assert_status("record -a --max-memory 0", KPROF_EXIT_USAGE);
	assert_status("record -a --max-memory much", KPROF_EXIT_USAGE);
}

static void directories_with_symbols_add_up(void **state)
{
	struct kprof_record_options options;

	(void)state;
	assert_int_equal(parse("record --symbols a --symbols b x", &options),
			 -1);
	assert_int_equal(options.names.nr_symbol_dirs, 2);
	assert_string_equal(options.names.symbol_dirs[0], "a");
	assert_string_equal(options.names.symbol_dirs[1], "b");
	kprof_options_deinit(&options);
}

static void everything_may_go_with_a_command(void **state)
{
	(void)state;
	assert_status("record -a sleep 5", -1);
	assert_status("start --name other -p 1", -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_of_cpus_is_a_bitmap),
		cmocka_unit_test(what_is_no_list_of_cpus_is_refused),
		cmocka_unit_test(seconds_may_have_a_fraction),
		cmocka_unit_test(name_cannot_be_a_path),
		cmocka_unit_test(wrong_command_line_is_refused),
		cmocka_unit_test(help_is_no_mistake),
		cmocka_unit_test(options_end_at_the_command),
		cmocka_unit_test(options_are_what_they_say),
		cmocka_unit_test(options_for_names_are_what_they_say),
		cmocka_unit_test(directories_with_symbols_add_up),
		cmocka_unit_test(everything_may_go_with_a_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
