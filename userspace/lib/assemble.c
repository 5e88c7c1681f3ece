// SPDX-License-Identifier: GPL-2.0-only
/*
 * From counted stacks to a profile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Processes have the same file at different addresses. The profile has one
 * mapping for each part of a file, at the place where it was seen first, and
 * all addresses are moved there, so that equal code is one location.
 */
#include "lib/assemble.h"

#include "lib/symbolize.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* Frames that are no addresses. */
enum synthetic {
	MAPS_CHANGING,
	KERNEL_NOT_SHOWN,
	NO_STACK,
	STACK_MISSING,
	NR_SYNTHETIC,
};

static const char *const synthetic_names[NR_SYNTHETIC] = {
	[MAPS_CHANGING] = "[maps changing]",
	[KERNEL_NOT_SHOWN] = "[kernel]",
	[NO_STACK] = "[no stack]",
	[STACK_MISSING] = "[stack missing]",
};

/* A part of a file: what makes a mapping of the profile. */
struct segment {
	uint32_t binary;
	uint32_t mapping;
	uint64_t file_offset;
	uint64_t bytes;
};

/**
 * struct assembly - the work on one profile
 * @aggregate: from this
 * @spaces: its
 * @profile: to this
 * @options: how
 * @tally: counted meanwhile
 * @same_binary: per binary the first one with the same build-id
 * @segments: mappings of the profile, by what they show
 * @mappings: per vma its mapping, KPROF_NO_INDEX if it has none yet
 * @is_repeated: per placed stack: the second user frame repeats the first
 * @synthetic: locations, KPROF_NO_INDEX if they are not there yet
 * @locations: of the stack in work
 */
struct assembly {
	const struct kprof_aggregate *aggregate;
	const struct kprof_spaces *spaces;
	struct kprof_profile *profile;
	const struct kprof_assemble_options *options;
	struct kprof_tally tally;
	uint32_t *same_binary;
	vector(struct segment) segments;
	struct kprof_index segment_index;
	uint32_t *mappings;
	bool *is_repeated;
	uint32_t synthetic[NR_SYNTHETIC];
	vector(uint32_t) locations;
};

/* Lifetime */


static bool same_build_id(const void *array, uint32_t position, const void *key)
{
	const struct kprof_binary *binaries = array;

	return !strcmp(binaries[position].build_id, key);
}

/* What was known by its path may turn out to be known already. */
static int find_same_binaries(struct assembly *assembly)
{
	const struct kprof_binary *binaries =
		assembly->spaces->binaries.all.data;
	struct kprof_index index = {};
	int err = 0;

	for (size_t i = 0; !err && i < assembly->spaces->binaries.all.nr; i++) {
		const char *build_id = binaries[i].build_id;
		uint64_t hash = kprof_hash_bytes(build_id, strlen(build_id));
		uint32_t same = kprof_index_find(&index, hash, same_build_id,
						 binaries, build_id);

		assembly->same_binary[i] = i;
		if (!*build_id)
			continue;
		if (same != KPROF_INDEX_NONE)
			assembly->same_binary[i] = same;
		else
			err = kprof_index_add(&index, hash, i);
	}
	kprof_index_deinit(&index);
	return err;
}

static int init_assembly(struct assembly *assembly)
{
	const struct kprof_spaces *spaces = assembly->spaces;

	/* One more, so that no array is empty. */
	assembly->same_binary = calloc(spaces->binaries.all.nr + 1,
				       sizeof(*assembly->same_binary));
	assembly->mappings =
		calloc(spaces->vmas.nr + 1, sizeof(*assembly->mappings));
	assembly->is_repeated = calloc(assembly->aggregate->placed.nr + 1,
				       sizeof(*assembly->is_repeated));
	if (!assembly->same_binary || !assembly->mappings ||
	    !assembly->is_repeated)
		return -ENOMEM;
	for (size_t i = 0; i < spaces->vmas.nr; i++)
		assembly->mappings[i] = KPROF_NO_INDEX;
	for (int i = 0; i < NR_SYNTHETIC; i++)
		assembly->synthetic[i] = KPROF_NO_INDEX;
	return find_same_binaries(assembly);
}

static void deinit_assembly(struct assembly *assembly)
{
	free(assembly->same_binary);
	vector_free(&assembly->segments);
	kprof_index_deinit(&assembly->segment_index);
	free(assembly->mappings);
	free(assembly->is_repeated);
	vector_free(&assembly->locations);
}

/* Mappings */

static bool same_segment(const void *array, uint32_t position, const void *key)
{
	const struct segment *a = (const struct segment *)array + position;
	const struct segment *b = key;

	return a->binary == b->binary && a->file_offset == b->file_offset &&
	       a->bytes == b->bytes;
}

static int add_mapping(struct assembly *assembly, const struct kprof_vma *vma,
		       uint32_t *ret)
{
	const struct kprof_binary *binary =
		&assembly->spaces->binaries.all.data[vma->binary];
	struct kprof_mapping mapping = {
		.start = vma->start,
		.limit = vma->end,
		.file_offset = vma->file_offset,
		.filename = binary->path,
		.build_id = binary->build_id,
		.fd = -1,
	};
	int err;

	/* Without a descriptor it will be opened by its path, if it can be. */
	if (binary->fd >= 0)
		mapping.fd = fcntl(binary->fd, F_DUPFD_CLOEXEC, 0);
	err = kprof_profile_add_mapping(assembly->profile, &mapping, ret);
	if (err)
		kprof_cleanup_close(&mapping.fd);
	return err;
}

static int find_segment(struct assembly *assembly, const struct kprof_vma *vma,
			uint32_t *ret)
{
	struct segment segment = {
		.binary = assembly->same_binary[vma->binary],
		.file_offset = vma->file_offset,
		.bytes = vma->end - vma->start,
	};
	uint64_t hash = kprof_hash_combine(
		kprof_hash_combine(segment.binary, segment.file_offset),
		segment.bytes);
	uint32_t found = kprof_index_find(&assembly->segment_index, hash,
					  same_segment, assembly->segments.data,
					  &segment);
	struct kprof_vma shown = *vma;
	int err;

	if (found != KPROF_INDEX_NONE) {
		*ret = assembly->segments.data[found].mapping;
		return 0;
	}
	shown.binary = segment.binary;
	err = add_mapping(assembly, &shown, &segment.mapping);
	if (!err)
		err = vector_push(&assembly->segments, segment);
	if (!err)
		err = kprof_index_add(&assembly->segment_index, hash,
				      assembly->segments.nr - 1);
	*ret = segment.mapping;
	return err;
}

static int mapping_of(struct assembly *assembly, uint32_t vma, uint32_t *ret)
{
	int err = 0;

	if (assembly->mappings[vma] == KPROF_NO_INDEX)
		err = find_segment(assembly, &assembly->spaces->vmas.data[vma],
				   &assembly->mappings[vma]);
	*ret = assembly->mappings[vma];
	return err;
}

/* The program that most samples are of, among those of the wanted process. */
static uint32_t main_program(const struct assembly *assembly, int32_t pid)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	size_t nr = assembly->spaces->binaries.all.nr;
	_cleanup_free_ uint64_t *samples = calloc(nr + 1, sizeof(*samples));
	uint32_t best = KPROF_NO_INDEX;

	for (size_t i = 0; samples && i < aggregate->entries.nr; i++) {
		const struct kprof_entry *entry = &aggregate->entries.data[i];
		uint32_t space = aggregate->placed.data[entry->placed].space;
		uint32_t program;

		if (space == KPROF_NO_INDEX ||
		    (pid && aggregate->label_sets.data[entry->labels].pid !=
				    pid))
			continue;
		program = kprof_spaces_program(assembly->spaces, space);
		if (program == KPROF_NO_INDEX)
			continue;
		program = assembly->same_binary[program];
		samples[program] += entry->count.samples;
		if (best == KPROF_NO_INDEX ||
		    samples[program] > samples[best])
			best = program;
	}
	return best;
}

/* pprof takes the first mapping for the program, sampled or not. */
static int add_main_mapping(struct assembly *assembly)
{
	uint32_t program = main_program(assembly, assembly->options->pid);
	const struct kprof_spaces *spaces = assembly->spaces;
	uint32_t mapping;

	if (program == KPROF_NO_INDEX)
		program = main_program(assembly, 0);
	for (size_t i = 0; program != KPROF_NO_INDEX && i < spaces->vmas.nr;
	     i++)
		if (assembly->same_binary[spaces->vmas.data[i].binary] ==
		    program)
			return mapping_of(assembly, i, &mapping);
	return 0;
}

/* Locations */

/*
 * A location without an address. As in_kernel with a small number as its
 * address it can be none that was sampled.
 */
static int synthetic_location(struct assembly *assembly, enum synthetic which,
			      uint32_t *ret)
{
	struct kprof_function function = {
		.name = synthetic_names[which],
		.system_name = synthetic_names[which],
		.filename = "",
	};
	struct kprof_line line = {};
	int err = 0;

	if (assembly->synthetic[which] == KPROF_NO_INDEX) {
		err = kprof_profile_add_function(assembly->profile, &function,
						 &line.function);
		if (!err)
			err = kprof_profile_add_location(
				assembly->profile, KPROF_NO_INDEX, which, true,
				&assembly->synthetic[which]);
		if (!err)
			err = kprof_profile_set_lines(
				assembly->profile, assembly->synthetic[which],
				&line, 1);
	}
	*ret = assembly->synthetic[which];
	return err;
}

static uint64_t user_address(const struct assembly *assembly,
			     const struct kprof_placed *placed, uint32_t frame)
{
	const struct kprof_stack *stack =
		&assembly->aggregate->stacks.data[placed->stack];

	return kprof_stack_address(assembly->aggregate, stack,
				   stack->nr_kernel + frame);
}

/* The vma of a user frame, now that all that is contested is known. */
static uint32_t settled_vma(const struct assembly *assembly,
			    const struct kprof_placed *placed, uint32_t frame)
{
	uint32_t vma =
		assembly->aggregate->vmas.data[placed->first_vma + frame];

	if (vma == KPROF_VMA_NONE || vma == KPROF_VMA_CHANGING ||
	    placed->is_exact)
		return vma;
	if (kprof_spaces_is_contested(assembly->spaces, placed->space,
				      user_address(assembly, placed, frame)))
		return KPROF_VMA_CHANGING;
	return vma;
}

/* Where an address lies in the profile's mapping of @vma. */
static int canonical_address(struct assembly *assembly, uint32_t vma,
			     uint64_t address, uint32_t *mapping_ret,
			     uint64_t *ret)
{
	int err = mapping_of(assembly, vma, mapping_ret);

	if (!err)
		*ret = address - assembly->spaces->vmas.data[vma].start +
		       assembly->profile->mappings[*mapping_ret].start;
	return err;
}

static int user_location(struct assembly *assembly,
			 const struct kprof_placed *placed, uint32_t frame,
			 uint32_t *ret)
{
	uint64_t address = user_address(assembly, placed, frame);
	uint32_t vma = settled_vma(assembly, placed, frame);
	uint32_t mapping = KPROF_NO_INDEX;
	int err = 0;

	if (vma == KPROF_VMA_CHANGING)
		return synthetic_location(assembly, MAPS_CHANGING, ret);
	if (vma != KPROF_VMA_NONE)
		err = canonical_address(assembly, vma, address, &mapping,
					&address);
	return err ?: kprof_profile_add_location(assembly->profile, mapping,
						 address, false, ret);
}

static int add_empty_stack(struct assembly *assembly,
			   const struct kprof_stack *stack)
{
	enum synthetic which = NO_STACK;
	uint32_t location;
	int err;

	if (stack->is_missing)
		which = STACK_MISSING;
	else if (stack->is_in_kernel)
		which = KERNEL_NOT_SHOWN;
	err = synthetic_location(assembly, which, &location);
	return err ?: vector_push(&assembly->locations, location);
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
	for (uint32_t i = 0; !err && i < stack->nr_user; i++) {
		if (i == 1 && assembly->is_repeated[placed_nr])
			continue;
		err = user_location(assembly, placed, i, &location);
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
	return nr_user > 2 && user_address(assembly, placed, 1) ==
				      user_address(assembly, placed, 2);
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
	uint32_t vma = settled_vma(assembly, placed, 0);
	int err;

	*is_one_ret = vma != KPROF_VMA_NONE && vma != KPROF_VMA_CHANGING &&
		      vma == settled_vma(assembly, placed, 1);
	if (!*is_one_ret)
		return 0;
	ret->placed = placed_nr;
	err = canonical_address(assembly, vma,
				user_address(assembly, placed, 0),
				&ret->mapping, &ret->first);
	return err ?: canonical_address(assembly, vma,
					user_address(assembly, placed, 1),
					&ret->mapping, &ret->second);
}

static int ask_symbols(struct assembly *assembly,
		       const struct repetition *repetitions, size_t nr)
{
	struct kprof_symbolizer *symbolizer;
	uint64_t start, end;
	int err = kprof_symbolizer_create(assembly->profile,
					  assembly->options->symbolize,
					  &symbolizer);

	if (err)
		return err;
	for (size_t i = 0; i < nr; i++) {
		const struct repetition *at = &repetitions[i];

		if (kprof_symbolizer_function_range(symbolizer, at->mapping,
						    at->first, &start, &end))
			continue;
		assembly->is_repeated[at->placed] = at->second >= start &&
						    at->second < end;
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

static uint32_t make_labels(const struct kprof_label_set *set,
			    struct kprof_label ret[static 5])
{
	uint32_t nr = 0;

	if (set->pid)
		ret[nr++] = (struct kprof_label){ "pid", NULL, set->pid, "" };
	if (set->tid)
		ret[nr++] = (struct kprof_label){ "tid", NULL, set->tid, "" };
	ret[nr++] = (struct kprof_label){ "comm", set->comm, 0, "" };
	ret[nr++] = (struct kprof_label){ "thread_name", set->thread_comm, 0,
					  "" };
	if (set->cpu >= 0)
		ret[nr++] =
			(struct kprof_label){ "cpu", NULL, set->cpu, "cpu" };
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

	assembly->tally.ends[stack->end] += entry->count.samples;
	for (uint32_t i = 0; i < stack->nr_user; i++) {
		if (settled_vma(assembly, placed, i) == KPROF_VMA_CHANGING) {
			assembly->tally.changing += entry->count.samples;
			break;
		}
	}
}

static int add_entry(struct assembly *assembly, const struct kprof_entry *entry)
{
	const struct kprof_label_set *set =
		&assembly->aggregate->label_sets.data[entry->labels];
	struct kprof_label labels[5];
	uint32_t nr_labels = make_labels(set, labels);
	const int64_t values[] = {
		entry->count.samples,
		entry->count.weight * assembly->options->period_ns,
	};
	int err = make_locations(assembly, entry->placed);

	if (err)
		return err;
	count_entry(assembly, entry);
	return kprof_profile_add_sample(assembly->profile,
					assembly->locations.data,
					assembly->locations.nr, labels,
					nr_labels, values);
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

		err = kprof_map_set(&threads,
				    (uint64_t)set->pid << 32 |
					    (uint32_t)set->tid,
				    0);
	}
	assembly->tally.nr_threads = threads.nr;
	kprof_map_deinit(&threads);
	return err;
}

static int assemble(struct assembly *assembly)
{
	const struct kprof_aggregate *aggregate = assembly->aggregate;
	int err = init_assembly(assembly);

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
		.spaces = aggregate->spaces,
		.profile = profile,
		.options = options,
	};
	int err = assemble(&assembly);

	*tally_ret = assembly.tally;
	deinit_assembly(&assembly);
	return err;
}
