/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hash tables with open addressing: an index over the caller's array, and a
 * map from numbers to numbers.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Linear probing at a load of at most 3/4; a table that grows doubles. Not
 * hardened against keys that are chosen to collide.
 */
#ifndef UTIL_HASH_H
#define UTIL_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t kprof_hash_u64(uint64_t key);
uint64_t kprof_hash_bytes(const void *data, size_t len);
/* One hash of two; the order matters. */
uint64_t kprof_hash_combine(uint64_t a, uint64_t b);

/*
 * Index: finds the position of an element in an array that the caller keeps.
 * This is what interning needs: the array is the storage and gives the ids.
 */

struct kprof_index_slot {
	uint32_t hash;
	uint32_t position;
};

/* {} is an empty one. */
struct kprof_index {
	struct kprof_index_slot *slots;
	size_t nr_slots;
	size_t nr;
};

/* Does the element at @position equal @key? */
typedef bool kprof_index_equal_fn(const void *array, uint32_t position,
				  const void *key);

#define KPROF_INDEX_NONE UINT32_MAX

void kprof_index_deinit(struct kprof_index *index);
/* Forgets everything, keeps the memory. */
void kprof_index_reset(struct kprof_index *index);
/* The position of the element that equals @key, or KPROF_INDEX_NONE. */
uint32_t kprof_index_find(const struct kprof_index *index, uint64_t hash,
			  kprof_index_equal_fn *equal, const void *array,
			  const void *key);
/*
 * Adds a position of an element that is not in yet. 0 or -ENOMEM. With
 * kprof_index_reserve() before it cannot fail.
 */
int kprof_index_add(struct kprof_index *index, uint64_t hash,
		    uint32_t position);
/* Room for one more. 0 or -ENOMEM. */
int kprof_index_reserve(struct kprof_index *index);

/* Map: u64 to u64. */

struct kprof_map_slot {
	uint64_t key;
	uint64_t value;
	bool used;
};

/* {} is an empty one. */
struct kprof_map {
	struct kprof_map_slot *slots;
	size_t nr_slots;
	size_t nr;
};

void kprof_map_deinit(struct kprof_map *map);
/* True, and the value in @ret, if @key is in. */
bool kprof_map_get(const struct kprof_map *map, uint64_t key, uint64_t *ret);
/* Room for @nr keys in all. 0 or -ENOMEM. */
int kprof_map_reserve(struct kprof_map *map, size_t nr);
/* Adds or replaces. 0 or -ENOMEM. */
int kprof_map_set(struct kprof_map *map, uint64_t key, uint64_t value);
/* True if it was in. */
bool kprof_map_remove(struct kprof_map *map, uint64_t key);

#endif /* UTIL_HASH_H */
