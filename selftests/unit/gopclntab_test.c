// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of gopclntab.c and gopclntab_frames.c: every layout, damaged ones.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gopclntab.h"

#include "go_image.h"
#include "lib/gopclntab_frames.h"
#include "test.h"

static struct go_image image;
static struct kprof_gopclntab table;

static size_t copy(const uint8_t *bytes, size_t nr, uint64_t at, void *buf,
		   size_t size)
{
	if (at >= nr)
		return 0;
	if (size > nr - at)
		size = nr - at;
	memcpy(buf, bytes + at, size);
	return size;
}

static size_t read_image(void *context, uint64_t address, void *buf,
			 size_t size)
{
	(void)context;
	if (address >= GO_TABLE)
		return copy(image.table, image.used, address - GO_TABLE, buf,
			    size);
	return copy(image.data, sizeof(image.data), address - GO_DATA, buf,
		    size);
}

static int open_table(void)
{
	return kprof_gopclntab_init(&table, read_image, NULL, GO_TABLE,
				    GO_TABLE + image.used);
}

static void make(enum go_version version, size_t word)
{
	go_image_init(&image, version, word, word == 4 ? 4 : 1);
	assert_ok(open_table());
	assert_ok(kprof_gopclntab_set_module(&table, GO_MODULE));
}

/* "inner inl.go:101 (100); outer ..." of what is at an address. */
static const char *text_at(uint64_t address)
{
	static char ret[2048];
	struct kprof_gopclntab_function function;
	struct kprof_gopclntab_frame frames[8];
	size_t nr, len = 0;
	int err = kprof_gopclntab_find(&table, address, &function);

	if (err)
		return strerror(-err);
	assert_true(function.start <= address && function.end > address);
	nr = kprof_gopclntab_frames(&table, &function, address, frames, 8);
	for (size_t i = 0; i < nr; i++) {
		char name[64], file[64] = "";

		kprof_gopclntab_string(&table, frames[i].name, name,
				       sizeof(name));
		if (frames[i].file)
			kprof_gopclntab_string(&table, frames[i].file, file,
					       sizeof(file));
		len += (size_t)snprintf(ret + len, sizeof(ret) - len,
					"%s%s %s:%u", i ? "; " : "", name, file,
					frames[i].line);
		if (frames[i].start_line)
			len += (size_t)snprintf(ret + len, sizeof(ret) - len,
						" (%u)", frames[i].start_line);
	}
	return ret;
}

#define assert_text(offset, expected) \
	assert_string_equal(text_at(GO_TEXT + (offset)), expected)

static void check_without_start_lines(void)
{
	assert_text(0, "main.main /src/main.go:10");
	assert_text(0x18,
		    "main.inner /src/inl.go:101; "
		    "main.outer /src/inl.go:52; "
		    "main.main /src/main.go:11");
	assert_text(0x24,
		    "main.outer /src/inl.go:52; "
		    "main.main /src/main.go:11");
	assert_text(0x3f, "main.main /src/main.go:12");
	assert_text(0x40, "main.leaf[...] /src/main.go:21");
}

static void check_with_start_lines(void)
{
	assert_text(0, "main.main /src/main.go:10 (5)");
	assert_text(0x18,
		    "main.inner /src/inl.go:101 (100); "
		    "main.outer /src/inl.go:52 (50); "
		    "main.main /src/main.go:11 (5)");
	assert_text(0x24,
		    "main.outer /src/inl.go:52 (50); "
		    "main.main /src/main.go:11 (5)");
	assert_text(0x3f, "main.main /src/main.go:12 (5)");
	assert_text(0x40, "main.leaf[...] /src/main.go:21 (20)");
}

static void every_layout_is_read(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		for (size_t word = 4; word <= 8; word += 4) {
			make(version, word);
			if (version >= GO_1_20)
				check_with_start_lines();
			else
				check_without_start_lines();
		}
	}
}

static void other_addresses_have_no_function(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		make(version, 8);
		assert_text(-1, strerror(ENOENT));
		assert_text(GO_TEXT_BYTES, strerror(ENOENT));
		assert_string_equal(text_at(0), strerror(ENOENT));
		assert_string_equal(text_at(UINT64_MAX), strerror(ENOENT));
	}
}

static void functions_can_be_listed(void **state)
{
	uint64_t next;

	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		make(version, 8);
		assert_ok(kprof_gopclntab_next(&table, 0, &next));
		assert_int_equal(next, GO_TEXT);
		assert_ok(kprof_gopclntab_next(&table, next, &next));
		assert_int_equal(next, GO_TEXT + 0x40);
		assert_int_equal(kprof_gopclntab_next(&table, next, &next),
				 -ENOENT);
	}
}

/* As Go's own tools do, who call the line -1. */
static void padding_belongs_to_the_function_before(void **state)
{
	(void)state;
	make(GO_1_20, 8);
	assert_text(0x5e, "main.leaf[...] /src/main.go:0 (20)");
}

static void module_is_needed_where_the_table_says_too_little(void **state)
{
	(void)state;
	go_image_init(&image, GO_1_26, 8, 1);
	assert_ok(open_table());
	assert_true(kprof_gopclntab_needs_module(&table));
	go_image_init(&image, GO_1_20, 8, 1);
	assert_ok(open_table());
	assert_false(kprof_gopclntab_needs_module(&table));
	/* But it knows not what is inlined. */
	assert_text(0x18, "main.main /src/inl.go:101 (5)");
	go_image_init(&image, GO_1_16, 8, 1);
	assert_ok(open_table());
	assert_false(kprof_gopclntab_needs_module(&table));
	assert_text(0x24,
		    "main.outer /src/inl.go:52; "
		    "main.main /src/main.go:11");
}

static void module_of_another_table_is_refused(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		make(version, 8);
		assert_errno(kprof_gopclntab_set_module(&table, GO_MODULE + 8),
			     -EINVAL);
		assert_errno(kprof_gopclntab_set_module(&table, 0), -EINVAL);
		go_set_module(&image, 0, GO_TABLE + 8);
		assert_errno(kprof_gopclntab_set_module(&table, GO_MODULE),
			     -EINVAL);
	}
}

/* Then offsets from the text are not what they seem. */
static void text_that_was_moved_apart_is_refused(void **state)
{
	uint8_t *second = image.data + (GO_SECTIONS - GO_DATA) + 3 * 8;

	(void)state;
	make(GO_1_20, 8);
	go_set_module(&image, 41 + 1, 2);
	go_set_module(&image, 41 + 2, 2);
	go_put(second, 0x40, 8);
	go_put(second + 16, GO_TEXT + 0x40, 8);
	assert_ok(kprof_gopclntab_set_module(&table, GO_MODULE));
	go_put(second + 16, GO_TEXT + 0x80, 8);
	assert_errno(kprof_gopclntab_set_module(&table, GO_MODULE), -EINVAL);
}

static void other_headers_are_refused(void **state)
{
	static const struct {
		uint8_t at, value;
	} changes[] = {{0, 0xf2}, {3, 0},    {4, 1}, {5, 1},  {6, 0},
		       {6, 3},	  {7, 16},   {8, 0}, {15, 1}, {8, 255},
		       {32, 255}, {40, 255}, {71, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		go_image_init(&image, GO_1_20, 8, 1);
		image.table[changes[i].at] = changes[i].value;
		if (changes[i].at == 32 || changes[i].at == 40)
			image.table[changes[i].at + 1] = 255;
		assert_errno(open_table(), -EINVAL);
	}
	/* The other byte order. */
	go_image_init(&image, GO_1_20, 8, 1);
	go_put(image.table, 0xf1ffffffU, 4);
	assert_errno(open_table(), -EINVAL);
}

/* The oldest layout has had different ones, which nothing tells apart. */
static void calls_without_a_name_are_none(void **state)
{
	(void)state;
	make(GO_1_2, 8);
	image.data[GO_CALLS - GO_DATA + 12]++;
	assert_text(0x24, "main.main /src/inl.go:52");
	make(GO_1_20, 8);
	go_put(image.data + (GO_CALLS - GO_DATA) + 4, UINT32_MAX, 4);
	assert_text(0x24, "main.main /src/inl.go:52 (5)");
}

static void calls_that_go_round_end(void **state)
{
	(void)state;
	make(GO_1_18, 8);
	/* The outer is inlined into the inner. */
	go_put(image.data + (GO_CALLS - GO_DATA), 1, 2);
	assert_text(0x24, "main.main /src/inl.go:52");
	make(GO_1_20, 8);
	go_put(image.data + (GO_CALLS - GO_DATA) + 8, 0x18, 4);
	assert_text(0x24, "main.main /src/inl.go:52 (5)");
}

static uint64_t nr_read;

/* Pairs that change the value for no instruction. */
static size_t read_endless(void *context, uint64_t address, void *buf,
			   size_t size)
{
	(void)context;
	for (size_t i = 0; i < size; i++)
		((uint8_t *)buf)[i] = (address + i) % 2 ? 0 : 2;
	nr_read += size;
	return size;
}

static void values_without_end_are_given_up(void **state)
{
	const struct kprof_gopclntab_function function = {
		.start = GO_TEXT, .file_values = 8, .line_values = 8};
	struct kprof_gopclntab_frame frame;

	(void)state;
	make(GO_1_20, 8);
	table.read = read_endless;
	table.limit = UINT64_MAX;
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(kprof_gopclntab_frames(&table, &function,
							GO_TEXT + 8, &frame, 1),
				 1);
		assert_int_equal(frame.line, 0);
	}
	assert_in_range(nr_read, 1, 1 << 26);
}

/* Whatever is in a byte, nothing but the byte is read wrong. */
static void any_byte_may_be_damaged(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		go_image_init(&image, version, 8, 1);
		for (size_t i = 0; i < image.used; i++) {
			uint8_t before = image.table[i];

			image.table[i] ^= 0xff;
			if (!open_table()) {
				kprof_gopclntab_set_module(&table, GO_MODULE);
				for (uint64_t at = 0; at < GO_TEXT_BYTES; at++)
					text_at(GO_TEXT + at);
			}
			image.table[i] = before;
		}
	}
}

static void end_of_file_may_be_anywhere(void **state)
{
	(void)state;
	for (enum go_version version = 0; version < NR_GO; version++) {
		go_image_init(&image, version, 8, 1);
		while (image.used--) {
			if (open_table())
				continue;
			kprof_gopclntab_set_module(&table, GO_MODULE);
			text_at(GO_TEXT + 0x18);
			text_at(GO_LEAF);
		}
	}
}

static void strings_are_cut(void **state)
{
	char name[8];

	(void)state;
	make(GO_1_20, 8);
	assert_int_equal(kprof_gopclntab_string(&table, table.names + 1, name,
						sizeof(name)),
			 7);
	assert_string_equal(name, "main.ma");
	/* Of a string that has no end. */
	table.limit = table.names + 5;
	assert_int_equal(kprof_gopclntab_string(&table, table.names + 1, name,
						sizeof(name)),
			 0);
	assert_string_equal(name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_is_read),
		cmocka_unit_test(other_addresses_have_no_function),
		cmocka_unit_test(functions_can_be_listed),
		cmocka_unit_test(padding_belongs_to_the_function_before),
		cmocka_unit_test(
			module_is_needed_where_the_table_says_too_little),
		cmocka_unit_test(module_of_another_table_is_refused),
		cmocka_unit_test(text_that_was_moved_apart_is_refused),
		cmocka_unit_test(other_headers_are_refused),
		cmocka_unit_test(calls_without_a_name_are_none),
		cmocka_unit_test(calls_that_go_round_end),
		cmocka_unit_test(values_without_end_are_given_up),
		cmocka_unit_test(any_byte_may_be_damaged),
		cmocka_unit_test(end_of_file_may_be_anywhere),
		cmocka_unit_test(strings_are_cut),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
