/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ranges of addresses laid over each other: the newest one covers the others.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * That is how a compiler at run time uses memory: where code was dropped, other
 * code comes to lie.
 */
#ifndef LIB_OVERLAY_H
#define LIB_OVERLAY_H

#include <stdint.h>

#include "util/vector.h"

/**
 * struct kprof_overlay_range - what one addition covers, or a part of that
 * @start: first address
 * @end: first address after it
 * @value: the caller's
 */
struct kprof_overlay_range {
	uint64_t start;
	uint64_t end;
	uint32_t value;
};

/**
 * struct kprof_overlay - {.max_ranges = N} is an empty one
 * @ranges: in the order in which they were added; when finished, what is left
 *	of them, sorted and without overlaps
 * @max_ranges: when there are more, the older half is forgotten
 */
struct kprof_overlay {
	vector(struct kprof_overlay_range) ranges;
	size_t max_ranges;
};

void kprof_overlay_deinit(struct kprof_overlay *overlay);
/* An empty range, and one beyond the last address, is left out. */
int kprof_overlay_add(struct kprof_overlay *overlay, uint64_t start,
		      uint64_t size, uint32_t value);
/* Once, after the last add. 0 or -ENOMEM. */
int kprof_overlay_finish(struct kprof_overlay *overlay);
/* The range at @address, or -ENOENT. */
int kprof_overlay_find(const struct kprof_overlay *overlay, uint64_t address,
		       struct kprof_overlay_range *ret);

#endif /* LIB_OVERLAY_H */
