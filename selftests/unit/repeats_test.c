// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of repeats.c: what is counted early is counted the same.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/repeats.h"

#include "lib/kprof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

enum {
	NR_SAMPLES = 100000,
	NR_STACKS = 3000,
	NR_CPUS = 3,
	NR_CONTEXTS = 4,
};

static struct kprof_spaces spaces;

static void init(struct kprof_aggregate *aggregate)
{
	assert_int_equal(kprof_aggregate_init(aggregate, &spaces), 0);
	for (uint64_t id = 0; id < NR_STACKS; id++) {
		uint64_t words[] = {id, 1};
		struct kprof_event_stack stack = {
			.stack_id = id,
			.frames = words,
			.exact = words + 1,
			.nr_user = 1,
		};

		assert_int_equal(kprof_aggregate_add_stack(aggregate, &stack),
				 0);
	}
	for (int i = 0; i < NR_CPUS * NR_CONTEXTS; i++) {
		struct kprof_event_context context = {
			.context_id = i / NR_CPUS,
			.pid = 100 + i,
		};

		assert_int_equal(kprof_aggregate_add_context(
					 aggregate, i % NR_CPUS, &context),
				 0);
	}
}

static const struct kprof_entry *find(const struct kprof_aggregate *aggregate,
				      const struct kprof_entry *entry)
{
	for (size_t i = 0; i < aggregate->entries.nr; i++) {
		const struct kprof_entry *at = &aggregate->entries.data[i];

		if (aggregate->placed.data[at->placed].stack == entry->placed &&
		    at->labels == entry->labels)
			return at;
	}
	return NULL;
}

static void counts_are_those_without_it(void **state)
{
	struct kprof_aggregate direct, repeated;
	struct kprof_repeats *repeats = calloc(1, sizeof(*repeats));

	(void)state;
	assert_non_null(repeats);
	kprof_spaces_init(&spaces, false);
	init(&direct);
	init(&repeated);
	srand(1);
	for (int i = 0; i < NR_SAMPLES; i++) {
		/* A few stacks make most of the samples. */
		struct kprof_event_sample sample = {
			.stack_id = rand() % (rand() % 2 ? 20 : NR_STACKS),
			.context_id = rand() % NR_CONTEXTS,
			.weight = 1 + rand() % 5,
		};
		int cpu = rand() % NR_CPUS;

		kprof_aggregate_add_sample(&direct, cpu, &sample);
		kprof_repeats_add(repeats, &repeated, cpu, &sample);
		if (rand() % 10000 == 0)
			kprof_repeats_flush(repeats, &repeated);
	}
	kprof_repeats_flush(repeats, &repeated);
	assert_int_equal(repeated.total.samples, NR_SAMPLES);
	assert_int_equal(repeated.total.weight, direct.total.weight);
	assert_int_equal(repeated.entries.nr, direct.entries.nr);
	for (size_t i = 0; i < direct.entries.nr; i += 97) {
		struct kprof_entry entry = direct.entries.data[i];
		const struct kprof_entry *same;

		entry.placed = direct.placed.data[entry.placed].stack;
		same = find(&repeated, &entry);
		assert_non_null(same);
		assert_int_equal(same->count.samples, entry.count.samples);
		assert_int_equal(same->count.weight, entry.count.weight);
	}
	kprof_aggregate_deinit(&direct);
	kprof_aggregate_deinit(&repeated);
	kprof_spaces_deinit(&spaces);
	free(repeats);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_those_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
