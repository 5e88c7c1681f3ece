/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The program that record starts: held back until it is attached.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_CHILD_H
#define CMD_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct kprof_child - a program that was started; {} is none
 * @pid: 0 for none
 * @go_fd: a byte lets it run
 * @error_fd: why it could not be run comes here
 * @has_ended: it was waited for
 * @was_ended: we asked it to
 * @status: as wait() gave it
 */
struct kprof_child {
	pid_t pid;
	int go_fd;
	int error_fd;
	bool has_ended;
	bool was_ended;
	int status;
};

/* The file that would be run, to be freed; NULL if there is none. */
char *kprof_child_find_program(const char *name);
/* Forks; the child waits. Its stderr becomes @stderr_fd unless that is -1. */
int kprof_child_create(struct kprof_child *child, char **argv, int stderr_fd);
/* Lets it run. -errno of exec() if it cannot be. */
int kprof_child_release(struct kprof_child *child);
/* True once it has ended; never waits. */
bool kprof_child_poll(struct kprof_child *child);
/* Asks it to end, if @signal is one. */
void kprof_child_end(struct kprof_child *child, int signal);
/* Waits a moment for its end; what still runs then is left alone. */
void kprof_child_finish(struct kprof_child *child);
/* As a shell has it: 128 + signal if a signal ended it. */
int kprof_child_exit_status(const struct kprof_child *child);
/* A child that was never released is ended. */
void kprof_child_deinit(struct kprof_child *child);

#endif /* CMD_CHILD_H */
