// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scheduler's tracepoints, where the kernel has them.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * They are not exported by name, so they are looked up in the list of all
 * tracepoints. That list has no types: the compiler checks each probe against
 * its tracepoint's prototype here, because a wrong one is not caught at
 * registration and is a kCFI panic or worse when it is called.
 *
 * Probes run with preemption disabled; sched_switch with the run-queue lock
 * held, where nothing may be woken.
 */
#include "hooks.h"
#include "access.h"
#include "sampler.h"
#include "session.h"

#include <linux/binfmts.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <trace/events/sched.h>

static bool use_tracepoints = true;
module_param(use_tracepoints, bool, 0444);
MODULE_PARM_DESC(use_tracepoints,
		 "follow fork, exec, exit and switches exactly");

static void kprof_probe_switch(void *data, bool preempt,
			       struct task_struct *prev,
			       struct task_struct *next KPROF_PREV_STATE)
{
	u64 now_ns = ktime_get_mono_fast_ns();
	struct kprof_session *session;

	rcu_read_lock();
	hlist_for_each_entry_rcu(session, kprof_session_list(), node)
		kprof_sampler_switch_out(&session->sampler, now_ns);
	kprof_sampler_switched(now_ns);
	hlist_for_each_entry_rcu(session, kprof_session_list(), node)
		kprof_sampler_switch_in(&session->sampler, next, now_ns);
	rcu_read_unlock();
}

static void kprof_probe_fork(void *data, struct task_struct *parent,
			     struct task_struct *child)
{
	struct kprof_session *session;

	rcu_read_lock();
	hlist_for_each_entry_rcu(session, kprof_session_list(), node)
		kprof_track_fork(&session->track, parent, child);
	rcu_read_unlock();
}

static void exec_in_session(struct kprof_session *session,
			    struct task_struct *task, pid_t old_pid)
{
	s32 pid = task_tgid_nr_ns(task, session->sampler.pid_ns);

	kprof_track_exec(&session->track, task, old_pid);
	/* A thread target that has got another pid runs on without a switch. */
	kprof_sampler_switch_in(&session->sampler, task,
				ktime_get_mono_fast_ns());
	if (session->track.all || !kprof_track_wants(&session->track, task))
		return;
	/* To enter a space is to show its mappings. */
	if (session->sampler.restricted &&
	    !kprof_access_allows_sample(session->sampler.opener, task))
		return;
	/* Looked at before the first sample: the file may be gone by then. */
	kprof_spaces_enter(&session->spaces, task->mm, pid);
}

static void kprof_probe_exec(void *data, struct task_struct *task,
			     pid_t old_pid, struct linux_binprm *bprm)
{
	struct kprof_session *session;

	rcu_read_lock();
	hlist_for_each_entry_rcu(session, kprof_session_list(), node)
		exec_in_session(session, task, old_pid);
	rcu_read_unlock();
}

static void kprof_probe_exit(void *data,
			     struct task_struct *task KPROF_GROUP_DEAD)
{
	struct kprof_session *session;

	rcu_read_lock();
	hlist_for_each_entry_rcu(session, kprof_session_list(), node)
		kprof_track_exit(&session->track, task);
	rcu_read_unlock();
}

struct hook {
	const char *name;
	void *probe;
	struct tracepoint *tracepoint;
};

static struct hook hooks[] = {
	{ "sched_switch", kprof_probe_switch },
	{ "sched_process_fork", kprof_probe_fork },
	{ "sched_process_exec", kprof_probe_exec },
	{ "sched_process_exit", kprof_probe_exit },
};

static DEFINE_MUTEX(hooks_lock);
static unsigned int nr_users;

static void __maybe_unused check_prototypes(void)
{
	check_trace_callback_type_sched_switch(kprof_probe_switch);
	check_trace_callback_type_sched_process_fork(kprof_probe_fork);
	check_trace_callback_type_sched_process_exec(kprof_probe_exec);
	check_trace_callback_type_sched_process_exit(kprof_probe_exit);
}

static void note_tracepoint(struct tracepoint *tracepoint, void *data)
{
	int n;

	for (n = 0; n < ARRAY_SIZE(hooks); n++)
		if (!strcmp(tracepoint->name, hooks[n].name))
			hooks[n].tracepoint = tracepoint;
}

void kprof_hooks_find(void)
{
	if (use_tracepoints)
		for_each_kernel_tracepoint(note_tracepoint, NULL);
}

bool kprof_hooks_available(void)
{
	int n;

	for (n = 0; n < ARRAY_SIZE(hooks); n++)
		if (!hooks[n].tracepoint)
			return false;
	return true;
}

static void detach(int nr)
{
	while (nr-- > 0)
		tracepoint_probe_unregister(hooks[nr].tracepoint,
					    hooks[nr].probe, NULL);
	tracepoint_synchronize_unregister();
}

static int attach(void)
{
	int n, err;

	for (n = 0; n < ARRAY_SIZE(hooks); n++) {
		err = tracepoint_probe_register(hooks[n].tracepoint,
						hooks[n].probe, NULL);
		if (err) {
			detach(n);
			return err;
		}
	}
	return 0;
}

int kprof_hooks_get(void)
{
	int err = 0;

	if (!kprof_hooks_available())
		return 0;
	mutex_lock(&hooks_lock);
	if (!nr_users)
		err = attach();
	if (!err)
		nr_users++;
	mutex_unlock(&hooks_lock);
	return err;
}

void kprof_hooks_put(void)
{
	if (!kprof_hooks_available())
		return;
	mutex_lock(&hooks_lock);
	if (!--nr_users) {
		detach(ARRAY_SIZE(hooks));
		kprof_sampler_forget_switches();
	}
	mutex_unlock(&hooks_lock);
}
