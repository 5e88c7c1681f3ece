// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: the blocks of a function as bytes.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_encode.h"

#include "lib/gsym_decode.h"

#include <stdbool.h>

/* Lines that special operators choose from; 0 is one of them. */
struct deltas {
	int64_t min;
	int64_t max;
};

static void append_u32(struct kprof_strbuf *buf, uint32_t value)
{
	kprof_strbuf_append(buf, &value, sizeof(value));
}

static void append_uleb(struct kprof_strbuf *buf, uint64_t value)
{
	while (value >= 0x80) {
		kprof_strbuf_append_char(buf, (char)(value | 0x80));
		value >>= 7;
	}
	kprof_strbuf_append_char(buf, (char)value);
}

static void append_sleb(struct kprof_strbuf *buf, int64_t value)
{
	while (value < -0x40 || value >= 0x40) {
		kprof_strbuf_append_char(buf, (char)(value | 0x80));
		value >>= 7;
	}
	kprof_strbuf_append_char(buf, (char)(value & 0x7f));
}

/* Lines */

/* How far a special operator can advance the address as well. */
static uint64_t most_bytes(const struct deltas *deltas, int64_t line_delta)
{
	uint64_t nr_deltas = (uint64_t)(deltas->max - deltas->min + 1);
	uint64_t op =
		KPROF_GSYM_OP_SPECIAL + (uint64_t)(line_delta - deltas->min);

	return (UINT8_MAX - op) / nr_deltas;
}

/* Bytes that a row takes; an advanced line may take more, but seldom does. */
static size_t row_cost(const struct deltas *deltas, int64_t line_delta,
		       uint64_t address_delta)
{
	size_t ret = 1;

	if (line_delta < deltas->min || line_delta > deltas->max) {
		ret += 2;
		line_delta = 0;
	}
	if (address_delta > most_bytes(deltas, line_delta))
		ret += line_delta ? 3 : 1;
	return ret;
}

static size_t cost(const struct deltas *deltas,
		   const struct kprof_gsym_body *body)
{
	size_t ret = 0;

	for (size_t i = 1; i < body->nr_lines; i++) {
		const struct kprof_gsym_line *line = &body->lines[i];

		ret += row_cost(deltas,
				(int64_t)line->line - (int64_t)line[-1].line,
				line->address - line[-1].address);
	}
	return ret;
}

/*
 * The more lines there are to choose from, the shorter is the way that the
 * address can advance at once. Code without inlined functions goes down a few
 * lines at a time; with them it jumps.
 */
static struct deltas choose_deltas(const struct kprof_gsym_body *body)
{
	static const struct deltas choices[] = {
		{-1, 3}, {-3, 6}, {-5, 9}, {-10, 10}, {-15, 15}, {-25, 25},
	};
	const size_t nr = sizeof(choices) / sizeof(choices[0]);
	struct deltas ret = choices[0];
	size_t least = cost(&ret, body);

	for (size_t i = 1; i < nr; i++) {
		size_t bytes = cost(&choices[i], body);

		if (bytes < least) {
			least = bytes;
			ret = choices[i];
		}
	}
	return ret;
}

static void append_row(struct kprof_strbuf *buf, const struct deltas *deltas,
		       int64_t line_delta, uint64_t address_delta)
{
	uint64_t nr_deltas = (uint64_t)(deltas->max - deltas->min + 1);

	if (line_delta < deltas->min || line_delta > deltas->max) {
		kprof_strbuf_append_char(buf, KPROF_GSYM_OP_ADVANCE_LINE);
		append_sleb(buf, line_delta);
		line_delta = 0;
	}
	if (address_delta <= most_bytes(deltas, line_delta)) {
		kprof_strbuf_append_char(
			buf, (char)(KPROF_GSYM_OP_SPECIAL +
				    (uint64_t)(line_delta - deltas->min) +
				    address_delta * nr_deltas));
		return;
	}
	if (line_delta) {
		kprof_strbuf_append_char(buf, KPROF_GSYM_OP_ADVANCE_LINE);
		append_sleb(buf, line_delta);
	}
	kprof_strbuf_append_char(buf, KPROF_GSYM_OP_ADVANCE_ADDRESS);
	append_uleb(buf, address_delta);
}

void kprof_gsym_encode_lines(struct kprof_strbuf *buf, uint64_t start,
			     const struct kprof_gsym_body *body)
{
	struct deltas deltas = choose_deltas(body);
	struct kprof_gsym_line last = {
		.address = start,
		.file = 1,
		.line = body->lines[0].line,
	};

	append_sleb(buf, deltas.min);
	append_sleb(buf, deltas.max);
	append_uleb(buf, last.line);
	for (size_t i = 0; i < body->nr_lines; i++) {
		const struct kprof_gsym_line *line = &body->lines[i];

		if (line->file != last.file) {
			kprof_strbuf_append_char(buf, KPROF_GSYM_OP_FILE);
			append_uleb(buf, line->file);
		}
		append_row(buf, &deltas,
			   (int64_t)line->line - (int64_t)last.line,
			   line->address - last.address);
		last = *line;
	}
	kprof_strbuf_append_char(buf, KPROF_GSYM_OP_END);
}

/* Inlined functions */

static void append_ranges(struct kprof_strbuf *buf,
			  const struct kprof_gsym_range *ranges, size_t nr,
			  uint64_t base)
{
	append_uleb(buf, nr);
	for (size_t i = 0; i < nr; i++) {
		append_uleb(buf, ranges[i].start - base);
		append_uleb(buf, ranges[i].end - ranges[i].start);
	}
}

/* Lists end where the next function is inlined less deeply. */
static void end_lists(struct kprof_strbuf *buf, uint32_t depth,
		      uint32_t next_depth)
{
	for (; depth > next_depth; depth--)
		append_uleb(buf, 0);
}

void kprof_gsym_encode_inlines(struct kprof_strbuf *buf,
			       const struct kprof_gsym_range *function,
			       uint32_t name,
			       const struct kprof_gsym_body *body)
{
	uint64_t bases[KPROF_GSYM_MAX_DEPTH + 1] = {function->start};

	append_ranges(buf, function, 1, function->start);
	kprof_strbuf_append_char(buf, body->nr_inlines != 0);
	append_u32(buf, name);
	append_uleb(buf, 0);
	append_uleb(buf, 0);
	for (size_t i = 0; i < body->nr_inlines; i++) {
		const struct kprof_gsym_inline *node = &body->inlines[i];
		uint32_t next_depth =
			i + 1 < body->nr_inlines ? node[1].depth : 0;

		append_ranges(buf, node->ranges, node->nr_ranges,
			      bases[node->depth - 1]);
		bases[node->depth] = node->ranges[0].start;
		kprof_strbuf_append_char(buf, next_depth > node->depth);
		append_u32(buf, node->name);
		append_uleb(buf, node->call_file);
		append_uleb(buf, node->call_line);
		end_lists(buf, node->depth, next_depth);
	}
}
