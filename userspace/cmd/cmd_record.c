// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl record: profile a program or processes into a file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/cmd.h"

#include "cmd/options.h"
#include "cmd/recording.h"
#include "cmd/summary.h"

#include <unistd.h>

static void show_progress(const struct kprof_counters *counters, void *context)
{
	(void)context;
	kprof_summary_progress(counters);
}

static void end_progress(void *context)
{
	(void)context;
	kprof_summary_end_progress();
}

int kprof_cmd_record(int argc, char **argv)
{
	struct kprof_recording_watcher watcher = {.stderr_fd = -1};
	struct kprof_record_options options;
	int status = kprof_options_parse(argc, argv, &options);

	if (status < 0) {
		if (!options.is_quiet && isatty(STDERR_FILENO)) {
			watcher.tick = show_progress;
			watcher.ended = end_progress;
		}
		status = kprof_recording_run(&options, &watcher);
	}
	kprof_options_deinit(&options);
	return status;
}
