// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of binary.c: which file is opened for a mapping, with this program as
 * the one that is profiled.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/binary.h"

#include "lib/elf_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <cmocka.h>

static struct kprof_binaries binaries;
static struct kprof_event_mmap ours;
static struct stat our_stat;

static unsigned int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static int setup_group(void **state)
{
	struct kprof_elf_file *elf;
	const char *hex;

	(void)state;
	if (kprof_elf_file_open("/proc/self/exe", &elf) ||
	    stat("/proc/self/exe", &our_stat))
		return -1;
	ours.inode = our_stat.st_ino;
	ours.dev_major = major(our_stat.st_dev);
	ours.dev_minor = minor(our_stat.st_dev);
	for (hex = elf->build_id; hex[0] && hex[1]; hex += 2)
		ours.build_id[ours.build_id_bytes++] =
			digit(hex[0]) << 4 | digit(hex[1]);
	kprof_elf_file_close(elf);
	return ours.build_id_bytes ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	kprof_binaries_deinit(&binaries);
	binaries = (struct kprof_binaries){};
	return 0;
}

/* Adds a mapping of ours under another path; tries to open its file. */
static int open_as(const char *path, const struct kprof_event_mmap *from,
		   bool is_deleted, int32_t pid)
{
	struct kprof_event_mmap mmap = *from;
	uint32_t nr;

	mmap.path = path;
	mmap.path_bytes = strlen(path);
	assert_int_equal(kprof_binaries_add(&binaries, &mmap, &nr), 0);
	kprof_binaries_open(&binaries, nr,
			    &(struct kprof_binary_hint){
				    .pid = pid,
				    .is_deleted = is_deleted,
			    });
	return binaries.all.data[nr].fd;
}

static void assert_is_ours(int fd)
{
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_ino, our_stat.st_ino);
}

static void file_at_its_path_is_opened(void **state)
{
	(void)state;
	assert_is_ours(open_as("/proc/self/exe", &ours, false, 0));
	assert_int_equal(binaries.nr_open, 1);
}

static void other_file_at_the_path_is_not_taken(void **state)
{
	(void)state;
	assert_int_equal(open_as("/bin/sh", &ours, false, 0), -1);
	assert_int_equal(open_as("/etc/passwd", &ours, false, 0), -1);
	assert_int_equal(open_as("/", &ours, false, 0), -1);
	assert_int_equal(binaries.nr_open, 0);
}

static void deleted_program_is_opened_through_its_process(void **state)
{
	(void)state;
	assert_is_ours(open_as("/gone", &ours, true, getpid()));
}

static void replaced_program_is_opened_through_its_process(void **state)
{
	(void)state;
	assert_is_ours(open_as("/bin/sh", &ours, false, getpid()));
}

static void process_that_came_later_helps(void **state)
{
	(void)state;
	assert_int_equal(open_as("/gone", &ours, true, 0), -1);
	assert_is_ours(open_as("/gone2", &ours, true, getpid()));
	assert_int_equal(binaries.all.nr, 1);
}

static void file_without_known_build_id_must_be_the_inode(void **state)
{
	struct kprof_event_mmap mmap = ours;

	(void)state;
	mmap.build_id_bytes = 0;
	assert_int_equal(open_as("/bin/sh", &mmap, false, 0), -1);
	assert_is_ours(open_as("/proc/self/exe", &mmap, false, 0));
	/* What the kernel could not read is read here. */
	assert_int_equal(strlen(binaries.all.data[1].build_id),
			 2 * ours.build_id_bytes);
	assert_true(binaries.all.data[1].is_known_by_path);
	/* It is found again as it was known. */
	open_as("/proc/self/exe", &mmap, false, 0);
	assert_int_equal(binaries.all.nr, 2);
	mmap.inode++;
	assert_int_equal(open_as("/proc/self/exe", &mmap, false, 0), -1);
}

static void relative_path_is_nobody_s(void **state)
{
	(void)state;
	assert_int_equal(chdir("/proc/self"), 0);
	assert_int_equal(open_as("exe", &ours, false, 0), -1);
}

static void what_is_no_file_is_not_opened(void **state)
{
	struct kprof_event_mmap mmap = ours;

	(void)state;
	mmap.is_special = true;
	assert_int_equal(open_as("/proc/self/exe", &mmap, false, getpid()), -1);
}

static void descriptors_are_bounded(void **state)
{
	struct kprof_event_mmap mmap = ours;

	(void)state;
	binaries.max_open = 3;
	for (int i = 0; i < 10; i++) {
		/* Without a build-id each path is a file of its own. */
		char path[64];

		mmap.build_id_bytes = 0;
		snprintf(path, sizeof(path), "/proc/%d/./%.*sexe", getpid(),
			 2 * i, "././././././././././");
		open_as(path, &mmap, false, 0);
	}
	assert_int_equal(binaries.all.nr, 10);
	assert_int_equal(binaries.nr_open, 3);
}

#define test(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(file_at_its_path_is_opened),
		test(other_file_at_the_path_is_not_taken),
		test(deleted_program_is_opened_through_its_process),
		test(replaced_program_is_opened_through_its_process),
		test(process_that_came_later_helps),
		test(file_without_known_build_id_must_be_the_inode),
		test(relative_path_is_nobody_s),
		test(what_is_no_file_is_not_opened),
		test(descriptors_are_bounded),
	};

	return cmocka_run_group_tests(tests, setup_group, NULL);
}
