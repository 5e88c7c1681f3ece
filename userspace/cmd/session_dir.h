/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of recordings in the background, on disk.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A session is a directory named after it, in /run/kprof for root, else in
 * the user's runtime directory:
 *
 *	pid	of the collector, which keeps it locked as long as it lives
 *	status	what it does, anew each second
 *	log	what it would have said
 *	exit	its exit status, once it has ended by itself
 *
 * The lock is what tells a living collector from a dead one, however it died.
 */
#ifndef CMD_SESSION_DIR_H
#define CMD_SESSION_DIR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * struct kprof_session_dir - the directory of a session
 * @fd: of it
 * @lock_fd: of its file pid, -1 if that is not open
 * @path: its path
 */
struct kprof_session_dir {
	int fd;
	int lock_fd;
	char *path;
};

#define KPROF_SESSION_DIR_INIT          \
	{                               \
		.fd = -1, .lock_fd = -1 \
	}

enum kprof_session_state {
	KPROF_SESSION_RUNNING,
	/* It has ended and left its exit status. */
	KPROF_SESSION_ENDED,
	/* It is gone, and has left nothing. */
	KPROF_SESSION_DIED,
};

/* Made if it is not there. The caller locks it. */
int kprof_session_dir_create(const char *name, struct kprof_session_dir *ret);
/* -ENOENT if there is no such session. */
int kprof_session_dir_open(const char *name, struct kprof_session_dir *ret);
void kprof_session_dir_close(struct kprof_session_dir *dir);

/*
 * Takes it for this process and the children that inherit it. -EWOULDBLOCK if
 * somebody else has it. What an earlier session left is removed.
 */
int kprof_session_dir_lock(struct kprof_session_dir *dir);
/* Waits until its collector is gone. */
int kprof_session_dir_wait(const struct kprof_session_dir *dir);
enum kprof_session_state
kprof_session_dir_state(const struct kprof_session_dir *dir);
void kprof_session_dir_remove(struct kprof_session_dir *dir);

/* Small files in it. */
int kprof_session_dir_write(const struct kprof_session_dir *dir,
			    const char *file, const char *text);
/* NULL if it cannot be read; for the caller to free. */
char *kprof_session_dir_read(const struct kprof_session_dir *dir,
			     const char *file);
pid_t kprof_session_dir_pid(const struct kprof_session_dir *dir);
/* Empty, for appending; -errno. */
int kprof_session_dir_open_log(const struct kprof_session_dir *dir);

/* Where sessions are; for the caller to free. */
int kprof_sessions_path(char **ret);

/**
 * struct kprof_session_status - what the file status says
 * @pid: of the collector
 * @rate_hz: that was asked for
 * @seconds: since it began
 * @samples: taken
 * @lost: of these
 * @missed: periods that nobody can be charged for
 * @cost_us: of an interrupt per sample
 * @cpu_percent: what the interrupts take of one CPU
 * @longest_us: interrupt
 * @is_throttled: the module's cost limit was reached
 * @targets: in words
 * @output: file
 */
struct kprof_session_status {
	pid_t pid;
	uint32_t rate_hz;
	double seconds;
	uint64_t samples;
	uint64_t lost;
	uint64_t missed;
	double cost_us;
	double cpu_percent;
	double longest_us;
	bool is_throttled;
	char targets[256];
	char output[4096];
};

int kprof_session_status_write(const struct kprof_session_dir *dir,
			       const struct kprof_session_status *status);
int kprof_session_status_read(const struct kprof_session_dir *dir,
			      struct kprof_session_status *ret);

#endif /* CMD_SESSION_DIR_H */
