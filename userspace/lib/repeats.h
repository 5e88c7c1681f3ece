/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Repeated samples, counted before anything is looked up.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Most samples repeat one that came a moment ago. A small table in front of
 * the aggregate counts those by the names that the module gave them, in a
 * tenth of the instructions; what it has counted goes on in one piece. It must
 * do so before those names change their meaning: when a context is defined
 * anew, and before a snapshot of an address space is taken in.
 */
#ifndef LIB_REPEATS_H
#define LIB_REPEATS_H

#include "lib/aggregate.h"

enum {
	/* A power of two. */
	KPROF_REPEATS = 1024,
};

/* Samples alike in everything but time; none if samples is 0. */
struct kprof_repeat {
	struct kprof_event_sample sample;
	int cpu;
	struct kprof_count count;
};

/**
 * struct kprof_repeats - {} is empty
 * @slots: by a hash of what is alike
 * @used: indices of slots that are not empty
 * @nr_used: how many
 */
struct kprof_repeats {
	struct kprof_repeat slots[KPROF_REPEATS];
	uint16_t used[KPROF_REPEATS];
	uint32_t nr_used;
};

int kprof_repeats_add(struct kprof_repeats *repeats,
		      struct kprof_aggregate *aggregate, int cpu,
		      const struct kprof_event_sample *sample);

/* Everything goes on to @aggregate. */
int kprof_repeats_flush(struct kprof_repeats *repeats,
			struct kprof_aggregate *aggregate);

#endif /* LIB_REPEATS_H */
