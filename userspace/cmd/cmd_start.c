// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl start: profile in the background.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/cmd.h"

#include "cmd/background.h"
#include "cmd/options.h"
#include "cmd/recording.h"
#include "cmd/session_dir.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/**
 * struct session - the recording in the background
 * @options: the command line
 * @dir: its state, locked
 * @background: the process
 * @log_fd: of the state's log
 * @status: of the state
 */
struct session {
	struct kprof_record_options *options;
	struct kprof_session_dir dir;
	struct kprof_background *background;
	int log_fd;
	struct kprof_session_status status;
};

static void describe_targets(const struct kprof_record_options *options,
			     char *ret, size_t bytes)
{
	_cleanup_strbuf_ struct kprof_strbuf text = {};

	if (options->collect.all_tasks)
		kprof_strbuf_append_str(&text, " all tasks");
	else if (options->argv)
		kprof_strbuf_appendf(&text, " %s", options->argv[0]);
	for (size_t i = 0; i < options->pids.nr; i++)
		kprof_strbuf_appendf(&text, " pid %" PRId32,
				     options->pids.data[i]);
	for (size_t i = 0; i < options->tids.nr; i++)
		kprof_strbuf_appendf(&text, " tid %" PRId32,
				     options->tids.data[i]);
	snprintf(ret, bytes, "%s", kprof_strbuf_str(&text) + 1);
	/* The state has one line for it. */
	for (char *c = ret; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

/* The collector's pid: the lock was taken by the one who forked it. */
static void write_status(const struct kprof_counters *counters, void *context)
{
	struct session *session = context;
	struct kprof_session_status *status = &session->status;

	if (counters->start_ns)
		status->seconds =
			(counters->stop_ns - counters->start_ns) / 1e9;
	status->samples = counters->taken_samples;
	status->lost = counters->lost_samples;
	status->missed = counters->missed_cells;
	status->cost_us = kprof_counters_cost_ns(counters) / 1e3;
	status->cpu_percent = kprof_counters_cpu_percent(counters);
	status->longest_us = counters->handler_max_ns / 1e3;
	status->is_throttled = counters->is_throttled;
	kprof_session_status_write(&session->dir, status);
}

static void tell_started(void *context)
{
	struct session *session = context;

	write_status(&(struct kprof_counters){}, session);
	(void)!chdir("/");
	kprof_background_ready(session->background, session->log_fd);
}

static int run(struct kprof_background *background, void *context)
{
	struct session *session = context;
	struct kprof_recording_watcher watcher = {
		.started = tell_started,
		.tick = write_status,
		.context = session,
		.stderr_fd = session->log_fd,
		.is_background = true,
	};
	char text[16];
	int status;

	session->background = background;
	session->status.pid = getpid();
	session->status.rate_hz = session->options->collect.rate_hz;
	describe_targets(session->options, session->status.targets,
			 sizeof(session->status.targets));
	snprintf(session->status.output, sizeof(session->status.output), "%s",
		 session->options->output);
	snprintf(text, sizeof(text), "%d\n", (int)getpid());
	(void)!pwrite(session->dir.lock_fd, text, strlen(text), 0);
	status = kprof_recording_run(session->options, &watcher);
	/* One that never began leaves nothing for stop. */
	if (background->ready_fd >= 0) {
		kprof_session_dir_remove(&session->dir);
		return status;
	}
	snprintf(text, sizeof(text), "%d\n", status);
	kprof_session_dir_write(&session->dir, "exit", text);
	return status;
}

/* The collector leaves the directory that relative paths are seen from. */
static int make_absolute(const char **path, char **owned)
{
	_cleanup_free_ char *here = NULL;

	if (!*path || **path == '/')
		return 0;
	here = getcwd(NULL, 0);
	if (!here)
		return -errno;
	if (asprintf(owned, "%s/%s", here, *path) < 0) {
		*owned = NULL;
		return -ENOMEM;
	}
	*path = *owned;
	return 0;
}

/* @owned gets a copy of each, absolute or not, and a NULL at the end. */
static int make_all_absolute(const char **paths, size_t nr, char ***owned)
{
	int err = 0;

	*owned = calloc(nr + 1, sizeof(**owned));
	if (!*owned)
		return -ENOMEM;
	for (size_t i = 0; !err && i < nr; i++) {
		err = make_absolute(&paths[i], &(*owned)[i]);
		if (!err && !(*owned)[i])
			(*owned)[i] = strdup(paths[i]);
		if (!err && !(*owned)[i])
			err = -ENOMEM;
	}
	return err;
}

static void free_all(char ***owned)
{
	for (char **path = *owned; path && *path; path++)
		free(*path);
	free(*owned);
}

static int cannot_lock(int err, const struct session *session)
{
	const char *name = session->options->name;

	if (err != -EWOULDBLOCK)
		return kprof_cmd_cannot(err, NULL, "start session '%s'", name);
	return kprof_cmd_cannot(0,
				"'kprofctl stop' ends it, --name starts "
				"another one",
				"start session '%s': it runs already, as "
				"process %d",
				name,
				(int)kprof_session_dir_pid(&session->dir));
}

static int start(struct session *session)
{
	struct kprof_record_options *options = session->options;
	int status = kprof_recording_check_output(options->output);
	int err;

	if (status)
		return status;
	err = kprof_session_dir_create(options->name, &session->dir);
	if (err)
		return kprof_cmd_cannot(err, NULL,
					"keep the state of session '%s'",
					options->name);
	err = kprof_session_dir_lock(&session->dir);
	if (err)
		return cannot_lock(err, session);
	session->log_fd = kprof_session_dir_open_log(&session->dir);
	if (session->log_fd < 0)
		return cannot_lock(session->log_fd, session);
	return kprof_background_run(run, session);
}

int kprof_cmd_start(int argc, char **argv)
{
	_cleanup_free_ char *output = NULL, *device = NULL;
	_cleanup_(free_all) char **debug_dirs = NULL, **symbol_dirs = NULL;
	struct kprof_record_options options;
	struct session session = {
		.options = &options,
		.dir = KPROF_SESSION_DIR_INIT,
		.log_fd = -1,
	};
	int status = kprof_options_parse(argc, argv, &options);
	int err = 0;

	if (status < 0) {
		err = make_absolute(&options.output, &output);
		if (!err)
			err = make_all_absolute(options.debug_dirs.data,
						options.debug_dirs.nr,
						&debug_dirs);
		if (!err)
			err = make_all_absolute(options.symbol_dirs.data,
						options.symbol_dirs.nr,
						&symbol_dirs);
		if (!err)
			err = make_absolute(&options.collect.device, &device);
		status =
			err ? kprof_cmd_cannot(err, NULL, "find this directory")
			    : start(&session);
	}
	kprof_session_dir_close(&session.dir);
	kprof_cleanup_close(&session.log_fd);
	kprof_options_deinit(&options);
	return status;
}
