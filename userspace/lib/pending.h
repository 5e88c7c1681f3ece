/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Samples that wait for a snapshot of their address space.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A process whose mappings change all the time has a new generation for each
 * sample. So that waiting does not need memory per sample, generations are
 * taken together when too many samples wait: what is left is bounded by the
 * distinct stacks and threads of the space.
 */
#ifndef LIB_PENDING_H
#define LIB_PENDING_H

#include "util/hash.h"
#include "util/vector.h"

#include <stdint.h>

/**
 * struct kprof_count - how often
 * @samples: so often
 * @weight: periods that they stand for
 */
struct kprof_count {
	uint64_t samples;
	uint64_t weight;
};

void kprof_count_add(struct kprof_count *to, const struct kprof_count *count);

/**
 * struct kprof_waiting - equal samples
 * @stack: index
 * @labels: index
 * @first: lowest generation of them
 * @last: highest
 * @count: how many
 */
struct kprof_waiting {
	uint32_t stack;
	uint32_t labels;
	uint32_t first;
	uint32_t last;
	struct kprof_count count;
};

/**
 * struct kprof_pending - what waits in one space; {} is nothing
 * @all: the samples
 * @index: over them
 * @limit: when they become more, generations are taken together
 */
struct kprof_pending {
	vector(struct kprof_waiting) all;
	struct kprof_index index;
	size_t limit;
};

void kprof_pending_deinit(struct kprof_pending *pending);
int kprof_pending_add(struct kprof_pending *pending,
		      const struct kprof_waiting *sample);
/* Keeps the first @nr of all; they may have been changed. */
int kprof_pending_keep(struct kprof_pending *pending, size_t nr);

#endif /* LIB_PENDING_H */
