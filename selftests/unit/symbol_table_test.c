// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of symbol_table.c: random ranges against a naive model.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/symbol_table.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
	NR_ROUNDS = 2000,
	MAX_ENTRIES = 24,
	SPACE = 100,
};

static struct kprof_symbol_entry model[MAX_ENTRIES];
static size_t nr_model;

static uint64_t end_of(const struct kprof_symbol_entry *entry)
{
	return entry->start + entry->size;
}

/* Where the open entry ends, if it counts at all. */
static uint64_t open_end(const struct kprof_symbol_entry *open)
{
	uint64_t end = end_of(open);

	for (size_t i = 0; i < nr_model; i++) {
		const struct kprof_symbol_entry *entry = &model[i];

		if (entry->start > open->start && entry->start < end)
			end = entry->start;
		if (!entry->is_open && entry->start <= open->start &&
		    end_of(entry) > open->start)
			return open->start;
	}
	return end;
}

static bool model_find(uint64_t address, uint64_t *start, uint64_t *end)
{
	bool found = false;

	for (size_t i = 0; i < nr_model; i++) {
		uint64_t entry_end = model[i].is_open ? open_end(&model[i])
						      : end_of(&model[i]);

		if (address < model[i].start || address >= entry_end)
			continue;
		if (!found || model[i].start > *start ||
		    (model[i].start == *start && entry_end < *end)) {
			*start = model[i].start;
			*end = entry_end;
		}
		found = true;
	}
	return found;
}

static void fill(struct kprof_symbol_table *table)
{
	nr_model = (size_t)rand() % MAX_ENTRIES;
	for (size_t i = 0; i < nr_model; i++) {
		model[i] = (struct kprof_symbol_entry){
			.start = (uint64_t)rand() % SPACE,
			.size = (uint32_t)rand() % 30,
			.name = (uint32_t)i,
			.rank = (uint8_t)(rand() % 3),
			.is_open = rand() % 3 == 0,
		};
		assert_int_equal(kprof_symbol_table_add(table, &model[i]), 0);
	}
	kprof_symbol_table_finish(table);
}

static void agrees_with_naive_model(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < NR_ROUNDS; round++) {
		struct kprof_symbol_table table = {};

		fill(&table);
		for (uint64_t address = 0; address < SPACE + 40; address++) {
			struct kprof_symbol_match match = {};
			uint64_t start = 0, end = 0;
			bool expected = model_find(address, &start, &end);

			assert_int_equal(kprof_symbol_table_find(
						 &table, address, &match),
					 expected ? 0 : -ENOENT);
			if (!expected)
				continue;
			assert_int_equal(match.start, start);
			assert_int_equal(match.end, end);
		}
		kprof_symbol_table_deinit(&table);
	}
}

static void add(struct kprof_symbol_table *table, uint64_t start, uint32_t size,
		uint32_t name)
{
	struct kprof_symbol_entry entry = {
		.start = start,
		.size = size,
		.name = name,
	};

	assert_int_equal(kprof_symbol_table_add(table, &entry), 0);
}

static void all_aliases_are_offered(void **state)
{
	struct kprof_symbol_table table = {};
	struct kprof_symbol_match match;

	(void)state;
	add(&table, 100, 20, 1);
	add(&table, 100, 10, 2);
	add(&table, 100, 10, 3);
	add(&table, 105, 1, 4);
	kprof_symbol_table_finish(&table);
	assert_int_equal(kprof_symbol_table_find(&table, 101, &match), 0);
	assert_int_equal(match.nr, 2);
	assert_int_equal(match.entries[0].name + match.entries[1].name, 5);
	kprof_symbol_table_deinit(&table);
}

static void starts_are_listed_in_order(void **state)
{
	struct kprof_symbol_table table = {};
	uint64_t next;

	(void)state;
	add(&table, 100, 20, 1);
	add(&table, 0, 10, 2);
	add(&table, 100, 10, 3);
	kprof_symbol_table_finish(&table);
	assert_int_equal(kprof_symbol_table_next(&table, 0, &next), 0);
	assert_int_equal(next, 100);
	assert_int_equal(kprof_symbol_table_next(&table, 99, &next), 0);
	assert_int_equal(next, 100);
	assert_int_equal(kprof_symbol_table_next(&table, 100, &next), -ENOENT);
	kprof_symbol_table_deinit(&table);
}

static void highest_addresses_do_not_wrap(void **state)
{
	struct kprof_symbol_table table = {};
	struct kprof_symbol_match match;

	(void)state;
	add(&table, UINT64_MAX - 4, UINT32_MAX, 1);
	kprof_symbol_table_finish(&table);
	assert_int_equal(
		kprof_symbol_table_find(&table, UINT64_MAX - 1, &match), 0);
	assert_int_equal(match.end, UINT64_MAX);
	assert_int_equal(kprof_symbol_table_find(&table, 3, &match), -ENOENT);
	kprof_symbol_table_deinit(&table);
}

static void empty_table_finds_nothing(void **state)
{
	struct kprof_symbol_table table = {};
	struct kprof_symbol_match match;

	(void)state;
	kprof_symbol_table_finish(&table);
	assert_int_equal(kprof_symbol_table_find(&table, 0, &match), -ENOENT);
	kprof_symbol_table_deinit(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_naive_model),
		cmocka_unit_test(all_aliases_are_offered),
		cmocka_unit_test(starts_are_listed_in_order),
		cmocka_unit_test(highest_addresses_do_not_wrap),
		cmocka_unit_test(empty_table_finds_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
