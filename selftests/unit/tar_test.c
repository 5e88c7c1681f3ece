// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of tar.c, with tar(1) as the reader.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/tar.h"

#include "util/io.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "test.h"

enum {
	/* What a header has room for. */
	SHORT_NAME = 100,
};

static char dir[64];
static char path[2048];

static int setup(void **state)
{
	(void)state;
	test_make_directory(dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_remove_directory(dir);
	return 0;
}

static char *in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int create_tar(void)
{
	int fd = open(in_dir("tar"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static int file_with(const char *data, size_t size)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_ok(kprof_io_write(fd, data, size));
	return fd;
}

static void add(int tar, const char *name, const char *data, size_t size)
{
	int fd = file_with(data, size);

	assert_ok(kprof_tar_add(tar, name, fd));
	close(fd);
}

/* tar(1) must have nothing to say. */
static void unpack(int tar)
{
	char command[256];

	assert_ok(kprof_tar_finish(tar));
	close(tar);
	snprintf(command, sizeof(command),
		 "cd %s && tar -xf tar > said 2>&1 && ! test -s said", dir);
	assert_int_equal(system(command), 0);
}

static void assert_unpacked(const char *name, const char *data, size_t size)
{
	int fd = open(in_dir(name), O_RDONLY | O_CLOEXEC);
	size_t got_size;
	char *got;

	if (fd < 0)
		fail_msg("%s was not unpacked", name);
	assert_ok(kprof_io_read_all(fd, 1 << 20, &got, &got_size));
	assert_int_equal(got_size, size);
	assert_memory_equal(got, data, size);
	free(got);
	close(fd);
}

static void files_of_any_size_come_out_as_they_went_in(void **state)
{
	static const size_t sizes[] = {0, 1, 511, 512, 513, 200000};
	static char data[200000];
	int tar = create_tar();
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7);
	for (size_t i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "some/dir/%zu", sizes[i]);
		add(tar, name, data, sizes[i]);
	}
	unpack(tar);
	for (size_t i = 0; i < 6; i++) {
		snprintf(name, sizeof(name), "some/dir/%zu", sizes[i]);
		assert_unpacked(name, data, sizes[i]);
	}
}

static void long_names_are_kept(void **state)
{
	/* Around the limit, and where the length gets another digit. */
	static const size_t lengths[] = {99, SHORT_NAME, 101, 990, 991, 992};
	int tar = create_tar();
	char name[1024];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		memset(name, 'a' + (int)i, sizeof(name));
		for (size_t at = 50; at < lengths[i] - 1; at += 50)
			name[at] = '/';
		name[lengths[i]] = '\0';
		add(tar, name, name, lengths[i]);
	}
	unpack(tar);
	for (size_t i = 0; i < 6; i++) {
		memset(name, 'a' + (int)i, sizeof(name));
		for (size_t at = 50; at < lengths[i] - 1; at += 50)
			name[at] = '/';
		name[lengths[i]] = '\0';
		assert_unpacked(name, name, lengths[i]);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	int tar = create_tar();
	int fd = memfd_create("file", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(ftruncate(fd, 8LL << 30), 0);
	assert_errno(kprof_tar_add(tar, "huge", fd), -EFBIG);
	assert_errno(kprof_tar_add(tar, "none", -1), -EBADF);
	close(fd);
	close(tar);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(files_of_any_size_come_out_as_they_went_in),
		test(long_names_are_kept),
		test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
