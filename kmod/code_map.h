/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The executable mappings of an address space, as the last snapshot found
 * them, for interrupts to search.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_CODE_MAP_H
#define KPROF_CODE_MAP_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct kprof_image;

/**
 * struct kprof_code_mapping - an executable mapping
 * @start: first address
 * @end: first address after it
 * @file_offset: of @start, in bytes
 * @inode: inode number, 0 without a file
 * @dev: device of the file system
 * @flags: KPROF_MMAP_*
 * @image: whose unwind table holds here; NULL if nobody can know
 *
 * Two snapshots are compared up to @image.
 */
struct kprof_code_mapping {
	u64 start;
	u64 end;
	u64 file_offset;
	u64 inode;
	u32 dev;
	u32 flags;
	struct kprof_image *image;
};

/**
 * struct kprof_code_map - all of them
 * @id: no other has it, whatever its address
 * @nr: mappings
 * @free_work: drops it when no interrupt can see it any more
 * @mappings: ascending
 */
struct kprof_code_map {
	u64 id;
	u32 nr;
	struct rcu_work free_work;
	struct kprof_code_mapping mappings[];
};

/* Worker only. The caller fills in @nr mappings. NULL if there is no memory. */
struct kprof_code_map *kprof_code_map_create(u32 nr);
/* Nobody has seen it, or nobody can any more. NULL is fine. */
void kprof_code_map_destroy(struct kprof_code_map *map);
/* Interrupts may see it until they are over. NULL is fine. */
void kprof_code_map_retire(struct kprof_code_map *map,
			   struct workqueue_struct *queue);

/* Interrupts off. NULL if there is no code. At most 12 steps. */
const struct kprof_code_mapping *
kprof_code_map_find(const struct kprof_code_map *map, u64 pc);

#endif /* KPROF_CODE_MAP_H */
