// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_kallsyms.c.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_kallsyms.h"

#include "lib/kernel_places.h"
#include "util/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const struct kprof_symbolizer_ops *const ops = &kprof_kallsyms_ops;

static void *parse(const char *text)
{
	void *source;

	assert_int_equal(kprof_kallsyms_parse(text, strlen(text), &source), 0);
	return source;
}

static struct kprof_symbol find(void *source, uint64_t address)
{
	struct kprof_symbol symbol = {.name = ""};

	if (ops->find(source, address, &symbol))
		symbol = (struct kprof_symbol){.name = ""};
	return symbol;
}

#define assert_name(source, address, expected) \
	assert_string_equal(find(source, address).name, expected)

static void function_ends_at_the_next(void **state)
{
	void *source =
		parse("ffffffff81000000 T _stext\n"
		      "ffffffff81000000 T startup_64\n"
		      "ffffffff81000040 t local_function\n"
		      "ffffffff81000100 W weak_function\n"
		      "ffffffff81000200 T _etext\n"
		      "ffffffff81000300 D some_data\n");

	(void)state;
	assert_name(source, 0xffffffff80ffffffULL, "");
	assert_name(source, 0xffffffff81000000ULL, "startup_64");
	assert_name(source, 0xffffffff8100003fULL, "startup_64");
	assert_name(source, 0xffffffff81000040ULL, "local_function");
	assert_name(source, 0xffffffff810001ffULL, "weak_function");
	/* Behind the text there is none. */
	assert_name(source, 0xffffffff81000200ULL, "");
	assert_name(source, 0xffffffff81000300ULL, "");
	ops->close(source);
}

static void last_function_is_bounded(void **state)
{
	void *source = parse("1000 T only\n");

	(void)state;
	assert_name(source, 0x1fff, "only");
	assert_name(source, 0x10000000, "");
	ops->close(source);
}

static void areas_are_told_apart(void **state)
{
	void *source =
		parse("1000 T _stext\n"
		      "2000 t in_kernel\n"
		      "3000 T _etext\n"
		      "9000 t late\t[ext4]\n"
		      "8000 t early\t[ext4]\n"
		      "8800 d data\t[ext4]\n"
		      "a000 t other\t[jbd2]\n");
	struct kprof_symbol symbol = find(source, 0x2010);

	(void)state;
	assert_string_equal(symbol.name, "in_kernel");
	assert_string_equal(symbol.area->name, KPROF_KERNEL_MAPPING);
	assert_int_equal(symbol.area->start, 0x1000);
	assert_int_equal(symbol.area->limit, 0x3000);
	symbol = find(source, 0x8fff);
	assert_string_equal(symbol.name, "early");
	assert_string_equal(symbol.area->name, "[ext4]");
	assert_int_equal(symbol.area->start, 0x8000);
	assert_int_equal(symbol.area->limit, 0xa000);
	assert_string_equal(find(source, 0xa000).area->name, "[jbd2]");
	ops->close(source);
}

static void global_function_names_shared_address(void **state)
{
	void *source =
		parse("1000 t a\n"
		      "1000 W weak\n"
		      "1000 T __irqentry_text_start\n"
		      "1000 T asm_exc_page_fault\n"
		      "2000 t end\n");

	(void)state;
	assert_name(source, 0x1004, "asm_exc_page_fault");
	ops->close(source);
}

static void odd_lines_are_skipped(void **state)
{
	void *source =
		parse("\n \nx T y\n1000\n1000 T\n1000 T \n1000 TT no\n"
		      "zzzz T no\n12345678123456781 T too_long\n"
		      "2000 T good\n2100 t m\t[unclosed\n2200 T \t[x]\n"
		      "3000 T without_newline");

	(void)state;
	assert_name(source, 0x1000, "");
	assert_name(source, 0x2000, "good");
	assert_name(source, 0x2100, "m");
	ops->close(source);
}

static void text_without_functions_is_none(void **state)
{
	static const char data[] = "1000 D data\n";
	void *source;

	(void)state;
	assert_int_equal(kprof_kallsyms_parse("", 0, &source), -ENOENT);
	assert_int_equal(kprof_kallsyms_parse(data, strlen(data), &source),
			 -ENOENT);
}

/* Files */

static int nr_warnings;

static void count_warnings(int level, const char *message, void *context)
{
	(void)message;
	(void)context;
	nr_warnings += level == LOG_LEVEL_WARNING;
}

static int open_text(const char *text, void **ret)
{
	char path[] = "/tmp/kprof-kallsyms-XXXXXX";
	struct kprof_symbol_binary binary = {.kallsyms = path};
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	nr_warnings = 0;
	kprof_log_set_sink(count_warnings, NULL);
	err = ops->open(&binary, ret);
	kprof_log_set_sink(NULL, NULL);
	unlink(path);
	return err;
}

static void hidden_addresses_are_said(void **state)
{
	void *source;

	(void)state;
	assert_int_equal(open_text("0000000000000000 T _stext\n"
				   "0000000000000000 T _etext\n",
				   &source),
			 -ENOENT);
	assert_int_equal(nr_warnings, 1);
}

static void missing_file_is_said(void **state)
{
	struct kprof_symbol_binary binary = {.kallsyms = "/nonexistent"};
	void *source;

	(void)state;
	nr_warnings = 0;
	kprof_log_set_sink(count_warnings, NULL);
	assert_int_equal(ops->open(&binary, &source), -ENOENT);
	kprof_log_set_sink(NULL, NULL);
	assert_int_equal(nr_warnings, 1);
}

/* Larger than what is read at once, so that lines are cut in two. */
static void large_file_is_read_whole(void **state)
{
	enum { NR = 20000, LINE = 40 };
	char *text = malloc(NR * LINE), *end = text;
	void *source;

	(void)state;
	for (unsigned int i = 0; i < NR; i++)
		end += sprintf(end, "%016x t function_%u\n", 4096 + i * 16, i);
	assert_int_equal(open_text(text, &source), 0);
	for (unsigned int i = 0; i < NR; i++) {
		char name[32];

		snprintf(name, sizeof(name), "function_%u", i);
		assert_name(source, 4096 + i * 16 + 15, name);
	}
	ops->close(source);
	free(text);
}

static void endless_line_is_skipped(void **state)
{
	enum { LINE = 200000 };
	char *text = malloc(LINE + 64);
	void *source;

	(void)state;
	memset(text, 'a', LINE);
	strcpy(text + LINE, "\n1000 T good\n");
	assert_int_equal(open_text(text, &source), 0);
	assert_name(source, 0x1000, "good");
	ops->close(source);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_ends_at_the_next),
		cmocka_unit_test(last_function_is_bounded),
		cmocka_unit_test(areas_are_told_apart),
		cmocka_unit_test(global_function_names_shared_address),
		cmocka_unit_test(odd_lines_are_skipped),
		cmocka_unit_test(text_without_functions_is_none),
		cmocka_unit_test(hidden_addresses_are_said),
		cmocka_unit_test(missing_file_is_said),
		cmocka_unit_test(large_file_is_read_whole),
		cmocka_unit_test(endless_line_is_skipped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
