/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Repeated samples, counted before anything is looked up.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Most samples repeat one that came a moment ago. A table in front of the
 * aggregate counts them by the names that the module gave them, in a tenth of
 * the instructions; what it has counted goes on in one piece when it is full,
 * or at the end. It must do so before those names change their meaning: when
 * a context is defined anew, before a snapshot of an address space is taken
 * in, and before one is forgotten.
 */
#ifndef LIB_REPEATS_H
#define LIB_REPEATS_H

#include "lib/aggregate.h"

enum {
	/* A power of two; a quarter stays empty, so that looking is short. */
	KPROF_REPEATS = 4096,
	KPROF_REPEATS_USED = KPROF_REPEATS / 4 * 3,
};

/* Samples alike in everything but time and weight; none if samples is 0. */
struct kprof_repeat {
	uint64_t stack_id;
	uint32_t context_id;
	uint32_t generation;
	int cpu;
	struct kprof_count count;
};

/**
 * struct kprof_repeats - {} is empty
 * @slots: open addressing by a hash of what is alike
 * @used: indices of slots that are not empty
 * @nr_used: how many
 */
struct kprof_repeats {
	struct kprof_repeat slots[KPROF_REPEATS];
	uint16_t used[KPROF_REPEATS_USED];
	uint32_t nr_used;
};

int kprof_repeats_add(struct kprof_repeats *repeats,
		      struct kprof_aggregate *aggregate, int cpu,
		      const struct kprof_event_sample *sample);

/* Everything goes on to @aggregate. */
int kprof_repeats_flush(struct kprof_repeats *repeats,
			struct kprof_aggregate *aggregate);

#endif /* LIB_REPEATS_H */
