// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of sym_jitdump.c and jitdump_lines.c: names and lines of code that a
 * program made.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_jitdump.h"

#include "lib/kprof.h"
#include "util/io.h"
#include "util/strbuf.h"

#include <sys/mman.h>

#include "test.h"

enum {
	LOAD,
	MOVE,
	DEBUG_INFO,
	CLOSE,
	UNWINDING_INFO,

	CODE_BYTES = 0x20,
};

static struct kprof_jit jit;
static struct kprof_strbuf dump;
static void *source;
static struct kprof_symbol symbol;

/* The file */

static void put32(uint32_t value)
{
	kprof_strbuf_append(&dump, &value, sizeof(value));
}

static void put64(uint64_t value)
{
	kprof_strbuf_append(&dump, &value, sizeof(value));
}

static void put_header(uint32_t magic, uint32_t version)
{
	put32(magic);
	put32(version);
	/* Eight bytes more than this version has. */
	put32(48);
	put32(62);
	put32(0);
	put32(4711);
	for (int i = 0; i < 3; i++)
		put64(0);
}

static void put_record(uint32_t type, size_t payload_bytes)
{
	put32(type);
	put32((uint32_t)payload_bytes + 16);
	put64(0);
}

static void put_load(uint64_t address, const char *name, uint64_t index)
{
	static const char code[CODE_BYTES];

	put_record(LOAD, 40 + strlen(name) + 1 + CODE_BYTES);
	put64(4711);
	put64(address);
	put64(address);
	put64(CODE_BYTES);
	put64(index);
	kprof_strbuf_append(&dump, name, strlen(name) + 1);
	kprof_strbuf_append(&dump, code, CODE_BYTES);
}

static void put_move(uint64_t from, uint64_t to, uint64_t index)
{
	put_record(MOVE, 48);
	put64(4711);
	put64(to);
	put64(from);
	put64(to);
	put64(CODE_BYTES);
	put64(index);
}

struct line {
	uint64_t address;
	uint32_t line;
	const char *file;
};

static void put_lines(uint64_t code, const struct line *lines, size_t nr)
{
	size_t bytes = 16;

	for (size_t i = 0; i < nr; i++)
		bytes += 16 + strlen(lines[i].file) + 1;
	put_record(DEBUG_INFO, bytes);
	put64(code);
	put64(nr);
	for (size_t i = 0; i < nr; i++) {
		put64(lines[i].address);
		put32(lines[i].line);
		put32(0);
		kprof_strbuf_append(&dump, lines[i].file,
				    strlen(lines[i].file) + 1);
	}
}

/* The test */

static int setup(void **state)
{
	(void)state;
	jit = (struct kprof_jit){
		.perf_map = -1,
		.dump = memfd_create("dump", MFD_CLOEXEC),
	};
	source = NULL;
	put_header(0x4a695444, 1);
	return jit.dump < 0;
}

static int teardown(void **state)
{
	(void)state;
	kprof_jitdump_ops.close(source);
	kprof_strbuf_deinit(&dump);
	return close(jit.dump);
}

/* Of the first @bytes of what was put. */
static int open_part(size_t bytes)
{
	struct kprof_symbol_binary binary = {.build_id = "", .jit = &jit};

	kprof_jitdump_ops.close(source);
	source = NULL;
	assert_int_equal(ftruncate(jit.dump, 0), 0);
	lseek(jit.dump, 0, SEEK_SET);
	assert_ok(kprof_io_write(jit.dump, dump.data, bytes));
	return kprof_jitdump_ops.open(&binary, &source);
}

static void open_dump(void)
{
	assert_ok(open_part(dump.len));
}

static const char *name_at(uint64_t address)
{
	if (kprof_jitdump_ops.find(source, address, &symbol))
		return "";
	assert_true(symbol.start <= address);
	assert_true(address < symbol.end);
	return symbol.name;
}

static void assert_line(uint64_t address, const char *file, uint32_t line)
{
	assert_string_not_equal(name_at(address), "");
	assert_int_equal(symbol.nr_frames, 1);
	assert_string_equal(symbol.frames->name, symbol.name);
	assert_string_equal(symbol.frames->file, file);
	assert_int_equal(symbol.frames->line, line);
}

static void load_names_its_range(void **state)
{
	(void)state;
	put_load(0x1000, "first", 1);
	put_record(UNWINDING_INFO, 24);
	for (int i = 0; i < 3; i++)
		put64(~0ULL);
	put_load(0x2000, "JS:*second /a b.js:1:2", 2);
	open_dump();
	assert_true(kprof_jitdump_is_dump(jit.dump));
	assert_string_equal(name_at(0xfff), "");
	assert_string_equal(name_at(0x1000), "first");
	assert_string_equal(name_at(0x101f), "first");
	assert_string_equal(name_at(0x1020), "");
	assert_string_equal(name_at(0x2010), "JS:*second /a b.js:1:2");
	assert_int_equal(symbol.start, 0x2000);
	assert_int_equal(symbol.nr_frames, 0);
}

static void newest_load_wins(void **state)
{
	(void)state;
	put_load(0x1000, "old", 1);
	put_load(0x1010, "new", 2);
	open_dump();
	assert_string_equal(name_at(0x100f), "old");
	assert_int_equal(symbol.end, 0x1010);
	assert_string_equal(name_at(0x1010), "new");
}

static void moved_code_keeps_name_and_lines(void **state)
{
	static const struct line lines[] = {{0x1000, 7, "a.js"},
					    {0x1010, 8, "a.js"}};

	(void)state;
	put_lines(0x1000, lines, 2);
	put_load(0x1000, "moved", 5);
	put_move(0x1000, 0x5000, 5);
	/* Of what nobody loaded. */
	put_move(0x1000, 0x6000, 6);
	open_dump();
	assert_line(0x5018, "a.js", 8);
	assert_string_equal(symbol.name, "moved");
	assert_string_equal(name_at(0x6000), "");
}

static void lines_are_those_of_the_entry_before(void **state)
{
	static const struct line lines[] = {
		{0x1000, 7, "a.js"}, {0x1008, 3, "b.js"}, {0x1010, 9, "\xff"}};

	(void)state;
	put_lines(0x1000, lines, 3);
	put_load(0x1000, "lined", 1);
	put_load(0x2000, "bare", 2);
	open_dump();
	assert_line(0x1000, "a.js", 7);
	assert_line(0x1007, "a.js", 7);
	assert_line(0x1008, "b.js", 3);
	/* The same file as before. */
	assert_line(0x101f, "b.js", 9);
	assert_string_equal(name_at(0x2000), "bare");
	assert_int_equal(symbol.nr_frames, 0);
}

static void lines_of_v8_count_an_elf_header(void **state)
{
	static const struct line lines[] = {{0x1040, 7, "a.js"},
					    {0x1050, 8, "a.js"}};

	(void)state;
	put_lines(0x1000, lines, 2);
	put_load(0x1000, "lined", 1);
	open_dump();
	assert_line(0x1000, "a.js", 7);
	assert_line(0x1010, "a.js", 8);
}

static void lines_that_cannot_be_are_not_believed(void **state)
{
	static const struct line outside[] = {{0x1000, 7, "a.js"},
					      {0x4c93000, 9, "a.js"}};
	static const struct line nameless[] = {{0x2000, 7, "\xff"}};

	(void)state;
	put_lines(0x1000, outside, 2);
	put_load(0x1000, "outside", 1);
	put_lines(0x2000, nameless, 1);
	put_load(0x2000, "nameless", 2);
	/* More entries than there are. */
	put_record(DEBUG_INFO, 16 + 16 + 5);
	put64(0x3000);
	put64(2);
	put64(0x3000);
	put64(7);
	kprof_strbuf_append(&dump, "a.js", 5);
	put_load(0x3000, "short", 3);
	open_dump();
	assert_string_equal(name_at(0x1000), "outside");
	assert_int_equal(symbol.nr_frames, 0);
	assert_string_equal(name_at(0x2000), "nameless");
	assert_int_equal(symbol.nr_frames, 0);
	assert_string_equal(name_at(0x3000), "short");
	assert_int_equal(symbol.nr_frames, 0);
}

static void nothing_is_read_behind_close(void **state)
{
	(void)state;
	put_load(0x1000, "before", 1);
	put_record(CLOSE, 0);
	put_load(0x2000, "behind", 2);
	open_dump();
	assert_string_equal(name_at(0x1000), "before");
	assert_string_equal(name_at(0x2000), "");
}

/* It may still be written while it is read. */
static void every_prefix_is_safe(void **state)
{
	static const struct line lines[] = {{0x2000, 7, "a.js"}};
	size_t first;

	(void)state;
	put_load(0x1000, "first", 1);
	first = dump.len;
	put_lines(0x2000, lines, 1);
	put_load(0x2000, "second", 2);
	for (size_t bytes = 0; bytes < dump.len; bytes++) {
		if (open_part(bytes)) {
			assert_true(bytes < first);
			continue;
		}
		assert_true(bytes >= first);
		assert_string_equal(name_at(0x1000), "first");
		assert_string_equal(name_at(0x2000), "");
	}
}

static void control_characters_are_replaced(void **state)
{
	(void)state;
	put_load(0x1000, "a\033[2Jb\nc", 1);
	open_dump();
	assert_string_equal(name_at(0x1000), "a?[2Jb?c");
}

static void other_files_are_no_source(void **state)
{
	static const uint32_t wrong[][2] = {{0x4454694a, 1}, {0x4a695444, 2}};

	(void)state;
	for (int i = 0; i < 2; i++) {
		kprof_strbuf_reset(&dump);
		put_header(wrong[i][0], wrong[i][1]);
		put_load(0x1000, "name", 1);
		assert_errno(open_part(dump.len), -ENOENT);
		assert_false(kprof_jitdump_is_dump(jit.dump));
	}
	kprof_strbuf_reset(&dump);
	put_header(0x4a695444, 1);
	put_record(LOAD, 0);
	assert_errno(open_part(dump.len), -ENOENT);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(load_names_its_range),
		test(newest_load_wins),
		test(moved_code_keeps_name_and_lines),
		test(lines_are_those_of_the_entry_before),
		test(lines_of_v8_count_an_elf_header),
		test(lines_that_cannot_be_are_not_believed),
		test(nothing_is_read_behind_close),
		test(every_prefix_is_safe),
		test(control_characters_are_replaced),
		test(other_files_are_no_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
