// SPDX-License-Identifier: GPL-2.0-only
/*
 * Worker of kprofctl serve: a collection, as record makes one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_job.h"

#include "cmd/cmd.h"
#include "cmd/recording.h"
#include "cmd/serve_targets.h"
#include "util/cleanup.h"
#include "util/json.h"
#include "util/strbuf.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

/* Targets; each is 0 or what to exit with. */

static int out_of_memory(void)
{
	return kprof_cmd_cannot(-ENOMEM, NULL, "collect");
}

static int absent(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int absent(const char *fmt, ...)
{
	va_list args;

	fputs("kprofctl: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return KPROF_EXIT_USAGE;
}

static int add_pids(const struct kprof_serve_window *window,
		    struct kprof_record_options *options)
{
	for (uint32_t i = 0; i < window->nr_pids; i++) {
		if (kill(window->pids[i], 0) && errno == ESRCH)
			return absent("there is no process %" PRId32,
				      window->pids[i]);
		if (vector_push(&options->pids, window->pids[i]))
			return out_of_memory();
	}
	return 0;
}

static int add_named(const kprof_processes *processes, const char *comm,
		     struct kprof_record_options *options)
{
	size_t before = options->pids.nr;

	vector_for_each (processes, process)
		if (!process->is_kernel && !strcmp(process->comm, comm) &&
		    vector_push(&options->pids, process->pid))
			return out_of_memory();
	return options->pids.nr > before
		       ? 0
		       : absent("there is no process named %s", comm);
}

static int add_comms(const struct kprof_serve_window *window,
		     struct kprof_record_options *options)
{
	kprof_processes processes = {};
	int status = 0;
	int err;

	if (!window->nr_comms)
		return 0;
	err = kprof_processes_list("/proc", &processes);
	if (err)
		status = kprof_cmd_cannot(err, NULL, "look for processes");
	for (uint32_t i = 0; !status && i < window->nr_comms; i++)
		status = add_named(&processes, window->comms[i], options);
	vector_free(&processes);
	return status;
}

static int add_cgroup(const struct kprof_serve_window *window,
		      struct kprof_record_options *options)
{
	kprof_pids pids = {};
	int status = 0;
	int err;

	if (!window->cgroup[0])
		return 0;
	err = kprof_cgroup_list(window->cgroup, &pids);
	if (err == -ENOENT)
		status = absent("there is no control group %s", window->cgroup);
	else if (err)
		status = kprof_cmd_cannot(err, NULL, "read control group %s",
					  window->cgroup);
	else if (!pids.nr)
		status = absent("there is no process in control group %s",
				window->cgroup);
	vector_for_each (&pids, pid)
		if (!status && vector_push(&options->pids, *pid))
			status = out_of_memory();
	vector_free(&pids);
	return status;
}

static int choose_targets(const struct kprof_serve_window *window,
			  struct kprof_record_options *options)
{
	int status = add_pids(window, options)
			     ?: add_comms(window, options)
			     ?: add_cgroup(window, options);

	options->collect.all_tasks = !options->pids.nr;
	/* Those that were found by name may end before they are attached. */
	options->skips_gone = window->nr_comms || window->cgroup[0];
	return status;
}

/* What it was, for the profile's comment. */
static char *describe(const struct kprof_serve_window *window)
{
	_cleanup_strbuf_ struct kprof_strbuf line = {};

	kprof_strbuf_appendf(&line,
			     "kprofctl serve, seconds=%" PRIu32 " hz=%" PRIu32,
			     window->seconds, window->rate_hz);
	for (uint32_t i = 0; i < window->nr_pids; i++)
		kprof_strbuf_appendf(&line, " pid=%" PRId32, window->pids[i]);
	for (uint32_t i = 0; i < window->nr_comms; i++)
		kprof_strbuf_appendf(&line, " comm=%s", window->comms[i]);
	if (window->cgroup[0])
		kprof_strbuf_appendf(&line, " cgroup=%s", window->cgroup);
	if (window->has_kernel)
		kprof_strbuf_append_str(&line, " kernel=1");
	return kprof_strbuf_steal(&line);
}

/* Watching */

/* The server has closed its end: nobody waits any more. */
static bool is_called_off(void *context)
{
	const struct kprof_job *job = context;
	struct pollfd fd = {.fd = job->reply_fd, .events = POLLIN};

	return poll(&fd, 1, 0) > 0;
}

/* While it collects it goes before others; finding names can wait for them. */
static void end_of_hurry(void *context)
{
	(void)context;
	(void)!setpriority(PRIO_PROCESS, 0, 0);
}

static int keep_profile(const struct kprof_profile *profile,
			const struct kprof_collector_summary *summary,
			void *context)
{
	struct kprof_job *job = context;
	struct kprof_job_reply *reply = job->reply;
	int err = kprof_pprof_write(profile, job->out_fd);

	reply->samples = summary->samples;
	reply->lost = summary->counters.lost_samples;
	reply->missed = summary->counters.missed_cells;
	reply->handler_ns = summary->counters.handler_ns;
	reply->is_throttled = summary->counters.is_throttled;
	return err ? kprof_cmd_cannot(err, NULL, "keep the profile") : 0;
}

int kprof_job_profile(struct kprof_job *job)
{
	const struct kprof_serve_window *window = &job->request->window;
	struct kprof_recording_watcher watcher = {
		.is_over = is_called_off,
		.ended = end_of_hurry,
		.finished = keep_profile,
		.context = job,
		.stderr_fd = -1,
		/* A second signal does not end it: it is about to end. */
		.is_background = true,
	};
	struct kprof_record_options options = {
		.collect.rate_hz = window->rate_hz,
		.collect.device = job->options->device,
		.collect.kernel_stacks = window->has_kernel,
		.duration_ns = window->seconds * UINT64_C(1000000000),
		.is_quiet = true,
		.command_line = describe(window),
	};
	int status = choose_targets(window, &options);

	options.collect.command = options.command_line;
	kprof_job_names(job, &options.names);
	if (!status)
		status = kprof_recording_run(&options, &watcher);
	kprof_options_deinit(&options);
	return status;
}

/* Processes */

static int by_cpu_time(const void *a, const void *b)
{
	const struct kprof_process *one = a, *other = b;

	if (one->cpu_ticks != other->cpu_ticks)
		return one->cpu_ticks > other->cpu_ticks ? -1 : 1;
	return one->pid < other->pid ? -1 : 1;
}

static int write_processes(const kprof_processes *processes, FILE *out)
{
	double ticks = sysconf(_SC_CLK_TCK);
	struct kprof_json json;

	kprof_json_init(&json, out);
	kprof_json_begin_array(&json);
	vector_for_each (processes, process) {
		if (process->is_kernel)
			continue;
		kprof_json_begin_object(&json);
		kprof_json_member_int(&json, "pid", process->pid);
		kprof_json_member_string(&json, "comm", process->comm);
		kprof_json_member_uint(&json, "cpuMs",
				       process->cpu_ticks * 1000 / ticks);
		kprof_json_end_object(&json);
	}
	kprof_json_end_array(&json);
	return kprof_json_finish(&json);
}

int kprof_job_processes(struct kprof_job *job)
{
	kprof_processes processes = {};
	int err = kprof_processes_list("/proc", &processes);

	if (!err && processes.nr)
		qsort(processes.data, processes.nr, sizeof(*processes.data),
		      by_cpu_time);
	err = err ?: write_processes(&processes, job->out);
	vector_free(&processes);
	return err ? kprof_cmd_cannot(err, NULL, "list the processes") : 0;
}
