// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_gsym.c and gsym_store.c: symbolizing with maps, and without the
 * binary.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_store.h"

#include "elf_image.h"
#include "gsym_image.h"

#include <sys/stat.h>

#define NR(array) (sizeof(array) / sizeof((array)[0]))

enum {
	/* Where programs are mapped in these tests. */
	START = 0x7f0000000000,
	NR_FUNCTIONS = 4,
	/* They fill the text nearly, as functions do. */
	FUNCTION_BYTES = 0x1fc,
	FUNCTION_STEP = 0x200,
};

static char dir[64];
static struct elf_image image;
static int nr_warnings;

static void count_warnings(enum kprof_log_level level, const char *message,
			   void *context)
{
	(void)message;
	(void)context;
	nr_warnings += level == KPROF_LOG_WARNING;
}

static char *in_dir(const char *name)
{
	static char path[192];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int setup(void **state)
{
	(void)state;
	test_make_directory(dir);
	nr_warnings = 0;
	kprof_set_log(count_warnings, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_remove_directory(dir);
	return 0;
}

/* A program whose text is at @vaddr, and its map in dir/@map. */
static void make_map(uint64_t vaddr, uint16_t type, const char *map)
{
	struct image_symbol symbols[NR_FUNCTIONS] = {};
	static const char *const names[] = {"f0", "f1", "f2", "f3"};
	struct kprof_gsym_writer *writer;
	FILE *file = fopen(in_dir("program"), "w");

	for (size_t i = 0; i < NR(symbols); i++)
		symbols[i] = (struct image_symbol){
			.name = names[i],
			.value = vaddr + i * FUNCTION_STEP,
			.size = FUNCTION_BYTES,
			.info = GLOBAL_FUNC,
		};
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	image.ehdr.e_type = type;
	image.phdr[1].p_vaddr = vaddr;
	image.shdr[IMAGE_TEXT].sh_addr = vaddr;
	assert_non_null(file);
	assert_int_equal(fwrite(&image, sizeof(image), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	assert_ok(kprof_gsym_build(in_dir("program"), NULL, &writer));
	assert_ok(unlink(in_dir("program")));
	assert_ok(kprof_gsym_writer_save(writer, in_dir(map)));
	kprof_gsym_writer_destroy(writer);
}

/* Name of an offset in the text of a binary that is not there. */
static const char *symbolize(uint64_t offset)
{
	const char *debug_dir = dir;
	static char name[64];
	const char *dirs[] = {"/nonexistent", dir};
	struct kprof_symbolize_options options = {
		.debug_dirs = &debug_dir,
		.nr_debug_dirs = 1,
		.symbol_dirs = dirs,
		.nr_symbol_dirs = NR(dirs),
	};
	struct kprof_mapping mapping = {
		.start = START,
		.limit = START + 0x1000,
		.file_offset = IMAGE_TEXT_OFFSET,
		.filename = "/nonexistent/program",
		.build_id = image_build_id,
		.fd = -1,
	};
	struct kprof_profile *profile;
	const struct kprof_location *at;
	uint32_t index, location;

	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_mapping(profile, &mapping, &index));
	assert_ok(kprof_profile_add_location(profile, index, START + offset,
					     false, &location));
	assert_ok(kprof_symbolize(profile, &options));
	at = &profile->locations[location];
	assert_int_equal(at->nr_lines, 1);
	snprintf(name, sizeof(name), "%s",
		 profile->functions[profile->lines[at->first_line].function]
			 .name);
	kprof_profile_destroy(profile);
	return name;
}

static void assert_names(void)
{
	assert_string_equal(symbolize(0), "f0");
	assert_string_equal(symbolize(FUNCTION_BYTES - 1), "f0");
	assert_string_equal(symbolize(FUNCTION_BYTES), "[program+0x11fc]");
	assert_string_equal(symbolize(FUNCTION_STEP), "f1");
	assert_string_equal(symbolize(3 * FUNCTION_STEP), "f3");
}

static void position_independent_program_needs_no_binary(void **state)
{
	(void)state;
	make_map(IMAGE_TEXT_OFFSET, ET_DYN, "program.gsym");
	assert_names();
}

static void program_with_fixed_addresses_needs_no_binary(void **state)
{
	(void)state;
	make_map(0x401000, ET_EXEC, "program.gsym");
	assert_names();
}

/* lld puts the text of its shared objects a page behind its offset. */
static void library_whose_text_is_moved_needs_no_binary(void **state)
{
	(void)state;
	make_map(IMAGE_TEXT_OFFSET + 0x1000, ET_DYN, "program.gsym");
	assert_names();
}

/* As LLVM writes them: nothing but that the functions fit. */
static void map_without_segments_is_used_if_it_fits(void **state)
{
	struct kprof_gsym_writer *writer = gsym_image_begin(image_build_id, "");

	(void)state;
	gsym_image_add(writer, "near", 0x201010, 0x100, NULL);
	gsym_image_add(writer, "far", 0x201f00, 0x100, NULL);
	assert_ok(kprof_gsym_writer_save(writer, in_dir("program.gsym")));
	kprof_gsym_writer_destroy(writer);
	assert_string_equal(symbolize(0x10), "near");
	assert_string_equal(symbolize(0xfff), "far");

	/* One page less or more: both fit, so nobody knows. */
	writer = gsym_image_begin(image_build_id, "");
	gsym_image_add(writer, "only", 0x201000, 0x100, NULL);
	gsym_image_add(writer, "other", 0x202f00, 0x200, NULL);
	assert_ok(kprof_gsym_writer_save(writer, in_dir("program.gsym")));
	kprof_gsym_writer_destroy(writer);
	assert_string_equal(symbolize(0x10), "[program+0x1010]");
}

static void maps_are_found_by_build_id(void **state)
{
	(void)state;
	make_map(0x401000, ET_EXEC, "0123456789abcdef.gsym");
	assert_string_equal(symbolize(0), "f0");
	assert_ok(mkdir(in_dir("01"), 0700));
	make_map(0x401000, ET_EXEC, "01/23456789abcdef.gsym");
	assert_ok(unlink(in_dir("0123456789abcdef.gsym")));
	assert_string_equal(symbolize(0), "f0");
	assert_int_equal(nr_warnings, 0);
}

static void map_of_another_binary_is_refused(void **state)
{
	struct kprof_gsym_writer *writer =
		gsym_image_begin("0123456789abcdee", "1000:1000:1000");

	(void)state;
	gsym_image_add(writer, "wrong", 0x1000, 0x800, NULL);
	assert_ok(kprof_gsym_writer_save(writer, in_dir("program.gsym")));
	kprof_gsym_writer_destroy(writer);
	assert_string_equal(symbolize(0), "[program+0x1000]");
	assert_int_equal(nr_warnings, 1);
}

static void damaged_map_is_refused(void **state)
{
	(void)state;
	make_map(0x401000, ET_EXEC, "program.gsym");
	assert_ok(truncate(in_dir("program.gsym"), 60));
	assert_string_equal(symbolize(0), "[program+0x1000]");
	assert_int_equal(nr_warnings, 1);
}

static void stored_map_is_found(void **state)
{
	char store[128], map[192];
	char *path = NULL;

	(void)state;
	make_map(0x401000, ET_EXEC, "a.map");
	strcpy(map, in_dir("a.map"));
	assert_ok(kprof_gsym_store(dir, map, &path));
	strcpy(store, in_dir("01/23456789abcdef.gsym"));
	assert_string_equal(path, store);
	free(path);
	assert_string_equal(symbolize(0), "f0");
}

static void only_sound_maps_with_build_id_are_stored(void **state)
{
	struct kprof_gsym_writer *writer = gsym_image_begin("", "");
	char map[192];
	char *path;

	(void)state;
	gsym_image_add(writer, "f", 0x1000, 0x800, NULL);
	strcpy(map, in_dir("a.map"));
	assert_ok(kprof_gsym_writer_save(writer, map));
	kprof_gsym_writer_destroy(writer);
	assert_errno(kprof_gsym_store(dir, map, &path), -ENODATA);
	assert_ok(truncate(map, 80));
	assert_errno(kprof_gsym_store(dir, map, &path), -EBADMSG);
}

/* What does not fit into a map is in its name. */
static void long_build_id_is_kept_in_the_name(void **state)
{
	static const char id[] =
		"aa0102030405060708090a0b0c0d0e0f"
		"101112131415161718191a1b1c1d1e1f";
	struct kprof_gsym_writer *writer = gsym_image_begin(id, "");
	char name[96], map[192];
	struct kprof_gsym *gsym;
	const char *dirs[] = {dir};
	char *path = NULL;

	(void)state;
	gsym_image_add(writer, "f", 0x1000, 0x800, NULL);
	snprintf(name, sizeof(name), "%s.gsym", id);
	strcpy(map, in_dir(name));
	assert_ok(kprof_gsym_writer_save(writer, map));
	kprof_gsym_writer_destroy(writer);
	assert_ok(kprof_gsym_store(dir, map, &path));
	assert_string_equal(path + strlen(path) - strlen("1e1f.gsym"),
			    "1e1f.gsym");
	free(path);
	assert_ok(unlink(map));
	assert_ok(kprof_gsym_store_find(dirs, 1, id, "", &gsym));
	kprof_gsym_close(gsym);
}

static void build_id_does_not_lead_out_of_the_directory(void **state)
{
	const char *dirs[] = {dir};
	struct kprof_gsym *gsym;

	(void)state;
	assert_errno(kprof_gsym_store_find(dirs, 1, "../../etc", "", &gsym),
		     -ENOENT);
	assert_errno(kprof_gsym_store_find(dirs, 1, "", "/a", &gsym), -ENOENT);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(position_independent_program_needs_no_binary),
		test(program_with_fixed_addresses_needs_no_binary),
		test(library_whose_text_is_moved_needs_no_binary),
		test(map_without_segments_is_used_if_it_fits),
		test(maps_are_found_by_build_id),
		test(map_of_another_binary_is_refused),
		test(damaged_map_is_refused),
		test(stored_map_is_found),
		test(only_sound_maps_with_build_id_are_stored),
		test(long_build_id_is_kept_in_the_name),
		test(build_id_does_not_lead_out_of_the_directory),
	};
#undef test

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
