// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: from text that lists addresses and names.
 *
 * Copyright (C) 2026 The kprof authors
 *
 *	nm, System.map		ADDRESS TYPE NAME
 *	nm -S			ADDRESS SIZE TYPE NAME
 *	perf map		ADDRESS SIZE NAME, which may have spaces
 *
 * Functions without a size end at the next symbol, whatever that is. The last
 * one, which nobody knows the end of, has its first address only.
 */
#include "lib/gsym.h"
#include "lib/gsym_pieces.h"
#include "lib/gsym_write.h"
#include "lib/kernel_places.h"
#include "lib/symbol_name.h"
#include "lib/symbol_table.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/strbuf.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	/* Groups of symbols: data only says where code ends. */
	GROUP_CODE,
	GROUP_DATA,
};

enum format {
	FORMAT_NM,
	FORMAT_NM_SIZES,
	FORMAT_PERF_MAP,
};

/* A line in pieces; @size is 0 if it is not said. */
struct line {
	uint64_t address;
	uint64_t size;
	char type;
	const char *name;
	size_t name_len;
};

/**
 * struct text_source - a source of symbols, for gsym_pieces.c
 * @format: of the text
 * @table: functions and, as long as it grows, data
 * @names: of functions
 * @skipped: lines that were not understood
 */
struct text_source {
	enum format format;
	struct kprof_symbol_table table;
	struct kprof_strbuf names;
	uint32_t skipped;
};

define_cleanup(cleanup_writer, struct kprof_gsym_writer *,
	       kprof_gsym_writer_destroy)

	/* Lines */

	static void skip_blanks(const char **at, const char *end)
{
	while (*at < end && (**at == ' ' || **at == '\t'))
		(*at)++;
}

/* Hexadecimal, with or without 0x, and a blank behind it. */
static bool take_hex(const char **at, const char *end, uint64_t *ret)
{
	const char *c = *at;
	size_t digits = 0;

	*ret = 0;
	if (end - c > 2 && c[0] == '0' && c[1] == 'x')
		c += 2;
	for (; c < end && isxdigit((unsigned char)*c); c++, digits++)
		*ret = *ret << 4 | (uint64_t)(isdigit((unsigned char)*c)
						      ? *c - '0'
						      : (*c | 32) - 'a' + 10);
	if (!digits || digits > 16 || c == end || (*c != ' ' && *c != '\t'))
		return false;
	*at = c;
	skip_blanks(at, end);
	return true;
}

static bool take_type(const char **at, const char *end, char *ret)
{
	if (end - *at < 2 || (!isalpha((unsigned char)**at) && **at != '?') ||
	    ((*at)[1] != ' ' && (*at)[1] != '\t'))
		return false;
	*ret = **at;
	*at += 2;
	skip_blanks(at, end);
	return true;
}

static bool parse_line(const char *at, const char *end, enum format format,
		       struct line *ret)
{
	*ret = (struct line){.type = 't'};
	while (end > at && isspace((unsigned char)end[-1]))
		end--;
	if (!take_hex(&at, end, &ret->address))
		return false;
	if (format != FORMAT_NM && !take_hex(&at, end, &ret->size))
		return false;
	if (format != FORMAT_PERF_MAP && !take_type(&at, end, &ret->type))
		return false;
	ret->name = at;
	ret->name_len = (size_t)(end - at);
	/* What kallsyms appends: a module's addresses are its own affair. */
	if (format == FORMAT_NM && memchr(at, '\t', ret->name_len))
		return false;
	return ret->name_len;
}

static bool is_code(char type)
{
	return strchr("tTwWi", type) != NULL;
}

/* A type that is no digit tells; without any it is a perf map. */
static enum format find_format(const char *text, size_t size)
{
	const char *end = text + size, *next;
	struct line line;

	for (; text < end; text = next + 1) {
		next = memchr(text, '\n', (size_t)(end - text)) ?: end;
		if (parse_line(text, next, FORMAT_NM_SIZES, &line) &&
		    is_code(line.type))
			return FORMAT_NM_SIZES;
		if (parse_line(text, next, FORMAT_NM, &line) &&
		    is_code(line.type))
			return FORMAT_NM;
	}
	return FORMAT_PERF_MAP;
}

/* Symbols */

static int add_symbol(struct text_source *source, const struct line *line)
{
	struct kprof_symbol_entry entry = {
		.start = line->address,
		.size = line->size < UINT32_MAX ? (uint32_t)line->size
						: UINT32_MAX,
		.name = (uint32_t)source->names.len,
		.group = is_code(line->type) ? GROUP_CODE : GROUP_DATA,
		.rank = islower((unsigned char)line->type)
				? KPROF_SYMBOL_LOCAL
				: KPROF_SYMBOL_GLOBAL,
		.is_open = !line->size,
	};

	if (line->type == 'w' || line->type == 'W')
		entry.rank = KPROF_SYMBOL_WEAK;
	if (entry.is_open)
		entry.size = UINT32_MAX;
	if (source->names.len > UINT32_MAX - line->name_len - 1)
		return -EFBIG;
	kprof_strbuf_append(&source->names, line->name, line->name_len);
	kprof_strbuf_append_char(&source->names, '\0');
	if (source->names.err)
		return source->names.err;
	if (source->format != FORMAT_PERF_MAP)
		kprof_symbol_name_cut_version(source->names.data + entry.name);
	return kprof_symbol_table_add(&source->table, &entry);
}

static int add_lines(struct text_source *source, const char *text, size_t size)
{
	const char *end = text + size, *next;
	struct line line;
	int err = 0;

	source->format = find_format(text, size);
	for (; !err && text < end; text = next + 1) {
		next = memchr(text, '\n', (size_t)(end - text)) ?: end;
		if (parse_line(text, next, source->format, &line))
			err = add_symbol(source, &line);
		else if (next > text && !isspace((unsigned char)*text))
			source->skipped++;
	}
	return err;
}

static void finish_table(struct kprof_symbol_table *table)
{
	size_t nr = 0;

	kprof_symbol_table_finish(table);
	vector_for_each (&table->entries, entry) {
		if (entry->group == GROUP_DATA)
			continue;
		/* Nothing follows. */
		if (entry->is_open && entry->size == UINT32_MAX)
			entry->size = 1;
		table->entries.data[nr++] = *entry;
	}
	table->entries.nr = nr;
	kprof_symbol_table_finish(table);
}

static int text_find(void *opaque, uint64_t address, struct kprof_symbol *ret)
{
	const struct text_source *source = opaque;
	const char *names = kprof_strbuf_str(&source->names);
	struct kprof_symbol_match match;
	const char *best = "";
	int best_rank = 0;
	int err = kprof_symbol_table_find(&source->table, address, &match);

	if (err)
		return err;
	for (size_t i = 0; i < match.nr; i++) {
		const struct kprof_symbol_entry *entry = &match.entries[i];

		if (kprof_symbol_name_is_better(names + entry->name,
						entry->rank, best, best_rank)) {
			best = names + entry->name;
			best_rank = entry->rank;
		}
	}
	*ret = (struct kprof_symbol){
		.name = best,
		.start = match.start,
		.end = match.end,
	};
	return best[0] ? 0 : -ENOENT;
}

static int text_next(void *opaque, uint64_t address, uint64_t *ret)
{
	const struct text_source *source = opaque;

	return kprof_symbol_table_next(&source->table, address, ret);
}

static const struct kprof_symbolizer_ops text_ops = {
	.name = "text",
	.find = text_find,
	.next = text_next,
};

/* Whole */

static int fill(struct text_source *source, const char *text, size_t size,
		struct kprof_gsym_writer *writer)
{
	struct kprof_gsym_pieces pieces = {};
	int err = add_lines(source, text, size);

	if (err)
		return err;
	if (source->skipped)
		log_warning("%" PRIu32 " lines are no symbols, left out",
			    source->skipped);
	finish_table(&source->table);
	err = kprof_gsym_pieces_collect(&pieces, &text_ops, source, writer);
	if (!err && !pieces.all.nr)
		err = -ENODATA;
	err = err ?: kprof_gsym_pieces_add_rest(&pieces, writer);
	kprof_gsym_pieces_deinit(&pieces);
	return err;
}

/* System.map and /proc/kallsyms are of kernels; "" for anything else. */
static void describe_kernel(const char *text, size_t size, char ret[static 32])
{
	static const char mark[] = " " KPROF_KERNEL_START "\n";
	const char *end = memmem(text, size, mark, strlen(mark));
	const char *start = end ? memrchr(text, '\n', (size_t)(end - text))
				: NULL;
	struct line line;

	ret[0] = '\0';
	if (!end)
		return;
	start = start ? start + 1 : text;
	if (parse_line(start, end + strlen(mark), FORMAT_NM, &line))
		sprintf(ret, KPROF_GSYM_KERNEL "%" PRIx64, line.address);
}

int kprof_gsym_import(const char *text, size_t size, const char *build_id,
		      struct kprof_gsym_writer **ret)
{
	_cleanup_(cleanup_writer) struct kprof_gsym_writer *writer = NULL;
	struct text_source source = {};
	char kernel[32];
	int err;

	describe_kernel(text, size, kernel);
	err = kprof_gsym_writer_create(build_id, kernel, &writer);
	err = err ?: fill(&source, text, size, writer);
	kprof_symbol_table_deinit(&source.table);
	kprof_strbuf_deinit(&source.names);
	if (!err)
		*ret = no_cleanup_ptr(writer);
	return err;
}
