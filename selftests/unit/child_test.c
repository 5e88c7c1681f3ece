// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of child.c: a program that waits until it may run.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/child.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char mark[] = "/tmp/kprof-child-XXXXXX";

static int setup(void **state)
{
	(void)state;
	return close(mkstemp(mark)) || unlink(mark);
}

static int teardown(void **state)
{
	(void)state;
	unlink(mark);
	return 0;
}

static void create(struct kprof_child *child, const char *script)
{
	char *argv[] = {"sh", "-c", (char *)script, "sh", mark, NULL};

	assert_int_equal(kprof_child_create(child, argv, -1), 0);
}

static void wait_for_end(struct kprof_child *child)
{
	while (!kprof_child_poll(child))
		poll(NULL, 0, 1);
}

static void runs_only_when_released(void **state)
{
	struct kprof_child child;

	(void)state;
	create(&child, ": >$1");
	poll(NULL, 0, 50);
	assert_false(kprof_child_poll(&child));
	assert_int_not_equal(access(mark, F_OK), 0);
	assert_int_equal(kprof_child_release(&child), 0);
	wait_for_end(&child);
	assert_int_equal(access(mark, F_OK), 0);
	assert_int_equal(kprof_child_exit_status(&child), 0);
	kprof_child_deinit(&child);
}

static void never_runs_if_it_is_not_released(void **state)
{
	struct kprof_child child;

	(void)state;
	unlink(mark);
	create(&child, ": >$1");
	kprof_child_deinit(&child);
	assert_int_not_equal(access(mark, F_OK), 0);
	assert_int_not_equal(kill(child.pid, 0), 0);
}

static void exit_status_is_passed_on(void **state)
{
	struct kprof_child child;

	(void)state;
	create(&child, "exit 3");
	assert_int_equal(kprof_child_release(&child), 0);
	wait_for_end(&child);
	assert_int_equal(kprof_child_exit_status(&child), 3);
	kprof_child_deinit(&child);
	create(&child, "kill -9 $$");
	assert_int_equal(kprof_child_release(&child), 0);
	wait_for_end(&child);
	assert_int_equal(kprof_child_exit_status(&child), 128 + SIGKILL);
	kprof_child_deinit(&child);
}

static void program_that_cannot_run_says_why(void **state)
{
	char *missing[] = {"/nonexistent/program", NULL};
	char *folder[] = {"/", NULL};
	struct kprof_child child;

	(void)state;
	assert_int_equal(kprof_child_create(&child, missing, -1), 0);
	assert_int_equal(kprof_child_release(&child), -ENOENT);
	kprof_child_deinit(&child);
	assert_int_equal(kprof_child_create(&child, folder, -1), 0);
	assert_int_equal(kprof_child_release(&child), -EACCES);
	kprof_child_deinit(&child);
}

static void program_that_goes_on_can_be_ended(void **state)
{
	struct kprof_child child;

	(void)state;
	create(&child, "exec sleep 1000");
	assert_int_equal(kprof_child_release(&child), 0);
	assert_false(kprof_child_poll(&child));
	kprof_child_end(&child, SIGTERM);
	assert_true(child.was_ended);
	kprof_child_finish(&child);
	assert_true(child.has_ended);
	assert_int_equal(kprof_child_exit_status(&child), 128 + SIGTERM);
	kprof_child_deinit(&child);
}

static void program_is_found_as_it_would_be_run(void **state)
{
	char *path;

	(void)state;
	assert_int_equal(setenv("PATH", "/nonexistent::/bin:/usr/bin", 1), 0);
	path = kprof_child_find_program("sh");
	assert_non_null(path);
	assert_string_equal(path, "/bin/sh");
	free(path);
	path = kprof_child_find_program("./no/such");
	assert_string_equal(path, "./no/such");
	free(path);
	assert_null(kprof_child_find_program("no-such-program-anywhere"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(program_is_found_as_it_would_be_run),
		cmocka_unit_test(runs_only_when_released),
		cmocka_unit_test(never_runs_if_it_is_not_released),
		cmocka_unit_test(exit_status_is_passed_on),
		cmocka_unit_test(program_that_cannot_run_says_why),
		cmocka_unit_test(program_that_goes_on_can_be_ended),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
