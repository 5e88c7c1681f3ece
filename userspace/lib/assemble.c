// SPDX-License-Identifier: GPL-2.0-only
/*
 * From counted stacks to a profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/assemble.h"

#include "lib/locate.h"
#include "lib/symbolize.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * struct assembly - the work on one profile
 * @locator: knows where addresses lie
 * @aggregate: from this
 * @profile: to this
 * @options: how
 * @tally: counted meanwhile
 * @is_repeated: per placed stack: the second user frame repeats the first
 * @locations: of the stack in work
 */
struct assembly {
	struct kprof_locator locator;
	const struct kprof_aggregate *aggregate;
	struct kprof_profile *profile;
	const struct kprof_assemble_options *options;
	struct kprof_tally tally;
	bool *is_repeated;
	vector(uint32_t) locations;
};

/* The program */

/* The program that most samples are of, among those of the wanted process. */
static uint32_t main_program(const struct assembly *assembly, int32_t pid)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	const struct kprof_spaces *spaces = aggregate->spaces;
	size_t nr = spaces->binaries.all.nr;
	_cleanup_free_ uint64_t *samples = calloc(nr + 1, sizeof(*samples));
	uint32_t best = KPROF_NO_INDEX;

	for (size_t i = 0; samples && i < aggregate->entries.nr; i++) {
		const struct kprof_entry *entry = &aggregate->entries.data[i];
		uint32_t space = aggregate->placed.data[entry->placed].space;
		uint32_t program;

		if (space == KPROF_NO_INDEX ||
		    (pid &&
		     aggregate->label_sets.data[entry->labels].pid != pid))
			continue;
		program = kprof_spaces_program(spaces, space);
		if (program == KPROF_NO_INDEX)
			continue;
		program = assembly->locator.same_binary[program];
		samples[program] += entry->count.samples;
		if (best == KPROF_NO_INDEX || samples[program] > samples[best])
			best = program;
	}
	return best;
}

/* pprof takes the first mapping for the program, sampled or not. */
static int add_main_mapping(struct assembly *assembly)
{
	uint32_t program = main_program(assembly, assembly->options->pid);
	const struct kprof_spaces *spaces = assembly->aggregate->spaces;
	uint32_t mapping;

	if (program == KPROF_NO_INDEX)
		program = main_program(assembly, 0);
	for (size_t i = 0; program != KPROF_NO_INDEX && i < spaces->vmas.nr;
	     i++)
		if (assembly->locator
			    .same_binary[spaces->vmas.data[i].binary] ==
		    program)
			return kprof_locator_mapping(&assembly->locator, i,
						     &mapping);
	return 0;
}

/* Locations */

static int add_empty_stack(struct assembly *assembly,
			   const struct kprof_stack *stack)
{
	enum kprof_synthetic which = KPROF_NO_STACK;
	uint32_t location;
	int err;

	if (stack->is_missing)
		which = KPROF_STACK_MISSING;
	else if (stack->is_in_kernel)
		which = KPROF_KERNEL_NOT_SHOWN;
	err = kprof_locator_synthetic(&assembly->locator, which, &location);
	return err ?: vector_push(&assembly->locations, location);
}

/*
 * User frames up to the first return address that is not in any code: where
 * code has no frame pointers, the chain of frames leads astray. So does the
 * unwind table of a file that may have been mapped a moment before or after.
 */
static uint32_t nr_believed(const struct assembly *assembly,
			    const struct kprof_placed *placed)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	uint32_t nr = aggregate->stacks.data[placed->stack].nr_user;

	for (uint32_t i = 0; i < nr; i++) {
		uint32_t vma = aggregate->vmas.data[placed->first_vma + i];

		if (i && vma == KPROF_VMA_NONE)
			return i;
		if (assembly->options->walks_rows && vma == KPROF_VMA_CHANGING)
			return i + 1;
	}
	return nr;
}

static int make_locations(struct assembly *assembly, uint32_t placed_nr)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	const struct kprof_placed *placed = &aggregate->placed.data[placed_nr];
	const struct kprof_stack *stack =
		&aggregate->stacks.data[placed->stack];
	uint32_t location;
	int err = 0;

	assembly->locations.nr = 0;
	for (uint32_t i = 0; !err && i < stack->nr_kernel; i++) {
		err = kprof_profile_add_location(
			assembly->profile, KPROF_NO_INDEX,
			kprof_stack_address(aggregate, stack, i), true,
			&location);
		if (!err)
			err = vector_push(&assembly->locations, location);
	}
	for (uint32_t i = 0; !err && i < nr_believed(assembly, placed); i++) {
		if (i == 1 && assembly->is_repeated[placed_nr])
			continue;
		err = kprof_locator_user_frame(&assembly->locator, placed, i,
					       &location);
		if (!err)
			err = vector_push(&assembly->locations, location);
	}
	if (!err && !assembly->locations.nr)
		err = add_empty_stack(assembly, stack);
	return err;
}

/* Repeated frames */

struct repetition {
	uint32_t placed;
	uint32_t mapping;
	uint64_t first;
	uint64_t second;
};

static int compare_repetitions(const void *a, const void *b)
{
	const struct repetition *x = a, *y = b;

	return (x->mapping > y->mapping) - (x->mapping < y->mapping);
}

/* The link register was saved, and nothing was called since. */
static bool is_third_frame(const struct assembly *assembly,
			   const struct kprof_placed *placed, uint32_t nr_user)
{
	return nr_user > 2 &&
	       kprof_locator_address(&assembly->locator, placed, 1) ==
		       kprof_locator_address(&assembly->locator, placed, 2);
}

/*
 * Fills @ret for a stack whose first two user frames lie in one mapping, so
 * that they may lie in one function; true if only symbols can tell.
 */
static int make_repetition(struct assembly *assembly, uint32_t placed_nr,
			   struct repetition *ret, bool *is_one_ret)
{
	const struct kprof_placed *placed =
		&assembly->aggregate->placed.data[placed_nr];
	uint32_t vma = kprof_locator_vma(&assembly->locator, placed, 0);
	int err;

	*is_one_ret = vma < KPROF_VMA_FIRST_SPECIAL &&
		      vma == kprof_locator_vma(&assembly->locator, placed, 1);
	if (!*is_one_ret)
		return 0;
	ret->placed = placed_nr;
	err = kprof_locator_move(
		&assembly->locator, vma,
		kprof_locator_address(&assembly->locator, placed, 0),
		&ret->mapping, &ret->first);
	return err
		       ?: kprof_locator_move(
				  &assembly->locator, vma,
				  kprof_locator_address(&assembly->locator,
							placed, 1),
				  &ret->mapping, &ret->second);
}

static int ask_symbols(struct assembly *assembly,
		       const struct repetition *repetitions, size_t nr)
{
	struct kprof_symbolizer *symbolizer;
	uint64_t start, end;
	int err = kprof_symbolizer_create(
		assembly->profile, assembly->options->symbolize, &symbolizer);

	if (err)
		return err;
	for (size_t i = 0; i < nr; i++) {
		const struct repetition *at = &repetitions[i];

		if (kprof_symbolizer_function_range(symbolizer, at->mapping,
						    at->first, &start, &end))
			continue;
		assembly->is_repeated[at->placed] =
			at->second >= start && at->second < end;
	}
	kprof_symbolizer_destroy(symbolizer);
	return 0;
}

static int find_repetitions(struct assembly *assembly)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	vector(struct repetition) found = {};
	int err = 0;

	for (size_t i = 0; !err && i < aggregate->placed.nr; i++) {
		const struct kprof_placed *placed = &aggregate->placed.data[i];
		const struct kprof_stack *stack =
			&aggregate->stacks.data[placed->stack];
		struct repetition repetition;
		bool is_one;

		if (!stack->has_link_register || stack->nr_user < 2)
			continue;
		assembly->is_repeated[i] =
			is_third_frame(assembly, placed, stack->nr_user);
		if (assembly->is_repeated[i] || !assembly->options->symbolize)
			continue;
		err = make_repetition(assembly, i, &repetition, &is_one);
		if (!err && is_one)
			err = vector_push(&found, repetition);
	}
	if (!err && found.nr) {
		/* One binary after the other: each is read once. */
		qsort(found.data, found.nr, sizeof(*found.data),
		      compare_repetitions);
		err = ask_symbols(assembly, found.data, found.nr);
	}
	vector_free(&found);
	return err;
}

/* Samples */

enum { MAX_LABELS = 6 };

/*
 * A process of another PID namespace than ours has two numbers; one that is not
 * in ours or below has none that we know.
 */
static uint32_t make_labels(const struct kprof_label_set *set,
			    struct kprof_label ret[static MAX_LABELS])
{
	uint32_t nr = 0;

	if (set->pid)
		ret[nr++] = (struct kprof_label){"pid", NULL, set->pid, ""};
	if (set->tid)
		ret[nr++] = (struct kprof_label){"tid", NULL, set->tid, ""};
	if (set->ns_pid && set->ns_pid != set->pid)
		ret[nr++] = (struct kprof_label){"ns_pid", NULL, set->ns_pid,
						 ""};
	ret[nr++] = (struct kprof_label){"comm", set->comm, 0, ""};
	ret[nr++] =
		(struct kprof_label){"thread_name", set->thread_comm, 0, ""};
	if (set->cpu >= 0)
		ret[nr++] = (struct kprof_label){"cpu", NULL, set->cpu, "cpu"};
	return nr;
}

static void count_entry(struct assembly *assembly,
			const struct kprof_entry *entry)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	const struct kprof_placed *placed =
		&aggregate->placed.data[entry->placed];
	const struct kprof_stack *stack =
		&aggregate->stacks.data[placed->stack];

	uint32_t nr = nr_believed(assembly, placed);

	if (nr < stack->nr_user)
		assembly->tally.ends[KPROF_STACK_NO_UNWIND_INFO] +=
			entry->count.samples;
	else
		assembly->tally.ends[stack->end] += entry->count.samples;
	if (stack->is_fallback)
		assembly->tally.fallback += entry->count.samples;
	for (uint32_t i = 0; i < nr; i++) {
		if (kprof_locator_vma(&assembly->locator, placed, i) ==
		    KPROF_VMA_CHANGING) {
			assembly->tally.changing += entry->count.samples;
			break;
		}
	}
}

static int add_entry(struct assembly *assembly, const struct kprof_entry *entry)
{
	const struct kprof_label_set *set =
		&assembly->aggregate->label_sets.data[entry->labels];
	struct kprof_label labels[MAX_LABELS];
	uint32_t nr_labels = make_labels(set, labels);
	const int64_t values[] = {
		entry->count.samples,
		entry->count.weight * assembly->options->period_ns,
	};
	int err = make_locations(assembly, entry->placed);

	if (err)
		return err;
	count_entry(assembly, entry);
	return kprof_profile_add_sample(
		assembly->profile, assembly->locations.data,
		assembly->locations.nr, labels, nr_labels, values);
}

static int count_threads(struct assembly *assembly)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	struct kprof_map threads = {};
	int err = 0;

	for (size_t i = 0; !err && i < aggregate->entries.nr; i++) {
		const struct kprof_label_set *set =
			&aggregate->label_sets
				 .data[aggregate->entries.data[i].labels];

		err = kprof_map_set(
			&threads, (uint64_t)set->pid << 32 | (uint32_t)set->tid,
			0);
	}
	assembly->tally.nr_threads = threads.nr;
	kprof_map_deinit(&threads);
	return err;
}

static int assemble(struct assembly *assembly)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	int err = kprof_locator_init(&assembly->locator, aggregate,
				     assembly->profile);

	/* One more, so that it is not empty. */
	assembly->is_repeated = calloc(aggregate->placed.nr + 1,
				       sizeof(*assembly->is_repeated));
	if (!err && !assembly->is_repeated)
		err = -ENOMEM;
	if (!err)
		err = add_main_mapping(assembly);
	if (!err)
		err = find_repetitions(assembly);
	for (size_t i = 0; !err && i < aggregate->entries.nr; i++)
		err = add_entry(assembly, &aggregate->entries.data[i]);
	return err ?: count_threads(assembly);
}

int kprof_assemble(const struct kprof_aggregate *aggregate,
		   const struct kprof_assemble_options *options,
		   struct kprof_profile *profile, struct kprof_tally *tally_ret)
{
	struct assembly assembly = {
		.aggregate = aggregate,
		.profile = profile,
		.options = options,
	};
	int err = assemble(&assembly);

	*tally_ret = assembly.tally;
	kprof_locator_deinit(&assembly.locator);
	free(assembly.is_repeated);
	vector_free(&assembly.locations);
	return err;
}
