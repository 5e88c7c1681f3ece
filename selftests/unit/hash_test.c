// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of util/hash.c and util/vector.h: the tables against naive models.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/hash.h"

#include "test.h"
#include "util/vector.h"

/* The same numbers in each run. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void map_agrees_with_an_array(void **state)
{
	enum { KEYS = 512, STEPS = 200000 };
	static uint64_t values[KEYS];
	struct kprof_map map = {};
	uint32_t seed = 1, key;
	uint64_t value;
	size_t nr = 0;
	bool was_in;

	(void)state;
	for (uint64_t step = 1; step <= STEPS; step++) {
		key = next_random(&seed) % KEYS;
		was_in = kprof_map_get(&map, key * 0x100000000ULL, &value);
		assert_int_equal(was_in, values[key] != 0);
		if (was_in)
			assert_int_equal(value, values[key]);
		if (next_random(&seed) % 2) {
			assert_ok(kprof_map_set(&map, key * 0x100000000ULL,
						step));
			nr += !values[key];
			values[key] = step;
		} else {
			assert_int_equal(
				kprof_map_remove(&map, key * 0x100000000ULL),
				was_in);
			nr -= was_in;
			values[key] = 0;
		}
		assert_int_equal(map.nr, nr);
	}
	kprof_map_deinit(&map);
}

/* Keys that come and go must not fill the table with their traces. */
static void map_with_changing_keys_does_not_grow(void **state)
{
	struct kprof_map map = {};
	uint64_t value;

	(void)state;
	for (uint64_t key = 0; key < 100000; key++) {
		assert_ok(kprof_map_set(&map, key, key));
		if (key >= 8)
			assert_true(kprof_map_remove(&map, key - 8));
	}
	assert_in_range(map.nr_slots, 8, 32);
	assert_false(kprof_map_get(&map, 5, &value));
	assert_true(kprof_map_get(&map, 99999, &value));
	kprof_map_deinit(&map);
}

static void empty_map_has_nothing(void **state)
{
	struct kprof_map map = {};
	uint64_t value;

	(void)state;
	assert_false(kprof_map_get(&map, 0, &value));
	assert_false(kprof_map_remove(&map, 0));
	kprof_map_deinit(&map);
}

static bool number_equal(const void *array, uint32_t position, const void *key)
{
	return ((const uint32_t *)array)[position] == *(const uint32_t *)key;
}

/* All in one bucket: what is equal is decided by the elements. */
static void index_finds_elements_despite_equal_hashes(void **state)
{
	uint32_t numbers[300], wanted = 300;
	struct kprof_index index = {};

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		numbers[i] = i * 7;
		assert_ok(kprof_index_add(&index, 42, i));
	}
	for (uint32_t i = 0; i < 300; i++)
		assert_int_equal(kprof_index_find(&index, 42, number_equal,
						  numbers, &numbers[i]),
				 i);
	assert_int_equal(
		kprof_index_find(&index, 42, number_equal, numbers, &wanted),
		KPROF_INDEX_NONE);
	kprof_index_reset(&index);
	assert_int_equal(kprof_index_find(&index, 42, number_equal, numbers,
					  &numbers[0]),
			 KPROF_INDEX_NONE);
	kprof_index_deinit(&index);
}

static void hash_depends_on_every_byte_and_the_length(void **state)
{
	unsigned char bytes[40] = {};
	uint64_t before;

	(void)state;
	for (size_t len = 1; len <= sizeof(bytes); len++) {
		assert_true(kprof_hash_bytes(bytes, len) !=
			    kprof_hash_bytes(bytes, len - 1));
		before = kprof_hash_bytes(bytes, sizeof(bytes));
		bytes[len - 1] = len;
		assert_true(kprof_hash_bytes(bytes, sizeof(bytes)) != before);
	}
}

static void vector_keeps_order_and_grows(void **state)
{
	vector(int) numbers = {};
	int expected = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_ok(vector_push(&numbers, i));
	vector_for_each (&numbers, number)
		assert_int_equal(*number, expected++);
	assert_int_equal(expected, 1000);
	vector_free(&numbers);
	vector_for_each (&numbers, number)
		fail();
}

static void vector_refuses_what_memory_cannot_hold(void **state)
{
	vector(uint64_t) numbers = {};

	(void)state;
	assert_ok(vector_push(&numbers, 1));
	assert_errno(vector_reserve(&numbers, SIZE_MAX / 4), -ENOMEM);
	assert_int_equal(numbers.data[0], 1);
	vector_free(&numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(map_agrees_with_an_array),
		cmocka_unit_test(map_with_changing_keys_does_not_grow),
		cmocka_unit_test(empty_map_has_nothing),
		cmocka_unit_test(index_finds_elements_despite_equal_hashes),
		cmocka_unit_test(hash_depends_on_every_byte_and_the_length),
		cmocka_unit_test(vector_keeps_order_and_grows),
		cmocka_unit_test(vector_refuses_what_memory_cannot_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
