// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which function covers an address: a sorted array of ranges without names.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Ranges may nest and overlap. The innermost range around an address is that
 * with the greatest start. Each entry links to the nearest one before it that
 * ends later; whatever lies between ends too early to cover an address behind
 * this entry's end. So a look-up is a binary search and then a walk along the
 * links, which in real files is one step.
 */
#include "lib/symbol_table.h"

#include <errno.h>

enum {
	/* A walk gives up here, so that crafted nesting costs no time. */
	MAX_STEPS = 256,
	/* Names of one range that are offered. */
	MAX_ALIASES = 64,
};

void kprof_symbol_table_deinit(struct kprof_symbol_table *table)
{
	vector_free(&table->entries);
}

int kprof_symbol_table_add(struct kprof_symbol_table *table,
			   const struct kprof_symbol_entry *entry)
{
	if (table->entries.nr == KPROF_SYMBOL_NONE)
		return -ENOMEM;
	return vector_push(&table->entries, *entry);
}

static uint64_t end_of(const struct kprof_symbol_entry *entry)
{
	uint64_t end;

	if (__builtin_add_overflow(entry->start, entry->size, &end))
		return UINT64_MAX;
	return end;
}

/* Outer before inner, so that the last one around an address is innermost. */
static int compare(const void *a, const void *b)
{
	const struct kprof_symbol_entry *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->is_open != y->is_open)
		return x->is_open - y->is_open;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank - y->rank;
	return x->name < y->name ? -1 : x->name > y->name;
}

/* Sorting allocates as much again, and some tables come sorted. */
static void sort(struct kprof_symbol_table *table)
{
	struct kprof_symbol_entry *entries = table->entries.data;
	size_t nr = table->entries.nr;

	for (size_t i = 1; i < nr; i++) {
		if (compare(&entries[i - 1], &entries[i]) > 0) {
			qsort(entries, nr, sizeof(*entries), compare);
			return;
		}
	}
}

static void close_open_entries(struct kprof_symbol_table *table)
{
	struct kprof_symbol_entry *entries = table->entries.data;
	uint64_t next = UINT64_MAX;

	for (size_t i = table->entries.nr; i-- > 0;) {
		struct kprof_symbol_entry *entry = &entries[i];

		if (i + 1 < table->entries.nr &&
		    entries[i + 1].start > entry->start)
			next = entries[i + 1].start;
		if (entry->is_open && entry->size > next - entry->start)
			entry->size = (uint32_t)(next - entry->start);
	}
}

static void drop_useless(struct kprof_symbol_table *table)
{
	struct kprof_symbol_entry *entries = table->entries.data;
	uint64_t reach = 0;
	size_t nr = 0;

	for (size_t i = 0; i < table->entries.nr; i++) {
		const struct kprof_symbol_entry entry = entries[i];

		if (entry.size == 0 || (entry.is_open && reach > entry.start))
			continue;
		if (!entry.is_open && end_of(&entry) > reach)
			reach = end_of(&entry);
		entries[nr++] = entry;
	}
	table->entries.nr = nr;
}

static void link_outer(struct kprof_symbol_table *table)
{
	struct kprof_symbol_entry *entries = table->entries.data;

	for (size_t i = 0; i < table->entries.nr; i++) {
		uint32_t outer = i ? (uint32_t)(i - 1) : KPROF_SYMBOL_NONE;

		while (outer != KPROF_SYMBOL_NONE &&
		       end_of(&entries[outer]) <= end_of(&entries[i]))
			outer = entries[outer].outer;
		entries[i].outer = outer;
	}
}

void kprof_symbol_table_finish(struct kprof_symbol_table *table)
{
	sort(table);
	close_open_entries(table);
	drop_useless(table);
	link_outer(table);
}

/* The first entry that starts behind @address. */
static size_t first_behind(const struct kprof_symbol_table *table,
			   uint64_t address)
{
	size_t low = 0, high = table->entries.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->entries.data[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last entry that starts at or before @address. */
static uint32_t last_before(const struct kprof_symbol_table *table,
			    uint64_t address)
{
	size_t behind = first_behind(table, address);

	return behind ? (uint32_t)(behind - 1) : KPROF_SYMBOL_NONE;
}

/* The first entry that sorts like @entry, but for rank and name. */
static size_t first_alias(const struct kprof_symbol_table *table,
			  const struct kprof_symbol_entry *entry)
{
	struct kprof_symbol_entry key = *entry;
	size_t low = 0, high = table->entries.nr;

	key.rank = 0;
	key.name = 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&table->entries.data[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int kprof_symbol_table_find(const struct kprof_symbol_table *table,
			    uint64_t address, struct kprof_symbol_match *ret)
{
	const struct kprof_symbol_entry *entries = table->entries.data;
	uint32_t i = last_before(table, address);
	size_t steps = 0, first;

	while (i != KPROF_SYMBOL_NONE && end_of(&entries[i]) <= address) {
		if (++steps > MAX_STEPS)
			return -ENOENT;
		i = entries[i].outer;
	}
	if (i == KPROF_SYMBOL_NONE)
		return -ENOENT;
	first = first_alias(table, &entries[i]);
	ret->entries = &entries[first];
	ret->start = entries[i].start;
	ret->end = end_of(&entries[i]);
	ret->nr = i - first + 1;
	if (ret->nr > MAX_ALIASES)
		ret->nr = MAX_ALIASES;
	return 0;
}

int kprof_symbol_table_next(const struct kprof_symbol_table *table,
			    uint64_t address, uint64_t *ret)
{
	size_t behind = first_behind(table, address);

	if (behind == table->entries.nr)
		return -ENOENT;
	*ret = table->entries.data[behind].start;
	return 0;
}
