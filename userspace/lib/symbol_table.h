/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which function covers an address: a sorted array of ranges without names.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Names stay where they are: an entry has a number by which its source finds
 * the name. So a table costs 24 bytes per function.
 */
#ifndef LIB_SYMBOL_TABLE_H
#define LIB_SYMBOL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/vector.h"

#define KPROF_SYMBOL_NONE UINT32_MAX

/* What decides first between names of one range. */
enum kprof_symbol_rank {
	KPROF_SYMBOL_GLOBAL,
	KPROF_SYMBOL_WEAK,
	KPROF_SYMBOL_LOCAL,
};

/**
 * struct kprof_symbol_entry - a range of addresses with a name
 * @start: first address
 * @size: bytes; the most it can be if @is_open
 * @name: by which the source finds the name
 * @outer: the table's own
 * @group: the source's own
 * @rank: enum kprof_symbol_rank
 * @is_open: its size is not known: it ends at the next entry
 */
struct kprof_symbol_entry {
	uint64_t start;
	uint32_t size;
	uint32_t name;
	uint32_t outer;
	uint16_t group;
	uint8_t rank;
	uint8_t is_open;
};

/* {} is an empty one. */
struct kprof_symbol_table {
	vector(struct kprof_symbol_entry) entries;
};

/* What covers an address: @nr entries of one range, @start to @end. */
struct kprof_symbol_match {
	const struct kprof_symbol_entry *entries;
	size_t nr;
	uint64_t start;
	uint64_t end;
};

void kprof_symbol_table_deinit(struct kprof_symbol_table *table);
/* 0 or -ENOMEM. */
int kprof_symbol_table_add(struct kprof_symbol_table *table,
			   const struct kprof_symbol_entry *entry);
/*
 * Sorts, once, after the last add. An open entry ends where the next one
 * starts; inside of another entry, or empty, it is dropped.
 */
void kprof_symbol_table_finish(struct kprof_symbol_table *table);
/* The innermost range around @address, or -ENOENT. */
int kprof_symbol_table_find(const struct kprof_symbol_table *table,
			    uint64_t address, struct kprof_symbol_match *ret);
/* The lowest start above @address, or -ENOENT. */
int kprof_symbol_table_next(const struct kprof_symbol_table *table,
			    uint64_t address, uint64_t *ret);

#endif /* LIB_SYMBOL_TABLE_H */
