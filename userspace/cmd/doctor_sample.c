// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: a second of sampling, of a process that does nothing else
 * than run.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "doctor_machine.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	RATE_HZ = 99,
	SECONDS = 1,
	POLL_MS = 50,
};

/* Less than this share of the periods that it ran is too little. */
static const double least_share = 0.5;
/* If samples stand for more periods than this, the budget is too small. */
static const double most_periods = 1.1;
/* From this percentage on something is worth a line. */
static const double few_complete = 90;

/* The process that is sampled */

static void __attribute__((noreturn)) spin(void)
{
	volatile unsigned int round = 0;

	for (;;)
		round++;
}

static pid_t start_spinning(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have gone before that. */
	if (getppid() != parent)
		_exit(0);
	spin();
}

/* Gives the CPU time that it had. */
static double end_spinning(pid_t pid)
{
	struct rusage usage = {};

	kill(pid, SIGKILL);
	while (wait4(pid, NULL, 0, &usage) < 0 && errno == EINTR)
		;
	return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 +
	       usage.ru_stime.tv_sec + usage.ru_stime.tv_usec / 1e6;
}

static double cpu_seconds(pid_t pid)
{
	struct timespec spent = {};
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &spent))
		return 0;
	return spent.tv_sec + spent.tv_nsec / 1e9;
}

/* Recording it */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static int collect(struct kprof_collector *collector)
{
	struct pollfd fd = {.fd = kprof_collector_fd(collector),
			    .events = POLLIN};
	double end = now() + SECONDS;
	int err = 0;

	while (!err && now() < end) {
		poll(&fd, 1, POLL_MS);
		err = kprof_collector_drain(collector);
	}
	if (!err)
		err = kprof_collector_flush(collector);
	/* What came says more than that the rest did not. */
	return err == -ETIMEDOUT ? 0 : err;
}

static int record(struct kprof_collector *collector, pid_t pid,
		  struct kprof_doctor_sample *ret)
{
	struct kprof_profile *profile;
	double before = 0;
	int err = kprof_collector_attach_process(collector, pid);

	if (!err)
		err = kprof_collector_start(collector);
	if (!err) {
		before = cpu_seconds(pid);
		err = collect(collector);
	}
	if (err)
		return err;
	ret->cpu_seconds = cpu_seconds(pid) - before;
	err = kprof_collector_finish(collector, NULL, &profile, &ret->summary);
	if (!err)
		kprof_profile_destroy(profile);
	return err;
}

static int take_sample(const struct kprof_doctor_machine *machine,
		       const struct kprof_module_info *info,
		       struct kprof_doctor_sample *ret)
{
	struct kprof_collector_options options = {
		.device = machine->device,
		.rate_hz = RATE_HZ,
		.unwind_tables = info->features & KPROF_MODULE_UNWIND_TABLES,
	};
	struct kprof_collector *collector = NULL;
	/* Before the collector has threads of its own. */
	pid_t pid = start_spinning();
	int err = pid < 0 ? -errno : 0;

	ret->rate_hz = RATE_HZ;
	if (!err)
		err = kprof_collector_create(&options, &collector);
	if (!err)
		err = record(collector, pid, ret);
	kprof_collector_destroy(collector);
	if (pid > 0)
		end_spinning(pid);
	return err;
}

/* What came of it */

static double percent_complete(const struct kprof_collector_summary *summary)
{
	return summary->samples
		       ? 100.0 * summary->complete_samples / summary->samples
		       : 0;
}

/* Once for a moment is none: a machine may have other things to do. */
static bool is_thinned(const struct kprof_collector_summary *summary)
{
	return summary->counters.is_throttled &&
	       summary->counters.delivered_weight >
		       most_periods * summary->samples;
}

void kprof_doctor_judge_sample(struct kprof_doctor *doctor,
			       const struct kprof_doctor_sample *sample)
{
	const struct kprof_collector_summary *summary = &sample->summary;
	const struct kprof_counters *counters = &summary->counters;
	double expected = sample->cpu_seconds * sample->rate_hz;

	if (!summary->samples)
		kprof_doctor_bad(doctor,
				 "no sample of a process that ran for %.2f s: "
				 "%s",
				 sample->cpu_seconds,
				 summary->empty_reason
					 ?: "see the kernel's log");
	else if (counters->lost_samples)
		kprof_doctor_bad(doctor,
				 "%" PRIu64 " of %" PRIu64
				 " samples were lost: is the machine busy? A "
				 "larger --ring-kib, or a lower -F",
				 counters->lost_samples,
				 counters->taken_samples);
	else if (is_thinned(summary))
		kprof_doctor_bad(doctor,
				 "at %" PRIu32
				 " Hz sampling takes more than "
				 "the module may (max_cpu_percent): a lower "
				 "-F, or a larger number there",
				 sample->rate_hz);
	else if (counters->delivered_weight < least_share * expected)
		kprof_doctor_bad(doctor,
				 "only %" PRIu64
				 " samples of a process that "
				 "ran for %.2f s, where %.0f were due: see "
				 "'kprofctl status' and the kernel's log",
				 summary->samples, sample->cpu_seconds,
				 expected);
	else if (percent_complete(summary) < few_complete)
		kprof_doctor_bad(doctor,
				 "only %.0f %% of %" PRIu64
				 " stacks are complete: kprofctl itself was "
				 "built without unwind information?",
				 percent_complete(summary), summary->samples);
	else
		kprof_doctor_ok(doctor,
				"a second of sampling: %" PRIu64
				" samples, none lost, %.0f %% complete stacks, "
				"%.1f us each",
				summary->samples, percent_complete(summary),
				kprof_counters_cost_ns(counters) / 1e3);
}

void kprof_doctor_sampling(struct kprof_doctor *doctor,
			   const struct kprof_doctor_machine *machine,
			   const struct kprof_module_info *info)
{
	struct kprof_doctor_sample sample = {};
	int err;

	/* It was said that there is no room. */
	if (info->nr_sessions >= info->max_sessions)
		return;
	err = take_sample(machine, info, &sample);
	if (err)
		kprof_doctor_bad(doctor, "a second of sampling failed: %s",
				 strerror(-err));
	else
		kprof_doctor_judge_sample(doctor, &sample);
}
