/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fixed table of pointers that an interrupt can search and fill.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Open addressing in a window of KPROF_SLOTS_WINDOW slots after the hash. A
 * miss looks at the whole window, so removal needs no tombstones, and the
 * work is bounded. An insertion is one cmpxchg. Two CPUs that insert one key
 * at the same moment while a third slot of the window is being freed may
 * leave it in the table twice: look-ups find the first, and both are removed
 * by whoever owns the table. A key is compared and never followed.
 */
#ifndef KPROF_SLOTS_H
#define KPROF_SLOTS_H

#include <linux/types.h>

enum { KPROF_SLOTS_WINDOW = 16 };

struct kprof_slots {
	const void **keys;
	u32 nr;
	u32 shift;
	atomic_t used;
	u32 limit;
};

/* Process context; may sleep */
int kprof_slots_init(struct kprof_slots *slots, u32 limit);
void kprof_slots_deinit(struct kprof_slots *slots);

/* Any context, lock-free. The index of @key, or -1. */
int kprof_slots_find(const struct kprof_slots *slots, const void *key);

/*
 * Any context, lock-free. The index of @key, which may have been there
 * already (*@added tells), or -ENOSPC.
 */
int kprof_slots_insert(struct kprof_slots *slots, const void *key, bool *added);

/* One remover at a time. The caller has put the slot's payload in order. */
void kprof_slots_remove(struct kprof_slots *slots, u32 index);

static inline const void *kprof_slots_key(const struct kprof_slots *slots,
					  u32 index)
{
	return READ_ONCE(slots->keys[index]);
}

static inline u32 kprof_slots_used(const struct kprof_slots *slots)
{
	return atomic_read(&slots->used);
}

#endif /* KPROF_SLOTS_H */
