// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of session_dir.c: who runs, who has ended, who has died.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/session_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/kprof-session-XXXXXX";

/* The directory as a command finds it; not where commands look for it. */
static void open_dir(struct kprof_session_dir *dir)
{
	dir->path = strdup(path);
	dir->fd = open(path, O_RDONLY | O_DIRECTORY);
	dir->lock_fd = openat(dir->fd, "pid", O_RDWR | O_CREAT, 0600);
	assert_true(dir->fd >= 0 && dir->lock_fd >= 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(path + strlen(path) - 6, "XXXXXX");
	return !mkdtemp(path);
}

static int teardown(void **state)
{
	struct kprof_session_dir dir;

	(void)state;
	if (access(path, F_OK))
		return 0;
	open_dir(&dir);
	kprof_session_dir_remove(&dir);
	kprof_session_dir_close(&dir);
	return access(path, F_OK) ? 0 : -1;
}

static void name_is_taken_once(void **state)
{
	struct kprof_session_dir mine, other;

	(void)state;
	open_dir(&mine);
	open_dir(&other);
	assert_int_equal(kprof_session_dir_lock(&mine), 0);
	assert_int_equal(kprof_session_dir_lock(&other), -EWOULDBLOCK);
	assert_int_equal(kprof_session_dir_pid(&other), getpid());
	assert_int_equal(kprof_session_dir_state(&other),
			 KPROF_SESSION_RUNNING);
	kprof_session_dir_close(&mine);
	assert_int_equal(kprof_session_dir_lock(&other), 0);
	kprof_session_dir_close(&other);
}

static void asking_does_not_take_it(void **state)
{
	struct kprof_session_dir mine, other;

	(void)state;
	open_dir(&mine);
	open_dir(&other);
	assert_int_equal(kprof_session_dir_state(&other), KPROF_SESSION_DIED);
	assert_int_equal(kprof_session_dir_lock(&mine), 0);
	kprof_session_dir_close(&mine);
	kprof_session_dir_close(&other);
}

static void collector_that_is_killed_has_died(void **state)
{
	struct kprof_session_dir dir;
	pid_t pid;
	int status;

	(void)state;
	open_dir(&dir);
	assert_int_equal(kprof_session_dir_lock(&dir), 0);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	/* The lock is the child's as well: the parent that started it goes. */
	kprof_session_dir_close(&dir);
	open_dir(&dir);
	assert_int_equal(kprof_session_dir_state(&dir), KPROF_SESSION_RUNNING);
	kill(pid, SIGKILL);
	assert_int_equal(kprof_session_dir_wait(&dir), 0);
	waitpid(pid, &status, 0);
	assert_int_equal(kprof_session_dir_state(&dir), KPROF_SESSION_DIED);
	kprof_session_dir_close(&dir);
}

static void collector_that_says_how_it_ended_has_ended(void **state)
{
	struct kprof_session_dir dir;
	char *text;

	(void)state;
	open_dir(&dir);
	assert_int_equal(kprof_session_dir_write(&dir, "exit", "3\n"), 0);
	assert_int_equal(kprof_session_dir_state(&dir), KPROF_SESSION_ENDED);
	text = kprof_session_dir_read(&dir, "exit");
	assert_string_equal(text, "3\n");
	free(text);
	/* The next one begins anew. */
	assert_int_equal(kprof_session_dir_lock(&dir), 0);
	assert_null(kprof_session_dir_read(&dir, "exit"));
	kprof_session_dir_close(&dir);
}

/* stop removes the directory while start waits to get it. */
static void removed_directory_is_not_taken(void **state)
{
	struct kprof_session_dir dir;

	(void)state;
	open_dir(&dir);
	kprof_session_dir_remove(&dir);
	assert_int_equal(kprof_session_dir_lock(&dir), -EWOULDBLOCK);
	kprof_session_dir_close(&dir);
}

static void status_is_read_as_it_was_written(void **state)
{
	struct kprof_session_status status = {
		.pid = 12,
		.rate_hz = 99,
		.seconds = 1.5,
		.samples = UINT64_MAX,
		.lost = 3,
		.missed = 4,
		.cost_us = 1.25,
		.cpu_percent = 0.125,
		.longest_us = 10.5,
		.is_throttled = true,
		.targets = "pid 1 pid 2",
		.output = "/tmp/a file",
	};
	struct kprof_session_status read = {};
	struct kprof_session_dir dir;

	(void)state;
	open_dir(&dir);
	assert_int_equal(kprof_session_status_read(&dir, &read), -ENOENT);
	assert_int_equal(kprof_session_status_write(&dir, &status), 0);
	assert_int_equal(kprof_session_status_read(&dir, &read), 0);
	assert_int_equal(read.pid, 12);
	assert_int_equal(read.rate_hz, 99);
	assert_true(read.samples == UINT64_MAX);
	assert_int_equal(read.lost, 3);
	assert_int_equal(read.missed, 4);
	assert_true(read.cost_us == 1.25);
	assert_true(read.cpu_percent == 0.125);
	assert_true(read.longest_us == 10.5);
	assert_true(read.is_throttled);
	assert_string_equal(read.targets, status.targets);
	assert_string_equal(read.output, status.output);
	kprof_session_dir_close(&dir);
}

static void status_that_is_none_is_refused(void **state)
{
	struct kprof_session_status read;
	struct kprof_session_dir dir;

	(void)state;
	open_dir(&dir);
	kprof_session_dir_write(&dir, "status", "");
	assert_int_equal(kprof_session_status_read(&dir, &read), -EBADMSG);
	kprof_session_dir_write(&dir, "status", "1 2 x\n");
	assert_int_equal(kprof_session_status_read(&dir, &read), -EBADMSG);
	kprof_session_dir_close(&dir);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(name_is_taken_once),
		test(asking_does_not_take_it),
		test(collector_that_is_killed_has_died),
		test(collector_that_says_how_it_ended_has_ended),
		test(removed_directory_is_not_taken),
		test(status_is_read_as_it_was_written),
		test(status_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
