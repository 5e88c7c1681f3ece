// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of aggregate.c and pending.c: what is counted, and in how much memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/aggregate.h"

#include "lib/kprof.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum {
	SPACE_ID = 7,
	CODE = 0x1000,
	SIZE = 0x1000,
	CONTEXT = 5,
};

static struct kprof_spaces spaces;
static struct kprof_aggregate aggregate;

static int setup(void **state)
{
	(void)state;
	kprof_spaces_init(&spaces, false);
	return kprof_aggregate_init(&aggregate, &spaces);
}

static int teardown(void **state)
{
	(void)state;
	kprof_aggregate_deinit(&aggregate);
	kprof_spaces_deinit(&spaces);
	return 0;
}

static void add_stack(uint64_t id, uint64_t pc, uint64_t caller)
{
	uint64_t words[] = {pc, caller, 1};
	struct kprof_event_stack stack = {
		.stack_id = id,
		.frames = words,
		.exact = words + 2,
		.nr_user = 2,
	};

	assert_int_equal(kprof_aggregate_add_stack(&aggregate, &stack), 0);
}

static void add_context(int cpu, uint32_t id, int32_t pid, uint32_t space)
{
	struct kprof_event_context context = {
		.context_id = id,
		.pid = pid,
		.tid = pid,
		.space_id = space,
	};

	snprintf(context.comm, sizeof(context.comm), "p%d", pid);
	assert_int_equal(kprof_aggregate_add_context(&aggregate, cpu, &context),
			 0);
}

static void add_sample(int cpu, uint64_t stack, uint32_t context,
		       uint32_t generation)
{
	struct kprof_event_sample sample = {
		.stack_id = stack,
		.context_id = context,
		.generation = generation,
		.weight = 2,
	};

	assert_int_equal(kprof_aggregate_add_sample(&aggregate, cpu, &sample),
			 0);
}

static void map(uint32_t epoch, uint64_t start, const char *path)
{
	struct kprof_event_mmap mmap = {
		.space_id = SPACE_ID,
		.epoch = epoch,
		.start = start,
		.end = start + SIZE,
		.path = path,
		.path_bytes = strlen(path),
	};

	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
}

static void snapshot(uint32_t generation, uint32_t epoch)
{
	struct kprof_event_maps maps = {
		.space_id = SPACE_ID,
		.generation = generation,
		.epoch = epoch,
	};
	uint32_t space;

	assert_int_equal(kprof_spaces_add_maps(&spaces, &maps, &space), 0);
	assert_int_equal(kprof_aggregate_fold(&aggregate, space), 0);
}

static void end(void)
{
	kprof_spaces_end(&spaces);
	assert_int_equal(kprof_aggregate_end(&aggregate), 0);
}

static struct kprof_count counted(void)
{
	struct kprof_count sum = {};

	vector_for_each (&aggregate.entries, entry)
		kprof_count_add(&sum, &entry->count);
	return sum;
}

static void equal_samples_are_one_entry(void **state)
{
	(void)state;
	map(1, CODE, "/a");
	snapshot(1, 1);
	add_context(0, CONTEXT, 100, SPACE_ID);
	add_stack(1, CODE, CODE + 9);
	for (int i = 0; i < 10; i++)
		add_sample(0, 1, CONTEXT, 1);
	assert_int_equal(aggregate.entries.nr, 1);
	assert_int_equal(aggregate.entries.data[0].count.samples, 10);
	assert_int_equal(aggregate.entries.data[0].count.weight, 20);
	assert_int_equal(aggregate.total.samples, 10);
}

static void stack_is_known_on_every_cpu(void **state)
{
	(void)state;
	map(1, CODE, "/a");
	snapshot(1, 1);
	add_context(0, CONTEXT, 100, SPACE_ID);
	add_context(1, CONTEXT, 100, SPACE_ID);
	add_stack(1, CODE, CODE + 9);
	add_sample(0, 1, CONTEXT, 1);
	add_stack(1, CODE, CODE + 9);
	add_sample(1, 1, CONTEXT, 1);
	assert_int_equal(aggregate.placed.nr, 1);
	/* The CPU is a label. */
	assert_int_equal(aggregate.entries.nr, 2);
	assert_int_equal(aggregate.missing_samples, 0);
}

static void context_belongs_to_its_ring_and_is_replaced(void **state)
{
	(void)state;
	map(1, CODE, "/a");
	snapshot(1, 1);
	add_stack(1, CODE, CODE + 9);
	add_context(0, CONTEXT, 100, SPACE_ID);
	add_context(1, CONTEXT, 200, SPACE_ID);
	add_sample(0, 1, CONTEXT, 1);
	add_sample(1, 1, CONTEXT, 1);
	add_context(0, CONTEXT, 300, SPACE_ID);
	add_sample(0, 1, CONTEXT, 1);
	assert_int_equal(aggregate.entries.nr, 3);
	for (int i = 0; i < 3; i++) {
		uint32_t labels = aggregate.entries.data[i].labels;

		assert_int_equal(aggregate.label_sets.data[labels].pid,
				 100 * (i + 1));
	}
}

static void return_address_is_that_of_its_call(void **state)
{
	const struct kprof_stack *stack;

	(void)state;
	add_stack(1, CODE, CODE + 9);
	stack = &aggregate.stacks.data[1];
	assert_int_equal(kprof_stack_address(&aggregate, stack, 0), CODE);
	assert_int_equal(kprof_stack_address(&aggregate, stack, 1), CODE + 8);
}

/* A call at the end of a mapping returns behind it. */
static void call_is_looked_up_not_what_follows_it(void **state)
{
	(void)state;
	map(1, CODE, "/a");
	snapshot(1, 1);
	add_context(0, CONTEXT, 100, SPACE_ID);
	add_stack(1, CODE, CODE + SIZE);
	add_sample(0, 1, CONTEXT, 1);
	assert_true(aggregate.vmas.data[1] != KPROF_VMA_NONE);
}

static void sample_without_its_stack_is_counted(void **state)
{
	(void)state;
	add_context(0, CONTEXT, 100, 0);
	add_sample(0, 4711, CONTEXT, 1);
	end();
	assert_int_equal(aggregate.missing_samples, 1);
	assert_int_equal(counted().samples, 1);
}

static void sample_without_its_context_is_counted(void **state)
{
	(void)state;
	add_stack(1, CODE, CODE + 9);
	add_sample(0, 1, CONTEXT, 1);
	end();
	assert_int_equal(aggregate.folded_samples, 1);
	assert_int_equal(counted().samples, 1);
}

static void samples_that_wait_are_counted_at_the_latest_at_the_end(void **state)
{
	(void)state;
	add_context(0, CONTEXT, 100, SPACE_ID);
	add_stack(1, CODE, CODE + 9);
	for (uint32_t i = 0; i < 5; i++)
		add_sample(0, 1, CONTEXT, i);
	assert_int_equal(aggregate.entries.nr, 0);
	assert_int_equal(aggregate.total.samples, 5);
	map(1, CODE, "/a");
	snapshot(2, 1);
	assert_int_equal(counted().samples, 3);
	end();
	assert_int_equal(counted().samples, 5);
	assert_int_equal(counted().weight, 10);
}

/* The mappings change with every sample, and a snapshot comes now and then. */
static void noisy_process_does_not_grow(void **state)
{
	size_t most = 0;
	uint32_t generation = 0;

	(void)state;
	add_context(0, CONTEXT, 100, SPACE_ID);
	for (uint64_t i = 0; i < 50; i++)
		add_stack(i, CODE + i, CODE + 100);
	for (uint32_t epoch = 1; epoch < 20; epoch++) {
		for (int i = 0; i < 20000; i++) {
			add_sample(0, generation % 50, CONTEXT, generation);
			generation++;
			if (aggregate.pending.nr &&
			    aggregate.pending.data[0]->all.nr > most)
				most = aggregate.pending.data[0]->all.nr;
		}
		map(epoch, CODE, "/a");
		map(epoch, CODE + epoch * SIZE, "/b");
		snapshot(generation++, epoch);
		kprof_spaces_next_pass(&spaces);
	}
	end();
	assert_true(most <= 1100);
	assert_int_equal(counted().samples, 19 * 20000);
	/* 50 stacks, all seen the same way. */
	assert_int_equal(aggregate.entries.nr, 50);
}

/* Taken together, samples of different times must not be named wrongly. */
static void merged_generations_are_never_named_wrongly(void **state)
{
	(void)state;
	add_context(0, CONTEXT, 100, SPACE_ID);
	map(1, CODE, "/a");
	snapshot(0, 1);
	for (uint64_t i = 0; i < 3000; i++)
		add_stack(i, CODE, CODE + i % 4000);
	add_sample(0, 0, CONTEXT, 1);
	/* So many that they are merged, up to generation 20. */
	for (uint64_t i = 1; i < 3000; i++)
		add_sample(0, i, CONTEXT, 20);
	map(2, CODE, "/b");
	snapshot(10, 2);
	snapshot(20, 2);
	end();
	vector_for_each (&aggregate.placed, placed) {
		assert_false(placed->is_exact);
		if (placed->stack == 1)
			assert_true(aggregate.vmas.data[placed->first_vma] ==
				    KPROF_VMA_CHANGING);
	}
	assert_true(kprof_spaces_is_contested(&spaces, 0, CODE));
}

/* A long recording of the same things. */
static void memory_is_bounded_by_what_is_distinct(void **state)
{
	(void)state;
	map(1, CODE, "/a");
	snapshot(1, 1);
	for (int32_t i = 0; i < 4; i++)
		add_context(i, CONTEXT, 100 + i, SPACE_ID);
	for (uint64_t i = 0; i < 100; i++)
		add_stack(i, CODE + i, CODE + 200);
	for (uint32_t i = 0; i < 200000; i++)
		add_sample(i % 4, i / 4 % 100, CONTEXT, 1);
	assert_int_equal(aggregate.entries.nr, 400);
	assert_int_equal(aggregate.placed.nr, 100);
	assert_int_equal(aggregate.vmas.nr, 200);
	assert_int_equal(counted().samples, 200000);
}

static void threads_beyond_the_limit_share_their_labels(void **state)
{
	(void)state;
	map(1, CODE, "/a");
	snapshot(1, 1);
	add_stack(1, CODE, CODE + 9);
	for (int32_t i = 1; i <= KPROF_MAX_LABEL_SETS + 100; i++) {
		add_context(0, CONTEXT, i, SPACE_ID);
		add_sample(0, 1, CONTEXT, 1);
	}
	assert_int_equal(aggregate.label_sets.nr, KPROF_MAX_LABEL_SETS);
	/* One place is taken by (other) itself. */
	assert_int_equal(aggregate.folded_samples, 101);
	assert_int_equal(counted().samples, KPROF_MAX_LABEL_SETS + 100);
}

static void names_beyond_the_limit_are_other_and_counted(void **state)
{
	uint32_t nr_other = 0;

	(void)state;
	map(1, CODE, "/a");
	snapshot(1, 1);
	add_stack(1, CODE, CODE + 9);
	for (int round = 0; round < 2; round++) {
		for (int32_t i = 1; i <= 130; i++) {
			add_context(i % 2, CONTEXT, i, SPACE_ID);
			add_sample(i % 2, 1, CONTEXT, 1);
		}
	}
	/* Those that came first keep theirs, and numbers stay apart. */
	for (size_t i = 0; i < aggregate.label_sets.nr; i++) {
		const struct kprof_label_set *set =
			&aggregate.label_sets.data[i];

		if (set->pid)
			assert_int_equal(!strcmp(set->comm, KPROF_OTHER_COMM),
					 set->pid > 100);
		nr_other += set->pid && !strcmp(set->comm, KPROF_OTHER_COMM);
	}
	assert_int_equal(nr_other, 30);
	assert_int_equal(aggregate.other_comms, 60);
	assert_int_equal(aggregate.other_threads, 0);
	assert_int_equal(aggregate.folded_samples, 0);
	assert_int_equal(counted().samples, 260);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(equal_samples_are_one_entry),
		test(stack_is_known_on_every_cpu),
		test(context_belongs_to_its_ring_and_is_replaced),
		test(return_address_is_that_of_its_call),
		test(call_is_looked_up_not_what_follows_it),
		test(sample_without_its_stack_is_counted),
		test(sample_without_its_context_is_counted),
		test(samples_that_wait_are_counted_at_the_latest_at_the_end),
		test(noisy_process_does_not_grow),
		test(merged_generations_are_never_named_wrongly),
		test(memory_is_bounded_by_what_is_distinct),
		test(threads_beyond_the_limit_share_their_labels),
		test(names_beyond_the_limit_are_other_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
