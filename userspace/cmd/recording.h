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

#include <poll.h>

/**
 * struct kprof_recording_watcher - who wants to know how it goes
 * @started: sampling has begun; NULL for nobody
 * @tick: once a second, and once right after started; NULL for nobody
 * @is_over: asked a few times a second whether it is to end; NULL for nobody
 * @ended: sampling is over; NULL for nobody
 * @finished: gets the profile, which then goes to no file; 0, or what to exit
 *	with. NULL for nobody
 * @context: passed on
 * @stderr_fd: stderr of a program that is started, -1 for our own
 * @is_background: nobody is there to hurry it up
 * @window_ns: @window is called so often
 * @window: takes over what was sampled since the last time, with names, and is
 *	told what was counted so far; @finished gets only what came after the
 *last one then. 0, or what to exit with
 * @wait: in place of poll(), of which it has to do the work for @fds and may do
 *	more; returns after @timeout_ms at the latest. NULL for nobody
 */
struct kprof_recording_watcher {
	void (*started)(void *context);
	void (*tick)(const struct kprof_counters *counters, void *context);
	bool (*is_over)(void *context);
	void (*ended)(void *context);
	int (*finished)(const struct kprof_profile *profile,
			const struct kprof_collector_summary *summary,
			void *context);
	void *context;
	int stderr_fd;
	bool is_background;
	uint64_t window_ns;
	int (*window)(struct kprof_profile *profile,
		      const struct kprof_counters *counters, void *context);
	void (*wait)(struct pollfd *fds, unsigned int nr, int timeout_ms,
		     void *context);
};

/* Whether the output can be written. 0, or what to exit with. */
int kprof_recording_check_output(const char *output);
/* Runs it; everything has been said when it returns what to exit with. */
int kprof_recording_run(const struct kprof_record_options *options,
			const struct kprof_recording_watcher *watcher);

#endif /* CMD_RECORDING_H */
