// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may ask: the token, and the name by which a browser calls us.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_auth.h"

#include "util/base64.h"
#include "util/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	MAX_HOST_BYTES = 256,
};

/* Token */

static bool is_visible(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

int kprof_serve_read_token(const char *path,
			   char ret[KPROF_TOKEN_MAX_BYTES + 1])
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	char line[KPROF_TOKEN_MAX_BYTES + 2];
	ssize_t bytes;

	if (fd < 0)
		return -errno;
	bytes = read(fd, line, sizeof(line) - 1);
	if (bytes < 0)
		return -errno;
	line[bytes] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	bytes = strlen(line);
	if (bytes < KPROF_TOKEN_MIN_BYTES || bytes > KPROF_TOKEN_MAX_BYTES ||
	    !is_visible(line))
		return -EINVAL;
	memcpy(ret, line, bytes + 1);
	return 0;
}

/* Takes as long whatever is in @given: it looks at all of it. */
static bool is_token(const char *given, size_t len, const char *token)
{
	size_t wanted = strlen(token);
	volatile unsigned char different = len != wanted;

	for (size_t i = 0; i < len; i++)
		different |= given[i] ^ token[i % wanted];
	return !different;
}

static bool is_basic(const char *encoded, const char *token)
{
	char decoded[2 * KPROF_TOKEN_MAX_BYTES];
	size_t len = kprof_base64_decode(encoded, decoded, sizeof(decoded));
	const char *colon = memchr(decoded, ':', len);

	return colon && is_token(colon + 1, decoded + len - colon - 1, token);
}

bool kprof_serve_is_authorized(const char *header, const char *token)
{
	if (!header)
		return false;
	if (!strncasecmp(header, "Bearer ", 7)) {
		header += 7 + strspn(header + 7, " ");
		return is_token(header, strlen(header), token);
	}
	if (!strncasecmp(header, "Basic ", 6))
		return is_basic(header + 6 + strspn(header + 6, " "), token);
	return false;
}

/* Host */

/* "[::1]:6060", "127.0.0.1", "name:80" without the port and brackets. */
static bool take_name(const char *host, char name[MAX_HOST_BYTES])
{
	bool in_brackets = *host == '[';
	const char *end;
	size_t len;

	host += in_brackets;
	end = host + strcspn(host, in_brackets ? "]" : ":");
	len = end - host;
	if (!len || len >= MAX_HOST_BYTES || (in_brackets && *end != ']'))
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	end += in_brackets;
	if (!*end)
		return true;
	return *end == ':' && strspn(end + 1, "0123456789") == strlen(end + 1);
}

static bool is_address(const char *name)
{
	unsigned char address[16];

	return inet_pton(AF_INET, name, address) == 1 ||
	       inet_pton(AF_INET6, name, address) == 1;
}

bool kprof_serve_is_host_right(const char *host, const char *const *names,
			       size_t nr_names)
{
	char name[MAX_HOST_BYTES];

	/* A browser always says it. */
	if (!host)
		return true;
	if (!take_name(host, name))
		return false;
	if (is_address(name) || !strcasecmp(name, "localhost"))
		return true;
	for (size_t i = 0; i < nr_names; i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}
