// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of perf_map_watch.c: which file is the perf map of a process, with
 * this program, or a child of it in a container, as the process.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/perf_map_watch.h"

#include "container.h"
#include "util/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "test.h"

enum {
	/* No user of a Debian system. */
	SOMEBODY = 54321,
};

static struct kprof_perf_map_watch watch;
static char our_map[64];

static int setup(void **state)
{
	(void)state;
	watch = (struct kprof_perf_map_watch)KPROF_PERF_MAP_WATCH_INIT;
	snprintf(our_map, sizeof(our_map), "/tmp/perf-%d.map", getpid());
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kprof_perf_map_watch_deinit(&watch);
	unlink(our_map);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_ok(kprof_io_write(fd, text, strlen(text)));
	close(fd);
}

/* What the watch has found, "" if nothing. */
static const char *found(void)
{
	static char text[64];
	size_t size;

	if (watch.file < 0)
		return "";
	size = kprof_io_read_at(watch.file, 0, text, sizeof(text) - 1);
	text[size] = '\0';
	return text;
}

static void map_is_found_and_stays_readable(void **state)
{
	(void)state;
	write_file(our_map, "one");
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "one");
	write_file(our_map, "one two");
	unlink(our_map);
	kprof_perf_map_watch_finish(&watch);
	assert_string_equal(found(), "one two");
}

static void map_may_come_late(void **state)
{
	(void)state;
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "");
	write_file(our_map, "one");
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "one");
}

static void set_age(const char *path, time_t seconds)
{
	struct timespec now, times[2];

	clock_gettime(CLOCK_REALTIME, &now);
	times[0] = times[1] = (struct timespec){now.tv_sec - seconds, 0};
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* By whoever had our number before us; we have not run for a year. */
static void map_of_an_earlier_process_is_ignored(void **state)
{
	(void)state;
	write_file(our_map, "old");
	set_age(our_map, 366 * 86400L);
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "");
	kprof_perf_map_watch_finish(&watch);
	assert_string_equal(found(), "");
	set_age(our_map, 0);
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "old");
}

static void map_that_took_the_place_of_the_first_counts(void **state)
{
	(void)state;
	write_file(our_map, "one");
	kprof_perf_map_watch_look(&watch, getpid());
	unlink(our_map);
	write_file(our_map, "two");
	kprof_perf_map_watch_finish(&watch);
	assert_string_equal(found(), "two");
}

static void process_that_is_not_there_has_none(void **state)
{
	(void)state;
	kprof_perf_map_watch_look(&watch, 0);
	kprof_perf_map_watch_look(&watch, INT32_MAX);
	kprof_perf_map_watch_finish(&watch);
	assert_string_equal(found(), "");
}

static void what_is_no_plain_file_is_not_opened(void **state)
{
	(void)state;
	assert_int_equal(symlink("/etc/passwd", our_map), 0);
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "");
	unlink(our_map);
	assert_int_equal(mkfifo(our_map, 0600), 0);
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "");
}

static void file_of_another_user_is_not_trusted(void **state)
{
	(void)state;
	write_file(our_map, "one");
	if (chown(our_map, SOMEBODY, (gid_t)-1))
		skip();
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "");
	kprof_perf_map_watch_finish(&watch);
	assert_string_equal(found(), "");
	assert_int_equal(chown(our_map, 0, (gid_t)-1), 0);
	kprof_perf_map_watch_look(&watch, getpid());
	assert_string_equal(found(), "one");
}

/* In the container */
static void write_first_map(void)
{
	if (mount("tmpfs", "/tmp", "tmpfs", 0, NULL))
		_exit(1);
	write_file("/tmp/perf-1.map", "theirs");
}

static void container_has_its_own_files_and_numbers(void **state)
{
	struct container container;

	(void)state;
	if (!container_start(&container, write_first_map))
		skip();
	kprof_perf_map_watch_look(&watch, container.pid);
	assert_int_equal(watch.ns_pid, 1);
	assert_string_equal(found(), "theirs");
	container_stop(&container);
	kprof_perf_map_watch_finish(&watch);
	assert_string_equal(found(), "theirs");
}

/* Outside there is a /var, in the container there is none. */
static void lead_out(void)
{
	if (mount("tmpfs", "/mnt", "tmpfs", 0, NULL) ||
	    mkdir("/mnt/proc", 0755) || symlink("/var", "/mnt/tmp") ||
	    chroot("/mnt") || chdir("/"))
		_exit(1);
}

static void links_do_not_lead_out_of_the_container(void **state)
{
	struct container container;

	(void)state;
	if (!container_start(&container, lead_out))
		skip();
	kprof_perf_map_watch_look(&watch, container.pid);
	assert_int_equal(watch.ns_pid, 1);
	assert_int_equal(watch.directory, -1);
	container_stop(&container);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(map_is_found_and_stays_readable),
		test(map_may_come_late),
		test(map_of_an_earlier_process_is_ignored),
		test(map_that_took_the_place_of_the_first_counts),
		test(process_that_is_not_there_has_none),
		test(what_is_no_plain_file_is_not_opened),
		test(file_of_another_user_is_not_trusted),
		test(container_has_its_own_files_and_numbers),
		test(links_do_not_lead_out_of_the_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
