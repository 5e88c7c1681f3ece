// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of binary.c: which file is opened for a mapping, with this program as
 * the one that is profiled.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/binary.h"

#include "container.h"
#include "lib/elf_file.h"
#include "util/io.h"

#include <fcntl.h>
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

/* Containers: the same path leads to another file */

static char place[64];
static char program[sizeof(place) + 16];

static void make_place(void)
{
	strcpy(place, "/tmp/kprof-binary-XXXXXX");
	assert_non_null(mkdtemp(place));
}

static void copy(const char *from)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(program, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	char *data;
	size_t size;

	if (in < 0 || out < 0 || kprof_io_read_all(in, 1 << 30, &data, &size) ||
	    kprof_io_write(out, data, size))
		_exit(1);
	free(data);
	close(in);
	close(out);
}

/* Here it is the shell, there it is this program. */
static void replace_program(void)
{
	if (mount("tmpfs", place, "tmpfs", 0, NULL))
		_exit(1);
	copy("/proc/self/exe");
}

static bool start_with_other_program(struct container *container)
{
	make_place();
	snprintf(program, sizeof(program), "%s/program", place);
	copy("/bin/sh");
	return container_start(container, replace_program);
}

static void stop_with_other_program(const struct container *container)
{
	container_stop(container);
	unlink(program);
	rmdir(place);
}

static void give_up_on_program(void)
{
	unlink(program);
	rmdir(place);
	skip();
}

static void file_of_a_container_is_found_in_its_root(void **state)
{
	struct container container;
	struct kprof_elf_file *elf;
	int fd;

	(void)state;
	if (!start_with_other_program(&container))
		give_up_on_program();
	fd = open_as(program, &ours, false, container.pid);
	assert_true(fd >= 0);
	assert_int_equal(kprof_elf_file_open_fd(fd, &elf), 0);
	assert_int_equal(strlen(elf->build_id), 2 * ours.build_id_bytes);
	assert_string_equal(elf->build_id, binaries.all.data[0].build_id);
	kprof_elf_file_close(elf);
	stop_with_other_program(&container);
	/* And it is not the one at that path here when it has gone. */
	teardown(NULL);
	assert_int_equal(open_as("/bin/sh", &ours, false, container.pid), -1);
}

static void file_of_a_container_is_told_by_its_inode(void **state)
{
	struct kprof_event_mmap theirs = {};
	struct container container;
	char inside[128];
	struct stat st;
	int fd;

	(void)state;
	if (!start_with_other_program(&container))
		give_up_on_program();
	snprintf(inside, sizeof(inside), "/proc/%d/root%s", container.pid,
		 program);
	assert_int_equal(stat(inside, &st), 0);
	theirs.inode = st.st_ino;
	theirs.dev_major = major(st.st_dev);
	theirs.dev_minor = minor(st.st_dev);
	assert_int_equal(open_as(program, &theirs, false, 0), -1);
	fd = open_as(program, &theirs, false, container.pid);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_ino, theirs.inode);
	stop_with_other_program(&container);
}

/* Memory of processes, and their jitdumps */

static uint32_t add_in(uint32_t space_id, const char *path)
{
	struct kprof_event_mmap mmap = {
		.space_id = space_id,
		.path = path,
		.path_bytes = strlen(path),
		.inode = 7,
		.dev_minor = 1,
	};
	uint32_t nr;

	assert_int_equal(kprof_binaries_add(&binaries, &mmap, &nr), 0);
	return nr;
}

static void memory_is_the_process_s_own(void **state)
{
	static const char *const paths[] = {"/memfd:code", "/SYSV00000000",
					    "/dev/zero"};

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(add_in(1, paths[i]), 2 * i);
		assert_int_equal(add_in(2, paths[i]), 2 * i + 1);
		assert_int_equal(binaries.all.data[2 * i + 1].space_id, 2);
	}
	assert_int_equal(add_in(1, "/lib/file"), 6);
	assert_int_equal(add_in(2, "/lib/file"), 6);
	assert_int_equal(binaries.all.data[6].space_id, 0);
}

static void program_in_a_memfd_is_a_file(void **state)
{
	(void)state;
	open_as("/memfd:program", &ours, true, 0);
	assert_int_equal(binaries.all.data[0].space_id, 0);
}

/* They are counted anew in each file system. */
static void memory_is_not_told_by_its_inode(void **state)
{
	struct kprof_event_mmap mmap = {
		.space_id = 1,
		.inode = our_stat.st_ino,
	};

	(void)state;
	assert_int_equal(open_as("/memfd:code", &mmap, true, getpid()), -1);
}

static int open_dump(const char *name, uint32_t magic, uint64_t more_inode)
{
	uint32_t header[10] = {magic, 1, sizeof(header)};
	struct kprof_event_mmap mmap = {};
	char path[128];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", place, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(kprof_io_write(fd, header, sizeof(header)), 0);
	assert_int_equal(fstat(fd, &st), 0);
	close(fd);
	mmap.inode = st.st_ino + more_inode;
	mmap.dev_major = major(st.st_dev);
	mmap.dev_minor = minor(st.st_dev);
	fd = open_as(path, &mmap, false, 0);
	unlink(path);
	return fd;
}

static void jitdump_is_opened_if_it_is_that(void **state)
{
	const uint32_t magic = 0x4a695444;

	(void)state;
	make_place();
	assert_int_equal(open_dump("jit-12.dump", magic + 1, 0), -1);
	assert_int_equal(open_dump("jit-13.dump", magic, 1), -1);
	assert_int_equal(open_dump("jit-14.dumps", magic, 0), -1);
	assert_int_equal(open_dump("jit-.dump", magic, 0), -1);
	assert_true(open_dump("jit-15.dump", magic, 0) >= 0);
	assert_true(binaries.all.data[4].is_jitdump);
	assert_int_equal(rmdir(place), 0);
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
		test(file_of_a_container_is_found_in_its_root),
		test(file_of_a_container_is_told_by_its_inode),
		test(memory_is_the_process_s_own),
		test(program_in_a_memfd_is_a_file),
		test(memory_is_not_told_by_its_inode),
		test(jitdump_is_opened_if_it_is_that),
	};

	return cmocka_run_group_tests(tests, setup_group, NULL);
}
