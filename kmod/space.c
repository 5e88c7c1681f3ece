// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address spaces that a session has met, and how it notices that their
 * mappings change.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "space.h"
#include "code_map.h"
#include "notify.h"

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

int kprof_spaces_init(struct kprof_spaces *spaces, struct kprof_notify *notify)
{
	u32 index;
	int err;

	err = kprof_slots_init(&spaces->slots, KPROF_SPACES);
	if (err)
		return err;
	spaces->entries = kvcalloc(spaces->slots.nr, sizeof(*spaces->entries),
				   GFP_KERNEL);
	if (!spaces->entries) {
		kprof_slots_deinit(&spaces->slots);
		return -ENOMEM;
	}
	for (index = 0; index < spaces->slots.nr; index++)
		spaces->entries[index].id = ++spaces->last_id;
	spaces->notify = notify;
	atomic_set(&spaces->nr_pinned, 0);
	atomic_set(&spaces->overflow, 0);
	return 0;
}

/*
 * The hold goes over to the caller before the wish is cleared: a wish in
 * between is served by the snapshot that follows, one after it holds anew.
 */
struct mm_struct *kprof_space_hold(struct kprof_spaces *spaces, u32 index)
{
	struct kprof_space *space = &spaces->entries[index];
	struct mm_struct *mm = kprof_space_mm(spaces, index);
	bool held;

	held = test_and_clear_bit(KPROF_SPACE_PINNED, &space->flags);
	if (held)
		atomic_dec(&spaces->nr_pinned);
	else
		held = mmget_not_zero(mm);
	clear_bit(KPROF_SPACE_SAMPLED, &space->flags);
	clear_bit(KPROF_SPACE_WANTED, &space->flags);
	/* The walk that follows must not be read before the wish is cleared. */
	smp_mb__after_atomic();
	return held ? mm : NULL;
}

void kprof_spaces_unpin(struct kprof_spaces *spaces)
{
	u32 index;

	for (index = 0; index < spaces->slots.nr; index++) {
		struct kprof_space *space = &spaces->entries[index];

		if (!test_and_clear_bit(KPROF_SPACE_PINNED, &space->flags))
			continue;
		atomic_dec(&spaces->nr_pinned);
		mmput(kprof_space_mm(spaces, index));
	}
}

void kprof_spaces_close(struct kprof_spaces *spaces)
{
	WRITE_ONCE(spaces->closed, true);
	/* Interrupts have stopped; probes that saw it open are over then. */
	synchronize_rcu();
}

void kprof_space_show(struct kprof_spaces *spaces, struct kprof_space *space,
		      struct kprof_code_map *code)
{
	struct kprof_code_map *before = kprof_space_shown(space);

	rcu_assign_pointer(space->code, code);
	kprof_code_map_retire(before, spaces->notify->queue);
}

void kprof_space_remove(struct kprof_spaces *spaces, u32 index)
{
	struct mm_struct *mm = kprof_space_mm(spaces, index);
	struct kprof_space *space = &spaces->entries[index];

	kprof_code_map_destroy(kprof_space_shown(space));
	/* Interrupts of other tasks may still compare what they remember. */
	WRITE_ONCE(space->mm, NULL);
	WRITE_ONCE(space->id, ++spaces->last_id);
	WRITE_ONCE(space->pid, 0);
	RCU_INIT_POINTER(space->code, NULL);
	atomic64_set(&space->state, 0);
	space->flags = 0;
	space->epoch = 0;
	space->due_ns = 0;
	space->pause_ns = 0;
	kprof_slots_remove(&spaces->slots, index);
	mmdrop(mm);
}

void kprof_spaces_deinit(struct kprof_spaces *spaces)
{
	u32 index;

	if (!spaces->entries)
		return;
	kprof_spaces_unpin(spaces);
	for (index = 0; index < spaces->slots.nr; index++)
		if (kprof_space_mm(spaces, index))
			kprof_space_remove(spaces, index);
	kvfree(spaces->entries);
	kprof_slots_deinit(&spaces->slots);
}

/*
 * The reference is there before the bit says so (test_and_set_bit() is a full
 * barrier), because the worker drops what the bit says. Giving it back is
 * never the last put: the caller runs on @mm or holds it.
 */
static void pin(struct kprof_spaces *spaces, struct kprof_space *space,
		struct mm_struct *mm)
{
	mmget(mm);
	if (!test_and_set_bit(KPROF_SPACE_PINNED, &space->flags))
		return;
	atomic_dec(&mm->mm_users);
	atomic_dec(&spaces->nr_pinned);
}

/*
 * The memory is held only while @mm is known to be alive, which a caller that
 * runs on it guarantees. Beyond the limit the wish stands without a hold: the
 * snapshot is then taken if the process lives that long.
 */
static void wish(struct kprof_spaces *spaces, struct kprof_space *space,
		 struct mm_struct *mm)
{
	if (READ_ONCE(spaces->closed) ||
	    test_and_set_bit(KPROF_SPACE_WANTED, &space->flags))
		return;
	if (atomic_inc_return(&spaces->nr_pinned) <= KPROF_SPACES_PINNED)
		pin(spaces, space, mm);
	else
		atomic_dec(&spaces->nr_pinned);
	kprof_notify_worker(spaces->notify);
}

struct kprof_space *kprof_spaces_enter(struct kprof_spaces *spaces,
				       struct mm_struct *mm, s32 pid)
{
	bool added;
	int index = kprof_slots_insert(&spaces->slots, mm, &added);
	struct kprof_space *space;

	if (index < 0) {
		atomic_inc(&spaces->overflow);
		return NULL;
	}
	space = &spaces->entries[index];
	if (added) {
		mmgrab(mm);
		WRITE_ONCE(space->mm, mm);
		WRITE_ONCE(space->pid, pid);
		wish(spaces, space, mm);
	}
	return space;
}

/*
 * A new hint makes a new generation, in one step, so that a sample never
 * carries the generation of one and the mappings of another. Retries only
 * while other CPUs do the same.
 */
static u32 advance(struct kprof_space *space, u32 hint)
{
	s64 old = atomic64_read(&space->state);

	for (;;) {
		u32 generation = (u64)old >> 32;
		s64 seen;

		if ((u32)old == hint)
			return generation;
		seen = atomic64_cmpxchg(&space->state, old,
					(u64)(generation + 1) << 32 | hint);
		if (seen == old)
			return generation + 1;
		old = seen;
	}
}

u32 kprof_space_changed(struct kprof_spaces *spaces, struct kprof_space *space,
			struct mm_struct *mm, u32 hint)
{
	wish(spaces, space, mm);
	return advance(space, hint);
}

u32 kprof_space_sync(struct kprof_space *space, const struct mm_struct *mm)
{
	return advance(space, kprof_mm_hint(mm));
}
