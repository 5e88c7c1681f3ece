/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes the memory of a small Go program, with the table of functions of any
 * version of Go.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Its source, as far as anybody can tell:
 *
 *	main.go:5	func main.main() {
 *	main.go:10		...
 *	main.go:11		main.outer()	// inlined
 *	main.go:12		...
 *	main.go:20	func main.leaf[...]() {
 *	main.go:21		...
 *	inl.go:50	func main.outer() {
 *	inl.go:52		main.inner()	// inlined
 *	inl.go:100	func main.inner() {
 *	inl.go:101		...
 */
#ifndef UNIT_GO_IMAGE_H
#define UNIT_GO_IMAGE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	GO_TEXT = 0x401000,
	GO_TEXT_BYTES = 0x60,
	GO_LEAF = GO_TEXT + 0x40,
	GO_TABLE = 0x500020,
	/* Everything else. */
	GO_DATA = 0x4f0000,
	GO_INLINE_DATA = GO_DATA + 0x40,
	GO_CALLS = GO_INLINE_DATA + 0x10,
	GO_SECTIONS = GO_DATA + 0x100,
	GO_MODULE = GO_DATA + 0x200,
	GO_TABLE_BYTES = 1024,
	GO_DATA_BYTES = 0x800,
};

enum go_version { GO_1_2, GO_1_16, GO_1_18, GO_1_20, GO_1_26, GO_1_27, NR_GO };

struct go_image {
	enum go_version version;
	size_t word;
	size_t quantum;
	size_t used;
	uint8_t table[GO_TABLE_BYTES];
	uint8_t data[GO_DATA_BYTES];
};

static inline void go_put(uint8_t *at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++, value >>= 8)
		at[i] = (uint8_t)value;
}

/* Appends to the table; returns where. */
static inline size_t go_add(struct go_image *image, uint64_t value, size_t size)
{
	size_t ret = image->used;

	assert(ret + size <= sizeof(image->table));
	go_put(image->table + ret, value, size);
	image->used += size;
	return ret;
}

static inline size_t go_add_string(struct go_image *image, const char *string)
{
	size_t ret = image->used;

	do
		go_add(image, (uint8_t)*string, 1);
	while (*string++);
	return ret;
}

static inline void go_align(struct go_image *image)
{
	while (image->used % image->word)
		go_add(image, 0, 1);
}

static inline void go_add_number(struct go_image *image, uint32_t value)
{
	for (; value >= 0x80; value >>= 7)
		go_add(image, (value & 0x7f) | 0x80, 1);
	go_add(image, value, 1);
}

struct go_range {
	int32_t value;
	uint32_t bytes;
};

/* Up to one of no bytes. */
static inline size_t go_add_values(struct go_image *image,
				   const struct go_range *ranges)
{
	size_t ret = image->used;
	int32_t before = -1;

	for (; ranges->bytes; ranges++) {
		uint32_t change = (uint32_t)(ranges->value - before);

		before = ranges->value;
		go_add_number(image, change << 1 ^ -(change >> 31));
		go_add_number(image, ranges->bytes / image->quantum);
	}
	go_add(image, 0, 1);
	return ret;
}

static inline bool go_is_relative(const struct go_image *image)
{
	return image->version >= GO_1_18;
}

/**
 * struct go_parts - where things are in the table
 * @names: of functions: where this part starts, as do the next three
 * @units: or files, before there were units
 * @files: names of files
 * @values: of instructions
 * @main: the name main.main, as the next three
 */
struct go_parts {
	size_t names, units, files, values;
	size_t main, leaf, outer, inner;
	size_t main_files, main_lines, main_calls, leaf_files, leaf_lines;
};

static inline void go_add_strings(struct go_image *image,
				  struct go_parts *parts)
{
	size_t first, second;

	parts->names = image->used;
	go_add(image, 0, 1);
	parts->main = go_add_string(image, "main.main");
	parts->leaf = go_add_string(image, "main.leaf[...]");
	parts->outer = go_add_string(image, "main.outer");
	parts->inner = go_add_string(image, "main.inner");
	parts->files = image->used;
	first = go_add_string(image, "/src/main.go");
	second = go_add_string(image, "/src/inl.go");
	go_align(image);
	parts->units = image->used;
	if (image->version == GO_1_2) {
		go_add(image, 3, 4);
		go_add(image, first, 4);
		go_add(image, second, 4);
		parts->names = 0;
		return;
	}
	/* Another unit's; main's is the second. */
	go_add(image, UINT32_MAX, 4);
	go_add(image, first - parts->files, 4);
	go_add(image, second - parts->files, 4);
}

static inline void go_add_all_values(struct go_image *image,
				     struct go_parts *parts)
{
	const int32_t main_go = image->version == GO_1_2 ? 1 : 0;
	const struct go_range files[] = {
		{main_go, 0x14}, {main_go + 1, 0x1c}, {main_go, 0x10}, {}};
	const struct go_range lines[] = {{10, 0x10}, {11, 4},	 {101, 0xc},
					 {52, 0x10}, {12, 0x10}, {}};
	const struct go_range calls[] = {
		{-1, 0x14}, {1, 0xc}, {0, 0x10}, {-1, 0x10}, {}};
	const struct go_range leaf_files[] = {{main_go, 0x20}, {}};
	/* Without a padding of 4 bytes. */
	const struct go_range leaf_lines[] = {{21, 0x1c}, {}};

	parts->values = image->version == GO_1_2 ? 0 : image->used;
	/* 0 says that there are none. */
	go_add(image, 0, 1);
	parts->main_files = go_add_values(image, files);
	parts->main_lines = go_add_values(image, lines);
	parts->main_calls = go_add_values(image, calls);
	parts->leaf_files = go_add_values(image, leaf_files);
	parts->leaf_lines = go_add_values(image, leaf_lines);
	go_align(image);
}

static inline void go_add_record(struct go_image *image,
				 const struct go_parts *parts, bool is_main)
{
	size_t calls = image->version == GO_1_2 ? 4 : 3;
	size_t nr_pointers = is_main ? calls + 1 : 0;
	uint64_t entry = is_main ? GO_TEXT : GO_LEAF;

	if (go_is_relative(image))
		go_add(image, entry - GO_TEXT, 4);
	else
		go_add(image, entry, image->word);
	go_add(image, (is_main ? parts->main : parts->leaf) - parts->names, 4);
	go_add(image, 0, 3 * 4);
	go_add(image,
	       (is_main ? parts->main_files : parts->leaf_files) -
		       parts->values,
	       4);
	go_add(image,
	       (is_main ? parts->main_lines : parts->leaf_lines) -
		       parts->values,
	       4);
	go_add(image, is_main ? 3 : 0, 4);
	if (image->version >= GO_1_16)
		go_add(image, 1, 4);
	if (image->version >= GO_1_20)
		go_add(image, is_main ? 5 : 20, 4);
	go_add(image, 0, 3);
	go_add(image, nr_pointers, 1);
	if (!is_main)
		return;
	go_add(image, 0, 2 * 4);
	go_add(image, parts->main_calls - parts->values, 4);
	if (!go_is_relative(image))
		go_align(image);
	for (size_t i = 0; i < calls; i++)
		go_add(image, UINT64_MAX,
		       go_is_relative(image) ? 4 : image->word);
	if (go_is_relative(image))
		go_add(image, GO_CALLS - GO_INLINE_DATA, 4);
	else
		go_add(image, GO_CALLS, image->word);
}

/* The list of functions is at @list, with room, and then come the records. */
static inline void go_add_functions(struct go_image *image,
				    const struct go_parts *parts, size_t list)
{
	size_t size = go_is_relative(image) ? 4 : image->word;
	uint64_t base = go_is_relative(image) ? GO_TEXT : 0;
	size_t from = image->version == GO_1_2 ? 0 : list;

	go_align(image);
	go_put(image->table + list, GO_TEXT - base, size);
	go_put(image->table + list + size, image->used - from, size);
	go_add_record(image, parts, true);
	go_align(image);
	go_put(image->table + list + 2 * size, GO_LEAF - base, size);
	go_put(image->table + list + 3 * size, image->used - from, size);
	go_add_record(image, parts, false);
	go_put(image->table + list + 4 * size, GO_TEXT + GO_TEXT_BYTES - base,
	       size);
	/* Something always follows. */
	go_align(image);
	go_add(image, 0, 8);
	go_add(image, 0, 8);
}

static inline void go_add_calls(struct go_image *image,
				const struct go_parts *parts)
{
	const int32_t main_go = image->version == GO_1_2 ? 1 : 0;
	uint8_t *calls = image->data + (GO_CALLS - GO_DATA);

	if (image->version >= GO_1_20) {
		go_put(calls + 4, parts->outer - parts->names, 4);
		go_put(calls + 8, 0x10, 4);
		go_put(calls + 12, 50, 4);
		go_put(calls + 20, parts->inner - parts->names, 4);
		go_put(calls + 24, 0x20, 4);
		go_put(calls + 28, 100, 4);
		return;
	}
	go_put(calls, UINT16_MAX, 2);
	go_put(calls + 4, (uint32_t)main_go, 4);
	go_put(calls + 8, 11, 4);
	go_put(calls + 12, parts->outer - parts->names, 4);
	go_put(calls + 20, 0, 2);
	go_put(calls + 24, (uint32_t)main_go + 1, 4);
	go_put(calls + 28, 52, 4);
	go_put(calls + 32, parts->inner - parts->names, 4);
}

/* Word @i of the runtime's description of the program. */
static inline uint8_t *go_module(struct go_image *image, size_t i)
{
	return image->data + (GO_MODULE - GO_DATA) + i * image->word;
}

static inline void go_set_module(struct go_image *image, size_t i,
				 uint64_t value)
{
	go_put(go_module(image, i), value, image->word);
}

static inline void go_add_module(struct go_image *image,
				 const struct go_parts *parts, size_t list)
{
	static const size_t inline_data[NR_GO] = {
		[GO_1_18] = 38, [GO_1_20] = 40, [GO_1_26] = 40, [GO_1_27] = 43};
	uint8_t *sections = image->data + (GO_SECTIONS - GO_DATA);
	size_t at = inline_data[image->version];

	go_put(sections + image->word, GO_TEXT_BYTES, image->word);
	go_put(sections + 2 * image->word, GO_TEXT, image->word);
	go_set_module(image, 0, GO_TABLE);
	if (image->version == GO_1_2) {
		go_set_module(image, 3, GO_TABLE + list);
		return;
	}
	go_set_module(image, 1, GO_TABLE + parts->names);
	if (!go_is_relative(image))
		return;
	go_set_module(image, 22, GO_TEXT);
	go_set_module(image, at++, GO_INLINE_DATA);
	/* The end of the table. */
	if (image->version >= GO_1_26)
		go_set_module(image, at++, GO_TABLE + image->used);
	go_set_module(image, at++, GO_SECTIONS);
	go_set_module(image, at++, 1);
	go_set_module(image, at++, 1);
}

static inline void go_init_old(struct go_image *image)
{
	struct go_parts parts;
	size_t list, size = image->word;

	go_add(image, 2, size);
	list = image->used;
	image->used += 5 * size;
	go_add(image, 0, 8);
	go_add_strings(image, &parts);
	go_put(image->table + list + 5 * size, parts.units, 4);
	go_add_all_values(image, &parts);
	go_add_functions(image, &parts, list);
	go_add_calls(image, &parts);
	go_add_module(image, &parts, list);
}

static inline void go_init_new(struct go_image *image)
{
	size_t at, list, size = image->word;
	struct go_parts parts;

	go_add(image, 2, size);
	go_add(image, 2, size);
	if (go_is_relative(image))
		go_add(image, image->version < GO_1_26 ? GO_TEXT : 0, size);
	at = image->used;
	image->used += 5 * size;
	go_add_strings(image, &parts);
	go_add_all_values(image, &parts);
	list = image->used;
	image->used += 5 * size;
	go_put(image->table + at, parts.names, size);
	go_put(image->table + at + size, parts.units, size);
	go_put(image->table + at + 2 * size, parts.files, size);
	go_put(image->table + at + 3 * size, parts.values, size);
	go_put(image->table + at + 4 * size, list, size);
	go_add_functions(image, &parts, list);
	go_add_calls(image, &parts);
	go_add_module(image, &parts, list);
}

/* @word is the size of a pointer. */
static inline void go_image_init(struct go_image *image,
				 enum go_version version, size_t word,
				 size_t quantum)
{
	static const uint8_t magics[NR_GO] = {0xfb, 0xfa, 0xf0,
					      0xf1, 0xf1, 0xf1};

	memset(image, 0, sizeof(*image));
	image->version = version;
	image->word = word;
	image->quantum = quantum;
	go_add(image, 0xffffff00U | magics[version], 4);
	go_add(image, 0, 2);
	go_add(image, quantum, 1);
	go_add(image, word, 1);
	if (version == GO_1_2)
		go_init_old(image);
	else
		go_init_new(image);
}

#endif /* UNIT_GO_IMAGE_H */
