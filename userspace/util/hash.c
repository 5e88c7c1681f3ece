// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hash tables with open addressing: an index over the caller's array, and a
 * map from numbers to numbers.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MIN_SLOTS = 16,
};

/* Every bit of the key changes half the bits of the result. */
uint64_t kprof_hash_u64(uint64_t key)
{
	key ^= key >> 32;
	key *= 0xd6e8feb86659fd93ULL;
	key ^= key >> 32;
	key *= 0xd6e8feb86659fd93ULL;
	key ^= key >> 32;
	return key;
}

uint64_t kprof_hash_combine(uint64_t a, uint64_t b)
{
	return kprof_hash_u64(a * 0x9e3779b97f4a7c15ULL + b);
}

uint64_t kprof_hash_bytes(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t hash = len * 0x9e3779b97f4a7c15ULL;
	uint64_t word;

	for (; len >= sizeof(word); p += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = (hash ^ word) * 0xd6e8feb86659fd93ULL;
		hash ^= hash >> 32;
	}
	if (len) {
		word = 0;
		memcpy(&word, p, len);
		hash = (hash ^ word) * 0xd6e8feb86659fd93ULL;
	}
	return kprof_hash_u64(hash);
}

static bool is_full(size_t nr, size_t nr_slots)
{
	return nr + 1 > nr_slots / 4 * 3;
}

/* Index */

void kprof_index_deinit(struct kprof_index *index)
{
	free(index->slots);
	*index = (struct kprof_index){};
}

void kprof_index_reset(struct kprof_index *index)
{
	for (size_t i = 0; i < index->nr_slots; i++)
		index->slots[i].position = KPROF_INDEX_NONE;
	index->nr = 0;
}

static void put(struct kprof_index_slot *slots, size_t nr_slots,
		struct kprof_index_slot slot)
{
	size_t i = slot.hash & (nr_slots - 1);

	while (slots[i].position != KPROF_INDEX_NONE)
		i = (i + 1) & (nr_slots - 1);
	slots[i] = slot;
}

int kprof_index_reserve(struct kprof_index *index)
{
	size_t nr_slots = index->nr_slots ? index->nr_slots * 2 : MIN_SLOTS;
	struct kprof_index_slot *slots;

	if (!is_full(index->nr, index->nr_slots))
		return 0;
	slots = reallocarray(NULL, nr_slots, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	/* All bits set: every position is KPROF_INDEX_NONE. */
	memset(slots, 0xff, nr_slots * sizeof(*slots));
	for (size_t i = 0; i < index->nr_slots; i++)
		if (index->slots[i].position != KPROF_INDEX_NONE)
			put(slots, nr_slots, index->slots[i]);
	free(index->slots);
	index->slots = slots;
	index->nr_slots = nr_slots;
	return 0;
}

uint32_t kprof_index_find(const struct kprof_index *index, uint64_t hash,
			  kprof_index_equal_fn *equal, const void *array,
			  const void *key)
{
	const struct kprof_index_slot *slot;
	size_t mask = index->nr_slots - 1;

	if (!index->nr_slots)
		return KPROF_INDEX_NONE;
	for (size_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
		slot = &index->slots[i];
		if (slot->position == KPROF_INDEX_NONE)
			return KPROF_INDEX_NONE;
		if (slot->hash == (uint32_t)hash &&
		    equal(array, slot->position, key))
			return slot->position;
	}
}

int kprof_index_add(struct kprof_index *index, uint64_t hash,
		    uint32_t position)
{
	int err = kprof_index_reserve(index);

	if (err)
		return err;
	put(index->slots, index->nr_slots,
	    (struct kprof_index_slot){ hash, position });
	index->nr++;
	return 0;
}

/* Map */

void kprof_map_deinit(struct kprof_map *map)
{
	free(map->slots);
	*map = (struct kprof_map){};
}

/* The slot of @key, or the free one where it belongs. */
static struct kprof_map_slot *find_slot(struct kprof_map_slot *slots,
					size_t nr_slots, uint64_t key)
{
	size_t i = kprof_hash_u64(key) & (nr_slots - 1);

	while (slots[i].used && slots[i].key != key)
		i = (i + 1) & (nr_slots - 1);
	return &slots[i];
}

static int resize_map(struct kprof_map *map, size_t nr_slots)
{
	struct kprof_map_slot *slots = calloc(nr_slots, sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	for (size_t i = 0; i < map->nr_slots; i++)
		if (map->slots[i].used)
			*find_slot(slots, nr_slots, map->slots[i].key) =
				map->slots[i];
	free(map->slots);
	map->slots = slots;
	map->nr_slots = nr_slots;
	return 0;
}

bool kprof_map_get(const struct kprof_map *map, uint64_t key, uint64_t *ret)
{
	const struct kprof_map_slot *slot;

	if (!map->nr_slots)
		return false;
	slot = find_slot(map->slots, map->nr_slots, key);
	if (slot->used)
		*ret = slot->value;
	return slot->used;
}

int kprof_map_reserve(struct kprof_map *map, size_t nr)
{
	size_t nr_slots = map->nr_slots ?: MIN_SLOTS;

	while (nr && is_full(nr - 1, nr_slots))
		nr_slots *= 2;
	return nr_slots == map->nr_slots ? 0 : resize_map(map, nr_slots);
}

int kprof_map_set(struct kprof_map *map, uint64_t key, uint64_t value)
{
	struct kprof_map_slot *slot;
	int err = kprof_map_reserve(map, map->nr + 1);

	if (err)
		return err;
	slot = find_slot(map->slots, map->nr_slots, key);
	map->nr += !slot->used;
	*slot = (struct kprof_map_slot){ key, value, true };
	return 0;
}

/*
 * No tombstones: what follows in the same run moves up if its home allows,
 * so that a table in which keys come and go never fills with the gone.
 */
bool kprof_map_remove(struct kprof_map *map, uint64_t key)
{
	size_t mask = map->nr_slots - 1;
	size_t hole, home;

	if (!map->nr_slots)
		return false;
	hole = find_slot(map->slots, map->nr_slots, key) - map->slots;
	if (!map->slots[hole].used)
		return false;
	for (size_t i = (hole + 1) & mask; map->slots[i].used;
	     i = (i + 1) & mask) {
		home = kprof_hash_u64(map->slots[i].key) & mask;
		/* It may move if its home is not between hole and itself. */
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			map->slots[hole] = map->slots[i];
			hole = i;
		}
	}
	map->slots[hole].used = false;
	map->nr--;
	return true;
}
