// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines and inlined functions at an instruction, from Go's table of functions.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A crafted table may have values without end. What look-ups take in all is
 * bounded, and those that would go beyond it find nothing.
 */
#include "lib/gopclntab_frames.h"

#include "lib/gopclntab.h"
#include "util/le.h"

enum {
	/* Which of a function's values say what is inlined. */
	INLINE_VALUES = 2,
	/*
	 * Pairs of values that one look-up may take, and that all may take
	 * beyond that. Functions have about a hundred, some that are
	 * generated have 100,000.
	 */
	STEPS_PER_LOOKUP = 1 << 14,
	MAX_STEPS = 1 << 24,
};

/* Values of instructions */

struct stream {
	const struct kprof_gopclntab *table;
	uint64_t next;
	size_t at;
	size_t size;
	uint8_t bytes[64];
};

static bool read_number(struct stream *stream, uint32_t *ret)
{
	*ret = 0;
	for (int shift = 0; shift < 35; shift += 7) {
		uint8_t byte;

		if (stream->at == stream->size) {
			stream->size = kprof_gopclntab_read(
				stream->table, stream->next, stream->bytes,
				sizeof(stream->bytes));
			if (!stream->size)
				return false;
			stream->next += stream->size;
			stream->at = 0;
		}
		byte = stream->bytes[stream->at++];
		*ret |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

/* The value at @address; -1, which is none, if there is none. */
static int32_t value_at(struct kprof_gopclntab *table,
			const struct kprof_gopclntab_function *function,
			uint32_t values, uint64_t address)
{
	struct stream stream = {
		.table = table,
		.next = table->values + values,
	};
	uint64_t at = function->start;
	uint32_t change, length, value = UINT32_MAX;

	if (!values)
		return -1;
	for (bool is_first = true; table->steps < MAX_STEPS; is_first = false) {
		table->steps++;
		if (!read_number(&stream, &change) || (!change && !is_first) ||
		    !read_number(&stream, &length))
			break;
		/* The lowest bit is the sign. */
		value += (change >> 1) ^ -(change & 1);
		at += (uint64_t)length * table->quantum;
		if (address < at)
			return (int32_t)value;
	}
	return -1;
}

/* Lines and inlined functions */

static uint64_t file_name(const struct kprof_gopclntab *table,
			  const struct kprof_gopclntab_function *function,
			  int32_t file)
{
	uint32_t offset;

	if (file < 0)
		return 0;
	if (!table->layout->has_parts) {
		/* The first is the number of files. */
		if (!file || (uint32_t)file >= table->nr_files ||
		    !kprof_gopclntab_read32(
			    table, table->files + (uint64_t)file * 4, &offset))
			return 0;
		return table->address + offset;
	}
	if (!kprof_gopclntab_read32(
		    table, table->units + ((uint64_t)function->unit + file) * 4,
		    &offset) ||
	    offset == UINT32_MAX)
		return 0;
	return table->files + offset;
}

static void set_place(struct kprof_gopclntab *table,
		      const struct kprof_gopclntab_function *function,
		      uint64_t address, struct kprof_gopclntab_frame *ret)
{
	int32_t line =
		value_at(table, function, function->line_values, address);

	ret->file = file_name(
		table, function,
		value_at(table, function, function->file_values, address));
	ret->line = line > 0 ? (uint32_t)line : 0;
}

/**
 * struct inlining - what is inlined into a function
 * @function: the function
 * @values: where it says which instructions are of which inlined function
 * @calls: address of the array of inlined functions
 */
struct inlining {
	const struct kprof_gopclntab_function *function;
	uint32_t values;
	uint64_t calls;
};

/**
 * struct call - an inlined function
 * @name: where its name is, relative to the names
 * @start_line: of the function
 * @parent: number of the one that it is inlined into, -1 for the function
 * @file: where it is called from
 * @line: where it is called from
 * @caller: the instruction that has the place where it is called from
 */
struct call {
	uint32_t name;
	uint32_t start_line;
	int32_t parent;
	int32_t file;
	int32_t line;
	uint64_t caller;
};

static bool find_inlining(const struct kprof_gopclntab *table,
			  const struct kprof_gopclntab_function *function,
			  struct inlining *ret)
{
	uint64_t data = function->data, calls;
	size_t size = table->entry_bytes;
	uint8_t bytes[8];

	if (function->nr_data <= INLINE_VALUES ||
	    function->nr_pointers <= table->layout->inline_data ||
	    !kprof_gopclntab_read32(table, data + 4 * INLINE_VALUES,
				    &ret->values))
		return false;
	data += 4ULL * function->nr_data;
	/* Pointers are aligned. */
	data += -data % size;
	data += table->layout->inline_data * size;
	if (kprof_gopclntab_read(table, data, bytes, size) != size)
		return false;
	calls = le_get(bytes, size);
	if (table->layout->is_relative) {
		if (calls == UINT32_MAX || !table->inline_data)
			return false;
		calls += table->inline_data;
	}
	ret->function = function;
	ret->calls = calls;
	return calls != 0;
}

/*
 * The array of Go 1.12 and older looks different, and nothing says that it
 * does. A name that is none tells it.
 */
static bool is_name(const struct kprof_gopclntab *table, uint32_t name)
{
	char before, first;

	return kprof_gopclntab_read(table, table->names + name, &first, 1) &&
	       first &&
	       (table->layout->has_parts ||
		(name &&
		 kprof_gopclntab_read(table, table->names + name - 1, &before,
				      1) &&
		 !before));
}

static bool read_call(struct kprof_gopclntab *table,
		      const struct inlining *inlining, int32_t number,
		      struct call *ret)
{
	size_t size = table->layout->has_start_line ? 16 : 20;
	uint8_t bytes[20];

	if (table->read(table->context,
			inlining->calls + (uint64_t)number * size, bytes,
			size) != size)
		return false;
	*ret = (struct call){};
	if (table->layout->has_start_line) {
		ret->name = le_get32(bytes + 4);
		ret->caller = inlining->function->start + le_get32(bytes + 8);
		ret->start_line = le_get32(bytes + 12);
		ret->parent = value_at(table, inlining->function,
				       inlining->values, ret->caller);
	} else {
		ret->parent = (int16_t)(bytes[0] | bytes[1] << 8);
		ret->file = (int32_t)le_get32(bytes + 4);
		ret->line = (int32_t)le_get32(bytes + 8);
		ret->name = le_get32(bytes + 12);
	}
	return is_name(table, ret->name);
}

/* Where @call is called from. */
static void set_caller(struct kprof_gopclntab *table,
		       const struct inlining *inlining, const struct call *call,
		       struct kprof_gopclntab_frame *ret)
{
	if (table->layout->has_start_line) {
		set_place(table, inlining->function, call->caller, ret);
		return;
	}
	ret->file = file_name(table, inlining->function, call->file);
	ret->line = call->line > 0 ? (uint32_t)call->line : 0;
}

/* Returns how many inlined functions are in @ret; behind them is one more. */
static size_t add_inlined(struct kprof_gopclntab *table,
			  const struct inlining *inlining, uint64_t address,
			  struct kprof_gopclntab_frame *ret, size_t max)
{
	int32_t number =
		value_at(table, inlining->function, inlining->values, address);
	size_t nr = 0;

	while (number >= 0) {
		struct call call;

		/* Part of a chain would be wrong, its end is what matters. */
		if (nr + 1 >= max || !read_call(table, inlining, number, &call))
			return 0;
		ret[nr].name = table->names + call.name;
		ret[nr].start_line = call.start_line;
		nr++;
		set_caller(table, inlining, &call, &ret[nr]);
		number = call.parent;
	}
	return nr;
}

size_t kprof_gopclntab_frames(struct kprof_gopclntab *table,
			      const struct kprof_gopclntab_function *function,
			      uint64_t address,
			      struct kprof_gopclntab_frame *ret, size_t max)
{
	struct inlining inlining;
	size_t nr = 0;

	table->steps -= table->steps < STEPS_PER_LOOKUP ? table->steps
							: STEPS_PER_LOOKUP;
	set_place(table, function, address, &ret[0]);
	if (find_inlining(table, function, &inlining))
		nr = add_inlined(table, &inlining, address, ret, max);
	ret[nr].name = table->names + function->name;
	ret[nr].start_line = function->start_line;
	return nr + 1;
}
