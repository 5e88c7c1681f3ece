/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages with file descriptors, between processes that trust the socket.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_MESSAGE_H
#define CMD_SERVE_MESSAGE_H

#include <stddef.h>

enum {
	KPROF_MESSAGE_MAX_FDS = 2,
};

/* Sends @len bytes and @nr_fds descriptors as one message. 0 or -errno. */
int kprof_message_send(int fd, const void *data, size_t len, const int *fds,
		       size_t nr_fds);
/*
 * Receives one of exactly @len bytes; @fds are the caller's, -1 where there is
 * none. 0, -EPIPE at the end, -EBADMSG for another length, or another -errno.
 */
int kprof_message_receive(int fd, void *data, size_t len,
			  int fds[static KPROF_MESSAGE_MAX_FDS]);

#endif /* CMD_SERVE_MESSAGE_H */
