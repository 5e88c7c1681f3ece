/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that goes on in the background.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The one who starts it waits until it says that it is under way; until then
 * what it says goes to the terminal.
 */
#ifndef CMD_BACKGROUND_H
#define CMD_BACKGROUND_H

/**
 * struct kprof_background - between the two
 * @ready_fd: in the background process: a byte tells the other one
 */
struct kprof_background {
	int ready_fd;
};

/*
 * Runs @run in a process that has no terminal; it ends with what @run returns.
 * Returns the exit status for the one who started it: 0 once @run has called
 * kprof_background_ready(), else that of @run.
 */
int kprof_background_run(int (*run)(struct kprof_background *background,
				    void *context),
			 void *context);
/* From now on nobody waits, and stderr is @stderr_fd. */
void kprof_background_ready(struct kprof_background *background, int stderr_fd);

#endif /* CMD_BACKGROUND_H */
