// SPDX-License-Identifier: GPL-2.0-only
/*
 * The profile model: stacks, label sets and samples.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A stack that was seen in ten threads is kept once, and so is a set of labels
 * that many stacks have: samples share ranges of location_indices and labels.
 * Memory is therefore bounded by distinct stacks, distinct label sets and
 * distinct pairs of them, never by how often samples are added.
 */
#include "profile.h"

#include <errno.h>
#include <string.h>

struct stack_key {
	const struct kprof_profile *profile;
	const uint32_t *locations;
	uint32_t nr;
};

static bool stack_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_range *range =
		(const struct kprof_range *)array + position;
	const struct stack_key *stack = key;

	if (range->nr != stack->nr)
		return false;
	return !stack->nr ||
	       !memcmp(stack->profile->location_indices + range->first,
		       stack->locations, stack->nr * sizeof(uint32_t));
}

static int add_stack(struct kprof_profile *profile, const uint32_t *locations,
		     uint32_t nr, uint32_t *ret)
{
	struct kprof_profile_index *index = profile->index;
	struct stack_key key = {profile, locations, nr};
	uint64_t hash = kprof_hash_bytes(locations, nr * sizeof(*locations));
	struct kprof_range range = {profile->nr_location_indices, nr};
	int err;

	*ret = kprof_index_find(&index->stack_index, hash, stack_equal,
				index->stacks.data, &key);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	for (uint32_t i = 0; i < nr; i++)
		if (locations[i] >= profile->nr_locations)
			return -EINVAL;
	err = kprof_profile_grow(profile, location_indices, nr);
	if (!err)
		err = kprof_index_reserve(&index->stack_index);
	if (!err)
		err = vector_push(&index->stacks, range);
	if (err)
		return err;
	*ret = index->stacks.nr - 1;
	kprof_index_add(&index->stack_index, hash, *ret);
	if (nr)
		memcpy(profile->location_indices + range.first, locations,
		       nr * sizeof(*locations));
	profile->nr_location_indices += nr;
	return 0;
}

struct label_set_key {
	const struct kprof_profile *profile;
	const struct kprof_label *labels;
	uint32_t nr;
};

static bool label_equal(const struct kprof_label *a,
			const struct kprof_label *b)
{
	return a->key == b->key && a->str == b->str && a->num == b->num &&
	       a->num_unit == b->num_unit;
}

static bool label_set_equal(const void *array, uint32_t position,
			    const void *key)
{
	const struct kprof_range *range =
		(const struct kprof_range *)array + position;
	const struct label_set_key *set = key;
	const struct kprof_label *labels = set->profile->labels;

	if (range->nr != set->nr)
		return false;
	for (uint32_t i = 0; i < set->nr; i++)
		if (!label_equal(&labels[range->first + i], &set->labels[i]))
			return false;
	return true;
}

static uint64_t hash_labels(const struct kprof_label *labels, uint32_t nr)
{
	uint64_t hash = nr;

	for (uint32_t i = 0; i < nr; i++) {
		hash = kprof_hash_combine(
			hash, kprof_profile_hash_string(labels[i].key));
		hash = kprof_hash_combine(
			hash, kprof_profile_hash_string(labels[i].str));
		hash = kprof_hash_combine(hash, labels[i].num);
	}
	return hash;
}

/*
 * Interned and in one order, so that the same labels are the same set in
 * whichever order they come. Sets are short and mostly sorted: insertion.
 */
static int sort_labels(struct kprof_profile *profile,
		       const struct kprof_label *labels, uint32_t nr)
{
	struct kprof_label *sorted, added;
	uint32_t to;
	int err;

	err = vector_reserve(&profile->index->sorted_labels, nr);
	sorted = profile->index->sorted_labels.data;
	for (uint32_t i = 0; i < nr && !err; i++) {
		added = labels[i];
		err = kprof_profile_intern_field(profile, &added.key);
		if (!err && added.str)
			err = kprof_profile_intern_field(profile, &added.str);
		if (!err)
			err = kprof_profile_intern_field(profile,
							 &added.num_unit);
		for (to = i; to && strcmp(sorted[to - 1].key, added.key) > 0;
		     to--)
			sorted[to] = sorted[to - 1];
		sorted[to] = added;
	}
	return err;
}

static int add_label_set(struct kprof_profile *profile,
			 const struct kprof_label *labels, uint32_t nr,
			 uint32_t *ret)
{
	struct kprof_profile_index *index = profile->index;
	struct kprof_range range = {profile->nr_labels, nr};
	struct label_set_key key = {profile, NULL, nr};
	uint64_t hash;
	int err;

	err = sort_labels(profile, labels, nr);
	if (err)
		return err;
	key.labels = index->sorted_labels.data;
	hash = hash_labels(key.labels, nr);
	*ret = kprof_index_find(&index->label_set_index, hash, label_set_equal,
				index->label_sets.data, &key);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	err = kprof_profile_grow(profile, labels, nr);
	if (!err)
		err = kprof_index_reserve(&index->label_set_index);
	if (!err)
		err = vector_push(&index->label_sets, range);
	if (err)
		return err;
	*ret = index->label_sets.nr - 1;
	kprof_index_add(&index->label_set_index, hash, *ret);
	if (nr)
		memcpy(profile->labels + range.first, key.labels,
		       nr * sizeof(*labels));
	profile->nr_labels += nr;
	return 0;
}

/* Ranges are interned: equal ones start at the same place. */
static bool sample_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_sample *a =
		(const struct kprof_sample *)array + position;
	const struct kprof_sample *b = key;

	return a->first_location == b->first_location &&
	       a->nr_locations == b->nr_locations &&
	       a->first_label == b->first_label && a->nr_labels == b->nr_labels;
}

/* Adds up; what does not fit stays at the largest value there is. */
static void add_values(const struct kprof_profile *profile,
		       struct kprof_sample *sample, const int64_t *values)
{
	for (uint32_t i = 0; i < profile->nr_sample_types; i++)
		if (__builtin_add_overflow(sample->values[i], values[i],
					   &sample->values[i]))
			sample->values[i] =
				values[i] < 0 ? INT64_MIN : INT64_MAX;
}

int kprof_profile_add_sample(struct kprof_profile *profile,
			     const uint32_t *locations, uint32_t nr_locations,
			     const struct kprof_label *labels,
			     uint32_t nr_labels, const int64_t *values)
{
	struct kprof_profile_index *index = profile->index;
	uint32_t stack, label_set, position;
	struct kprof_sample added;
	uint64_t hash;
	int err;

	err = add_stack(profile, locations, nr_locations, &stack);
	if (!err)
		err = add_label_set(profile, labels, nr_labels, &label_set);
	if (err)
		return err;
	hash = kprof_hash_combine(stack, label_set);
	added = (struct kprof_sample){
		.first_location = index->stacks.data[stack].first,
		.nr_locations = nr_locations,
		.first_label = index->label_sets.data[label_set].first,
		.nr_labels = nr_labels,
	};
	position = kprof_index_find(&index->sample_index, hash, sample_equal,
				    profile->samples, &added);
	if (position == KPROF_INDEX_NONE) {
		err = kprof_profile_grow(profile, samples, 1);
		if (!err)
			err = kprof_index_add(&index->sample_index, hash,
					      profile->nr_samples);
		if (err)
			return err;
		position = profile->nr_samples++;
		profile->samples[position] = added;
	}
	add_values(profile, &profile->samples[position], values);
	return 0;
}
