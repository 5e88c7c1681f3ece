// SPDX-License-Identifier: GPL-2.0-only
/*
 * Repeated samples, counted before anything is looked up.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/repeats.h"

static uint32_t slot_of(int cpu, const struct kprof_event_sample *sample)
{
	/* The stack's id is a hash already. */
	uint64_t mixed = sample->stack_id + (uint64_t)sample->context_id * 7 +
			 sample->generation + (uint64_t)cpu * 31;

	return mixed & (KPROF_REPEATS - 1);
}

static bool is_alike(const struct kprof_repeat *repeat, int cpu,
		     const struct kprof_event_sample *sample)
{
	return repeat->sample.stack_id == sample->stack_id &&
	       repeat->sample.context_id == sample->context_id &&
	       repeat->sample.generation == sample->generation &&
	       repeat->cpu == cpu;
}

static int hand_on(struct kprof_repeat *repeat,
		   struct kprof_aggregate *aggregate)
{
	struct kprof_count count = repeat->count;

	repeat->count = (struct kprof_count){};
	return kprof_aggregate_add_samples(aggregate, repeat->cpu,
					   &repeat->sample, &count);
}

static int replace(struct kprof_repeats *repeats,
		   struct kprof_aggregate *aggregate, uint32_t slot, int cpu,
		   const struct kprof_event_sample *sample)
{
	struct kprof_repeat *repeat = &repeats->slots[slot];
	int err = 0;

	if (repeat->count.samples)
		err = hand_on(repeat, aggregate);
	else
		repeats->used[repeats->nr_used++] = slot;
	repeat->sample = *sample;
	repeat->cpu = cpu;
	repeat->count = (struct kprof_count){1, sample->weight};
	return err;
}

int kprof_repeats_add(struct kprof_repeats *repeats,
		      struct kprof_aggregate *aggregate, int cpu,
		      const struct kprof_event_sample *sample)
{
	uint32_t slot = slot_of(cpu, sample);
	struct kprof_repeat *repeat = &repeats->slots[slot];

	if (!repeat->count.samples || !is_alike(repeat, cpu, sample))
		return replace(repeats, aggregate, slot, cpu, sample);
	repeat->count.samples++;
	repeat->count.weight += sample->weight;
	return 0;
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
