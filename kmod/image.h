/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Images: files whose code is mapped, and their unwind tables.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * An image exists while a mapping that a session knows of refers to it, or a
 * session has loaded a table for it. The table may come, go and be replaced
 * at any time; interrupts find it under RCU.
 */
#ifndef KPROF_IMAGE_H
#define KPROF_IMAGE_H

#include <linux/kprof.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct kprof_unwind_table;

/**
 * struct kprof_image_scope - who may use the tables that a session loads
 * @id: this session, by a number that no other ever has
 * @is_shared: and all others whose scope is shared
 */
struct kprof_image_scope {
	u64 id;
	bool is_shared;
};

/**
 * struct kprof_image_key - which file
 * @owner: the scope whose tables nobody else uses; 0 is shared
 * @kind: KPROF_LOAD_*
 * @id_bytes: of @id
 * @id: as in struct kprof_load_args
 */
struct kprof_image_key {
	u64 owner;
	u32 kind;
	u32 id_bytes;
	u8 id[KPROF_BUILD_ID_MAX];
};

struct kprof_image {
	struct hlist_node node;
	struct kprof_image_key key;
	/* Under the lock of all images. */
	u32 refs;
	u32 table_bytes;
	const struct kprof_unwind_table __rcu *table;
};

void kprof_image_scope_init(struct kprof_image_scope *scope, bool is_shared);
/*
 * Names a file in a scope. One that only its inode names may be another one
 * in another session, so it is never shared.
 */
void kprof_image_key_init(struct kprof_image_key *key,
			  const struct kprof_image_scope *scope, u32 kind,
			  const void *id, u32 id_bytes);

/* Process context; may sleep */

/* Finds or makes it, and takes a reference. NULL if there is no memory. */
struct kprof_image *kprof_image_get(const struct kprof_image_key *key);
/* NULL is fine. The last one frees; no interrupt can reach it any more. */
void kprof_image_put(struct kprof_image *image);
/*
 * Gives the image a table that is valid and of kvmalloc(); it belongs to the
 * image then. NULL takes the table away. -ENOSPC if all tables together would
 * take more than they may. Waits until no interrupt uses the one before.
 */
int kprof_image_set_table(struct kprof_image *image, const void *table,
			  u32 bytes);
/* What all tables together may take. */
u64 kprof_images_most_bytes(void);
/* Fills in what INFO says of tables. */
void kprof_images_info(struct kprof_info *info);

/* Interrupts off */

static inline const struct kprof_unwind_table *
kprof_image_table(const struct kprof_image *image)
{
	return rcu_dereference_check(image->table, irqs_disabled());
}

/* Counts up whenever a table changes: what was looked up before is void. */
extern u32 kprof_images_epoch;

#endif /* KPROF_IMAGE_H */
