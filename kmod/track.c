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
	IS_DEAD,
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
	if (!track->flags) {
		kprof_slots_deinit(&track->slots);
		return -ENOMEM;
	}
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
}

/*
 * The reference is taken before the pointer can be seen. Giving it back when
 * somebody else was first never frees: @pid is alive, its task holds it too.
 */
static int insert(struct kprof_track *track, struct pid *pid, int kind)
{
	bool added;
	int index;

	get_pid(pid);
	index = kprof_slots_insert(&track->slots, pid, &added);
	if (!added)
		put_pid(pid);
	if (index < 0)
		atomic_inc(&track->overflow);
	else if (test_and_set_bit(kind, &track->flags[index]))
		return -EEXIST;
	return index;
}

static int bit_of(enum kprof_track_kind kind)
{
	return kind == KPROF_TRACK_PROCESS ? IS_PROCESS : IS_THREAD;
}

int kprof_track_attach(struct kprof_track *track, struct pid *pid,
		       enum kprof_track_kind kind)
{
	int index;

	if (!track->attached_ns)
		track->attached_ns = ktime_get_ns();
	if (kind == KPROF_TRACK_THREAD)
		WRITE_ONCE(track->has_threads, true);
	index = insert(track, pid, bit_of(kind));
	if (index < 0)
		return index;
	set_bit(IS_ATTACHED, &track->flags[index]);
	kprof_notify_worker(track->notify);
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

	if (task->start_time <= track->attached_ns ||
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
		kprof_notify_worker(track->notify);
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
	kprof_notify_worker(track->notify);
}

/*
 * A thread that calls exec takes over the process id of the first thread; a
 * thread target follows it. Rare, so the table is simply searched.
 */
void kprof_track_exec(struct kprof_track *track, struct task_struct *task,
		      pid_t old_pid)
{
	u32 index;

	if (!READ_ONCE(track->has_threads) || old_pid == task->pid)
		return;
	for (index = 0; index < track->slots.nr; index++) {
		struct pid *pid = slot_pid(track, index);

		if (!pid || pid_nr(pid) != old_pid ||
		    !test_bit(IS_THREAD, &track->flags[index]))
			continue;
		set_bit(IS_DEAD, &track->flags[index]);
		insert(track, task_pid(task), IS_THREAD);
		kprof_notify_worker(track->notify);
		return;
	}
}

static void mark_dead(struct kprof_track *track, struct pid *pid, int kind)
{
	int index = pid ? kprof_slots_find(&track->slots, pid) : -1;

	if (index < 0 || !test_bit(kind, &track->flags[index]))
		return;
	set_bit(IS_DEAD, &track->flags[index]);
	kprof_notify_worker(track->notify);
}

/* signal->live has been counted down when the exit tracepoint fires. */
void kprof_track_exit(struct kprof_track *track, struct task_struct *task)
{
	if (!atomic_read(&task->signal->live))
		mark_dead(track, task_tgid(task), IS_PROCESS);
	if (READ_ONCE(track->has_threads) &&
	    !has(track, task_pid(task), IS_PROCESS))
		mark_dead(track, task_pid(task), IS_THREAD);
}

/* Where no tracepoint tells, a pid that no task has any more is dead. */
static bool is_gone(const struct kprof_track *track, struct pid *pid, u32 index)
{
	enum pid_type type = test_bit(IS_PROCESS, &track->flags[index]) ?
				     PIDTYPE_TGID : PIDTYPE_PID;
	bool gone;

	if (test_bit(IS_DEAD, &track->flags[index]))
		return true;
	if (!track->lazy)
		return false;
	rcu_read_lock();
	gone = !pid_task(pid, type);
	rcu_read_unlock();
	return gone;
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

void kprof_track_settle(struct kprof_track *track,
			kprof_track_changed_fn *changed, void *context)
{
	u32 index;

	for (index = 0; index < track->slots.nr; index++) {
		struct pid *pid = slot_pid(track, index);

		if (!pid || !track->flags[index])
			continue;
		tell_added(track, index, pid, changed, context);
		if (!is_gone(track, pid, index))
			continue;
		track->flags[index] = 0;
		kprof_slots_remove(&track->slots, index);
		changed(context, KPROF_TASK_EXITED, pid,
			kprof_slots_used(&track->slots));
		put_pid(pid);
	}
}
