/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where the server listens.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_ADDRESS_H
#define CMD_SERVE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#define KPROF_SERVE_ADDRESS "127.0.0.1:6060"

enum {
	KPROF_SERVE_ADDRESS_TEXT = 160,
};

/**
 * struct kprof_serve_address - an address of a socket
 * @any: it
 * @len: of it, in bytes
 */
struct kprof_serve_address {
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
		struct sockaddr_un local;
	};
	socklen_t len;
};

/*
 * "127.0.0.1:6060", "[::1]:6060", ":6060" (every address of this machine), or
 * "unix:PATH". Names are not looked up. 0 or -EINVAL.
 */
int kprof_serve_address_parse(const char *text,
			      struct kprof_serve_address *ret);
/* Can only this machine reach it? */
bool kprof_serve_address_is_local(const struct kprof_serve_address *address);
bool kprof_serve_address_is_unix(const struct kprof_serve_address *address);
/* For people; "unix" of one without a path. */
const char *kprof_serve_address_text(const struct kprof_serve_address *address,
				     char text[KPROF_SERVE_ADDRESS_TEXT]);

/*
 * Listens, without waiting. Of Unix sockets one that nobody serves any more is
 * replaced, and the owner and group may connect. Returns a descriptor or
 * -errno.
 */
int kprof_serve_listen(const struct kprof_serve_address *address);
/* Of a socket that somebody else opened. 0 or -errno. */
int kprof_serve_address_of(int fd, struct kprof_serve_address *ret);

#endif /* CMD_SERVE_ADDRESS_H */
