// SPDX-License-Identifier: GPL-2.0-only
/*
 * An unwind table being made: rows in ascending order, equal rules folded.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi_builder.h"

#include "kmod/unwind_table.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	UNKNOWN_RULE = 0,
};

static const struct kprof_unwind_rule unknown;

static bool rules_equal(const void *rules, uint32_t position, const void *key)
{
	const struct kprof_unwind_rule *rule = rules;

	return !memcmp(rule + position, key, sizeof(*rule));
}

static uint64_t hash_rule(const struct kprof_unwind_rule *rule)
{
	uint64_t half[2];

	static_assert(sizeof(half) == sizeof(*rule), "a rule has two halves");
	memcpy(half, rule, sizeof(half));
	return kprof_hash_combine(half[0], half[1]);
}

/* More kinds of rules than rows can name: what is new then is not known. */
static uint32_t intern(struct kprof_cfi_builder *builder,
		       const struct kprof_unwind_rule *rule)
{
	uint64_t hash = hash_rule(rule);
	uint32_t nr = (uint32_t)builder->rules.nr;
	uint32_t found = kprof_index_find(&builder->index, hash, rules_equal,
					  builder->rules.data, rule);

	if (found != KPROF_INDEX_NONE)
		return found;
	if (nr >= KPROF_UNWIND_MAX_RULES)
		return UNKNOWN_RULE;
	if (vector_push(&builder->rules, *rule) ||
	    kprof_index_add(&builder->index, hash, nr)) {
		builder->err = -ENOMEM;
		return UNKNOWN_RULE;
	}
	return nr;
}

int kprof_cfi_builder_init(struct kprof_cfi_builder *builder, uint64_t offset)
{
	*builder = (struct kprof_cfi_builder){
		.first_page = (uint32_t)(offset >> KPROF_UNWIND_PAGE_BITS),
		.end = offset,
	};
	intern(builder, &unknown);
	return builder->err;
}

void kprof_cfi_builder_deinit(struct kprof_cfi_builder *builder)
{
	vector_free(&builder->rules);
	kprof_index_deinit(&builder->index);
	vector_free(&builder->first_rows);
	vector_free(&builder->rows);
}

/* All pages up to the one of @offset begin at the latest with the next row. */
static int begin_pages(struct kprof_cfi_builder *builder, uint64_t offset)
{
	uint64_t page =
		(offset >> KPROF_UNWIND_PAGE_BITS) - builder->first_page;

	while (builder->first_rows.nr <= page)
		if (vector_push(&builder->first_rows,
				(uint32_t)builder->rows.nr))
			return -ENOMEM;
	return 0;
}

static void add_row(struct kprof_cfi_builder *builder, uint64_t offset,
		    uint32_t rule)
{
	/* Before the first row nothing is known anyway. */
	if (rule == builder->last)
		return;
	builder->last = rule;
	if (begin_pages(builder, offset) ||
	    vector_push(&builder->rows, ((struct kprof_unwind_row){
						.offset = (uint16_t)offset,
						.rule = (uint16_t)rule,
					})))
		builder->err = -ENOMEM;
}

static void count(struct kprof_cfi_builder *builder, uint64_t bytes,
		  const struct kprof_unwind_rule *rule)
{
	if (rule->cfa != KPROF_CFA_UNKNOWN) {
		builder->stats.source_bytes[builder->source] += bytes;
	} else if (builder->is_described) {
		builder->stats.unsupported_bytes += bytes;
		builder->stats.nr_unsupported++;
	}
}

void kprof_cfi_builder_add(struct kprof_cfi_builder *builder, uint64_t from,
			   uint64_t to, const struct kprof_unwind_rule *rule)
{
	if (from < builder->end)
		from = builder->end;
	if (from >= to || builder->err)
		return;
	if (from > builder->end)
		add_row(builder, builder->end, UNKNOWN_RULE);
	add_row(builder, from, intern(builder, rule));
	count(builder, to - from, rule);
	builder->end = to;
}

static size_t table_bytes(const struct kprof_cfi_builder *builder)
{
	return sizeof(struct kprof_unwind_table) +
	       builder->rules.nr * sizeof(builder->rules.data[0]) +
	       (builder->first_rows.nr + 1) *
		       sizeof(builder->first_rows.data[0]) +
	       builder->rows.nr * sizeof(builder->rows.data[0]);
}

static void *append(void *at, const void *data, size_t bytes)
{
	memcpy(at, data, bytes);
	return (char *)at + bytes;
}

static int lay_out(struct kprof_cfi_builder *builder, uint16_t machine,
		   struct kprof_unwind_image *ret)
{
	struct kprof_unwind_table header = {
		.magic = KPROF_UNWIND_MAGIC,
		.machine = machine,
		.bytes = (uint32_t)table_bytes(builder),
		.first_page = builder->first_page,
		.nr_pages = (uint32_t)builder->first_rows.nr,
		.nr_rows = (uint32_t)builder->rows.nr,
		.nr_rules = (uint32_t)builder->rules.nr,
	};
	void *table = malloc(table_bytes(builder)), *at = table;

	if (!table)
		return -ENOMEM;
	at = append(at, &header, sizeof(header));
	at = append(at, builder->rules.data,
		    header.nr_rules * sizeof(builder->rules.data[0]));
	at = append(at, builder->first_rows.data,
		    header.nr_pages * sizeof(uint32_t));
	at = append(at, &header.nr_rows, sizeof(uint32_t));
	append(at, builder->rows.data,
	       header.nr_rows * sizeof(builder->rows.data[0]));
	*ret = (struct kprof_unwind_image){
		.table = table,
		.memory = table,
		.bytes = header.bytes,
		.stats = builder->stats,
	};
	return 0;
}

int kprof_cfi_builder_finish(struct kprof_cfi_builder *builder,
			     uint16_t machine, struct kprof_unwind_image *ret)
{
	int err;

	/* Behind the last one nothing is known, as before the first. */
	if (!builder->err && builder->last != UNKNOWN_RULE)
		add_row(builder, builder->end, UNKNOWN_RULE);
	err = builder->err;
	if (!err && builder->rules.nr == 1)
		err = -ENOENT;
	if (!err && (builder->first_rows.nr > KPROF_UNWIND_MAX_PAGES ||
		     table_bytes(builder) > UINT32_MAX))
		err = -EFBIG;
	err = err ?: lay_out(builder, machine, ret);
	kprof_cfi_builder_deinit(builder);
	return err;
}

void kprof_unwind_image_deinit(struct kprof_unwind_image *image)
{
	free(image->memory);
	*image = (struct kprof_unwind_image){};
}

uint64_t kprof_unwind_known_bytes(const struct kprof_unwind_stats *stats)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < KPROF_UNWIND_NR_SOURCES; i++)
		bytes += stats->source_bytes[i];
	return bytes;
}
