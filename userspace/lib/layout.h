/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was ever mapped in an address space, and where that is contested.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_LAYOUT_H
#define LIB_LAYOUT_H

#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kprof_piece - addresses and what was mapped there
 * @start: first address
 * @end: first address after it
 * @bias: file offset minus address: equal for the parts of one mapping
 * @binary: the file
 */
struct kprof_piece {
	uint64_t start;
	uint64_t end;
	uint64_t bias;
	uint32_t binary;
};

/* Sorted by address, disjoint. */
struct kprof_pieces {
	vector(struct kprof_piece) list;
};

/**
 * struct kprof_layout - {} is an empty one
 * @pieces: first mapping that was seen of each address
 * @contested: where another one was seen later
 *
 * Both grow only with what is mapped anew, so their size is bounded by the
 * mappings that a process has ever had at different places.
 */
struct kprof_layout {
	struct kprof_pieces pieces;
	struct kprof_pieces contested;
};

void kprof_layout_deinit(struct kprof_layout *layout);
/* @piece was mapped at some time. 0 or -ENOMEM. */
int kprof_layout_add(struct kprof_layout *layout,
		     const struct kprof_piece *piece);
/* Nothing will be added any more: keeps only what is contested. */
void kprof_layout_settle(struct kprof_layout *layout);
bool kprof_layout_is_contested(const struct kprof_layout *layout,
			       uint64_t address);

#endif /* LIB_LAYOUT_H */
