// SPDX-License-Identifier: GPL-2.0-only
/*
 * What systemd hands over and wants to hear: sd_listen_fds(3), sd_notify(3).
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_notify.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_LISTEN_FDS = 64,
};

int kprof_notify_listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int nr;

	if (!pid || !fds || atoi(pid) != getpid())
		return 0;
	nr = atoi(fds);
	return nr > 0 && nr <= MAX_LISTEN_FDS ? nr : 0;
}

static socklen_t parse_socket(const char *path, struct sockaddr_un *ret)
{
	size_t len = strlen(path);

	if (!len || len >= sizeof(ret->sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return 0;
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, path, len);
	if (path[0] == '@')
		ret->sun_path[0] = '\0';
	return offsetof(struct sockaddr_un, sun_path) + len;
}

void kprof_notify(const char *state)
{
	_cleanup_close_ int fd = -1;
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t len = path ? parse_socket(path, &address) : 0;
	struct timespec now;
	char text[128];

	if (!len)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	/* Type=notify-reload wants to know when. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "%s\nMONOTONIC_USEC=%" PRIu64, state,
		 now.tv_sec * UINT64_C(1000000) + now.tv_nsec / 1000);
	(void)!sendto(fd, text, strlen(text), MSG_NOSIGNAL, (void *)&address,
		      len);
}
