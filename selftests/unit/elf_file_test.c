// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of elf_file.c: good files, odd files, and what is no file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/elf_file.h"

#include "elf_image.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static struct elf_image image;

static struct kprof_elf_file *open_image(void)
{
	struct kprof_elf_file *file;

	assert_int_equal(
		kprof_elf_file_open_memory(&image, sizeof(image), &file), 0);
	return file;
}

static void build_id_is_read_from_section(void **state)
{
	struct kprof_elf_file *file;

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	file = open_image();
	assert_string_equal(file->build_id, image_build_id);
	assert_int_equal(file->machine, EM_X86_64);
	kprof_elf_file_close(file);
}

static void build_id_is_read_without_sections(void **state)
{
	struct kprof_elf_file *file;

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	image.ehdr.e_shnum = 0;
	image.ehdr.e_shoff = 0;
	image.phdr[0].p_type = PT_NOTE;
	image.phdr[0].p_offset = offsetof(struct elf_image, note);
	image.phdr[0].p_filesz = sizeof(image.note);
	file = open_image();
	assert_string_equal(file->build_id, image_build_id);
	kprof_elf_file_close(file);
}

static void oversized_build_id_is_none(void **state)
{
	struct kprof_elf_file *file;

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	image.note.header.n_descsz = KPROF_ELF_BUILD_ID_MAX + 1;
	image.shdr[IMAGE_NOTE].sh_size = 512;
	file = open_image();
	assert_string_equal(file->build_id, "");
	kprof_elf_file_close(file);
}

static void build_id_is_read_from_plain_notes(void **state)
{
	char build_id[KPROF_ELF_BUILD_ID_HEX];

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	assert_int_equal(kprof_elf_notes_build_id(&image.note,
						  sizeof(image.note), build_id),
			 0);
	assert_string_equal(build_id, image_build_id);
	for (size_t size = 0; size < sizeof(image.note); size++)
		assert_int_equal(
			kprof_elf_notes_build_id(&image.note, size, build_id),
			-ENOENT);
}

static void code_wins_where_segments_share_bytes(void **state)
{
	struct kprof_elf_file *file;
	uint64_t vaddr;

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	file = open_image();
	assert_int_equal(
		kprof_elf_file_vaddr(file, IMAGE_TEXT_OFFSET + 5, &vaddr), 0);
	assert_int_equal(vaddr, IMAGE_TEXT_VADDR + 5);
	assert_int_equal(kprof_elf_file_vaddr(file, 7, &vaddr), 0);
	assert_int_equal(vaddr, 0x400007);
	assert_int_equal(kprof_elf_file_vaddr(file, sizeof(image), &vaddr),
			 -ENOENT);
	kprof_elf_file_close(file);
}

static void segment_is_found_by_size(void **state)
{
	struct kprof_elf_file *file;
	uint64_t vaddr;

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	image.phdr[1].p_offset = 0;
	image.phdr[1].p_filesz = 0;
	image.phdr[1].p_vaddr = IMAGE_TEXT_VADDR + 0x10;
	file = open_image();
	assert_int_equal(kprof_elf_file_vaddr_by_size(file, 0x1000, &vaddr), 0);
	assert_int_equal(vaddr, IMAGE_TEXT_VADDR);
	assert_int_equal(kprof_elf_file_vaddr_by_size(file, 0x2000, &vaddr),
			 -ENOENT);
	kprof_elf_file_close(file);
}

static void two_segments_of_a_size_are_ambiguous(void **state)
{
	struct kprof_elf_file *file;
	uint64_t vaddr;

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	image.phdr[0] = image.phdr[1];
	file = open_image();
	assert_int_equal(kprof_elf_file_vaddr_by_size(file, 0x1000, &vaddr),
			 -ENOENT);
	kprof_elf_file_close(file);
}

static void extended_section_numbers_are_refused(void **state)
{
	struct kprof_elf_file *file;

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	image.ehdr.e_shnum = 0;
	image.shdr[0].sh_size = IMAGE_NR_SECTIONS;
	assert_int_equal(
		kprof_elf_file_open_memory(&image, sizeof(image), &file),
		-ENOEXEC);
}

static void reads_stop_at_the_end(void **state)
{
	struct kprof_elf_file *file;
	char buf[16];

	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	file = open_image();
	assert_int_equal(kprof_elf_file_read(file, sizeof(image) - 4, buf, 16),
			 4);
	assert_int_equal(kprof_elf_file_read(file, sizeof(image), buf, 16), 0);
	assert_int_equal(kprof_elf_file_read(file, UINT64_MAX, buf, 16), 0);
	kprof_elf_file_close(file);
}

static void truncated_files_are_safe(void **state)
{
	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	for (size_t size = 0; size < sizeof(image);
	     size += size < 512 ? 1 : 64) {
		void *copy = malloc(size + 1);
		struct kprof_elf_file *file;
		uint64_t vaddr;

		memcpy(copy, &image, size);
		if (!kprof_elf_file_open_memory(copy, size, &file)) {
			kprof_elf_file_vaddr(file, 0x1000, &vaddr);
			kprof_elf_file_close(file);
		}
		free(copy);
	}
}

static void refuse(const char *path, int expected)
{
	struct kprof_elf_file *file;
	int err = kprof_elf_file_open(path, &file);

	if (err != expected)
		fail_msg("%s: expected %d, got %d", path, expected, err);
}

static void only_regular_elf_files_are_opened(void **state)
{
	char dir[] = "/tmp/kprof-elf-XXXXXX";
	char path[64];
	FILE *text;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/x", dir);
	refuse(path, -ENOENT);
	refuse(dir, -EINVAL);
	refuse("/dev/zero", -EINVAL);
	/* Would wait for a writer for ever. */
	assert_int_equal(mkfifo(path, 0600), 0);
	refuse(path, -EINVAL);
	unlink(path);
	text = fopen(path, "w");
	refuse(path, -ENOEXEC);
	fputs("#!/bin/sh\necho this is no program\n", text);
	fclose(text);
	refuse(path, -ENOEXEC);
	unlink(path);
	rmdir(dir);
}

static void program_itself_is_readable(void **state)
{
	struct kprof_elf_file *by_path, *by_fd;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(kprof_elf_file_open("/proc/self/exe", &by_path), 0);
	assert_int_equal(kprof_elf_file_open_fd(fd, &by_fd), 0);
	assert_true(by_path->nr_segments > 0);
	assert_string_equal(by_path->build_id, by_fd->build_id);
	kprof_elf_file_close(by_fd);
	kprof_elf_file_close(by_path);
	/* It was ours: closing the file has not closed it. */
	assert_int_equal(close(fd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(build_id_is_read_from_section),
		cmocka_unit_test(build_id_is_read_without_sections),
		cmocka_unit_test(oversized_build_id_is_none),
		cmocka_unit_test(build_id_is_read_from_plain_notes),
		cmocka_unit_test(code_wins_where_segments_share_bytes),
		cmocka_unit_test(segment_is_found_by_size),
		cmocka_unit_test(two_segments_of_a_size_are_ambiguous),
		cmocka_unit_test(extended_section_numbers_are_refused),
		cmocka_unit_test(reads_stop_at_the_end),
		cmocka_unit_test(truncated_files_are_safe),
		cmocka_unit_test(only_regular_elf_files_are_opened),
		cmocka_unit_test(program_itself_is_readable),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
