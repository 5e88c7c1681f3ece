// SPDX-License-Identifier: GPL-2.0-only
/*
 * Repeated samples, counted before anything is looked up.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/repeats.h"

static uint32_t first_slot(int cpu, const struct kprof_event_sample *sample)
{
	/* The stack's id is a hash already. */
	return sample->stack_id + sample->context_id + sample->generation + cpu;
}

static bool is_alike(const struct kprof_repeat *repeat, int cpu,
		     const struct kprof_event_sample *sample)
{
	return repeat->stack_id == sample->stack_id &&
	       repeat->context_id == sample->context_id &&
	       repeat->generation == sample->generation && repeat->cpu == cpu;
}

static int hand_on(struct kprof_repeat *repeat,
		   struct kprof_aggregate *aggregate)
{
	const struct kprof_event_sample sample = {
		.stack_id = repeat->stack_id,
		.context_id = repeat->context_id,
		.generation = repeat->generation,
	};
	struct kprof_count count = repeat->count;

	repeat->count = (struct kprof_count){};
	return kprof_aggregate_add_samples(aggregate, repeat->cpu, &sample,
					   &count);
}

static int take_slot(struct kprof_repeats *repeats,
		     struct kprof_aggregate *aggregate, uint32_t slot, int cpu,
		     const struct kprof_event_sample *sample)
{
	repeats->used[repeats->nr_used++] = slot;
	repeats->slots[slot] = (struct kprof_repeat){
		.stack_id = sample->stack_id,
		.context_id = sample->context_id,
		.generation = sample->generation,
		.cpu = cpu,
		.count = {1, sample->weight},
	};
	if (repeats->nr_used < KPROF_REPEATS_USED)
		return 0;
	return kprof_repeats_flush(repeats, aggregate);
}

int kprof_repeats_add(struct kprof_repeats *repeats,
		      struct kprof_aggregate *aggregate, int cpu,
		      const struct kprof_event_sample *sample)
{
	uint32_t slot = first_slot(cpu, sample);

	for (;; slot++) {
		struct kprof_repeat *repeat =
			&repeats->slots[slot % KPROF_REPEATS];

		if (!repeat->count.samples)
			return take_slot(repeats, aggregate,
					 slot % KPROF_REPEATS, cpu, sample);
		if (!is_alike(repeat, cpu, sample))
			continue;
		repeat->count.samples++;
		repeat->count.weight += sample->weight;
		return 0;
	}
}

int kprof_repeats_flush(struct kprof_repeats *repeats,
			struct kprof_aggregate *aggregate)
{
	int err = 0;

	for (uint32_t n = 0; !err && n < repeats->nr_used; n++)
		err = hand_on(&repeats->slots[repeats->used[n]], aggregate);
	repeats->nr_used = 0;
	return err;
}
