/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The insides of a profile: what the files that make up its model share, and
 * what only the reader of files needs beyond kprof.h.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_PROFILE_H
#define LIB_PROFILE_H

#include "kprof.h"

#include "util/hash.h"
#include "util/vector.h"

struct string_block;

struct kprof_bytes {
	const char *data;
	size_t len;
};

/* A part of location_indices or labels that samples share. */
struct kprof_range {
	uint32_t first;
	uint32_t nr;
};

/**
 * struct kprof_profile_index - what makes adding to a profile fast
 * @blocks: where strings live; they never move
 * @strings: every string, for its index
 * @stacks: ranges of location_indices
 * @label_sets: ranges of labels
 *
 * The others are indices over the arrays of the profile with the same name,
 * and capacities of these arrays.
 */
struct kprof_profile_index {
	struct string_block *blocks;
	vector(struct kprof_bytes) strings;
	vector(struct kprof_range) stacks;
	vector(struct kprof_range) label_sets;
	struct kprof_index string_index;
	struct kprof_index function_index;
	struct kprof_index location_index;
	struct kprof_index stack_index;
	struct kprof_index label_set_index;
	struct kprof_index sample_index;
	vector(struct kprof_label) sorted_labels;
	size_t mappings_capacity;
	size_t functions_capacity;
	size_t lines_capacity;
	size_t locations_capacity;
	size_t labels_capacity;
	size_t location_indices_capacity;
	size_t samples_capacity;
	size_t comments_capacity;
	size_t jits_capacity;
};

/*
 * Room for @more elements behind the last of profile->@array. Positions are
 * 32 bits wide and KPROF_NO_INDEX is none of them.
 */
#define kprof_profile_grow(profile, array, more)                               \
	(!kprof_profile_has_room((profile)->nr_##array, (more))                \
		 ? -EOVERFLOW                                                  \
		 : kprof_array_reserve(&(profile)->array,                      \
				       &(profile)->index->array##_capacity,    \
				       (size_t)(profile)->nr_##array + (more), \
				       sizeof(*(profile)->array)))

static inline bool kprof_profile_has_room(uint32_t nr, size_t more)
{
	return more < KPROF_NO_INDEX - nr;
}

/* Equal strings of one profile are one pointer, so its value is a hash. */
static inline uint64_t kprof_profile_hash_string(const char *interned)
{
	return (uintptr_t)interned;
}

/* Interns *@str in place; NULL becomes "". */
int kprof_profile_intern_field(struct kprof_profile *profile, const char **str);
/* Like kprof_profile_intern() for text that may contain NULs. */
int kprof_profile_intern_bytes(struct kprof_profile *profile, const char *data,
			       size_t len, const char **ret);
/*
 * A location that is equal to no other: files have many with address 0 that
 * differ in their lines.
 */
int kprof_profile_append_location(struct kprof_profile *profile,
				  uint32_t mapping, uint64_t address,
				  uint32_t *ret);

#endif /* LIB_PROFILE_H */
