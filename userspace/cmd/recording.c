// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording, from the checked command line to the written file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/recording.h"

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/interrupt.h"
#include "cmd/module_error.h"
#include "cmd/names.h"
#include "cmd/summary.h"
#include "util/cleanup.h"
#include "util/outfile.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	/* A ring wakes us only when it fills: what is in it is fetched. */
	POLL_MS = 250,
	TICK_NS = 1000000000,
	NSEC_PER_MSEC = 1000000,
	/* How long a session of everything may be, if there are windows. */
	RENEWAL_S = 600,
	/* Of the collector: it is to run when the machine is busy. */
	COLLECTOR_NICE = -10,
	EXIT_CANNOT_RUN = 126,
	EXIT_NOT_FOUND = 127,
};

define_cleanup(cleanup_profile, struct kprof_profile *, kprof_profile_destroy)

/**
 * struct recording - one that runs
 * @options: the command line
 * @watcher: who is told
 * @collector: does the work
 * @child: the program that was started
 * @out: where to; open all the time only if it is no regular file
 * @start_ns: CLOCK_MONOTONIC
 * @next_tick_ns: when the watcher is told again
 * @next_window_ns: when it gets the next window
 * @session_start_ns: likewise, of the session that samples now
 * @names: for windows, NULL if there are none
 * @status: what it wants to be exited with
 * @signal: that ended it, 0 for none
 */
struct recording {
	const struct kprof_record_options *options;
	const struct kprof_recording_watcher *watcher;
	struct kprof_collector *collector;
	struct kprof_child child;
	struct kprof_outfile out;
	uint64_t start_ns;
	uint64_t next_tick_ns;
	uint64_t next_window_ns;
	uint64_t session_start_ns;
	struct kprof_names *names;
	int status;
	int signal;
};

static const uint64_t nsec_per_sec = 1000000000;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Output */

static int cannot_write(int err, const char *output)
{
	return kprof_cmd_cannot(err, NULL, "write %s", output);
}

/*
 * A file is opened anew at the end: one that is only half written is not left
 * behind by a recording that is killed. What is no file (a pipe) stays open.
 */
static int open_output(struct kprof_outfile *out, const char *output)
{
	int err = kprof_outfile_open(out, output);

	if (err)
		return cannot_write(err, output);
	if (out->temporary_path)
		kprof_outfile_abort(out);
	return 0;
}

int kprof_recording_check_output(const char *output)
{
	_cleanup_outfile_ struct kprof_outfile out = KPROF_OUTFILE_INIT;

	return open_output(&out, output);
}

static int write_profile(struct recording *recording,
			 const struct kprof_profile *profile)
{
	const char *output = recording->options->output;
	struct kprof_outfile *out = &recording->out;
	int err = out->fd < 0 ? kprof_outfile_open(out, output) : 0;

	if (err)
		return cannot_write(err, output);
	kprof_interrupt_set_unfinished(out->temporary_path);
	err = kprof_pprof_write(profile, out->fd);
	if (!err)
		err = kprof_outfile_commit(out);
	kprof_interrupt_set_unfinished(NULL);
	return err ? cannot_write(err, output) : 0;
}

/* Start */

static int attach_all(struct recording *recording)
{
	const struct kprof_record_options *options = recording->options;
	int err;

	if (recording->child.pid && !options->collect.all_tasks) {
		err = kprof_collector_attach_process(recording->collector,
						     recording->child.pid);
		if (err)
			return kprof_module_cannot_attach(err, "process",
							  recording->child.pid);
	}
	for (size_t i = 0; i < options->pids.nr; i++) {
		err = kprof_collector_attach_process(recording->collector,
						     options->pids.data[i]);
		if (err && !(err == -ESRCH && options->skips_gone))
			return kprof_module_cannot_attach(
				err, "process", options->pids.data[i]);
	}
	for (size_t i = 0; i < options->tids.nr; i++) {
		err = kprof_collector_attach_thread(recording->collector,
						    options->tids.data[i]);
		if (err)
			return kprof_module_cannot_attach(
				err, "thread", options->tids.data[i]);
	}
	return 0;
}

/* Priority and descriptors are the collector's; the child has had its fork. */
static void favour_ourselves(void)
{
	struct rlimit limit;

	(void)!setpriority(PRIO_PROCESS, 0, COLLECTOR_NICE);
	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		(void)!setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static bool walks_rows(const struct kprof_record_options *options,
		       const struct kprof_module_info *info)
{
	if (options->stacks)
		return !strcmp(options->stacks, "cfi");
	return info->features & KPROF_MODULE_UNWIND_TABLES;
}

static int create_collector(struct recording *recording)
{
	const struct kprof_record_options *options = recording->options;
	struct kprof_collector_options collect = options->collect;
	struct kprof_module_info info;
	int status = kprof_module_ask(options->collect.device, &info);
	int err;

	if (!status)
		status = kprof_module_check(&info, options);
	if (status)
		return status;
	collect.unwind_tables = walks_rows(options, &info);
	collect.unwind = (struct kprof_unwind_options){
		.symbol_dirs = options->symbol_dirs.data,
		.nr_symbol_dirs = options->symbol_dirs.nr,
		.debug_dirs = options->debug_dirs.data,
		.nr_debug_dirs = options->debug_dirs.nr,
	};
	err = kprof_collector_create(&collect, &recording->collector);
	return err ? kprof_module_cannot_set_up(err, &info, options) : 0;
}

static int create_child(struct recording *recording)
{
	const struct kprof_record_options *options = recording->options;
	int err;

	if (!options->argv)
		return 0;
	err = kprof_child_create(&recording->child, options->argv,
				 recording->watcher->stderr_fd);
	return err ? kprof_cmd_cannot(err, NULL, "run %s", options->argv[0])
		   : 0;
}

static int release_child(struct recording *recording)
{
	int err;

	if (!recording->child.pid)
		return 0;
	err = kprof_child_release(&recording->child);
	if (!err)
		return 0;
	kprof_cmd_cannot(err, NULL, "run %s", recording->options->argv[0]);
	return err == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

/* What is not found now is loaded when it shows up. */
static void preload_program(struct recording *recording)
{
	_cleanup_free_ char *path =
		kprof_child_find_program(recording->options->argv[0]);

	if (path)
		(void)!kprof_collector_preload(recording->collector, path);
}

static int start(struct recording *recording)
{
	const struct kprof_record_options *options = recording->options;
	int status = create_collector(recording);
	int err;

	if (!status)
		status = create_child(recording);
	if (status)
		return status;
	favour_ourselves();
	status = attach_all(recording);
	if (status)
		return status;
	if (options->argv)
		preload_program(recording);
	err = kprof_collector_start(recording->collector);
	if (err)
		return kprof_cmd_cannot(err, NULL, "start sampling");
	recording->start_ns = now_ns();
	recording->next_tick_ns = recording->start_ns;
	recording->session_start_ns = recording->start_ns;
	recording->next_window_ns =
		recording->start_ns + recording->watcher->window_ns;
	status = release_child(recording);
	if (!status && recording->watcher->started)
		recording->watcher->started(recording->watcher->context);
	return status;
}

/* Running */

static bool is_over(const struct recording *recording)
{
	const struct kprof_recording_watcher *watcher = recording->watcher;

	return watcher->is_over && watcher->is_over(watcher->context);
}

static bool has_ended(struct recording *recording)
{
	const struct kprof_record_options *options = recording->options;

	recording->signal = kprof_interrupt_take();
	if (recording->signal || is_over(recording))
		return true;
	if (options->duration_ns &&
	    now_ns() - recording->start_ns >= options->duration_ns)
		return true;
	if (recording->child.pid)
		return kprof_child_poll(&recording->child);
	return !options->collect.all_tasks &&
	       kprof_collector_is_idle(recording->collector);
}

/* Until @end_ns, but no longer than samples may wait. */
static int milliseconds_until(uint64_t end_ns)
{
	uint64_t now = now_ns(), left_ms;

	if (now >= end_ns)
		return 0;
	/* Rounded up: waking too early would only wait again. */
	left_ms = (end_ns - now) / NSEC_PER_MSEC + 1;
	return left_ms < POLL_MS ? (int)left_ms : POLL_MS;
}

static int milliseconds_to_wait(const struct recording *recording)
{
	uint64_t end_ns = UINT64_MAX;

	if (recording->options->duration_ns)
		end_ns = recording->start_ns + recording->options->duration_ns;
	if (recording->watcher->window && recording->next_window_ns < end_ns)
		end_ns = recording->next_window_ns;
	return milliseconds_until(end_ns);
}

static void tick(struct recording *recording)
{
	const struct kprof_recording_watcher *watcher = recording->watcher;
	uint64_t now = now_ns();
	struct kprof_counters counters;

	if (!watcher->tick || now < recording->next_tick_ns)
		return;
	recording->next_tick_ns = now + TICK_NS;
	if (!kprof_collector_counters(recording->collector, &counters))
		watcher->tick(&counters, watcher->context);
}

/* Windows */

/*
 * A profile without names is still worth writing. Where kernel addresses are
 * only this kernel knows, and only now.
 */
static void symbolize(const struct recording *recording,
		      struct kprof_profile *profile)
{
	const struct kprof_record_options *options = recording->options;
	int err;

	if (options->no_symbolize)
		err = kprof_place_kernel(profile);
	else if (recording->names)
		err = kprof_names_give(recording->names, profile);
	else
		err = kprof_symbolize(profile, &options->names);
	if (err)
		kprof_cmd_cannot(err, "the profile has addresses only",
				 "find the names of functions");
}

/*
 * Takes over the profile. An error of ours, or -ECANCELED: the watcher has said
 * what is wrong.
 */
static int hand_over(struct recording *recording, struct kprof_profile *profile,
		     const struct kprof_counters *counters)
{
	const struct kprof_recording_watcher *watcher = recording->watcher;

	symbolize(recording, profile);
	recording->status =
		watcher->window(profile, counters, watcher->context);
	return recording->status ? -ECANCELED : 0;
}

static int hand_over_window(struct recording *recording)
{
	const struct kprof_record_options *options = recording->options;
	_cleanup_(cleanup_profile) struct kprof_profile *profile = NULL;
	struct kprof_counters counters;
	int err = kprof_collector_window(
		recording->collector,
		options->no_symbolize ? NULL : &options->names, &profile);

	if (!err)
		err = kprof_collector_counters(recording->collector, &counters);
	return err ?: hand_over(recording, no_cleanup_ptr(profile), &counters);
}

static int flush(struct recording *recording)
{
	int err = kprof_collector_flush(recording->collector);

	/* What came is worth writing; the library has warned. */
	return err == -ETIMEDOUT ? 0 : err;
}

/*
 * A session knows every stack that it has ever seen. Of everything that runs on
 * a machine that becomes more and more, so it is ended, and another one goes
 * on. Sessions with targets go on for ever: they alone know the children.
 */
static int renew_session(struct recording *recording)
{
	const struct kprof_record_options *options = recording->options;
	_cleanup_(cleanup_profile) struct kprof_profile *profile = NULL;
	struct kprof_collector_summary summary;
	int err = flush(recording);

	if (!err)
		err = kprof_collector_finish(
			recording->collector,
			options->no_symbolize ? NULL : &options->names,
			&profile, &summary);
	if (err)
		return err;
	kprof_collector_destroy(no_cleanup_ptr(recording->collector));
	recording->status = create_collector(recording);
	if (recording->status)
		return -ECANCELED;
	err = kprof_collector_start(recording->collector);
	recording->session_start_ns = now_ns();
	return err
		       ?: hand_over(recording, no_cleanup_ptr(profile),
				    &summary.counters);
}

static int take_window(struct recording *recording)
{
	uint64_t now = now_ns();

	if (now < recording->next_window_ns)
		return 0;
	/* After a pause (a machine that slept) there is no need to catch up. */
	while (recording->next_window_ns <= now)
		recording->next_window_ns += recording->watcher->window_ns;
	if (recording->options->collect.all_tasks &&
	    now - recording->session_start_ns >= RENEWAL_S * nsec_per_sec)
		return renew_session(recording);
	return hand_over_window(recording);
}

static void wait_for_samples(const struct recording *recording,
			     struct pollfd *fds, unsigned int nr)
{
	const struct kprof_recording_watcher *watcher = recording->watcher;
	int timeout_ms = milliseconds_to_wait(recording);

	if (watcher->wait)
		watcher->wait(fds, nr, timeout_ms, watcher->context);
	else
		poll(fds, nr, timeout_ms);
}

static int collect(struct recording *recording)
{
	struct pollfd fds[] = {
		{.fd = kprof_collector_fd(recording->collector),
		 .events = POLLIN},
		{.fd = kprof_interrupt_fd(), .events = POLLIN},
	};
	int err = 0;

	while (!err && !has_ended(recording)) {
		tick(recording);
		wait_for_samples(recording, fds, 2);
		err = kprof_collector_drain(recording->collector);
		if (!err && recording->watcher->window)
			err = take_window(recording);
	}
	return err;
}

/* End */

/*
 * The terminal sends its SIGINT to the program as well. After the time is over
 * the program is ended, as nobody else will.
 */
static int signal_for_child(const struct recording *recording)
{
	if (!recording->signal)
		return SIGTERM;
	if (recording->signal == SIGINT && !kprof_interrupt_was_sent())
		return 0;
	return recording->signal;
}

static int finish(struct recording *recording)
{
	const struct kprof_recording_watcher *watcher = recording->watcher;
	const struct kprof_record_options *options = recording->options;
	_cleanup_(cleanup_profile) struct kprof_profile *profile = NULL;
	struct kprof_collector_summary summary;
	int err, status;

	err = kprof_collector_finish(recording->collector,
				     options->no_symbolize ? NULL
							   : &options->names,
				     &profile, &summary);
	if (err)
		return kprof_cmd_cannot(err, NULL, "make the profile");
	/* Its memory is wanted for symbols. */
	kprof_collector_destroy(no_cleanup_ptr(recording->collector));
	symbolize(recording, profile);
	if (watcher->finished)
		return watcher->finished(profile, &summary, watcher->context);
	status = write_profile(recording, profile);
	if (status)
		return status;
	kprof_summary_warn(&summary);
	if (!options->is_quiet)
		kprof_summary_print(&summary, options->output);
	return KPROF_EXIT_DONE;
}

/* The program's own status, unless it ended because the time was over. */
static int exit_status(struct recording *recording)
{
	struct kprof_child *child = &recording->child;
	int ended_by = recording->signal ? 128 + recording->signal : 0;

	if (!child->pid)
		return KPROF_EXIT_DONE;
	kprof_child_finish(child);
	if (!child->has_ended)
		return ended_by;
	if (child->was_ended && !recording->signal)
		return KPROF_EXIT_DONE;
	return kprof_child_exit_status(child);
}

static int run(struct recording *recording)
{
	int status = start(recording);
	int err;

	if (status)
		return status;
	err = collect(recording);
	if (recording->watcher->ended)
		recording->watcher->ended(recording->watcher->context);
	if (recording->child.pid && !kprof_child_poll(&recording->child))
		kprof_child_end(&recording->child, signal_for_child(recording));
	if (!err)
		err = flush(recording);
	if (recording->status)
		return recording->status;
	if (err)
		return kprof_cmd_cannot(err, NULL, "read the samples");
	status = finish(recording);
	return status ?: exit_status(recording);
}

int kprof_recording_run(const struct kprof_record_options *options,
			const struct kprof_recording_watcher *watcher)
{
	struct recording recording = {
		.options = options,
		.watcher = watcher,
		.out = KPROF_OUTFILE_INIT,
	};
	int err, status = 0;

	if (!watcher->finished)
		status = open_output(&recording.out, options->output);
	if (status)
		return status;
	err = kprof_interrupt_init(watcher->is_background);
	if (err)
		status = kprof_cmd_cannot(err, NULL, "catch signals");
	else if (watcher->window &&
		 (err = kprof_names_create(&options->names, &recording.names)))
		status = kprof_cmd_cannot(err, NULL, "remember names");
	else
		status = run(&recording);
	kprof_collector_destroy(recording.collector);
	kprof_names_destroy(recording.names);
	kprof_child_deinit(&recording.child);
	kprof_outfile_abort(&recording.out);
	return status;
}
