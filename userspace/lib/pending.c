// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples that wait for a snapshot of their address space.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/pending.h"

enum {
	/* What may wait in a space before generations are taken together. */
	MIN_LIMIT = 1024,
};

void kprof_count_add(struct kprof_count *to, const struct kprof_count *count)
{
	to->samples += count->samples;
	to->weight += count->weight;
}

void kprof_pending_deinit(struct kprof_pending *pending)
{
	vector_free(&pending->all);
	kprof_index_deinit(&pending->index);
}

static bool is_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_waiting *a =
		(const struct kprof_waiting *)array + position;
	const struct kprof_waiting *b = key;

	return a->stack == b->stack && a->labels == b->labels &&
	       a->first == b->first && a->last == b->last;
}

static int add(struct kprof_pending *pending,
	       const struct kprof_waiting *sample)
{
	uint64_t hash = kprof_hash_combine(
		kprof_hash_combine(sample->stack, sample->labels),
		kprof_hash_combine(sample->first, sample->last));
	uint32_t found = kprof_index_find(&pending->index, hash, is_equal,
					  pending->all.data, sample);
	int err;

	if (found != KPROF_INDEX_NONE) {
		kprof_count_add(&pending->all.data[found].count,
				&sample->count);
		return 0;
	}
	err = kprof_index_reserve(&pending->index);
	if (!err)
		err = vector_push(&pending->all, *sample);
	if (!err)
		err = kprof_index_add(&pending->index, hash,
				      pending->all.nr - 1);
	return err;
}

int kprof_pending_keep(struct kprof_pending *pending, size_t nr)
{
	int err = 0;

	kprof_index_reset(&pending->index);
	pending->all.nr = 0;
	/* What is added never overtakes what is read. */
	for (size_t i = 0; !err && i < nr; i++) {
		struct kprof_waiting sample = pending->all.data[i];

		err = add(pending, &sample);
	}
	return err;
}

/*
 * All that waits is taken for samples of any of their generations: they then
 * lie between the snapshots around all of these. That may leave a frame
 * without a name, but never gives it a wrong one.
 */
static int merge_generations(struct kprof_pending *pending)
{
	uint32_t first = UINT32_MAX, last = 0;
	int err;

	vector_for_each (&pending->all, sample) {
		if (sample->first < first)
			first = sample->first;
		if (sample->last > last)
			last = sample->last;
	}
	vector_for_each (&pending->all, sample) {
		sample->first = first;
		sample->last = last;
	}
	err = kprof_pending_keep(pending, pending->all.nr);
	pending->limit = 2 * pending->all.nr;
	return err;
}

int kprof_pending_add(struct kprof_pending *pending,
		      const struct kprof_waiting *sample)
{
	int err = add(pending, sample);

	if (!err && pending->all.nr > MIN_LIMIT &&
	    pending->all.nr > pending->limit)
		err = merge_generations(pending);
	return err;
}
