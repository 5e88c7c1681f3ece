/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where sampled addresses lie in a profile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Processes have the same file at different addresses. The profile has one
 * mapping for each part of a file, at the place where it was seen first, and
 * all addresses are moved there, so that equal code is one location.
 */
#ifndef LIB_LOCATE_H
#define LIB_LOCATE_H

#include "lib/aggregate.h"
#include "lib/kprof.h"
#include "util/hash.h"
#include "util/vector.h"

#include <stdint.h>

/* Frames that are no addresses. */
enum kprof_synthetic {
	KPROF_MAPS_CHANGING,
	KPROF_KERNEL_NOT_SHOWN,
	KPROF_NO_STACK,
	KPROF_STACK_MISSING,
	KPROF_NR_SYNTHETIC,
};

/* A part of a file: what makes a mapping of the profile. */
struct kprof_segment {
	uint32_t binary;
	uint32_t mapping;
	uint64_t file_offset;
	uint64_t bytes;
};

/**
 * struct kprof_locator - from addresses of processes to those of a profile
 * @aggregate: from this
 * @spaces: its
 * @profile: to this
 * @same_binary: per binary the first one with the same build-id
 * @segments: mappings of the profile, by what they show
 * @segment_index: over them
 * @mappings: per vma its mapping, KPROF_NO_INDEX if it has none yet
 * @jits: of the profile, by the space_id of a binary
 * @synthetic: locations, KPROF_NO_INDEX if they are not there yet
 */
struct kprof_locator {
	const struct kprof_aggregate *aggregate;
	const struct kprof_spaces *spaces;
	struct kprof_profile *profile;
	uint32_t *same_binary;
	vector(struct kprof_segment) segments;
	struct kprof_index segment_index;
	uint32_t *mappings;
	struct kprof_map jits;
	uint32_t synthetic[KPROF_NR_SYNTHETIC];
};

int kprof_locator_init(struct kprof_locator *locator,
		       const struct kprof_aggregate *aggregate,
		       struct kprof_profile *profile);
void kprof_locator_deinit(struct kprof_locator *locator);

/* The mapping of the profile that shows what @vma shows; made if needed. */
int kprof_locator_mapping(struct kprof_locator *locator, uint32_t vma,
			  uint32_t *ret);
/*
 * The vma of a user frame of @placed, or KPROF_VMA_*: now that all snapshots
 * are known, also for what is contested.
 */
uint32_t kprof_locator_vma(const struct kprof_locator *locator,
			   const struct kprof_placed *placed, uint32_t frame);
/* The address of a user frame in its process, as kprof_stack_address(). */
uint64_t kprof_locator_address(const struct kprof_locator *locator,
			       const struct kprof_placed *placed,
			       uint32_t frame);
/* Where @address of a process lies in the profile's mapping of @vma. */
int kprof_locator_move(struct kprof_locator *locator, uint32_t vma,
		       uint64_t address, uint32_t *mapping_ret, uint64_t *ret);

/* Locations of the profile. */
int kprof_locator_user_frame(struct kprof_locator *locator,
			     const struct kprof_placed *placed, uint32_t frame,
			     uint32_t *ret);
int kprof_locator_synthetic(struct kprof_locator *locator,
			    enum kprof_synthetic which, uint32_t *ret);

#endif /* LIB_LOCATE_H */
