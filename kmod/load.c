// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unwind tables that a session has loaded.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "load.h"
#include "image.h"
#include "unwind_arch.h"
#include "unwind_table.h"

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

enum {
	MAX_TABLE_BYTES = 64 << 20,
	FIRST_ROOM = 64,
};

static int check_args(const struct kprof_load_args *args)
{
	if (!is_power_of_2(args->flags) || args->flags > KPROF_LOAD_VDSO)
		return -EINVAL;
	if (!args->table != !args->table_bytes ||
	    args->id_bytes > sizeof(args->id) ||
	    memchr_inv(args->id + args->id_bytes, 0,
		       sizeof(args->id) - args->id_bytes))
		return -EINVAL;
	if (!args->id_bytes != (args->flags == KPROF_LOAD_VDSO))
		return -EINVAL;
	if (args->flags == KPROF_LOAD_FILE &&
	    args->id_bytes != sizeof(struct kprof_file_id))
		return -EINVAL;
	return args->table_bytes > MAX_TABLE_BYTES ? -EFBIG : 0;
}

/* A table that has been checked, or an error. The caller frees it. */
static void *copy_table(const struct kprof_load_args *args)
{
	void *table;
	int err = -EFAULT;

	table = kvmalloc(args->table_bytes, GFP_KERNEL_ACCOUNT | __GFP_NORETRY |
						    __GFP_NOWARN);
	if (!table)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(table, u64_to_user_ptr(args->table),
			   args->table_bytes))
		goto err_table;
	err = -EBADMSG;
	if (kprof_unwind_table_validate(table, args->table_bytes,
					KPROF_MACHINE))
		goto err_table;
	return table;

err_table:
	kvfree(table);
	return ERR_PTR(err);
}

static int find(const struct kprof_loads *loads,
		const struct kprof_image *image)
{
	u32 n;

	for (n = 0; n < loads->nr; n++)
		if (loads->images[n] == image)
			return n;
	return -ENOENT;
}

static int grow(struct kprof_loads *loads)
{
	u32 room = loads->room ? loads->room * 2 : FIRST_ROOM;
	struct kprof_image **images;

	images = kvmalloc_array(room, sizeof(*images), GFP_KERNEL_ACCOUNT);
	if (!images)
		return -ENOMEM;
	if (loads->nr)
		memcpy(images, loads->images, loads->nr * sizeof(*images));
	kvfree(loads->images);
	loads->images = images;
	loads->room = room;
	return 0;
}

static void forget(struct kprof_loads *loads, u32 n)
{
	kprof_image_put(loads->images[n]);
	loads->images[n] = loads->images[--loads->nr];
}

/* Kept before it has a table, so that no table is there without an owner. */
static int load(struct kprof_loads *loads, const struct kprof_image_key *key,
		const void *table, u32 bytes)
{
	struct kprof_image *image = kprof_image_get(key);
	bool is_new;
	int err;

	if (!image)
		return -ENOMEM;
	is_new = find(loads, image) < 0;
	if (is_new && loads->nr == loads->room && grow(loads)) {
		kprof_image_put(image);
		return -ENOMEM;
	}
	if (is_new)
		loads->images[loads->nr++] = image;
	else
		kprof_image_put(image);
	err = kprof_image_set_table(image, table, bytes);
	if (err && is_new)
		forget(loads, loads->nr - 1);
	return err;
}

static int unload(struct kprof_loads *loads, const struct kprof_image_key *key)
{
	struct kprof_image *image = kprof_image_get(key);
	int n;

	if (!image)
		return -ENOMEM;
	n = find(loads, image);
	if (n >= 0) {
		kprof_image_set_table(image, NULL, 0);
		forget(loads, n);
	}
	kprof_image_put(image);
	return min(n, 0);
}

int kprof_load(struct kprof_loads *loads, const struct kprof_image_scope *scope,
	       const struct kprof_load_args *args)
{
	struct kprof_image_key key;
	void *table;
	int err = check_args(args);

	if (err)
		return err;
	kprof_image_key_init(&key, scope, args->flags, args->id,
			     args->id_bytes);
	if (!args->table)
		return unload(loads, &key);
	/* Not even for a moment: it may be more than the machine has. */
	if (args->table_bytes > kprof_images_most_bytes())
		return -ENOSPC;
	table = copy_table(args);
	if (IS_ERR(table))
		return PTR_ERR(table);
	err = load(loads, &key, table, args->table_bytes);
	if (err)
		kvfree(table);
	return err;
}

void kprof_loads_deinit(struct kprof_loads *loads)
{
	while (loads->nr)
		kprof_image_put(loads->images[--loads->nr]);
	kvfree(loads->images);
	*loads = (struct kprof_loads){};
}
