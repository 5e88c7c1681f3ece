// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the server listens.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_address.h"

#include "util/cleanup.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char unix_prefix[] = "unix:";

/* Text */

static int parse_unix(const char *path, struct kprof_serve_address *ret)
{
	size_t len = strlen(path);

	if (!len || len >= sizeof(ret->local.sun_path))
		return -EINVAL;
	ret->local.sun_family = AF_UNIX;
	memcpy(ret->local.sun_path, path, len + 1);
	ret->len = offsetof(struct sockaddr_un, sun_path) + len + 1;
	return 0;
}

static int parse_port(const char *text, uint16_t *ret)
{
	unsigned long port;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	port = strtoul(text, &end, 10);
	if (*end || port > UINT16_MAX)
		return -EINVAL;
	*ret = htons(port);
	return 0;
}

static int parse_ipv6(const char *host, uint16_t port,
		      struct kprof_serve_address *ret)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&ret->storage;

	six->sin6_family = AF_INET6;
	six->sin6_port = port;
	ret->len = sizeof(*six);
	return inet_pton(AF_INET6, host, &six->sin6_addr) == 1 ? 0 : -EINVAL;
}

static int parse_ipv4(const char *host, uint16_t port,
		      struct kprof_serve_address *ret)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&ret->storage;

	four->sin_family = AF_INET;
	four->sin_port = port;
	ret->len = sizeof(*four);
	return inet_pton(AF_INET, host, &four->sin_addr) == 1 ? 0 : -EINVAL;
}

int kprof_serve_address_parse(const char *text, struct kprof_serve_address *ret)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len = colon ? (size_t)(colon - text) : 0;
	uint16_t port;

	memset(ret, 0, sizeof(*ret));
	if (!strncmp(text, unix_prefix, strlen(unix_prefix)))
		return parse_unix(text + strlen(unix_prefix), ret);
	if (!colon || len >= sizeof(host) || parse_port(colon + 1, &port))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	/* The one of IPv6 takes both. */
	if (!len)
		return parse_ipv6("::", port, ret);
	if (host[0] != '[')
		return parse_ipv4(host, port, ret);
	if (host[len - 1] != ']')
		return -EINVAL;
	host[len - 1] = '\0';
	return parse_ipv6(host + 1, port, ret);
}

bool kprof_serve_address_is_unix(const struct kprof_serve_address *address)
{
	return address->any.sa_family == AF_UNIX;
}

bool kprof_serve_address_is_local(const struct kprof_serve_address *address)
{
	const struct sockaddr_in6 *six = (const void *)&address->storage;
	const struct sockaddr_in *four = (const void *)&address->storage;

	switch (address->any.sa_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(four->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
	default:
		return false;
	}
}

const char *kprof_serve_address_text(const struct kprof_serve_address *address,
				     char text[KPROF_SERVE_ADDRESS_TEXT])
{
	const struct sockaddr_in6 *six = (const void *)&address->storage;
	const struct sockaddr_in *four = (const void *)&address->storage;
	char host[INET6_ADDRSTRLEN] = "";

	switch (address->any.sa_family) {
	case AF_INET:
		inet_ntop(AF_INET, &four->sin_addr, host, sizeof(host));
		snprintf(text, KPROF_SERVE_ADDRESS_TEXT, "%s:%u", host,
			 ntohs(four->sin_port));
		break;
	case AF_INET6:
		inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof(host));
		snprintf(text, KPROF_SERVE_ADDRESS_TEXT, "[%s]:%u", host,
			 ntohs(six->sin6_port));
		break;
	default:
		snprintf(text, KPROF_SERVE_ADDRESS_TEXT, "unix%s%s",
			 address->local.sun_path[0] ? ":" : "",
			 address->local.sun_path);
	}
	return text;
}

/* Sockets */

/* A socket whose server is gone refuses; one that is served is left alone. */
static void remove_stale(const struct kprof_serve_address *address)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (lstat(address->local.sun_path, &st) || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, &address->any, address->len) &&
	    errno == ECONNREFUSED)
		unlink(address->local.sun_path);
}

static int bind_unix(int fd, const struct kprof_serve_address *address)
{
	mode_t mask;
	int err;

	remove_stale(address);
	/* Nobody is to slip in before its mode is set. */
	mask = umask(0117);
	err = bind(fd, &address->any, address->len) ? -errno : 0;
	umask(mask);
	return err;
}

static int bind_internet(int fd, const struct kprof_serve_address *address)
{
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	return bind(fd, &address->any, address->len) ? -errno : 0;
}

int kprof_serve_listen(const struct kprof_serve_address *address)
{
	_cleanup_close_ int fd =
		socket(address->any.sa_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err;

	if (fd < 0)
		return -errno;
	err = kprof_serve_address_is_unix(address) ? bind_unix(fd, address)
						   : bind_internet(fd, address);
	if (!err && listen(fd, SOMAXCONN))
		err = -errno;
	return err ?: no_cleanup_fd(fd);
}

int kprof_serve_address_of(int fd, struct kprof_serve_address *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->len = sizeof(ret->storage);
	return getsockname(fd, &ret->any, &ret->len) ? -errno : 0;
}
