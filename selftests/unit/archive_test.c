// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of archive.c: which files go into an archive, under which names.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include "elf_image.h"
#include "lib/elf_file.h"
#include "lib/sym_vdso.h"
#include "util/io.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"

#define OTHER_ID "00112233445566778899"

static char dir[64];
static char path[256];
static struct kprof_profile *profile;
static struct kprof_archive_summary summary;
static char said[1024];

static int setup(void **state)
{
	(void)state;
	test_make_directory(dir);
	said[0] = '\0';
	return kprof_profile_create(&profile);
}

static int teardown(void **state)
{
	(void)state;
	kprof_profile_destroy(profile);
	test_remove_directory(dir);
	return 0;
}

static char *in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_file(const char *name, const void *data, size_t size)
{
	char command[512];
	int fd;

	in_dir(name);
	snprintf(command, sizeof(command), "mkdir -p $(dirname %s)", path);
	assert_int_equal(system(command), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_ok(kprof_io_write(fd, data, size));
	close(fd);
}

static void write_image(const char *name)
{
	static const struct image_symbol symbols[] = {
		{"first", IMAGE_TEXT_VADDR, 16, LOCAL_FUNC, 0},
	};
	struct elf_image image;

	image_init(&image, SHT_SYMTAB, symbols, 1);
	write_file(name, &image, sizeof(image));
}

static void add_mapping(const char *filename, const char *build_id)
{
	struct kprof_mapping mapping = {
		.start = 0x10000,
		.limit = 0x20000,
		.filename = filename,
		.build_id = build_id,
		.fd = -1,
	};
	uint32_t nr;

	assert_ok(kprof_profile_add_mapping(profile, &mapping, &nr));
}

static void remember(const struct kprof_mapping *mapping, const char *reason,
		     void *context)
{
	(void)context;
	snprintf(said + strlen(said), sizeof(said) - strlen(said), "%s: %s\n",
		 mapping->filename, reason);
}

/* What tar(1) lists. */
static const char *archive(const char *symbol_dir)
{
	static char list[4096];
	char command[256];
	struct kprof_archive_options options = {
		.symbol_dirs = &symbol_dir,
		.nr_symbol_dirs = symbol_dir ? 1 : 0,
		.debug_dirs = (const char *const[]){dir},
		.nr_debug_dirs = 1,
		.missing = remember,
	};
	int fd = open(in_dir("out.tar"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	FILE *tar;
	size_t size;

	assert_true(fd >= 0);
	assert_ok(kprof_archive_write(profile, &options, fd, &summary));
	close(fd);
	snprintf(command, sizeof(command), "tar -tf %s/out.tar 2>&1", dir);
	tar = popen(command, "r");
	assert_non_null(tar);
	size = fread(list, 1, sizeof(list) - 1, tar);
	list[size] = '\0';
	assert_int_equal(pclose(tar), 0);
	return list;
}

/* "ab/cdef" and what is before and after it. */
static const char *spread(const char *before, const char *after)
{
	static char name[256];

	snprintf(name, sizeof(name), "%s%.2s/%s%s", before, image_build_id,
		 image_build_id + 2, after);
	return name;
}

static void binary_is_stored_by_its_build_id(void **state)
{
	char expected[256];

	(void)state;
	write_image("bin/program");
	add_mapping(in_dir("bin/program"), image_build_id);
	/* Its second part, and what has no file. */
	add_mapping(in_dir("bin/program"), image_build_id);
	add_mapping("[vdso]", "");
	add_mapping("//anon", "");
	add_mapping("", "");
	snprintf(expected, sizeof(expected), "%s/program\n", image_build_id);
	assert_string_equal(archive(NULL), expected);
	assert_int_equal(summary.nr_files, 1);
	assert_int_equal(summary.nr_binaries, 1);
	assert_int_equal(summary.nr_missing, 0);
	assert_string_equal(said, "");
}

static void other_file_at_the_path_is_not_taken(void **state)
{
	(void)state;
	write_image("bin/program");
	add_mapping(in_dir("bin/program"), OTHER_ID);
	add_mapping("/nonexistent/gone", OTHER_ID "aa");
	add_mapping("/bin/sh", "");
	add_mapping("/bin/ls", "../../etc");
	assert_string_equal(archive(NULL), "");
	assert_int_equal(summary.nr_missing, 4);
	assert_non_null(strstr(said, "bin/program: the file there is another"));
	assert_non_null(strstr(said, "gone: not found"));
	assert_non_null(strstr(said, "/bin/sh: the profile has no build-id"));
	assert_non_null(strstr(said, "/bin/ls: the profile has no build-id"));
}

static void binary_is_found_below_a_directory_of_symbols(void **state)
{
	static const char *const places[] = {"usr/bin/program", "program",
					     "%s/program"};
	char expected[256], place[256];

	(void)state;
	snprintf(expected, sizeof(expected), "%s/program\n", image_build_id);
	add_mapping("/usr/bin/program", image_build_id);
	for (int i = 0; i < 3; i++) {
		snprintf(place, sizeof(place), places[i], image_build_id);
		write_image(place);
		assert_string_equal(archive(dir), expected);
		assert_int_equal(unlink(in_dir(place)), 0);
		unlink(in_dir("out.tar"));
	}
	assert_string_equal(archive(dir), "");
}

static void debug_file_is_stored_as_it_is_found(void **state)
{
	char expected[256];

	(void)state;
	write_image(spread(".build-id/", ".debug"));
	add_mapping("/nonexistent/program", image_build_id);
	snprintf(expected, sizeof(expected), "%s\n",
		 spread(".build-id/", ".debug"));
	assert_string_equal(archive(NULL), expected);
	assert_int_equal(summary.nr_missing, 0);
}

/* Where the map of the program is looked for, whoever's it is. */
static void write_map(const char *build_id)
{
	static const char text[] = "0000000000001000 0000000000000010 T work\n";
	struct kprof_gsym_writer *writer;

	/* Makes the directory. */
	write_file(spread("", ".gsym"), "", 0);
	assert_ok(kprof_gsym_import(text, strlen(text), build_id, &writer));
	assert_ok(kprof_gsym_writer_save(writer, in_dir(spread("", ".gsym"))));
	kprof_gsym_writer_destroy(writer);
}

/* Nowhere else can it be had. */
static void vdso_of_this_kernel_is_stored(void **state)
{
	char expected[256], command[512];
	struct kprof_elf_file *own;

	(void)state;
	if (kprof_vdso_open(&own))
		skip();
	add_mapping("[vdso]", OTHER_ID);
	assert_string_equal(archive(NULL), "");
	unlink(in_dir("out.tar"));
	add_mapping("[vdso]", own->build_id);
	snprintf(expected, sizeof(expected), "%s/vdso.so\n", own->build_id);
	assert_string_equal(archive(NULL), expected);
	snprintf(command, sizeof(command), "tar -xf %s/out.tar -C %s", dir,
		 dir);
	assert_int_equal(system(command), 0);
	write_file("own", own->memory, own->size);
	snprintf(command, sizeof(command), "cmp %s/own %s/%s/vdso.so", dir, dir,
		 own->build_id);
	assert_int_equal(system(command), 0);
	kprof_elf_file_close(own);
}

static void map_of_symbols_must_have_the_build_id(void **state)
{
	char expected[256];

	(void)state;
	add_mapping("/nonexistent/program", image_build_id);
	write_map(image_build_id);
	snprintf(expected, sizeof(expected), "%s\n", spread("", ".gsym"));
	assert_string_equal(archive(dir), expected);
	unlink(in_dir("out.tar"));
	write_map(OTHER_ID);
	assert_string_equal(archive(dir), "");
	assert_int_equal(summary.nr_missing, 1);
}

static void names_of_a_profile_do_not_lead_out_of_the_archive(void **state)
{
	char expected[256];

	(void)state;
	write_image("x");
	assert_int_equal(symlink("x", in_dir("..x")), 0);
	snprintf(path, sizeof(path), "%s/x/../..x", dir);
	add_mapping(path, image_build_id);
	snprintf(expected, sizeof(expected), "%s/..x\n", image_build_id);
	assert_string_equal(archive(dir), expected);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(binary_is_stored_by_its_build_id),
		test(other_file_at_the_path_is_not_taken),
		test(binary_is_found_below_a_directory_of_symbols),
		test(debug_file_is_stored_as_it_is_found),
		test(vdso_of_this_kernel_is_stored),
		test(map_of_symbols_must_have_the_build_id),
		test(names_of_a_profile_do_not_lead_out_of_the_archive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
