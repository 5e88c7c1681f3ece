// SPDX-License-Identifier: GPL-2.0-only
/*
 * One open of the device = one session.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The file owns the session, the session owns timers, tables and rings.
 * Closing is unpublish -> stop timers -> no more notifications, in that
 * order, and does not wait for the worker, which may be waiting for I/O: the
 * reaper, which is work too, waits for it and frees everything.
 */
#include "session.h"
#include "access.h"
#include "budget.h"
#include "hooks.h"
#include "image.h"
#include "unwind_arch.h"

#include <linux/cpumask.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/sched/isolation.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

enum {
	DEFAULT_RING_BYTES = 256 << 10,
	MAX_RING_BYTES = 1 << 28,
	MIN_CONTROL_RING_BYTES = 64 << 10,
	DEFAULT_DEPTH = 127,
	MAX_DEPTH = 1024,
	DEFAULT_TRACKED = 4096,
	MAX_TRACKED = 65536,
	DEFAULT_SAMPLE_US = IS_ENABLED(CONFIG_PREEMPT_RT) ? 20 : 50,
	MAX_SAMPLE_US = 10000,
	/* Slower than one sample a second is no profile. */
	MAX_PERIOD_NS = NSEC_PER_SEC,
};

static unsigned int max_sessions = 8;
module_param(max_sessions, uint, 0644);
MODULE_PARM_DESC(max_sessions, "most sessions at once");

static unsigned int max_rings_mib;
module_param(max_rings_mib, uint, 0644);
MODULE_PARM_DESC(max_rings_mib,
		 "MiB of all rings, 0: 1/8 of RAM");

static unsigned int max_rate = 50000;
module_param(max_rate, uint, 0644);
MODULE_PARM_DESC(max_rate, "highest sampling rate in Hz");

static struct workqueue_struct *workqueue;
static HLIST_HEAD(sessions);
/* Of the list and of what INFO counts; taken inside session->lock. */
static DEFINE_MUTEX(sessions_lock);
static u32 nr_sessions;
static u64 ring_bytes_taken;

struct hlist_head *kprof_session_list(void)
{
	return &sessions;
}

int kprof_session_register(void)
{
	workqueue = alloc_workqueue("kprof", WQ_UNBOUND, 0);
	return workqueue ? 0 : -ENOMEM;
}

/*
 * Waits for workers and reapers of sessions whose files are closed, and for
 * what they have queued behind RCU.
 */
void kprof_session_unregister(void)
{
	flush_workqueue(workqueue);
	rcu_barrier();
	destroy_workqueue(workqueue);
}

static u32 nr_ring_pages(struct kprof_session *session)
{
	u32 pages = kprof_ring_nr_pages(&session->control.ring);
	int cpu;

	for_each_cpu(cpu, session->sampler.mask)
		pages += kprof_ring_nr_pages(&session->sampler.cpus[cpu]->ring);
	return pages;
}

static u64 features(void)
{
	u64 bits = 0;

	if (!KPROF_ALIASING_CACHE)
		bits |= KPROF_FEATURE_MMAP;
	if (kprof_hooks_available())
		bits |= KPROF_FEATURE_EXACT_INHERIT |
			KPROF_FEATURE_SCHED_SWITCH;
	if (IS_ENABLED(CONFIG_STACKTRACE))
		bits |= KPROF_FEATURE_KERNEL_STACKS;
	if (KPROF_EXACT_MAPS)
		bits |= KPROF_FEATURE_EXACT_MAPS;
	if (hrtimer_resolution < NSEC_PER_MSEC)
		bits |= KPROF_FEATURE_HIGH_RES;
	if (KPROF_MACHINE)
		bits |= KPROF_FEATURE_UNWIND_TABLES;
	return bits;
}

void kprof_session_info(struct kprof_info *info)
{
	struct kprof_session *session;

	*info = (struct kprof_info){
		.abi_version = KPROF_ABI_VERSION,
		.nr_cpu_ids = nr_cpu_ids,
		.features = features(),
		.max_rate_hz = max_rate,
		.max_depth = MAX_DEPTH,
		.max_sessions = max_sessions,
		.max_tracked = MAX_TRACKED,
		.max_ring_bytes = MAX_RING_BYTES,
		.max_cpu_percent = kprof_budget_percent(),
		.timer_resolution_ns = hrtimer_resolution,
		.tick_hz = HZ,
	};
	strscpy(info->module_version, THIS_MODULE->version ?: "",
		sizeof(info->module_version));
	mutex_lock(&sessions_lock);
	info->nr_sessions = nr_sessions;
	hlist_for_each_entry(session, &sessions, node) {
		info->nr_tracked += kprof_slots_used(&session->track.slots);
		info->nr_spaces += kprof_slots_used(&session->spaces.slots);
		info->nr_ring_pages += nr_ring_pages(session);
	}
	mutex_unlock(&sessions_lock);
	kprof_images_info(info);
}

static void free_parts(struct kprof_session *session)
{
	kprof_ring_deinit(&session->control.ring);
	kprof_sampler_deinit(&session->sampler);
	kprof_spaces_deinit(&session->spaces);
	kprof_track_deinit(&session->track);
	kprof_loads_deinit(&session->loads);
}

static u64 wanted_ring_bytes(const struct kprof_session *session,
			     const struct kprof_setup_args *args)
{
	return (u64)args->ring_bytes * cpumask_weight(session->sampler.mask) +
	       args->control_ring_bytes;
}

static u64 most_ring_bytes(void)
{
	u64 most = READ_ONCE(max_rings_mib);

	return most ? most << 20 : (u64)totalram_pages() << PAGE_SHIFT >> 3;
}

/* Before anything is allocated; given back when all of it has been freed. */
static int reserve(struct kprof_session *session, u64 ring_bytes)
{
	int err = 0;

	mutex_lock(&sessions_lock);
	if (nr_sessions >= READ_ONCE(max_sessions)) {
		err = -EBUSY;
	} else if (ring_bytes_taken + ring_bytes > most_ring_bytes()) {
		err = -ENOBUFS;
	} else {
		nr_sessions++;
		ring_bytes_taken += ring_bytes;
		session->ring_bytes = ring_bytes;
	}
	mutex_unlock(&sessions_lock);
	return err;
}

static void unreserve(struct kprof_session *session)
{
	mutex_lock(&sessions_lock);
	nr_sessions--;
	ring_bytes_taken -= session->ring_bytes;
	mutex_unlock(&sessions_lock);
}

static void free_session(struct kprof_session *session)
{
	put_cred(session->sampler.opener);
	put_pid_ns(session->sampler.pid_ns);
	free_cpumask_var(session->sampler.mask);
	if (session->opener_mm)
		mmdrop(session->opener_mm);
	kfree(session);
}

static void unpublish(struct kprof_session *session)
{
	mutex_lock(&sessions_lock);
	hlist_del_rcu(&session->node);
	mutex_unlock(&sessions_lock);
}

/* Work: after the last interrupt and probe, waits for the worker. */
static void reap(struct work_struct *work)
{
	struct kprof_session *session =
		container_of(work, struct kprof_session, reaper);

	cancel_delayed_work_sync(&session->worker);
	free_parts(session);
	unreserve(session);
	/* An irq_work that runs in a thread looks at itself once more. */
	synchronize_rcu();
	free_session(session);
}

static void let_go(struct kprof_control *control)
{
	struct kprof_session *session =
		container_of(control, struct kprof_session, control);

	kprof_spaces_unpin(&session->spaces);
}

int kprof_session_create(const struct file *device, struct kprof_session **ret)
{
	struct kprof_session *session;

	session = kzalloc(sizeof(*session), GFP_KERNEL_ACCOUNT);
	if (!session)
		return -ENOMEM;
	if (!zalloc_cpumask_var(&session->sampler.mask, GFP_KERNEL)) {
		kfree(session);
		return -ENOMEM;
	}
	mutex_init(&session->lock);
	mutex_init(&session->read_lock);
	init_waitqueue_head(&session->readers);
	INIT_DELAYED_WORK(&session->worker, kprof_worker_run);
	INIT_WORK(&session->reaper, reap);
	kprof_notify_init(&session->notify, &session->readers, workqueue,
			  &session->worker);
	session->control.readers = &session->readers;
	session->control.stalled = let_go;
	session->sampler.opener = get_cred(device->f_cred);
	session->sampler.pid_ns = get_pid_ns(task_active_pid_ns(current));
	session->opener_mm = current->mm;
	if (session->opener_mm)
		mmgrab(session->opener_mm);
	*ret = session;
	return 0;
}

/* The worker changes it, too, when it has flushed. */
static enum kprof_session_state state_of(const struct kprof_session *session)
{
	return READ_ONCE(session->state);
}

static bool takes_targets(const struct kprof_session *session)
{
	enum kprof_session_state state = state_of(session);

	return state == KPROF_SESSION_READY || state == KPROF_SESSION_RUNNING;
}

void kprof_session_close(struct kprof_session *session)
{
	if (state_of(session) == KPROF_SESSION_NEW) {
		free_session(session);
		return;
	}
	unpublish(session);
	kprof_sampler_stop(&session->sampler);
	kprof_hooks_put();
	/* Probes that still see the session may still notify. */
	synchronize_rcu();
	kprof_notify_deinit(&session->notify);
	WRITE_ONCE(session->control.closed, true);
	queue_work(workqueue, &session->reaper);
}

static bool is_ring_size(u32 bytes, u32 least)
{
	return is_power_of_2(bytes) && bytes >= least &&
	       bytes <= MAX_RING_BYTES;
}

static void apply_defaults(struct kprof_setup_args *args)
{
	if (!args->ring_bytes)
		args->ring_bytes = DEFAULT_RING_BYTES;
	if (!args->control_ring_bytes)
		args->control_ring_bytes = DEFAULT_RING_BYTES;
	if (!args->max_depth)
		args->max_depth = DEFAULT_DEPTH;
	if (!args->max_sample_us)
		args->max_sample_us = DEFAULT_SAMPLE_US;
	if (!args->max_tracked)
		args->max_tracked = DEFAULT_TRACKED;
	if (!args->wakeup_bytes)
		args->wakeup_bytes = args->ring_bytes / 4;
}

static int check_rate(const struct kprof_setup_args *args)
{
	bool tick_bound = hrtimer_resolution >= NSEC_PER_MSEC;

	if (!args->period_ns || args->period_ns > MAX_PERIOD_NS)
		return -EINVAL;
	if (args->period_ns < NSEC_PER_SEC / max(READ_ONCE(max_rate), 1U))
		return -ERANGE;
	if (tick_bound && args->period_ns < NSEC_PER_SEC / HZ &&
	    !(args->flags & KPROF_SETUP_FORCE_RATE))
		return -ERANGE;
	return 0;
}

static int check_setup(const struct kprof_setup_args *args)
{
	const u32 known = KPROF_SETUP_INHERIT | KPROF_SETUP_ALL_TASKS |
			  KPROF_SETUP_KERNEL_STACKS |
			  KPROF_SETUP_NO_USER_STACKS | KPROF_SETUP_NO_JITTER |
			  KPROF_SETUP_FORCE_RATE | KPROF_SETUP_UNWIND_TABLES;

	if (args->flags & ~known || args->pad)
		return -EINVAL;
	if (args->flags & KPROF_SETUP_UNWIND_TABLES && !KPROF_MACHINE)
		return -EOPNOTSUPP;
	if (!is_ring_size(args->ring_bytes, max_t(u32, PAGE_SIZE, 4096)) ||
	    !is_ring_size(args->control_ring_bytes, MIN_CONTROL_RING_BYTES))
		return -EINVAL;
	if (args->max_depth > MAX_DEPTH || args->max_tracked > MAX_TRACKED ||
	    args->max_sample_us > MAX_SAMPLE_US ||
	    args->wakeup_bytes > args->ring_bytes / 2)
		return -EINVAL;
	return check_rate(args);
}

static int check_privilege(const struct kprof_setup_args *args,
			   const struct file *device)
{
	if ((args->flags & KPROF_SETUP_ALL_TASKS) &&
	    !kprof_access_is_privileged(device))
		return -EPERM;
	if ((args->flags & KPROF_SETUP_KERNEL_STACKS) &&
	    !kprof_access_kernel_addresses(device))
		return -EPERM;
	return 0;
}

/* The caller's wish, or the CPUs that are not set aside for one purpose. */
static int choose_cpus(struct kprof_session *session,
		       const struct cpumask *wanted)
{
	struct cpumask *mask = session->sampler.mask;

	cpumask_copy(mask, cpu_present_mask);
	if (wanted) {
		cpumask_and(mask, mask, wanted);
	} else {
		cpumask_and(mask, mask, housekeeping_cpumask(KPROF_HK_DOMAIN));
		cpumask_and(mask, mask, housekeeping_cpumask(KPROF_HK_TICK));
	}
	return cpumask_empty(mask) ? -EINVAL : 0;
}

static void configure(struct kprof_session *session, const struct file *device,
		      const struct kprof_setup_args *args)
{
	struct kprof_sampler *sampler = &session->sampler;

	sampler->period_ns = args->period_ns;
	sampler->ring_bytes = args->ring_bytes;
	sampler->wakeup_bytes = args->wakeup_bytes;
	sampler->jitter = !(args->flags & KPROF_SETUP_NO_JITTER);
	sampler->parks = kprof_hooks_available();
	sampler->restricted = !kprof_access_is_privileged(device);
	sampler->track = &session->track;
	sampler->spaces = &session->spaces;
	sampler->notify = &session->notify;
	sampler->seed = get_random_u64();
	sampler->unwind = (struct kprof_unwind_config){
		.seed = get_random_u64(),
		.multiplier = get_random_u64() | 1,
		.max_depth = args->max_depth,
		.max_ns = args->max_sample_us * NSEC_PER_USEC,
		.walk_user = !(args->flags & KPROF_SETUP_NO_USER_STACKS),
		.walk_kernel = args->flags & KPROF_SETUP_KERNEL_STACKS,
		.walk_rows = args->flags & KPROF_SETUP_UNWIND_TABLES,
	};
	session->spaces.walks_rows = sampler->unwind.walk_rows;
	kprof_image_scope_init(&session->spaces.scope, !sampler->restricted);
	session->track.all = args->flags & KPROF_SETUP_ALL_TASKS;
	session->track.inherit = args->flags & KPROF_SETUP_INHERIT;
	session->track.lazy = !kprof_hooks_available();
}

static int make_parts(struct kprof_session *session,
		      const struct kprof_setup_args *args)
{
	int err;

	err = kprof_track_init(&session->track, args->max_tracked,
			       &session->notify);
	if (err)
		return err;
	err = kprof_spaces_init(&session->spaces, &session->notify);
	if (err)
		goto err_track;
	err = kprof_sampler_init(&session->sampler);
	if (err)
		goto err_spaces;
	err = kprof_ring_init(&session->control.ring, args->control_ring_bytes,
			      -1);
	if (err)
		goto err_sampler;
	return 0;

err_sampler:
	kprof_sampler_deinit(&session->sampler);
err_spaces:
	kprof_spaces_deinit(&session->spaces);
err_track:
	kprof_track_deinit(&session->track);
	return err;
}

static void publish(struct kprof_session *session)
{
	mutex_lock(&sessions_lock);
	hlist_add_head_rcu(&session->node, &sessions);
	mutex_unlock(&sessions_lock);
}

static int set_up(struct kprof_session *session, const struct file *device,
		  const struct kprof_setup_args *args,
		  const struct cpumask *wanted)
{
	int err = choose_cpus(session, wanted);

	if (err)
		return err;
	err = reserve(session, wanted_ring_bytes(session, args));
	if (err)
		return err;
	configure(session, device, args);
	err = make_parts(session, args);
	if (err)
		goto err_reserved;
	err = kprof_hooks_get();
	if (err)
		goto err_parts;
	publish(session);
	/* What has been made above is seen by whoever sees this. */
	smp_store_release(&session->state, KPROF_SESSION_READY);
	return 0;

err_parts:
	free_parts(session);
err_reserved:
	unreserve(session);
	return err;
}

/* @wanted: the CPUs that the caller named, or NULL. */
int kprof_session_setup(struct kprof_session *session,
			const struct file *device,
			struct kprof_setup_args *args,
			const struct cpumask *wanted)
{
	int err;

	lockdep_assert_held(&session->lock);
	apply_defaults(args);
	err = check_setup(args);
	if (!err)
		err = check_privilege(args, device);
	if (err)
		return err;
	return state_of(session) == KPROF_SESSION_NEW ?
		       set_up(session, device, args, wanted) : -EBUSY;
}

static int find_target(const struct file *device,
		       const struct kprof_attach_args *args, struct pid **ret)
{
	enum pid_type type = args->flags == KPROF_ATTACH_PID ? PIDTYPE_TGID :
							       PIDTYPE_PID;
	bool privileged = kprof_access_is_privileged(device);
	struct task_struct *task;
	int err = -ESRCH;

	if (args->flags == KPROF_ATTACH_MAPS_FD)
		return kprof_access_pid_from_maps_fd(args->target, privileged,
						     ret);
	if (!privileged)
		return -EPERM;
	*ret = find_get_pid(args->target);
	rcu_read_lock();
	task = *ret ? pid_task(*ret, type) : NULL;
	if (task)
		err = task->flags & PF_KTHREAD ? -EINVAL : 0;
	rcu_read_unlock();
	if (err)
		put_pid(*ret);
	return err;
}

/* Looked at right away, so that there is a snapshot before the first sample. */
static void enter_space(struct kprof_session *session, struct pid *pid)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm;

	if (!task)
		return;
	mm = get_task_mm(task);
	if (mm) {
		kprof_spaces_enter(&session->spaces, mm,
				   task_tgid_nr_ns(task,
						   session->sampler.pid_ns));
		mmput(mm);
	}
	put_task_struct(task);
}

static int attach(struct kprof_session *session, struct pid *pid, u32 flags)
{
	enum kprof_track_kind kind = flags == KPROF_ATTACH_TID ?
					     KPROF_TRACK_THREAD :
					     KPROF_TRACK_PROCESS;
	int err;

	if (!takes_targets(session) || session->track.all)
		return -EBADFD;
	err = kprof_track_attach(&session->track, pid, kind);
	if (!err)
		kprof_sampler_unpark(&session->sampler);
	/* A restricted session shows mappings when it may sample, not before. */
	if (!err && !session->sampler.restricted)
		enter_space(session, pid);
	return err;
}

int kprof_session_attach(struct kprof_session *session,
			 const struct file *device,
			 const struct kprof_attach_args *args)
{
	struct pid *pid;
	int err;

	lockdep_assert_held(&session->lock);
	if (!is_power_of_2(args->flags) ||
	    args->flags > KPROF_ATTACH_MAPS_FD || args->pad)
		return -EINVAL;
	err = find_target(device, args, &pid);
	if (err)
		return err;
	err = attach(session, pid, args->flags);
	put_pid(pid);
	return err;
}

int kprof_session_load(struct kprof_session *session,
		       const struct kprof_load_args *args)
{
	lockdep_assert_held(&session->lock);
	if (!takes_targets(session) || !session->sampler.unwind.walk_rows)
		return -EBADFD;
	return kprof_load(&session->loads, &session->spaces.scope, args);
}

int kprof_session_start(struct kprof_session *session)
{
	enum kprof_session_state state = state_of(session);
	int err;

	lockdep_assert_held(&session->lock);
	if (state == KPROF_SESSION_RUNNING)
		return -EALREADY;
	if (state != KPROF_SESSION_READY)
		return -EBADFD;
	err = kprof_sampler_start(&session->sampler);
	if (err)
		return err;
	WRITE_ONCE(session->state, KPROF_SESSION_RUNNING);
	kprof_notify_worker(&session->notify);
	return 0;
}

int kprof_session_stop(struct kprof_session *session)
{
	lockdep_assert_held(&session->lock);
	if (state_of(session) != KPROF_SESSION_RUNNING)
		return -EBADFD;
	kprof_sampler_stop(&session->sampler);
	session->stop_ns = ktime_get_mono_fast_ns();
	WRITE_ONCE(session->state, KPROF_SESSION_READY);
	return 0;
}

int kprof_session_flush(struct kprof_session *session)
{
	lockdep_assert_held(&session->lock);
	if (state_of(session) == KPROF_SESSION_NEW)
		return -EBADFD;
	/* Nothing to stop is no error. */
	kprof_session_stop(session);
	if (state_of(session) == KPROF_SESSION_READY) {
		/* After all that the interrupts have counted. */
		smp_store_release(&session->state, KPROF_SESSION_FLUSHING);
		kprof_notify_worker(&session->notify);
	}
	return 0;
}

/* Any time after SETUP; the counters of a running session are a bit behind. */
void kprof_session_count(struct kprof_session *session,
			 struct kprof_stats *stats)
{
	bool running = state_of(session) == KPROF_SESSION_RUNNING;

	*stats = (struct kprof_stats){
		.size = sizeof(*stats),
		.start_ns = session->sampler.start_ns,
		.stop_ns = running ? ktime_get_mono_fast_ns() :
				     session->stop_ns,
		.tracked = kprof_slots_used(&session->track.slots),
		.tracked_overflow = atomic_read(&session->track.overflow),
		.spaces = kprof_slots_used(&session->spaces.slots),
		.spaces_overflow = atomic_read(&session->spaces.overflow),
		.snapshots = READ_ONCE(session->snapshots),
		.snapshots_failed = READ_ONCE(session->snapshots_failed),
	};
	if (hrtimer_resolution >= NSEC_PER_MSEC)
		stats->flags |= KPROF_STATS_TICK_BOUND;
	if (session->track.inherit && session->track.lazy)
		stats->flags |= KPROF_STATS_INHERIT_APPROXIMATE;
	if (READ_ONCE(session->throttled))
		stats->flags |= KPROF_STATS_THROTTLED;
	kprof_sampler_count(&session->sampler, stats);
}

int kprof_session_stats(struct kprof_session *session,
			struct kprof_stats *stats)
{
	lockdep_assert_held(&session->lock);
	if (state_of(session) == KPROF_SESSION_NEW)
		return -EBADFD;
	kprof_session_count(session, stats);
	return 0;
}

/*
 * Without the lock: mmap() comes here with its own address space locked, and
 * starting a session waits for CPU hotplug, which waits for address spaces.
 */
int kprof_session_choose_output(struct kprof_session *session,
				enum kprof_session_output output)
{
	enum kprof_session_output before;

	/* Pairs with the release in set_up(). */
	if (smp_load_acquire(&session->state) == KPROF_SESSION_NEW)
		return -EBADFD;
	before = cmpxchg(&session->output, KPROF_OUTPUT_NONE, output);
	return before == KPROF_OUTPUT_NONE || before == output ? 0 : -EBUSY;
}

struct kprof_ring *kprof_session_ring(struct kprof_session *session, int index)
{
	struct kprof_cpu *cpu;

	if (index == KPROF_RING_CONTROL)
		return &session->control.ring;
	if (index < 0 || index - 1 >= nr_cpu_ids)
		return NULL;
	cpu = session->sampler.cpus[index - 1];
	return cpu ? &cpu->ring : NULL;
}

bool kprof_session_has_data(struct kprof_session *session)
{
	int cpu;

	if (kprof_ring_fill(&session->control.ring))
		return true;
	for_each_cpu(cpu, session->sampler.mask)
		if (kprof_ring_fill(&session->sampler.cpus[cpu]->ring) >=
		    session->sampler.wakeup_bytes)
			return true;
	return false;
}
