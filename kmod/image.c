// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images: files whose code is mapped, and their unwind tables.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "image.h"

#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

static unsigned int max_unwind_mib;
module_param(max_unwind_mib, uint, 0644);
MODULE_PARM_DESC(max_unwind_mib,
		 "MiB of all unwind tables, 0: 1/16 of RAM");

/* Of all that follows, and of the references. */
static DEFINE_MUTEX(images_lock);
static DEFINE_HASHTABLE(images, 8);
static u32 nr_tables;
static u64 tables_bytes;

u32 kprof_images_epoch;

u64 kprof_images_most_bytes(void)
{
	u64 most = READ_ONCE(max_unwind_mib);

	return most ? most << 20 : (u64)totalram_pages() << PAGE_SHIFT >> 4;
}

void kprof_images_info(struct kprof_info *info)
{
	mutex_lock(&images_lock);
	info->nr_unwind_tables = nr_tables;
	info->unwind_bytes = tables_bytes;
	info->max_unwind_bytes = kprof_images_most_bytes();
	mutex_unlock(&images_lock);
}

void kprof_image_scope_init(struct kprof_image_scope *scope, bool is_shared)
{
	static atomic64_t last_id;

	scope->id = atomic64_inc_return(&last_id);
	scope->is_shared = is_shared;
}

void kprof_image_key_init(struct kprof_image_key *key,
			  const struct kprof_image_scope *scope, u32 kind,
			  const void *id, u32 id_bytes)
{
	bool is_shared = scope->is_shared && kind != KPROF_LOAD_FILE;

	*key = (struct kprof_image_key){
		.owner = is_shared ? 0 : scope->id,
		.kind = kind,
		.id_bytes = id_bytes,
	};
	memcpy(key->id, id, id_bytes);
}

static bool is_key(const struct kprof_image_key *a,
		   const struct kprof_image_key *b)
{
	return a->owner == b->owner && a->kind == b->kind &&
	       a->id_bytes == b->id_bytes && !memcmp(a->id, b->id, a->id_bytes);
}

static struct kprof_image *find(const struct kprof_image_key *key, u32 hash)
{
	struct kprof_image *image;

	hash_for_each_possible(images, image, node, hash)
		if (is_key(&image->key, key))
			return image;
	return NULL;
}

struct kprof_image *kprof_image_get(const struct kprof_image_key *key)
{
	u32 hash = jhash(key->id, key->id_bytes, key->kind);
	struct kprof_image *image;

	mutex_lock(&images_lock);
	image = find(key, hash);
	if (!image) {
		image = kzalloc(sizeof(*image), GFP_KERNEL);
		if (!image)
			goto out;
		image->key = *key;
		hash_add(images, &image->node, hash);
	}
	image->refs++;
out:
	mutex_unlock(&images_lock);
	return image;
}

/* The lock is held. Returns what is to be freed when nobody can see it. */
static const void *swap_table(struct kprof_image *image, const void *table,
			      u32 bytes)
{
	const void *before = rcu_dereference_protected(
		image->table, lockdep_is_held(&images_lock));

	nr_tables += !!table - !!before;
	tables_bytes += bytes;
	tables_bytes -= image->table_bytes;
	image->table_bytes = bytes;
	rcu_assign_pointer(image->table, table);
	/* After the table: who sees this looks it up anew. */
	smp_store_release(&kprof_images_epoch, kprof_images_epoch + 1);
	return before;
}

int kprof_image_set_table(struct kprof_image *image, const void *table,
			  u32 bytes)
{
	const void *before;

	mutex_lock(&images_lock);
	if (table && tables_bytes - image->table_bytes + bytes >
			     kprof_images_most_bytes()) {
		mutex_unlock(&images_lock);
		return -ENOSPC;
	}
	before = swap_table(image, table, bytes);
	mutex_unlock(&images_lock);
	if (before) {
		synchronize_rcu();
		kvfree(before);
	}
	return 0;
}

void kprof_image_put(struct kprof_image *image)
{
	if (!image)
		return;
	mutex_lock(&images_lock);
	if (--image->refs) {
		mutex_unlock(&images_lock);
		return;
	}
	hash_del(&image->node);
	kvfree(swap_table(image, NULL, 0));
	mutex_unlock(&images_lock);
	kfree(image);
}
