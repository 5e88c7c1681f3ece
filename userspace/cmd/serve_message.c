// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages with file descriptors, between processes that trust the socket.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_message.h"

#include "util/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

union control {
	char bytes[CMSG_SPACE(KPROF_MESSAGE_MAX_FDS * sizeof(int))];
	struct cmsghdr align;
};

int kprof_message_send(int fd, const void *data, size_t len, const int *fds,
		       size_t nr_fds)
{
	union control control = {};
	struct iovec part = {.iov_base = (void *)data, .iov_len = len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t sent;

	if (nr_fds) {
		struct cmsghdr *head = &control.align;

		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
		memcpy(CMSG_DATA(head), fds, nr_fds * sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
	}
	do
		sent = sendmsg(fd, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static void take_fds(struct msghdr *message, int *fds)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);

	if (head && head->cmsg_level == SOL_SOCKET &&
	    head->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
}

static void close_all(int *fds)
{
	for (size_t i = 0; i < KPROF_MESSAGE_MAX_FDS; i++) {
		kprof_cleanup_close(&fds[i]);
		fds[i] = -1;
	}
}

int kprof_message_receive(int fd, void *data, size_t len,
			  int fds[static KPROF_MESSAGE_MAX_FDS])
{
	union control control;
	struct iovec part = {.iov_base = data, .iov_len = len};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t received;

	for (size_t i = 0; i < KPROF_MESSAGE_MAX_FDS; i++)
		fds[i] = -1;
	do
		received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (received < 0 && errno == EINTR);
	if (received <= 0)
		return received ? -errno : -EPIPE;
	take_fds(&message, fds);
	if ((size_t)received == len && !(message.msg_flags & MSG_CTRUNC))
		return 0;
	close_all(fds);
	return -EBADMSG;
}
