// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fixed table of pointers that an interrupt can search and fill.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "slots.h"

#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/mm.h>

/* Twice the limit keeps windows from filling up before the table does. */
int kprof_slots_init(struct kprof_slots *slots, u32 limit)
{
	u32 nr = roundup_pow_of_two(max_t(u32, limit * 2, KPROF_SLOTS_WINDOW));

	slots->keys = kvcalloc(nr, sizeof(*slots->keys), GFP_KERNEL);
	if (!slots->keys)
		return -ENOMEM;
	slots->nr = nr;
	slots->shift = ilog2(nr);
	slots->limit = limit;
	atomic_set(&slots->used, 0);
	return 0;
}

void kprof_slots_deinit(struct kprof_slots *slots)
{
	kvfree(slots->keys);
	slots->keys = NULL;
}

static u32 first_slot(const struct kprof_slots *slots, const void *key)
{
	return hash_ptr(key, slots->shift);
}

static u32 nth_slot(const struct kprof_slots *slots, u32 first, u32 n)
{
	return (first + n) & (slots->nr - 1);
}

int kprof_slots_find(const struct kprof_slots *slots, const void *key)
{
	u32 first = first_slot(slots, key);
	u32 n;

	for (n = 0; n < KPROF_SLOTS_WINDOW; n++) {
		u32 index = nth_slot(slots, first, n);

		if (READ_ONCE(slots->keys[index]) == key)
			return index;
	}
	return -1;
}

static int first_free(const struct kprof_slots *slots, const void *key)
{
	u32 first = first_slot(slots, key);
	u32 n;

	for (n = 0; n < KPROF_SLOTS_WINDOW; n++) {
		u32 index = nth_slot(slots, first, n);

		if (!READ_ONCE(slots->keys[index]))
			return index;
	}
	return -ENOSPC;
}

/* Retries only when another CPU took the slot: at most a window of times. */
int kprof_slots_insert(struct kprof_slots *slots, const void *key, bool *added)
{
	u32 tries;

	*added = false;
	for (tries = 0; tries < KPROF_SLOTS_WINDOW; tries++) {
		int index = kprof_slots_find(slots, key);

		if (index >= 0)
			return index;
		if (atomic_inc_return(&slots->used) > slots->limit)
			goto full;
		index = first_free(slots, key);
		if (index < 0)
			goto full;
		if (!cmpxchg(&slots->keys[index], NULL, key)) {
			*added = true;
			return index;
		}
		atomic_dec(&slots->used);
	}
	return -ENOSPC;
full:
	atomic_dec(&slots->used);
	return -ENOSPC;
}

void kprof_slots_remove(struct kprof_slots *slots, u32 index)
{
	/* Orders the payload before the slot can be taken again. */
	smp_store_release(&slots->keys[index], NULL);
	atomic_dec(&slots->used);
}
