// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads Go's table of functions: names, lines and inlined functions.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The table, by address:
 *
 *	header		magic, quantum, size of a pointer, where the parts are
 *	names		strings
 *	units		for each compilation unit, its files: where their names
 *			are; since Go 1.16
 *	files		strings; before Go 1.16 where their names are
 *	values		for ranges of instructions: file, line, inlined function
 *	functions	entry and place of the record, sorted by entry
 *	records		of each function: name, where its values are, data
 *
 * Values are pairs of variable-length numbers, how much the value changes and
 * how many instructions it is for. Which inlined function an instruction is of
 * is such a value, too: a number in an array that the record's data point to.
 * Since Go 1.18 that pointer is an offset from an address that only the
 * runtime's description of the program has, and since Go 1.26 so is the address
 * of the first function.
 */
#include "lib/gopclntab.h"

#include "util/le.h"

#include <errno.h>
#include <string.h>

enum {
	/* The header's words behind the first 8 bytes. */
	MAX_HEADER_WORDS = 8,
	/* Of a record: the entry and nine or fewer numbers. */
	MAX_RECORD_BYTES = 8 + 10 * 4,
	/* Of the runtime's description, in words. */
	MODULE_WORDS = 72,
	MODULE_TEXT = 22,
	/* Where to look for its list of text sections: 39 to 45 so far. */
	MODULE_FIRST_SECTIONS = 36,
	/* Very large programs have a few. */
	MAX_TEXT_SECTIONS = 64,
};

static const struct kprof_gopclntab_layout layouts[] = {
	/* Go 1.2 to 1.15; inlined functions since 1.13 */
	{0xfffffffb, false, false, false, 4},
	/* Go 1.16 and 1.17 */
	{0xfffffffa, false, true, false, 3},
	/* Go 1.18 and 1.19 */
	{0xfffffff0, true, true, false, 3},
	/* Go 1.20 to 1.27 */
	{0xfffffff1, true, true, true, 3},
};

/* Bytes */

/* Anywhere in the program. */
static bool read_all(const struct kprof_gopclntab *table, uint64_t address,
		     void *buf, size_t size)
{
	return table->read(table->context, address, buf, size) == size;
}

/* In the table; returns how many bytes. */
size_t kprof_gopclntab_read(const struct kprof_gopclntab *table,
			    uint64_t address, void *buf, size_t size)
{
	if (address < table->address || address >= table->limit)
		return 0;
	if (size > table->limit - address)
		size = table->limit - address;
	return table->read(table->context, address, buf, size);
}

bool kprof_gopclntab_read32(const struct kprof_gopclntab *table,
			    uint64_t address, uint32_t *ret)
{
	uint8_t bytes[4];

	if (kprof_gopclntab_read(table, address, bytes, sizeof(bytes)) !=
	    sizeof(bytes))
		return false;
	*ret = le_get32(bytes);
	return true;
}

size_t kprof_gopclntab_string(const struct kprof_gopclntab *table,
			      uint64_t address, char *ret, size_t size)
{
	size_t len = 0, nr;

	while (len + 1 < size) {
		nr = size - 1 - len < 64 ? size - 1 - len : 64;
		nr = kprof_gopclntab_read(table, address + len, ret + len, nr);
		if (memchr(ret + len, '\0', nr))
			return len + strlen(ret + len);
		if (!nr)
			len = 0;
		if (!nr)
			break;
		len += nr;
	}
	ret[len] = '\0';
	return len;
}

/* The header */

static const struct kprof_gopclntab_layout *find_layout(uint32_t magic)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].magic == magic)
			return &layouts[i];
	return NULL;
}

bool kprof_gopclntab_is_start(const uint8_t bytes[static 8])
{
	uint8_t quantum = bytes[6], word = bytes[7];

	return bytes[1] == 0xff && find_layout(le_get32(bytes)) && !bytes[4] &&
	       !bytes[5] && (quantum == 1 || quantum == 2 || quantum == 4) &&
	       (word == 4 || word == 8);
}

/* Go 1.16 and newer: number of functions, of files, text, five offsets. */
static bool read_parts(struct kprof_gopclntab *table, const uint64_t *words)
{
	uint64_t *const parts[] = {&table->names, &table->units, &table->files,
				   &table->values, &table->functions};
	const uint64_t *offsets = words + 2;

	if (table->layout->is_relative)
		table->text = *offsets++;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (offsets[i] >= table->limit - table->address)
			return false;
		*parts[i] = table->address + offsets[i];
	}
	table->records = table->functions;
	return true;
}

/* Before: the functions follow, then the place of the files. */
static bool read_files(struct kprof_gopclntab *table)
{
	uint32_t offset;

	table->names = table->address;
	table->values = table->address;
	table->records = table->address;
	table->functions = table->address + 8 + table->word_bytes;
	if (!kprof_gopclntab_read32(table,
				    table->functions +
					    (2 * table->nr_functions + 1) *
						    table->word_bytes,
				    &offset))
		return false;
	table->files = table->address + offset;
	return kprof_gopclntab_read32(table, table->files, &table->nr_files);
}

static bool has_room(const struct kprof_gopclntab *table, uint64_t address)
{
	uint64_t left = table->limit - address;

	return table->nr_functions > 0 &&
	       table->nr_functions <= left / (2 * table->entry_bytes) &&
	       (2 * table->nr_functions + 1) * table->entry_bytes <= left;
}

int kprof_gopclntab_init(struct kprof_gopclntab *table,
			 kprof_gopclntab_read_fn *read, void *context,
			 uint64_t address, uint64_t limit)
{
	uint8_t bytes[8 + MAX_HEADER_WORDS * 8] = {};
	uint64_t words[MAX_HEADER_WORDS];

	*table = (struct kprof_gopclntab){
		.read = read,
		.context = context,
		.address = address,
		.limit = limit,
	};
	if (limit <= address || limit - address < sizeof(bytes) ||
	    !read_all(table, address, bytes, sizeof(bytes)) ||
	    !kprof_gopclntab_is_start(bytes))
		return -EINVAL;
	table->layout = find_layout(le_get32(bytes));
	table->quantum = bytes[6];
	table->word_bytes = bytes[7];
	table->entry_bytes = table->layout->is_relative ? 4 : bytes[7];
	for (size_t i = 0; i < MAX_HEADER_WORDS; i++)
		words[i] = le_get(bytes + 8 + i * table->word_bytes,
				  table->word_bytes);
	table->nr_functions = words[0];
	if (table->layout->has_parts)
		return read_parts(table, words) &&
				       has_room(table, table->functions)
			       ? 0
			       : -EINVAL;
	return has_room(table, address + 8 + table->word_bytes) &&
			       read_files(table)
		       ? 0
		       : -EINVAL;
}

/* The runtime's description of the program */

bool kprof_gopclntab_needs_module(const struct kprof_gopclntab *table)
{
	return table->layout->is_relative && !table->text;
}

/*
 * Is this the runtime's list of text sections? The first one starts at the
 * text. If external linkers have moved them apart, offsets from the text are
 * not what they seem; that takes a program of more than 100 MB.
 */
static bool is_text_sections(const struct kprof_gopclntab *table,
			     const uint64_t *slice, uint64_t text)
{
	size_t word = table->word_bytes;
	uint8_t bytes[3 * 8];

	if (slice[1] != slice[2] || !slice[1] || slice[1] > MAX_TEXT_SECTIONS)
		return false;
	for (uint64_t i = 0; i < slice[1]; i++) {
		uint64_t offset;

		if (!read_all(table, slice[0] + i * 3 * word, bytes, 3 * word))
			return false;
		offset = le_get(bytes, word);
		if ((i == 0 && offset) ||
		    le_get(bytes + 2 * word, word) != text + offset)
			return false;
	}
	return true;
}

/*
 * What is in front of the list of text sections moves from version to version,
 * so that list is looked for. Before it is the address that data are relative
 * to, since Go 1.26 with the end of the table between.
 */
static bool find_inline_data(struct kprof_gopclntab *table,
			     const uint64_t *words)
{
	for (size_t i = MODULE_FIRST_SECTIONS; i + 3 <= MODULE_WORDS; i++) {
		if (!is_text_sections(table, &words[i], words[MODULE_TEXT]))
			continue;
		table->inline_data = words[i - 1] > table->address
					     ? words[i - 2]
					     : words[i - 1];
		return true;
	}
	return false;
}

int kprof_gopclntab_set_module(struct kprof_gopclntab *table, uint64_t address)
{
	uint8_t bytes[MODULE_WORDS * 8] = {};
	size_t word = table->word_bytes;
	uint64_t words[MODULE_WORDS];

	/* Older ones are shorter, and may be the last thing in the file. */
	table->read(table->context, address, bytes, MODULE_WORDS * word);
	for (size_t i = 0; i < MODULE_WORDS; i++)
		words[i] = le_get(bytes + i * word, word);
	if (words[0] != table->address)
		return -EINVAL;
	/* First the table itself as an array, then its functions. */
	if (!table->layout->has_parts)
		return words[3] == table->functions ? 0 : -EINVAL;
	if (words[1] != table->names)
		return -EINVAL;
	if (!table->layout->is_relative)
		return 0;
	if (!find_inline_data(table, words))
		return -EINVAL;
	table->text = words[MODULE_TEXT];
	return 0;
}

/* Functions */

static bool read_entry(const struct kprof_gopclntab *table, uint64_t i,
		       uint64_t *entry_ret, uint64_t *record_ret)
{
	size_t size = table->entry_bytes;
	uint8_t bytes[16] = {};

	if (!kprof_gopclntab_read(table, table->functions + i * 2 * size, bytes,
				  2 * size))
		return false;
	*entry_ret = le_get(bytes, size);
	if (table->layout->is_relative)
		*entry_ret += table->text;
	*record_ret = table->records + le_get(bytes + size, size);
	return true;
}

/* Numbers of a record; the last byte is that of nr_pointers. */
static size_t record_bytes(const struct kprof_gopclntab *table)
{
	return table->entry_bytes + 8 * 4 + (table->layout->has_parts ? 4 : 0) +
	       (table->layout->has_start_line ? 4 : 0);
}

static int read_record(const struct kprof_gopclntab *table,
		       struct kprof_gopclntab_function *function)
{
	uint8_t bytes[MAX_RECORD_BYTES];
	const uint8_t *numbers = bytes + table->entry_bytes;
	size_t size = record_bytes(table);
	uint64_t entry;

	if (kprof_gopclntab_read(table, function->record, bytes, size) != size)
		return -ENOENT;
	entry = le_get(bytes, table->entry_bytes);
	if (table->layout->is_relative)
		entry += table->text;
	if (entry != function->start)
		return -ENOENT;
	function->name = le_get32(numbers);
	function->file_values = le_get32(numbers + 16);
	function->line_values = le_get32(numbers + 20);
	function->nr_data = le_get32(numbers + 24);
	if (table->layout->has_parts)
		function->unit = le_get32(numbers + 28);
	if (table->layout->has_start_line)
		function->start_line = le_get32(numbers + 32);
	function->nr_pointers = bytes[size - 1];
	function->data = function->record + size;
	return 0;
}

/* How many functions start at or before the address, the end counts too. */
static bool count_up_to(const struct kprof_gopclntab *table, uint64_t address,
			uint64_t *ret)
{
	uint64_t low = 0, high = table->nr_functions + 1, unused;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2, entry;

		if (!read_entry(table, middle, &entry, &unused))
			return false;
		if (entry <= address)
			low = middle + 1;
		else
			high = middle;
	}
	*ret = low;
	return true;
}

int kprof_gopclntab_find(const struct kprof_gopclntab *table, uint64_t address,
			 struct kprof_gopclntab_function *ret)
{
	uint64_t nr, unused;

	if (!count_up_to(table, address, &nr) || nr == 0 ||
	    nr > table->nr_functions)
		return -ENOENT;
	*ret = (struct kprof_gopclntab_function){};
	if (!read_entry(table, nr - 1, &ret->start, &ret->record) ||
	    !read_entry(table, nr, &ret->end, &unused) ||
	    ret->start > address || ret->end <= address)
		return -ENOENT;
	return read_record(table, ret);
}

int kprof_gopclntab_next(const struct kprof_gopclntab *table, uint64_t address,
			 uint64_t *ret)
{
	uint64_t nr, unused;

	if (!count_up_to(table, address, &nr) || nr >= table->nr_functions ||
	    !read_entry(table, nr, ret, &unused) || *ret <= address)
		return -ENOENT;
	return 0;
}
