// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of interrupt.c: the first signal asks, the second one ends.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Each in a process of its own, as signals change the whole of it.
 */
#include "cmd/interrupt.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	FINE = 42,
};

static char unfinished[] = "/tmp/kprof-interrupt-XXXXXX";

/* The exit status of @run in a process of its own. */
static int status_of(int (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(run());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool is_readable(void)
{
	struct pollfd fd = {.fd = kprof_interrupt_fd(), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static int get_one(void)
{
	if (kprof_interrupt_init(false) || is_readable() ||
	    kprof_interrupt_take())
		return 1;
	raise(SIGTERM);
	if (!is_readable() || kprof_interrupt_take() != SIGTERM)
		return 2;
	/* It is remembered, and does not wake again. */
	if (is_readable() || kprof_interrupt_take() != SIGTERM)
		return 3;
	return kprof_interrupt_was_sent() ? FINE : 4;
}

static void first_signal_asks(void **state)
{
	(void)state;
	assert_int_equal(status_of(get_one), FINE);
}

static int get_two(void)
{
	kprof_interrupt_init(false);
	kprof_interrupt_set_unfinished(unfinished);
	raise(SIGINT);
	raise(SIGTERM);
	return 1;
}

static void second_signal_ends_and_leaves_no_file(void **state)
{
	(void)state;
	close(mkstemp(unfinished));
	assert_int_equal(status_of(get_two), 128 + SIGTERM);
	assert_int_not_equal(access(unfinished, F_OK), 0);
}

static int get_many_patiently(void)
{
	kprof_interrupt_init(true);
	for (int i = 0; i < 10; i++)
		raise(SIGTERM);
	return kprof_interrupt_take() == SIGTERM ? FINE : 1;
}

static void in_the_background_nobody_hurries(void **state)
{
	(void)state;
	assert_int_equal(status_of(get_many_patiently), FINE);
}

static int get_ignored(void)
{
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	kprof_interrupt_init(false);
	raise(SIGHUP);
	if (kprof_interrupt_take())
		return 1;
	raise(SIGINT);
	return kprof_interrupt_take() == SIGINT ? FINE : 2;
}

static void nohup_is_respected(void **state)
{
	(void)state;
	assert_int_equal(status_of(get_ignored), FINE);
}

static int get_child(void)
{
	pid_t pid;

	kprof_interrupt_init(false);
	pid = fork();
	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return is_readable() && !kprof_interrupt_take() ? FINE : 1;
}

static void end_of_a_child_only_wakes(void **state)
{
	(void)state;
	assert_int_equal(status_of(get_child), FINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_signal_asks),
		cmocka_unit_test(second_signal_ends_and_leaves_no_file),
		cmocka_unit_test(in_the_background_nobody_hurries),
		cmocka_unit_test(nohup_is_respected),
		cmocka_unit_test(end_of_a_child_only_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
