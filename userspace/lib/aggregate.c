// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stacks to counts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/aggregate.h"

#include "lib/kprof.h"
#include "util/touch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Of the cache of placed stacks: a power of two. */
	CACHE_SLOTS = 4096,
	/* The stack that stands for those that were never defined. */
	MISSING_STACK = 0,
	/* The labels that stand for those beyond the limit. */
	OTHER_LABELS = 0,
	/* Of a usual recording; there may be more. */
	USUAL_STACKS = 1024,
	USUAL_FRAMES = 32 * USUAL_STACKS,
};

/* What a sample says about whose it is. */
struct kprof_context {
	uint32_t labels;
	uint32_t space;
	bool is_other_comm;
	bool is_other_thread;
};

/* A direct-mapped cache: what was placed last at this hash. */
struct kprof_placed_slot {
	uint64_t view;
	uint32_t stack;
	uint32_t space;
	uint32_t placed;
};

/* Lifetime */

#define touched(array, nr) kprof_touch((array), (nr) * sizeof(*(array)))

static void touch_all(struct kprof_aggregate *aggregate)
{
	touched(aggregate->words.data, USUAL_FRAMES);
	touched(aggregate->vmas.data, USUAL_FRAMES);
	touched(aggregate->stacks.data, USUAL_STACKS);
	touched(aggregate->placed.data, USUAL_STACKS);
	touched(aggregate->entries.data, USUAL_STACKS);
	touched(aggregate->stacks_by_id.slots, aggregate->stacks_by_id.nr_slots);
	touched(aggregate->cache, CACHE_SLOTS);
}

#undef touched

/*
 * Memory that is taken, and touched, before sampling starts costs the target
 * nothing: page faults and copies of growing arrays would.
 */
static int prepare(struct kprof_aggregate *aggregate)
{
	int err = vector_reserve(&aggregate->words, USUAL_FRAMES);

	err = err ?: vector_reserve(&aggregate->vmas, USUAL_FRAMES);
	err = err ?: vector_reserve(&aggregate->stacks, USUAL_STACKS);
	err = err ?: vector_reserve(&aggregate->placed, USUAL_STACKS);
	err = err ?: vector_reserve(&aggregate->entries, USUAL_STACKS);
	err = err ?: kprof_map_reserve(&aggregate->stacks_by_id, USUAL_STACKS);
	if (err)
		return err;
	aggregate->cache = calloc(CACHE_SLOTS, sizeof(*aggregate->cache));
	if (!aggregate->cache)
		return -ENOMEM;
	touch_all(aggregate);
	return 0;
}

int kprof_aggregate_init(struct kprof_aggregate *aggregate,
			 struct kprof_spaces *spaces)
{
	struct kprof_label_set other = {
		.cpu = -1,
		.comm = KPROF_OTHER_COMM,
		.thread_comm = KPROF_OTHER_COMM,
	};
	struct kprof_stack missing = {
		.end = KPROF_STACK_OTHER,
		.is_missing = true,
	};
	int err;

	*aggregate = (struct kprof_aggregate){
		.spaces = spaces,
		.max_label_values = KPROF_DEFAULT_LABEL_VALUES,
	};
	err = prepare(aggregate);
	if (!err)
		err = vector_push(&aggregate->stacks, missing);
	if (!err)
		err = vector_push(&aggregate->label_sets, other);
	if (err)
		kprof_aggregate_deinit(aggregate);
	return err;
}

static void destroy_pending(struct kprof_pending *pending)
{
	if (pending)
		kprof_pending_deinit(pending);
	free(pending);
}

void kprof_aggregate_deinit(struct kprof_aggregate *aggregate)
{
	vector_free(&aggregate->entries);
	kprof_index_deinit(&aggregate->entry_index);
	vector_free(&aggregate->words);
	vector_free(&aggregate->stacks);
	kprof_map_deinit(&aggregate->stacks_by_id);
	vector_free(&aggregate->label_sets);
	kprof_index_deinit(&aggregate->label_index);
	kprof_label_values_deinit(&aggregate->comms);
	kprof_label_values_deinit(&aggregate->threads);
	vector_free(&aggregate->contexts);
	kprof_map_deinit(&aggregate->contexts_by_id);
	vector_free(&aggregate->vmas);
	vector_free(&aggregate->placed);
	kprof_index_deinit(&aggregate->placed_index);
	free(aggregate->cache);
	aggregate->cache = NULL;
	vector_for_each (&aggregate->pending, pending)
		destroy_pending(*pending);
	vector_free(&aggregate->pending);
}

/* Stacks */

int kprof_aggregate_add_stack(struct kprof_aggregate *aggregate,
			      const struct kprof_event_stack *event)
{
	uint32_t nr = event->nr_kernel + event->nr_user;
	size_t nr_words = nr + (nr + 63) / 64;
	struct kprof_stack stack = {
		.first_word = aggregate->words.nr,
		.nr_kernel = event->nr_kernel,
		.nr_user = event->nr_user,
		.end = event->end,
		.is_in_kernel = event->is_in_kernel,
		.has_link_register = event->has_link_register,
		.is_fallback = event->is_fallback,
	};
	uint64_t known;
	int err;

	if (kprof_map_get(&aggregate->stacks_by_id, event->stack_id, &known))
		return 0;
	err = vector_reserve(&aggregate->words, aggregate->words.nr + nr_words);
	if (!err)
		err = vector_reserve(&aggregate->stacks,
				     aggregate->stacks.nr + 1);
	if (!err)
		err = kprof_map_set(&aggregate->stacks_by_id, event->stack_id,
				    aggregate->stacks.nr);
	if (err)
		return err;
	if (nr_words)
		memcpy(aggregate->words.data + aggregate->words.nr,
		       event->frames, nr_words * sizeof(uint64_t));
	aggregate->words.nr += nr_words;
	return vector_push(&aggregate->stacks, stack);
}

uint64_t kprof_stack_address(const struct kprof_aggregate *aggregate,
			     const struct kprof_stack *stack, uint32_t frame)
{
	const uint64_t *frames = aggregate->words.data + stack->first_word;
	const uint64_t *exact = frames + stack->nr_kernel + stack->nr_user;

	if (exact[frame / 64] >> frame % 64 & 1)
		return frames[frame];
	return frames[frame] ? frames[frame] - 1 : 0;
}

/* Contexts */

static bool same_labels(const void *array, uint32_t position, const void *key)
{
	const struct kprof_label_set *a =
		(const struct kprof_label_set *)array + position;

	return !memcmp(a, key, sizeof(*a));
}

static int intern_labels(struct kprof_aggregate *aggregate,
			 const struct kprof_label_set *labels, uint32_t *ret)
{
	uint64_t hash = kprof_hash_bytes(labels, sizeof(*labels));
	int err;

	*ret = kprof_index_find(&aggregate->label_index, hash, same_labels,
				aggregate->label_sets.data, labels);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	if (aggregate->label_sets.nr >= KPROF_MAX_LABEL_SETS) {
		*ret = OTHER_LABELS;
		return 0;
	}
	*ret = aggregate->label_sets.nr;
	err = kprof_index_reserve(&aggregate->label_index);
	if (!err)
		err = vector_push(&aggregate->label_sets, *labels);
	if (!err)
		err = kprof_index_add(&aggregate->label_index, hash, *ret);
	return err;
}

/* Replaces @text, a value of a label that has too many. 0 or -ENOMEM. */
static int bound_value(const struct kprof_aggregate *aggregate,
		       struct kprof_label_values *values, char *text,
		       bool *is_other_ret)
{
	int status = kprof_label_values_take(
		values, aggregate->max_label_values, text);

	if (status < 0)
		return status;
	*is_other_ret = !status;
	if (!status)
		/* All of it: label sets are compared byte by byte. */
		strncpy(text, KPROF_OTHER_COMM, KPROF_EVENT_COMM_LEN);
	return 0;
}

static uint64_t context_key(int cpu, uint32_t context_id)
{
	return (uint64_t)(uint32_t)cpu << 32 | context_id;
}

int kprof_aggregate_add_context(struct kprof_aggregate *aggregate, int cpu,
				const struct kprof_event_context *event)
{
	struct kprof_context context = {.space = KPROF_NO_INDEX};
	struct kprof_label_set labels = {
		.pid = event->pid,
		.tid = event->tid,
		.ns_pid = event->ns_pid,
		.cpu = cpu,
	};
	uint64_t key = context_key(cpu, event->context_id), position;
	int err = 0;

	strcpy(labels.comm, event->comm);
	strcpy(labels.thread_comm, event->thread_comm);
	err = bound_value(aggregate, &aggregate->comms, labels.comm,
			  &context.is_other_comm);
	if (!err)
		err = bound_value(aggregate, &aggregate->threads,
				  labels.thread_comm, &context.is_other_thread);
	if (!err && event->space_id)
		err = kprof_spaces_find(aggregate->spaces, event->space_id,
					&context.space);
	if (!err)
		err = intern_labels(aggregate, &labels, &context.labels);
	if (err)
		return err;
	if (kprof_map_get(&aggregate->contexts_by_id, key, &position)) {
		aggregate->contexts.data[position] = context;
		return 0;
	}
	err = vector_reserve(&aggregate->contexts, aggregate->contexts.nr + 1);
	if (!err)
		err = kprof_map_set(&aggregate->contexts_by_id, key,
				    aggregate->contexts.nr);
	return err ?: vector_push(&aggregate->contexts, context);
}

/* Placing */

struct placed_key {
	const struct kprof_aggregate *aggregate;
	const struct kprof_placed *placed;
};

static uint16_t nr_user(const struct kprof_aggregate *aggregate, uint32_t stack)
{
	return aggregate->stacks.data[stack].nr_user;
}

static bool same_placed(const void *array, uint32_t position, const void *key)
{
	const struct kprof_placed *a =
		(const struct kprof_placed *)array + position;
	const struct placed_key *wanted = key;
	const struct kprof_placed *b = wanted->placed;
	const uint32_t *vmas = wanted->aggregate->vmas.data;

	return a->stack == b->stack && a->space == b->space &&
	       a->is_exact == b->is_exact &&
	       (!nr_user(wanted->aggregate, a->stack) ||
		!memcmp(vmas + a->first_vma, vmas + b->first_vma,
			nr_user(wanted->aggregate, a->stack) * sizeof(*vmas)));
}

static uint64_t hash_placed(const struct kprof_aggregate *aggregate,
			    const struct kprof_placed *placed)
{
	uint64_t hash = kprof_hash_combine(placed->stack, placed->space);

	if (!nr_user(aggregate, placed->stack))
		return hash;
	return kprof_hash_combine(
		hash, kprof_hash_bytes(aggregate->vmas.data + placed->first_vma,
				       nr_user(aggregate, placed->stack) *
					       sizeof(uint32_t)));
}

/* Whether a look-up would find @vma: frames next to each other mostly agree. */
static bool is_in_vma(const struct kprof_spaces *spaces,
		      const struct kprof_space_view *view, uint32_t vma,
		      uint64_t address)
{
	const struct kprof_vma *known;

	if (vma >= KPROF_VMA_FIRST_SPECIAL || view->before != view->after)
		return false;
	known = &spaces->vmas.data[vma];
	return known->start <= address && address < known->end;
}

/* Looks up every user frame, at the end of the vmas. */
static int append_vmas(struct kprof_aggregate *aggregate, uint32_t stack_nr,
		       const struct kprof_space_view *view)
{
	const struct kprof_stack *stack = &aggregate->stacks.data[stack_nr];
	int err = vector_reserve(&aggregate->vmas,
				 aggregate->vmas.nr + stack->nr_user);
	uint32_t vma = KPROF_VMA_NONE;

	if (err)
		return err;
	for (uint32_t i = 0; i < stack->nr_user; i++) {
		uint64_t address = kprof_stack_address(aggregate, stack,
						       stack->nr_kernel + i);

		if (!is_in_vma(aggregate->spaces, view, vma, address))
			vma = kprof_space_view_lookup(aggregate->spaces, view,
						      address);
		aggregate->vmas.data[aggregate->vmas.nr++] = vma;
	}
	return 0;
}

static int intern_placed(struct kprof_aggregate *aggregate,
			 const struct kprof_placed *placed, uint32_t *ret)
{
	struct placed_key key = {aggregate, placed};
	uint64_t hash = hash_placed(aggregate, placed);
	int err;

	*ret = kprof_index_find(&aggregate->placed_index, hash, same_placed,
				aggregate->placed.data, &key);
	if (*ret != KPROF_INDEX_NONE) {
		aggregate->vmas.nr = placed->first_vma;
		return 0;
	}
	*ret = aggregate->placed.nr;
	err = kprof_index_reserve(&aggregate->placed_index);
	if (!err)
		err = vector_push(&aggregate->placed, *placed);
	if (!err)
		err = kprof_index_add(&aggregate->placed_index, hash, *ret);
	return err;
}

static int place(struct kprof_aggregate *aggregate, uint32_t stack,
		 uint32_t space, const struct kprof_space_view *view,
		 uint32_t *ret)
{
	uint64_t key = kprof_space_view_key(view);
	uint64_t hash =
		kprof_hash_combine(key, kprof_hash_combine(stack, space));
	struct kprof_placed_slot *slot =
		&aggregate->cache[hash & (CACHE_SLOTS - 1)];
	struct kprof_placed placed = {
		.stack = stack,
		.space = space,
		.first_vma = aggregate->vmas.nr,
		.is_exact = view->is_exact,
	};
	int err;

	if (slot->view == key && slot->stack == stack && slot->space == space) {
		*ret = slot->placed;
		return 0;
	}
	if (aggregate->vmas.nr > UINT32_MAX - UINT16_MAX)
		return -ENOMEM;
	err = append_vmas(aggregate, stack, view);
	if (!err)
		err = intern_placed(aggregate, &placed, ret);
	if (!err)
		*slot = (struct kprof_placed_slot){key, stack, space, *ret};
	return err;
}

/* Counting */

static bool same_entry(const void *array, uint32_t position, const void *key)
{
	const struct kprof_entry *a =
		(const struct kprof_entry *)array + position;
	const struct kprof_entry *b = key;

	return a->placed == b->placed && a->labels == b->labels;
}

static int add_entry(struct kprof_aggregate *aggregate,
		     const struct kprof_entry *entry)
{
	uint64_t hash = kprof_hash_combine(entry->placed, entry->labels);
	uint32_t found =
		kprof_index_find(&aggregate->entry_index, hash, same_entry,
				 aggregate->entries.data, entry);
	int err;

	if (found != KPROF_INDEX_NONE) {
		kprof_count_add(&aggregate->entries.data[found].count,
				&entry->count);
		return 0;
	}
	err = kprof_index_reserve(&aggregate->entry_index);
	if (!err)
		err = vector_push(&aggregate->entries, *entry);
	if (!err)
		err = kprof_index_add(&aggregate->entry_index, hash,
				      aggregate->entries.nr - 1);
	return err;
}

/* -EAGAIN: it has to wait. */
static int count_in_space(struct kprof_aggregate *aggregate, uint32_t space,
			  const struct kprof_waiting *sample)
{
	struct kprof_entry entry = {
		.labels = sample->labels,
		.count = sample->count,
	};
	struct kprof_space_view view = {};
	int err = 0;

	if (space != KPROF_NO_INDEX)
		err = kprof_spaces_view(aggregate->spaces, space, sample->first,
					sample->last, &view);
	if (!err)
		err = place(aggregate, sample->stack, space, &view,
			    &entry.placed);
	return err ?: add_entry(aggregate, &entry);
}

/* Waiting */

static struct kprof_pending *pending_of(struct kprof_aggregate *aggregate,
					uint32_t space)
{
	return space < aggregate->pending.nr ? aggregate->pending.data[space]
					     : NULL;
}

/* Made if there is none; NULL if there is no memory. */
static struct kprof_pending *get_pending(struct kprof_aggregate *aggregate,
					 uint32_t space)
{
	struct kprof_pending *pending = pending_of(aggregate, space);

	if (pending)
		return pending;
	while (aggregate->pending.nr <= space)
		if (vector_push(&aggregate->pending, NULL))
			return NULL;
	pending = calloc(1, sizeof(*pending));
	aggregate->pending.data[space] = pending;
	return pending;
}

int kprof_aggregate_add_sample(struct kprof_aggregate *aggregate, int cpu,
			       const struct kprof_event_sample *event)
{
	const struct kprof_count one = {1, event->weight};

	return kprof_aggregate_add_samples(aggregate, cpu, event, &one);
}

int kprof_aggregate_add_samples(struct kprof_aggregate *aggregate, int cpu,
				const struct kprof_event_sample *event,
				const struct kprof_count *count)
{
	struct kprof_context context = {.labels = OTHER_LABELS,
					.space = KPROF_NO_INDEX};
	struct kprof_pending *pending;
	struct kprof_waiting sample = {
		.first = event->generation,
		.last = event->generation,
		.count = *count,
	};
	uint64_t stack = MISSING_STACK, position;
	int err;

	if (kprof_map_get(&aggregate->contexts_by_id,
			  context_key(cpu, event->context_id), &position))
		context = aggregate->contexts.data[position];
	kprof_map_get(&aggregate->stacks_by_id, event->stack_id, &stack);
	if (stack == MISSING_STACK)
		aggregate->missing_samples += count->samples;
	if (context.labels == OTHER_LABELS)
		aggregate->folded_samples += count->samples;
	if (context.is_other_comm)
		aggregate->other_comms += count->samples;
	if (context.is_other_thread)
		aggregate->other_threads += count->samples;
	kprof_count_add(&aggregate->total, count);
	sample.stack = stack;
	sample.labels = context.labels;
	err = count_in_space(aggregate, context.space, &sample);
	if (err != -EAGAIN)
		return err;
	pending = get_pending(aggregate, context.space);
	return pending ? kprof_pending_add(pending, &sample) : -ENOMEM;
}

int kprof_aggregate_fold(struct kprof_aggregate *aggregate, uint32_t space)
{
	struct kprof_pending *pending = pending_of(aggregate, space);
	uint32_t lowest = UINT32_MAX;
	size_t nr = 0;
	int err;

	if (!pending) {
		kprof_spaces_prune(aggregate->spaces, space, UINT32_MAX);
		return 0;
	}
	vector_for_each (&pending->all, sample) {
		err = count_in_space(aggregate, space, sample);
		if (err && err != -EAGAIN)
			return err;
		if (!err)
			continue;
		if (sample->first < lowest)
			lowest = sample->first;
		pending->all.data[nr++] = *sample;
	}
	kprof_spaces_prune(aggregate->spaces, space, lowest);
	if (nr)
		return kprof_pending_keep(pending, nr);
	destroy_pending(pending);
	aggregate->pending.data[space] = NULL;
	return 0;
}

void kprof_aggregate_restart(struct kprof_aggregate *aggregate)
{
	aggregate->entries.nr = 0;
	kprof_index_reset(&aggregate->entry_index);
	aggregate->folded_samples = 0;
	aggregate->missing_samples = 0;
	aggregate->other_comms = 0;
	aggregate->other_threads = 0;
}

int kprof_aggregate_end(struct kprof_aggregate *aggregate)
{
	int err = 0;

	for (size_t i = 0; !err && i < aggregate->pending.nr; i++)
		err = kprof_aggregate_fold(aggregate, i);
	return err;
}
