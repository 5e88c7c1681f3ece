// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which tasks a session samples.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "track.h"
#include "notify.h"

#include <linux/bitops.h>
#include <linux/hash.h>
#include <linux/kprof.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

/* Bits of a slot. */
enum {
	IS_PROCESS,
	IS_THREAD,
	/* Named by a user, not inherited. */
	IS_ATTACHED,
	/* The reader knows; the worker's own bit. */
	IS_TOLD,
};

/* How far lazy inheritance looks up: sh -c make -> make -> sh -> cc -> as. */
enum { MAX_GENERATIONS = 16 };

int kprof_track_init(struct kprof_track *track, u32 limit,
		     struct kprof_notify *notify)
{
	int err;

	err = kprof_slots_init(&track->slots, limit);
	if (err)
		return err;
	track->flags = kvcalloc(track->slots.nr, sizeof(*track->flags),
				GFP_KERNEL);
	track->numbers = kvcalloc(track->slots.nr, sizeof(*track->numbers),
				  GFP_KERNEL);
	if (!track->flags || !track->numbers) {
		kprof_track_deinit(track);
		return -ENOMEM;
	}
	mutex_init(&track->lock);
	track->notify = notify;
	atomic_set(&track->overflow, 0);
	return 0;
}

static struct pid *slot_pid(const struct kprof_track *track, u32 index)
{
	return (struct pid *)kprof_slots_key(&track->slots, index);
}

void kprof_track_deinit(struct kprof_track *track)
{
	u32 index;

	if (!track->slots.keys)
		return;
	for (index = 0; index < track->slots.nr; index++)
		put_pid(slot_pid(track, index));
	kprof_slots_deinit(&track->slots);
	kvfree(track->flags);
	kvfree(track->numbers);
}

/*
 * @pid is alive, so that the worker does not remove it meanwhile. The reference
 * is taken before the pointer can be seen; giving it back when somebody else
 * was first never frees, because the task holds one too.
 */
static int insert(struct kprof_track *track, struct pid *pid, int kind)
{
	bool added;
	int index;

	get_pid(pid);
	index = kprof_slots_insert(&track->slots, pid, &added);
	if (!added)
		put_pid(pid);
	if (index < 0) {
		atomic_inc(&track->overflow);
		return index;
	}
	WRITE_ONCE(track->numbers[index], pid_nr(pid));
	if (test_and_set_bit(kind, &track->flags[index]))
		return -EEXIST;
	return index;
}

static void note_change(struct kprof_track *track)
{
	WRITE_ONCE(track->changed, true);
	kprof_notify_worker(track->notify);
}

static int bit_of(enum kprof_track_kind kind)
{
	return kind == KPROF_TRACK_PROCESS ? IS_PROCESS : IS_THREAD;
}

/* Its last thread has gone, or this thread has: nothing is left to sample. */
static bool is_gone(struct pid *pid, bool is_process)
{
	struct task_struct *task;
	bool gone;

	rcu_read_lock();
	task = pid_task(pid, is_process ? PIDTYPE_TGID : PIDTYPE_PID);
	if (!task)
		gone = true;
	else if (is_process)
		gone = !atomic_read(&task->signal->live);
	else
		gone = READ_ONCE(task->flags) & PF_EXITING;
	rcu_read_unlock();
	return gone;
}

/* Locked against the worker, which may find @pid dead at any moment. */
static int attach(struct kprof_track *track, struct pid *pid,
		  enum kprof_track_kind kind)
{
	int index;

	lockdep_assert_held(&track->lock);
	if (is_gone(pid, kind == KPROF_TRACK_PROCESS))
		return -ESRCH;
	if (!track->attached_ns)
		WRITE_ONCE(track->attached_ns, ktime_get_ns());
	if (kind == KPROF_TRACK_THREAD)
		WRITE_ONCE(track->has_threads, true);
	index = insert(track, pid, bit_of(kind));
	if (index >= 0)
		set_bit(IS_ATTACHED, &track->flags[index]);
	return index;
}

int kprof_track_attach(struct kprof_track *track, struct pid *pid,
		       enum kprof_track_kind kind)
{
	int index;

	mutex_lock(&track->lock);
	index = attach(track, pid, kind);
	mutex_unlock(&track->lock);
	if (index < 0)
		return index;
	note_change(track);
	return 0;
}

static bool has(const struct kprof_track *track, const struct pid *pid, int bit)
{
	int index;

	if (!pid)
		return false;
	index = kprof_slots_find(&track->slots, pid);
	return index >= 0 && test_bit(bit, &track->flags[index]);
}

/* An exiting task has no pid any more: then the pointers are NULL. */
static bool is_target(const struct kprof_track *track, struct task_struct *task)
{
	if (has(track, task_tgid(task), IS_PROCESS))
		return true;
	return READ_ONCE(track->has_threads) &&
	       has(track, task_pid(task), IS_THREAD);
}

static u64 *stranger_slot(struct kprof_track *track,
			  const struct task_struct *task)
{
	return &track->strangers[hash_ptr(task, ilog2(KPROF_TRACK_STRANGERS))];
}

/*
 * Without tracepoints: a task that started after the attach and descends from
 * a target is taken in at its first sample. A task whose parents have gone
 * already is missed, which is why the session says "approximate". Verdicts
 * against a task are kept, by its address and start time.
 */
static bool inherit_lazily(struct kprof_track *track, struct task_struct *task)
{
	u64 *stranger = stranger_slot(track, task);
	u64 who = (unsigned long)task ^ task->start_time << 8;
	struct task_struct *parent = task;
	int generation;

	if (task->start_time <= READ_ONCE(track->attached_ns) ||
	    READ_ONCE(*stranger) == who)
		return false;
	for (generation = 0; generation < MAX_GENERATIONS; generation++) {
		parent = rcu_dereference_check(parent->real_parent,
					       irqs_disabled());
		if (!parent || is_idle_task(parent))
			break;
		if (!is_target(track, parent))
			continue;
		if (insert(track, task_tgid(task), IS_PROCESS) < 0)
			return false;
		note_change(track);
		return true;
	}
	WRITE_ONCE(*stranger, who);
	return false;
}

bool kprof_track_wants(struct kprof_track *track, struct task_struct *task)
{
	if (track->all)
		return !is_idle_task(task);
	if (is_target(track, task))
		return true;
	return track->inherit && track->lazy && task_tgid(task) &&
	       inherit_lazily(track, task);
}

void kprof_track_fork(struct kprof_track *track, struct task_struct *parent,
		      struct task_struct *child)
{
	bool same_process = same_thread_group(parent, child);

	if (track->all || !track->inherit || !is_target(track, parent))
		return;
	if (!same_process)
		insert(track, task_tgid(child), IS_PROCESS);
	else if (!has(track, task_tgid(parent), IS_PROCESS))
		insert(track, task_pid(child), IS_THREAD);
	else
		return;
	note_change(track);
}

/*
 * A thread that calls exec takes over the process id of the first thread; a
 * thread target follows it. Rare, so the table is simply searched: by number,
 * because the old struct pid may be freed while we look.
 */
void kprof_track_exec(struct kprof_track *track, struct task_struct *task,
		      pid_t old_pid)
{
	u32 index;

	if (!READ_ONCE(track->has_threads) || old_pid == task->pid)
		return;
	for (index = 0; index < track->slots.nr; index++) {
		if (READ_ONCE(track->numbers[index]) != old_pid ||
		    !test_bit(IS_THREAD, &track->flags[index]))
			continue;
		insert(track, task_pid(task), IS_THREAD);
		note_change(track);
		return;
	}
}

void kprof_track_exit(struct kprof_track *track, struct task_struct *task)
{
	if (!track->all && is_target(track, task))
		note_change(track);
}

static void tell_added(struct kprof_track *track, u32 index, struct pid *pid,
		       kprof_track_changed_fn *changed, void *context)
{
	bool attached = test_bit(IS_ATTACHED, &track->flags[index]);

	if (test_and_set_bit(IS_TOLD, &track->flags[index]))
		return;
	changed(context, attached ? KPROF_TASK_ATTACHED : KPROF_TASK_INHERITED,
		pid, kprof_slots_used(&track->slots));
}

/* True if the slot has been freed; the reference is then the caller's. */
static bool remove_if_gone(struct kprof_track *track, u32 index,
			   struct pid *pid)
{
	bool gone;

	mutex_lock(&track->lock);
	gone = is_gone(pid, test_bit(IS_PROCESS, &track->flags[index]));
	if (gone) {
		WRITE_ONCE(track->flags[index], 0);
		WRITE_ONCE(track->numbers[index], 0);
		kprof_slots_remove(&track->slots, index);
	}
	mutex_unlock(&track->lock);
	return gone;
}

/* The bits of a kind come last when a slot is filled. */
static bool is_filled(const struct kprof_track *track, u32 index)
{
	return READ_ONCE(track->flags[index]) & (BIT(IS_PROCESS) |
						 BIT(IS_THREAD));
}

static bool is_time_to_settle(struct kprof_track *track)
{
	u64 now_ns = ktime_get_ns();

	if (!xchg(&track->changed, false) &&
	    now_ns - track->settled_ns < NSEC_PER_SEC)
		return false;
	track->settled_ns = now_ns;
	return true;
}

void kprof_track_settle(struct kprof_track *track,
			kprof_track_changed_fn *changed, void *context)
{
	u32 index;

	if (!is_time_to_settle(track))
		return;
	for (index = 0; index < track->slots.nr; index++) {
		struct pid *pid = slot_pid(track, index);

		if (!pid || !is_filled(track, index))
			continue;
		tell_added(track, index, pid, changed, context);
		if (!remove_if_gone(track, index, pid))
			continue;
		changed(context, KPROF_TASK_EXITED, pid,
			kprof_slots_used(&track->slots));
		put_pid(pid);
	}
}
