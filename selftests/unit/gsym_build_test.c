// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of gsym_build.c and gsym_import.c: which functions get into a map.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym.h"

#include "elf_image.h"
#include "gsym_image.h"

#include <stdbool.h>
#include <sys/stat.h>

#define NR(array)    (sizeof(array) / sizeof((array)[0]))
#define TEXT(offset) (IMAGE_TEXT_VADDR + (offset))

static char dir[64];
static struct elf_image image;
static struct kprof_gsym *gsym;

static char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_image(const char *name)
{
	FILE *file = fopen(in_dir(name), "w");

	assert_non_null(file);
	assert_int_equal(fwrite(&image, sizeof(image), 1, file), 1);
	assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
	(void)state;
	test_make_directory(dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kprof_gsym_close(gsym);
	gsym = NULL;
	test_remove_directory(dir);
	return 0;
}

static int build(const char *name, bool names_only)
{
	struct kprof_gsym_build_options options = {
		.debug_dir = dir,
		.names_only = names_only,
	};
	struct kprof_gsym_writer *writer;
	struct kprof_gsym_fault fault;
	int err = kprof_gsym_build(in_dir(name), &options, &writer);

	if (err)
		return err;
	assert_ok(kprof_gsym_writer_save(writer, in_dir("map")));
	kprof_gsym_writer_destroy(writer);
	assert_ok(kprof_gsym_open(in_dir("map"), &gsym));
	assert_ok(kprof_gsym_verify(gsym, &fault));
	return 0;
}

/* "" if there is none. */
static const char *name_at(uint64_t address)
{
	struct kprof_gsym_function function;

	return kprof_gsym_find(gsym, address, &function) ? "" : function.name;
}

#define assert_name(address, expected) \
	assert_string_equal(name_at(address), expected)

static void map_has_the_names_of_the_symbol_table(void **state)
{
	static const struct image_symbol symbols[] = {
		{"local", TEXT(0), 8, LOCAL_FUNC, 0},
		{"__GI_global", TEXT(0), 8, GLOBAL_FUNC, 0},
		{"global", TEXT(0), 8, GLOBAL_FUNC, 0},
		{"versioned@@V_1", TEXT(32), 8, GLOBAL_FUNC, 0},
		{"label", TEXT(64), 0, LOCAL_LABEL, 0},
		{"next", TEXT(80), 4, LOCAL_FUNC, 0},
	};
	struct kprof_gsym_info info;

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	write_image("a");
	assert_ok(build("a", false));
	kprof_gsym_info(gsym, &info);
	assert_string_equal(info.build_id, image_build_id);
	assert_string_equal(info.segments, "1000:401000:800");
	assert_name(TEXT(0), "global");
	assert_name(TEXT(8), "");
	assert_name(TEXT(31), "");
	assert_name(TEXT(39), "versioned");
	assert_name(TEXT(79), "label");
	assert_name(TEXT(83), "next");
	assert_name(TEXT(84), "");
}

static void function_goes_on_behind_an_inner_one(void **state)
{
	static const struct image_symbol symbols[] = {
		{"outer", TEXT(0), 64, LOCAL_FUNC, 0},
		{"inner", TEXT(16), 8, LOCAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_SYMTAB, symbols, NR(symbols));
	write_image("a");
	assert_ok(build("a", false));
	assert_name(TEXT(15), "outer");
	assert_name(TEXT(16), "inner");
	assert_name(TEXT(23), "inner");
	assert_name(TEXT(24), "outer");
	assert_name(TEXT(63), "outer");
	assert_name(TEXT(64), "");
}

static void sources_fill_each_others_gaps(void **state)
{
	static const struct image_symbol exported[] = {
		{"exported", TEXT(0), 64, GLOBAL_FUNC, 0},
	};
	static const struct image_symbol known[] = {
		{"first", TEXT(8), 8, LOCAL_FUNC, 0},
		{"last", TEXT(60), 20, LOCAL_FUNC, 0},
	};

	(void)state;
	image_init(&image, SHT_DYNSYM, exported, NR(exported));
	write_image("a");
	image_init(&image, SHT_SYMTAB, known, NR(known));
	assert_int_equal(mkdir(in_dir(".build-id"), 0700), 0);
	assert_int_equal(mkdir(in_dir(".build-id/01"), 0700), 0);
	write_image(".build-id/01/23456789abcdef.debug");
	assert_ok(build("a", false));
	assert_name(TEXT(0), "exported");
	assert_name(TEXT(8), "first");
	assert_name(TEXT(16), "exported");
	assert_name(TEXT(59), "exported");
	assert_name(TEXT(60), "last");
	assert_name(TEXT(79), "last");
	assert_name(TEXT(80), "");
}

static void without_functions_there_is_no_map(void **state)
{
	(void)state;
	image_init(&image, SHT_SYMTAB, NULL, 0);
	write_image("a");
	assert_errno(build("a", false), -ENODATA);
	assert_errno(build("none", false), -ENOENT);
}

/* Lines */

static const char program[] =
	"static inline __attribute__((always_inline)) int twice(int x)\n"
	"{ return x * x + 7; }\n"
	"__attribute__((noinline)) int work(int x)\n"
	"{\n"
	"	volatile int v = x;\n"
	"	return v + twice(v);\n"
	"}\n"
	"int unused(int x) { return work(x) + 1; }\n"
	"int main(int argc, char **argv) { (void)argv; return work(argc); }\n";

static void compile(const char *flags)
{
	char command[256];
	FILE *file = fopen(in_dir("a.c"), "w");

	assert_non_null(file);
	fputs(program, file);
	fclose(file);
	snprintf(command, sizeof(command),
		 "cd %s && gcc -O2 -g %s -o a a.c 2>/dev/null", dir, flags);
	if (system(command))
		skip();
}

static uint64_t address_of(const char *name)
{
	struct kprof_gsym_function function;

	for (uint32_t i = 0; i < gsym->header.nr_functions; i++) {
		assert_ok(kprof_gsym_function(gsym, i, &function));
		if (!strcmp(function.name, name))
			return function.start;
	}
	fail_msg("expected a function %s, got none", name);
	return 0;
}

#ifdef HAVE_LIBDW
static void lines_and_inlined_functions_are_those_of_dwarf(void **state)
{
	const struct kprof_symbol_frame *frames;
	struct kprof_gsym_function function;
	bool was_inlined = false;
	uint64_t start;
	uint32_t nr;

	(void)state;
	compile("");
	assert_ok(build("a", false));
	start = address_of("work");
	assert_ok(kprof_gsym_frames(gsym, start, &function, &frames, &nr));
	assert_int_equal(nr, 1);
	assert_in_range(frames[0].line, 4, 5);
	assert_non_null(strstr(frames[0].file, "a.c"));
	for (uint64_t i = 0; i < function.size; i++) {
		assert_ok(kprof_gsym_frames(gsym, start + i, &function, &frames,
					    &nr));
		if (nr == 1)
			continue;
		was_inlined = true;
		assert_int_equal(nr, 2);
		assert_string_equal(frames[0].name, "twice");
		assert_int_equal(frames[0].line, 2);
		assert_string_equal(frames[1].name, "work");
		assert_int_equal(frames[1].line, 6);
	}
	assert_true(was_inlined);
}

/* As of a file of which only some symbols were kept. */
static void function_that_only_dwarf_knows_is_there(void **state)
{
	char command[160];
	uint64_t start;

	(void)state;
	compile("-no-pie");
	assert_ok(build("a", false));
	start = address_of("unused");
	kprof_gsym_close(gsym);
	gsym = NULL;
	snprintf(command, sizeof(command), "objcopy --strip-symbol=unused %s/a",
		 dir);
	assert_int_equal(system(command), 0);
	assert_ok(build("a", true));
	assert_name(start, "");
	kprof_gsym_close(gsym);
	gsym = NULL;
	assert_ok(build("a", false));
	assert_name(start, "unused");
	assert_name(address_of("work"), "work");
}

/* Their descriptions stay, and they are at the address 0. */
static void function_that_was_not_linked_is_not_there(void **state)
{
	struct kprof_gsym_function function;

	(void)state;
	compile("-ffunction-sections -Wl,--gc-sections "
		"-Wl,-z,noseparate-code");
	assert_ok(build("a", false));
	for (uint32_t i = 0; i < gsym->header.nr_functions; i++) {
		assert_ok(kprof_gsym_function(gsym, i, &function));
		assert_true(function.start > 0x100);
	}
}
#endif

static void names_only_has_no_lines(void **state)
{
	struct kprof_gsym_function function;

	(void)state;
	compile("");
	assert_ok(build("a", true));
	assert_ok(kprof_gsym_find(gsym, address_of("work"), &function));
	assert_false(function.has_lines);
	assert_false(function.has_inlines);
}

/* Text */

static int import(const char *text)
{
	struct kprof_gsym_writer *writer;
	struct kprof_gsym_fault fault;
	int err = kprof_gsym_import(text, strlen(text), "", &writer);

	if (err)
		return err;
	assert_ok(kprof_gsym_writer_save(writer, in_dir("map")));
	kprof_gsym_writer_destroy(writer);
	kprof_gsym_close(gsym);
	assert_ok(kprof_gsym_open(in_dir("map"), &gsym));
	assert_ok(kprof_gsym_verify(gsym, &fault));
	return 0;
}

static void nm_without_sizes_ends_at_the_next_symbol(void **state)
{
	(void)state;
	assert_ok(
		import("                 U printf@GLIBC_2.2.5\n"
		       "0000000000001000 T start\n"
		       "0000000000001000 t also_start\n"
		       "0000000000001010 t second@@V_2\n"
		       "0000000000001020 d data\n"
		       "0000000000001030 W last\n"));
	assert_name(0x1000, "start");
	assert_name(0x100f, "start");
	assert_name(0x101f, "second");
	assert_name(0x1020, "");
	assert_name(0x1030, "last");
	assert_name(0x1031, "");
}

static void nm_with_sizes_has_gaps(void **state)
{
	(void)state;
	assert_ok(
		import("0000000000001000 0000000000000008 T start\n"
		       "0000000000001010 000000000000000a t a\n"
		       "0000000000001000 0000000000000100 b data\n"));
	assert_name(0x1007, "start");
	assert_name(0x1008, "");
	assert_name(0x1019, "a");
	assert_name(0x101a, "");
}

static void perf_map_has_names_with_spaces(void **state)
{
	(void)state;
	assert_ok(
		import("7f0000001000 20 LazyCompile:~f x.js:1\n"
		       "7f0000001020 a a\n"
		       "0x7f0000001040 0x8 last"));
	assert_name(0x7f000000101f, "LazyCompile:~f x.js:1");
	assert_name(0x7f0000001020, "a");
	assert_name(0x7f000000102a, "");
	assert_name(0x7f0000001047, "last");
}

static void text_without_functions_is_refused(void **state)
{
	(void)state;
	assert_errno(import(""), -ENODATA);
	assert_errno(import("\n\nhello world\n1000\n"), -ENODATA);
	assert_errno(import("0000000000001000 R data\n"), -ENODATA);
}

int main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(map_has_the_names_of_the_symbol_table),
		test(function_goes_on_behind_an_inner_one),
		test(sources_fill_each_others_gaps),
		test(without_functions_there_is_no_map),
#ifdef HAVE_LIBDW
		test(lines_and_inlined_functions_are_those_of_dwarf),
		test(function_that_only_dwarf_knows_is_there),
		test(function_that_was_not_linked_is_not_there),
#endif
		test(names_only_has_no_lines),
		test(nm_without_sizes_ends_at_the_next_symbol),
		test(nm_with_sizes_has_gaps),
		test(perf_map_has_names_with_spaces),
		test(text_without_functions_is_refused),
	};
#undef test

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
