// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of layout.c: random mappings against one entry per address.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/layout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum {
	NR_ROUNDS = 2000,
	NR_PIECES = 20,
	SPACE = 60,
};

/* Per address what was seen first, 0 for nothing, and whether that changed. */
struct model {
	uint32_t first[SPACE];
	bool contested[SPACE];
};

static void model_add(struct model *model, const struct kprof_piece *piece)
{
	uint32_t content = 1 + piece->binary * 16 + piece->bias;

	for (uint64_t i = piece->start; i < piece->end; i++) {
		if (!model->first[i])
			model->first[i] = content;
		else if (model->first[i] != content)
			model->contested[i] = true;
	}
}

static struct kprof_piece random_piece(void)
{
	uint64_t start = rand() % (SPACE - 1);

	return (struct kprof_piece){
		.start = start,
		.end = start + 1 + rand() % (SPACE - start),
		.bias = rand() % 2,
		.binary = rand() % 2,
	};
}

static void check_order(const struct kprof_pieces *pieces)
{
	for (size_t i = 0; i < pieces->list.nr; i++) {
		const struct kprof_piece *piece = &pieces->list.data[i];

		assert_true(piece->start < piece->end);
		if (i)
			assert_true(piece[-1].end <= piece->start);
	}
}

static void agrees_with_one_entry_per_address(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < NR_ROUNDS; round++) {
		struct kprof_layout layout = {};
		struct model model = {};

		for (int n = rand() % NR_PIECES; n >= 0; n--) {
			struct kprof_piece piece = random_piece();

			model_add(&model, &piece);
			assert_int_equal(kprof_layout_add(&layout, &piece), 0);
		}
		check_order(&layout.pieces);
		check_order(&layout.contested);
		for (uint64_t i = 0; i < SPACE; i++)
			assert_int_equal(kprof_layout_is_contested(&layout, i),
					 model.contested[i]);
		kprof_layout_settle(&layout);
		for (uint64_t i = 0; i < SPACE; i++)
			assert_int_equal(kprof_layout_is_contested(&layout, i),
					 model.contested[i]);
		kprof_layout_deinit(&layout);
	}
}

static void highest_addresses_are_like_others(void **state)
{
	struct kprof_layout layout = {};
	struct kprof_piece a = {
		.start = UINT64_MAX - 8,
		.end = UINT64_MAX,
		.binary = 1,
	};
	struct kprof_piece b = a;

	(void)state;
	b.binary = 2;
	assert_int_equal(kprof_layout_add(&layout, &a), 0);
	assert_false(kprof_layout_is_contested(&layout, UINT64_MAX - 1));
	assert_int_equal(kprof_layout_add(&layout, &b), 0);
	assert_true(kprof_layout_is_contested(&layout, UINT64_MAX - 1));
	assert_false(kprof_layout_is_contested(&layout, UINT64_MAX));
	assert_false(kprof_layout_is_contested(&layout, UINT64_MAX - 9));
	kprof_layout_deinit(&layout);
}

static void adding_the_same_again_needs_no_memory(void **state)
{
	struct kprof_layout layout = {};

	(void)state;
	for (int i = 0; i < 10000; i++) {
		struct kprof_piece piece = {
			.start = i % 10 * 16,
			.end = i % 10 * 16 + 16,
			.binary = i % 2,
		};

		assert_int_equal(kprof_layout_add(&layout, &piece), 0);
	}
	assert_true(layout.pieces.list.nr <= 10);
	assert_true(layout.contested.list.nr <= 10);
	kprof_layout_deinit(&layout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_one_entry_per_address),
		cmocka_unit_test(highest_addresses_are_like_others),
		cmocka_unit_test(adding_the_same_again_needs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
