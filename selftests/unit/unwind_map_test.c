// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of unwind maps, of directories with them and of the cache: what was
 * written comes back, and what is damaged or somebody else's does not.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/unwind_map.h"

#include "kmod/unwind_table.h"
#include "lib/unwind_cache.h"
#include "test.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char build_id[] = "0123456789abcdef0123456789abcdef01234567";

static char directory[64];

/* A table with one row. */
static struct kprof_unwind_image make_image(void)
{
	static struct {
		struct kprof_unwind_table header;
		struct kprof_unwind_rule rules[2];
		uint32_t first_rows[2];
		struct kprof_unwind_row rows[2];
	} table = {
		.header = {.magic = KPROF_UNWIND_MAGIC,
			   .machine = KPROF_UNWIND_X86_64,
			   .bytes = sizeof(table),
			   .nr_pages = 1,
			   .nr_rows = 2,
			   .nr_rules = 2},
		.rules = {{}, {.cfa = KPROF_CFA_OUTERMOST}},
		.first_rows = {0, 2},
		.rows = {{16, 1}, {32, 0}},
	};
	struct kprof_unwind_image image = {
		.table = &table.header,
		.bytes = sizeof(table),
		.stats = {.text_bytes = 100,
			  .source_bytes = {[KPROF_UNWIND_EXIDX] = 16}},
	};

	strcpy(image.build_id, build_id);
	return image;
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void change_byte(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte = (char)(byte ^ 0x10);
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

static void what_was_written_comes_back(void **state)
{
	struct kprof_unwind_image image = make_image(), got;
	const char *path = path_of("a.kuw");

	(void)state;
	assert_ok(kprof_unwind_map_save(&image, path));
	assert_ok(kprof_unwind_map_open(path, &got));
	assert_int_equal(got.bytes, image.bytes);
	assert_memory_equal(got.table, image.table, image.bytes);
	assert_memory_equal(&got.stats, &image.stats, sizeof(got.stats));
	assert_string_equal(got.build_id, build_id);
	assert_int_equal(kprof_unwind_known_bytes(&got.stats), 16);
	kprof_unwind_image_deinit(&got);
}

static void any_changed_byte_is_found(void **state)
{
	struct kprof_unwind_image image = make_image(), got;
	const char *path = path_of("b.kuw");
	size_t size = sizeof(struct kprof_unwind_map) + image.bytes;

	(void)state;
	for (size_t i = 0; i < size; i++) {
		int err;

		assert_ok(kprof_unwind_map_save(&image, path));
		change_byte(path, (off_t)i);
		err = kprof_unwind_map_open(path, &got);
		if (err != -EBADMSG && err != -ENOEXEC &&
		    err != -EPROTONOSUPPORT)
			fail_msg("byte %zu: expected a refusal, got %d", i,
				 err);
	}
	for (size_t i = 0; i < size; i++) {
		assert_ok(truncate(path, (off_t)(size - 1 - i)));
		assert_int_not_equal(kprof_unwind_map_open(path, &got), 0);
	}
}

static void only_regular_files_are_read(void **state)
{
	struct kprof_unwind_image got;

	(void)state;
	assert_ok(mkfifo(path_of("fifo.kuw"), 0600));
	assert_errno(kprof_unwind_map_open(path_of("fifo.kuw"), &got), -EINVAL);
	assert_errno(kprof_unwind_map_open(directory, &got), -EISDIR);
	assert_errno(kprof_unwind_map_open(path_of("none.kuw"), &got), -ENOENT);
}

/* Directories */

static int get(const char *wanted, const struct kprof_unwind_options *options,
	       struct kprof_unwind_image *ret)
{
	const struct kprof_mapping mapping = {
		.filename = "/nonexistent/program",
		.build_id = wanted,
		.fd = -1,
	};

	return kprof_unwind_get(&mapping, options, ret);
}

static void maps_are_found_in_a_tree_and_flat(void **state)
{
	const char *dirs[] = {directory};
	const struct kprof_unwind_options options = {
		.symbol_dirs = dirs,
		.nr_symbol_dirs = 1,
		.no_cache = true,
	};
	struct kprof_unwind_image image = make_image(), got;
	char name[128];

	(void)state;
	assert_errno(get(build_id, &options, &got), -ENOENT);
	snprintf(name, sizeof(name), "%s.kuw", build_id);
	assert_ok(kprof_unwind_map_save(&image, path_of(name)));
	assert_ok(get(build_id, &options, &got));
	assert_int_equal(got.origin, KPROF_UNWIND_FROM_MAP);
	kprof_unwind_image_deinit(&got);
	assert_ok(unlink(path_of(name)));

	assert_ok(mkdir(path_of("01"), 0700));
	snprintf(name, sizeof(name), "01/%s.kuw", build_id + 2);
	assert_ok(kprof_unwind_map_save(&image, path_of(name)));
	assert_ok(get(build_id, &options, &got));
	kprof_unwind_image_deinit(&got);
}

static void map_of_another_binary_is_not_used(void **state)
{
	static const char other[] = "1123456789abcdef";
	const char *dirs[] = {directory};
	const struct kprof_unwind_options options = {
		.symbol_dirs = dirs,
		.nr_symbol_dirs = 1,
		.no_cache = true,
	};
	struct kprof_unwind_image image = make_image(), got;
	char name[128];

	(void)state;
	snprintf(name, sizeof(name), "%s.kuw", other);
	assert_ok(kprof_unwind_map_save(&image, path_of(name)));
	assert_errno(get(other, &options, &got), -ENOENT);
	assert_errno(get("../../etc/passwd", &options, &got), -ENOENT);
}

/* The cache */

static const char *cached_path(void)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/kprof/unwind/%s.kuw", directory,
		 build_id);
	return path;
}

static void cache_gives_back_what_was_put_in(void **state)
{
	struct kprof_unwind_image image = make_image(), got;

	(void)state;
	assert_errno(kprof_unwind_cache_get(build_id, &got), -ENOENT);
	kprof_unwind_cache_put(&image);
	assert_ok(kprof_unwind_cache_get(build_id, &got));
	assert_int_equal(got.origin, KPROF_UNWIND_FROM_CACHE);
	assert_memory_equal(got.table, image.table, image.bytes);
	kprof_unwind_image_deinit(&got);
}

static void damaged_or_older_entry_of_the_cache_is_none(void **state)
{
	struct kprof_unwind_image image = make_image(), got;

	(void)state;
	kprof_unwind_cache_put(&image);
	change_byte(cached_path(), 300);
	assert_errno(kprof_unwind_cache_get(build_id, &got), -ENOENT);
	kprof_unwind_cache_put(&image);
	assert_ok(kprof_unwind_cache_get(build_id, &got));
	kprof_unwind_image_deinit(&got);
}

static void cache_that_others_can_write_is_not_used(void **state)
{
	struct kprof_unwind_image image = make_image(), got;
	char *path = strdup(cached_path());

	(void)state;
	kprof_unwind_cache_put(&image);
	*strrchr(path, '/') = '\0';
	assert_ok(chmod(path, 0777));
	assert_errno(kprof_unwind_cache_get(build_id, &got), -ENOENT);
	assert_ok(chmod(path, 0700));
	free(path);
}

static void put_file(const char *name, size_t size, time_t used)
{
	const struct timespec times[2] = {{.tv_sec = used}, {.tv_sec = used}};
	int fd = open(path_of(name), O_WRONLY | O_CREAT, 0600);

	assert_ok(ftruncate(fd, (off_t)size));
	assert_ok(futimens(fd, times));
	close(fd);
}

static bool is_there(const char *name)
{
	return !access(path_of(name), F_OK);
}

static void longest_unused_goes_first(void **state)
{
	(void)state;
	put_file("old", 1000, 100);
	put_file("older", 1000, 50);
	put_file("new", 1000, 200);
	kprof_unwind_cache_prune(directory, 3000);
	assert_true(is_there("older"));
	kprof_unwind_cache_prune(directory, 2999);
	assert_false(is_there("older"));
	assert_true(is_there("old"));
	kprof_unwind_cache_prune(directory, 1000);
	assert_false(is_there("old"));
	assert_true(is_there("new"));
}

static int setup(void **state)
{
	(void)state;
	test_make_directory(directory);
	return setenv("XDG_CACHE_HOME", directory, 1);
}

static int teardown(void **state)
{
	(void)state;
	test_remove_directory(directory);
	return 0;
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_was_written_comes_back),
		test(any_changed_byte_is_found),
		test(only_regular_files_are_read),
		test(maps_are_found_in_a_tree_and_flat),
		test(map_of_another_binary_is_not_used),
		test(cache_gives_back_what_was_put_in),
		test(damaged_or_older_entry_of_the_cache_is_none),
		test(cache_that_others_can_write_is_not_used),
		test(longest_unused_goes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
