// SPDX-License-Identifier: GPL-2.0-only
/*
 * The session's worker: everything that interrupts and probes must not do.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Runs when it is notified, when a snapshot falls due, and once a second. A
 * workqueue never runs one work item twice at a time, so what belongs to the
 * worker needs no lock.
 */
#include "session.h"
#include "snapshot.h"

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>

enum { LOCK_PATIENCE_NS = NSEC_PER_SEC };

static void tell_task(void *context, u32 event, struct pid *pid, u32 nr)
{
	struct kprof_session *session = context;
	struct kprof_record_task rec = {
		.rec = { .type = KPROF_REC_TASK, .size = sizeof(rec) },
		.event = event,
		.id = pid_nr_ns(pid, session->sampler.pid_ns),
		.nr_tracked = nr,
		.time_ns = ktime_get_mono_fast_ns(),
	};

	kprof_control_write(&session->control, &rec, sizeof(rec), NULL, 0);
}

static void tell_throttle(struct kprof_session *session)
{
	int nr;

	for_each_cpu(nr, session->sampler.mask) {
		struct kprof_cpu *cpu = session->sampler.cpus[nr];
		u32 every = READ_ONCE(cpu->every);
		struct kprof_record_throttle rec = {
			.rec = {
				.type = KPROF_REC_THROTTLE,
				.size = sizeof(rec),
			},
			.cpu = nr,
			.every = every,
			.time_ns = READ_ONCE(cpu->every_since_ns),
		};

		if (every == cpu->throttle_told)
			continue;
		kprof_control_write(&session->control, &rec, sizeof(rec), NULL,
				    0);
		cpu->throttle_told = every;
		WRITE_ONCE(session->throttled, true);
	}
}

static void take_snapshot(struct kprof_session *session, u32 index,
			  u64 give_up_ns)
{
	int err = kprof_snapshot(&session->spaces, index, give_up_ns,
				 &session->control);

	if (!err)
		WRITE_ONCE(session->snapshots, session->snapshots + 1);
	else if (err != -ESRCH)
		WRITE_ONCE(session->snapshots_failed,
			   session->snapshots_failed + 1);
}

/* The last user of the memory may be the hold that a wish has on it. */
static bool is_exiting(const struct kprof_space *space,
		       const struct mm_struct *mm)
{
	int users = atomic_read(&mm->mm_users);

	return users == (test_bit(KPROF_SPACE_PINNED, &space->flags) ? 1 : 0);
}

/*
 * Looks at one space; returns when it wants to be looked at again. A space
 * that only has samples is looked at as well: hints may have been missed.
 */
static u64 serve_space(struct kprof_session *session, u32 index, u64 now_ns,
		       bool last)
{
	struct kprof_space *space = &session->spaces.entries[index];
	struct mm_struct *mm = kprof_space_mm(&session->spaces, index);
	bool wanted = test_bit(KPROF_SPACE_WANTED, &space->flags);
	bool sampled = test_bit(KPROF_SPACE_SAMPLED, &space->flags);
	bool exiting = is_exiting(space, mm);

	if (!atomic_read(&mm->mm_users)) {
		kprof_snapshot_exit(&session->spaces, index, &session->control);
		kprof_space_remove(&session->spaces, index);
		return U64_MAX;
	}
	if (last || exiting || (wanted && now_ns >= space->due_ns) ||
	    (sampled && now_ns >= space->due_ns + NSEC_PER_SEC)) {
		take_snapshot(session, index, now_ns + LOCK_PATIENCE_NS);
		/* An exiting space is gone by now: come back for its end. */
		return exiting ? now_ns : U64_MAX;
	}
	return wanted ? space->due_ns : U64_MAX;
}

/*
 * All spaces together wait for their locks for at most LOCK_PATIENCE_NS from
 * now: a process whose lock is never free costs the others no more than that.
 */
static u64 serve_spaces(struct kprof_session *session, bool last)
{
	u64 now_ns = ktime_get_ns();
	u64 next_ns = now_ns + NSEC_PER_SEC;
	u32 index;

	for (index = 0; index < session->spaces.slots.nr; index++)
		if (kprof_space_mm(&session->spaces, index))
			next_ns = min(next_ns, serve_space(session, index,
							   now_ns, last));
	return next_ns;
}

/* What no sample ring had room for; told here because nothing else comes. */
static void tell_last_lost(struct kprof_session *session)
{
	int nr;

	for_each_cpu(nr, session->sampler.mask) {
		struct kprof_cpu *cpu = session->sampler.cpus[nr];
		struct kprof_record_lost rec = {
			.rec = { .type = KPROF_REC_LOST, .size = sizeof(rec) },
			.cause = KPROF_LOST_RING_FULL,
			.samples = cpu->untold_samples,
			.weight = cpu->untold_weight,
			.cpu = nr,
		};

		if (!cpu->untold_samples)
			continue;
		kprof_control_write(&session->control, &rec, sizeof(rec), NULL,
				    0);
		cpu->untold_samples = 0;
		cpu->untold_weight = 0;
	}
}

static void tell_stats(struct kprof_session *session, u32 flags)
{
	struct kprof_record_stats rec = {
		.rec = { .type = KPROF_REC_STATS, .size = sizeof(rec) },
	};

	kprof_session_count(session, &rec.stats);
	rec.stats.flags |= flags;
	kprof_control_write(&session->control, &rec, sizeof(rec), NULL, 0);
}

/*
 * Sampling has ended: the last snapshots close the generations that are open,
 * then come the totals.
 */
static void finish(struct kprof_session *session)
{
	kprof_spaces_close(&session->spaces);
	serve_spaces(session, true);
	kprof_track_settle(&session->track, tell_task, session);
	tell_throttle(session);
	tell_last_lost(session);
	tell_stats(session, KPROF_STATS_FINAL);
	/* Orders the final record before the state that readers look at. */
	smp_store_release(&session->state, KPROF_SESSION_FLUSHED);
	wake_up_interruptible(&session->readers);
}

static void come_back(struct kprof_session *session, u64 next_ns)
{
	u64 now_ns = ktime_get_ns();
	u64 wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;

	queue_delayed_work(session->notify.queue, &session->worker,
			   nsecs_to_jiffies(wait_ns) + 1);
}

/*
 * Workqueue; sleeps. Bounded by the tables, but for the waits named in
 * snapshot.c, build_id.c and control.c.
 */
void kprof_worker_run(struct work_struct *work)
{
	struct kprof_session *session =
		container_of(to_delayed_work(work), struct kprof_session,
			     worker);
	enum kprof_session_state state;

	/* What the last interrupts counted is seen when FLUSHING is. */
	state = smp_load_acquire(&session->state);
	if (state == KPROF_SESSION_FLUSHING)
		finish(session);
	if (state >= KPROF_SESSION_FLUSHING)
		return;
	kprof_track_settle(&session->track, tell_task, session);
	tell_throttle(session);
	come_back(session, serve_spaces(session, false));
}
