// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of util/outfile.c: the old file stays whole until the new one is.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/outfile.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "test.h"
#include "util/io.h"

struct place {
	char directory[64];
	char path[128];
};

static int make_place(void **state)
{
	static struct place place;

	test_make_directory(place.directory);
	snprintf(place.path, sizeof(place.path), "%s/file", place.directory);
	*state = &place;
	return 0;
}

static int remove_place(void **state)
{
	test_remove_directory(((struct place *)*state)->directory);
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void assert_content(const char *path, const char *expected)
{
	int fd = open(path, O_RDONLY);
	size_t len;
	char *text;

	assert_true(fd >= 0);
	assert_ok(kprof_io_read_all(fd, 1 << 20, &text, &len));
	assert_string_equal(text, expected);
	free(text);
	close(fd);
}

static void assert_nr_files(const struct place *place, int expected)
{
	DIR *directory = opendir(place->directory);
	int nr = 0;

	while (readdir(directory))
		nr++;
	closedir(directory);
	/* Without . and .. */
	assert_int_equal(nr - 2, expected);
}

static void new_file_appears_when_committed(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct place *place = *state;
	struct stat st;
	mode_t mask = umask(027);

	assert_ok(kprof_outfile_open(&out, place->path));
	assert_ok(kprof_io_write(out.fd, "new", 3));
	assert_int_equal(access(place->path, F_OK), -1);
	assert_ok(kprof_outfile_commit(&out));
	umask(mask);
	assert_content(place->path, "new");
	assert_nr_files(place, 1);
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void old_file_stays_when_aborted(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct place *place = *state;

	write_file(place->path, "old");
	assert_ok(kprof_outfile_open(&out, place->path));
	assert_ok(kprof_io_write(out.fd, "half", 4));
	assert_content(place->path, "old");
	kprof_outfile_abort(&out);
	assert_content(place->path, "old");
	assert_nr_files(place, 1);
}

static void replaced_file_keeps_its_mode(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct place *place = *state;
	struct stat st;

	write_file(place->path, "old");
	chmod(place->path, 0604);
	assert_ok(kprof_outfile_open(&out, place->path));
	assert_ok(kprof_outfile_commit(&out));
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0604);
	assert_content(place->path, "");
}

static void link_is_followed(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct place *place = *state;
	char link[128];
	struct stat st;

	write_file(place->path, "old");
	snprintf(link, sizeof(link), "%s/link", place->directory);
	assert_int_equal(symlink("file", link), 0);
	assert_ok(kprof_outfile_open(&out, link));
	assert_ok(kprof_io_write(out.fd, "new", 3));
	assert_ok(kprof_outfile_commit(&out));
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_content(place->path, "new");
}

static void directory_is_refused(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct place *place = *state;
	char path[128];

	assert_errno(kprof_outfile_open(&out, place->directory), -EISDIR);
	snprintf(path, sizeof(path), "%s/no/", place->directory);
	assert_errno(kprof_outfile_open(&out, path), -EISDIR);
	snprintf(path, sizeof(path), "%s/no/file", place->directory);
	assert_errno(kprof_outfile_open(&out, path), -ENOENT);
	assert_errno(kprof_outfile_open(&out, ""), -ENOENT);
	assert_nr_files(place, 0);
}

static void unwritable_place_is_refused(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;

	(void)state;
	/* Nobody can create files there, root neither. */
	assert_true(kprof_outfile_open(&out, "/proc/self/file") < 0);
	assert_int_equal(out.fd, -1);
}

static void full_disk_leaves_the_old_file(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct rlimit before, limit;
	struct place *place = *state;
	char data[8192] = {};

	write_file(place->path, "old");
	assert_ok(kprof_outfile_open(&out, place->path));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 4096;
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_errno(kprof_io_write(out.fd, data, sizeof(data)), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	kprof_outfile_abort(&out);
	assert_content(place->path, "old");
	assert_nr_files(place, 1);
}

static void longest_name_has_room_for_a_temporary_one(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct place *place = *state;
	char path[512];
	int len = snprintf(path, sizeof(path), "%s/", place->directory);

	memset(path + len, 'n', 255);
	path[len + 255] = '\0';
	assert_ok(kprof_outfile_open(&out, path));
	assert_ok(kprof_outfile_commit(&out));
	assert_content(path, "");
	assert_nr_files(place, 1);
}

static void device_is_written_directly(void **state)
{
	struct kprof_outfile out = KPROF_OUTFILE_INIT;

	(void)state;
	assert_ok(kprof_outfile_open(&out, "/dev/full"));
	assert_null(out.temporary_path);
	assert_errno(kprof_io_write(out.fd, "x", 1), -ENOSPC);
	kprof_outfile_abort(&out);
	assert_ok(kprof_outfile_open(&out, "/dev/null"));
	assert_ok(kprof_outfile_commit(&out));
}

#define test(name) \
	cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(new_file_appears_when_committed),
		test(old_file_stays_when_aborted),
		test(replaced_file_keeps_its_mode),
		test(link_is_followed),
		test(directory_is_refused),
		test(unwritable_place_is_refused),
		test(full_disk_leaves_the_old_file),
		test(longest_name_has_room_for_a_temporary_one),
		test(device_is_written_directly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
