/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address spaces that a session has met, and how it notices that their
 * mappings change.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A space holds its mm_struct (mmgrab) from the first sample until the worker
 * finds it dead, so that the pointer stays unique; and its memory (mmget) from
 * a wish for a snapshot until that is taken, so that the mappings of a
 * process that has exited meanwhile can still be read. The interrupt and the
 * probes insert and wish; everything else is done by the worker.
 *
 * Memory that is held delays the end of a process by as long as the worker
 * takes, at most about a second; KPROF_SPACES_PINNED bounds how many.
 */
#ifndef KPROF_SPACE_H
#define KPROF_SPACE_H

#include "image.h"
#include "slots.h"

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/types.h>

struct kprof_code_map;
struct kprof_notify;
struct mm_struct;

enum {
	KPROF_SPACES = 1024,
	KPROF_SPACES_PINNED = 256,
};

/* Bits of kprof_space.flags. */
enum {
	/* A snapshot is wanted... */
	KPROF_SPACE_WANTED,
	/* ...and the memory is held for it. */
	KPROF_SPACE_PINNED,
	/* There were samples since the last snapshot. */
	KPROF_SPACE_SAMPLED,
};

/**
 * struct kprof_space - an address space
 * @mm: whose; compared with current's, never followed
 * @state: generation in the upper half, hash of the hints in the lower
 * @flags: bits KPROF_SPACE_*
 * @id: unique in the session; set before the slot can be taken
 * @pid: a process that uses it, as the opener sees it
 * @code: what the last snapshot showed; interrupts of tasks that run on it
 *	read it
 *
 * The rest belongs to the worker:
 * @epoch: of the last snapshot, 0 before the first
 * @due_ns: not looked at again before this
 * @pause_ns: between two snapshots; grows while they show no change
 */
struct kprof_space {
	const struct mm_struct *mm;
	atomic64_t state;
	unsigned long flags;
	u32 id;
	s32 pid;
	struct kprof_code_map __rcu *code;

	u32 epoch;
	u64 due_ns;
	u64 pause_ns;
};

struct kprof_spaces {
	struct kprof_slots slots;
	struct kprof_space *entries;
	struct kprof_notify *notify;
	atomic_t nr_pinned;
	atomic_t overflow;
	u32 last_id;
	/* No more wishes. */
	bool closed;
	/* Mappings have images. */
	bool walks_rows;
	struct kprof_image_scope scope;
};

/* Process context; may sleep */
int kprof_spaces_init(struct kprof_spaces *spaces, struct kprof_notify *notify);
void kprof_spaces_deinit(struct kprof_spaces *spaces);

/*
 * Any context that runs on @mm or holds it: its space, which is made if there
 * is none, or NULL if the table is full. Spaces lie where they are as long as
 * the session; one that is freed gets another id.
 */
struct kprof_space *kprof_spaces_enter(struct kprof_spaces *spaces,
				       struct mm_struct *mm, s32 pid);

/* Hard interrupt: the hint of a space has changed. */
u32 kprof_space_changed(struct kprof_spaces *spaces, struct kprof_space *space,
			struct mm_struct *mm, u32 hint);

/*
 * Hard interrupt, current->mm == @mm: the generation that a sample belongs
 * to. Wishes for a snapshot when a hint has changed.
 */
static inline u32 kprof_space_generation(struct kprof_spaces *spaces,
					 struct kprof_space *space,
					 struct mm_struct *mm)
{
	u64 state = atomic64_read(&space->state);
	u32 hint = kprof_mm_hint(mm);

	if (unlikely(!test_bit(KPROF_SPACE_SAMPLED, &space->flags)))
		set_bit(KPROF_SPACE_SAMPLED, &space->flags);
	if (likely((u32)state == hint))
		return state >> 32;
	return kprof_space_changed(spaces, space, mm, hint);
}

/*
 * Hard interrupt, current runs on the space: its code, NULL before the first
 * snapshot. The worker removes a space when nobody runs on it.
 */
static inline const struct kprof_code_map *
kprof_space_code(const struct kprof_space *space)
{
	return rcu_dereference_check(space->code, irqs_disabled());
}

/* Worker only */

/* Interrupts see @code from now on; what they saw before goes. */
void kprof_space_show(struct kprof_spaces *spaces, struct kprof_space *space,
		      struct kprof_code_map *code);

static inline struct kprof_code_map *
kprof_space_shown(const struct kprof_space *space)
{
	return rcu_dereference_protected(space->code, true);
}

static inline struct mm_struct *
kprof_space_mm(const struct kprof_spaces *spaces, u32 index)
{
	return (struct mm_struct *)kprof_slots_key(&spaces->slots, index);
}

/* The generation now; @mm is locked for reading, so that it is exact. */
u32 kprof_space_sync(struct kprof_space *space, const struct mm_struct *mm);
/*
 * Takes the wish and its hold on the memory: to be dropped with mmput(). NULL
 * if the memory is gone.
 */
struct mm_struct *kprof_space_hold(struct kprof_spaces *spaces, u32 index);
/* Drops the holds of all wishes; these stand, without a hold. May sleep. */
void kprof_spaces_unpin(struct kprof_spaces *spaces);
/* Sampling has ended: when this returns nobody wishes any more. */
void kprof_spaces_close(struct kprof_spaces *spaces);
/* The address space is dead: frees the slot. */
void kprof_space_remove(struct kprof_spaces *spaces, u32 index);

#endif /* KPROF_SPACE_H */
