// SPDX-License-Identifier: GPL-2.0-only
/*
 * The executable mappings of an address space, as the last snapshot found
 * them, for interrupts to search.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "code_map.h"
#include "image.h"

#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

static atomic64_t last_id;

struct kprof_code_map *kprof_code_map_create(u32 nr)
{
	struct kprof_code_map *map;

	map = kvzalloc(struct_size(map, mappings, nr), GFP_KERNEL);
	if (!map)
		return NULL;
	map->id = atomic64_inc_return(&last_id);
	map->nr = nr;
	return map;
}

void kprof_code_map_destroy(struct kprof_code_map *map)
{
	u32 n;

	for (n = 0; map && n < map->nr; n++)
		kprof_image_put(map->mappings[n].image);
	kvfree(map);
}

static void destroy_later(struct work_struct *work)
{
	kprof_code_map_destroy(container_of(to_rcu_work(work),
					    struct kprof_code_map, free_work));
}

void kprof_code_map_retire(struct kprof_code_map *map,
			   struct workqueue_struct *queue)
{
	if (!map)
		return;
	INIT_RCU_WORK(&map->free_work, destroy_later);
	queue_rcu_work(queue, &map->free_work);
}

const struct kprof_code_mapping *
kprof_code_map_find(const struct kprof_code_map *map, u64 pc)
{
	u32 first = 0, last = map->nr;

	while (first < last) {
		u32 middle = (first + last) / 2;

		if (pc < map->mappings[middle].end)
			last = middle;
		else
			first = middle + 1;
	}
	return first < map->nr && pc >= map->mappings[first].start ?
		       &map->mappings[first] : NULL;
}
