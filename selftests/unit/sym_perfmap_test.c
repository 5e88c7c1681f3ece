// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_perfmap.c: names of code that a program made.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_perfmap.h"

#include "lib/kprof.h"
#include "util/io.h"

#include <sys/mman.h>

#include "test.h"

static struct kprof_jit jit;
static void *source;
static struct kprof_symbol symbol;

static int setup(void **state)
{
	(void)state;
	jit = (struct kprof_jit){
		.perf_map = memfd_create("map", MFD_CLOEXEC),
		.dump = -1,
	};
	source = NULL;
	return jit.perf_map < 0;
}

static int teardown(void **state)
{
	(void)state;
	kprof_perfmap_ops.close(source);
	return close(jit.perf_map);
}

static void write_map(const char *text, size_t len)
{
	assert_ok(kprof_io_write(jit.perf_map, text, len));
}

static int open_map(void)
{
	struct kprof_symbol_binary binary = {.build_id = "", .jit = &jit};

	return kprof_perfmap_ops.open(&binary, &source);
}

static void parse(const char *text)
{
	write_map(text, strlen(text));
	assert_ok(open_map());
}

/* The name at an address, "" if there is none. */
static const char *name_at(uint64_t address)
{
	if (kprof_perfmap_ops.find(source, address, &symbol))
		return "";
	assert_true(symbol.start <= address);
	assert_true(address < symbol.end);
	return symbol.name;
}

static void line_names_its_range(void **state)
{
	(void)state;
	parse("18c4000 300 Builtin:Deopt\n"
	      "7fEC977c3000 1a JS:*outer /tmp/a b.js:3:15\n");
	assert_string_equal(name_at(0x18c3fff), "");
	assert_string_equal(name_at(0x18c4000), "Builtin:Deopt");
	assert_string_equal(name_at(0x18c42ff), "Builtin:Deopt");
	assert_string_equal(name_at(0x18c4300), "");
	assert_string_equal(name_at(0x7fec977c3019),
			    "JS:*outer /tmp/a b.js:3:15");
	assert_int_equal(symbol.start, 0x7fec977c3000);
	assert_int_equal(symbol.end, 0x7fec977c301a);
	assert_int_equal(symbol.nr_frames, 0);
}

static void numbers_of_java_are_understood(void **state)
{
	(void)state;
	parse("0x00007f0000000100 0x0000000000000010 Lfoo/Bar;::baz\n");
	assert_string_equal(name_at(0x7f0000000105), "Lfoo/Bar;::baz");
}

static void later_line_wins(void **state)
{
	(void)state;
	parse("1000 100 old\n"
	      "1040 20 new\n"
	      "1010 8 newest\n");
	assert_string_equal(name_at(0x1000), "old");
	assert_string_equal(name_at(0x1010), "newest");
	assert_string_equal(name_at(0x1018), "old");
	assert_string_equal(name_at(0x1040), "new");
	assert_string_equal(name_at(0x1060), "old");
	assert_int_equal(symbol.start, 0x1060);
}

static void what_is_no_line_is_skipped(void **state)
{
	(void)state;
	parse("\n"
	      "hello\n"
	      "1000\n"
	      "1000 10\n"
	      "1000 10 \n"
	      "-1000 10 minus\n"
	      "10000000000001000 10 too_long\n"
	      "1000 0 empty\n"
	      "fffffffffffffff0 20 beyond\n"
	      "2000 10 good\n");
	assert_string_equal(name_at(0x1000), "");
	assert_string_equal(name_at(UINT64_MAX), "");
	assert_string_equal(name_at(0x2000), "good");
}

static void line_without_its_end_is_not_complete(void **state)
{
	(void)state;
	parse("1000 10 good\n2000 10 goo");
	assert_string_equal(name_at(0x1000), "good");
	assert_string_equal(name_at(0x2000), "");
}

static void control_characters_are_replaced(void **state)
{
	static const char text[] = "1000 10 a\033[2Jb\tc\0d\r\n";

	(void)state;
	write_map(text, sizeof(text) - 1);
	assert_ok(open_map());
	assert_string_equal(name_at(0x1000), "a?[2Jb?c?d");
}

static void long_names_are_cut_and_longer_lines_are_skipped(void **state)
{
	static char name[100000];

	(void)state;
	memset(name, 'x', sizeof(name));
	write_map("1000 10 ", 8);
	write_map(name, 5000);
	write_map("\n2000 10 ", 9);
	write_map(name, sizeof(name));
	write_map("\n3000 10 after\n", 15);
	assert_ok(open_map());
	assert_true(strlen(name_at(0x1000)) > 4000);
	assert_string_equal(name_at(0x2000), "");
	assert_string_equal(name_at(0x3000), "after");
}

static void end_of_a_huge_file_counts(void **state)
{
	static const char first[] = "1000 100 first\n";
	static const char last[] = "\n1000 10 last\n";
	off_t size = 200 << 20;

	(void)state;
	write_map(first, sizeof(first) - 1);
	assert_int_equal(lseek(jit.perf_map, size, SEEK_SET), size);
	write_map(last, sizeof(last) - 1);
	assert_ok(open_map());
	assert_string_equal(name_at(0x1000), "last");
	assert_string_equal(name_at(0x1010), "");
}

static void file_that_was_written_anew_names_nothing_wrongly(void **state)
{
	(void)state;
	parse("1000 10 one\n2000 10 two\n");
	assert_int_equal(ftruncate(jit.perf_map, 0), 0);
	lseek(jit.perf_map, 0, SEEK_SET);
	write_map("3000 10 aaa\n2000 10 zwei\n", 25);
	assert_string_equal(name_at(0x1000), "");
	assert_string_equal(name_at(0x2000), "zwei");
}

static void file_without_functions_is_no_source(void **state)
{
	(void)state;
	assert_errno(open_map(), -ENOENT);
	write_map("hello\n", 6);
	assert_errno(open_map(), -ENOENT);
	close(jit.perf_map);
	jit.perf_map = -1;
	assert_errno(open_map(), -ENOENT);
	jit.perf_map = memfd_create("map", MFD_CLOEXEC);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(line_names_its_range),
		test(numbers_of_java_are_understood),
		test(later_line_wins),
		test(what_is_no_line_is_skipped),
		test(line_without_its_end_is_not_complete),
		test(control_characters_are_replaced),
		test(long_names_are_cut_and_longer_lines_are_skipped),
		test(end_of_a_huge_file_counts),
		test(file_that_was_written_anew_names_nothing_wrongly),
		test(file_without_functions_is_no_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
