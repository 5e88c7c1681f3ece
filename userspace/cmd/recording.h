/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording, from the checked command line to the written file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_RECORDING_H
#define CMD_RECORDING_H

#include "cmd/options.h"
#include "lib/kprof.h"

/**
 * struct kprof_recording_watcher - who wants to know how it goes
 * @started: sampling has begun; NULL for nobody
 * @tick: once a second, and once right after started; NULL for nobody
 * @ended: sampling is over; NULL for nobody
 * @context: passed on
 * @stderr_fd: stderr of a program that is started, -1 for our own
 * @is_background: nobody is there to hurry it up
 */
struct kprof_recording_watcher {
	void (*started)(void *context);
	void (*tick)(const struct kprof_counters *counters, void *context);
	void (*ended)(void *context);
	void *context;
	int stderr_fd;
	bool is_background;
};

/* Whether the output can be written. 0, or what to exit with. */
int kprof_recording_check_output(const char *output);
/* Runs it; everything has been said when it returns what to exit with. */
int kprof_recording_run(const struct kprof_record_options *options,
			const struct kprof_recording_watcher *watcher);

#endif /* CMD_RECORDING_H */
