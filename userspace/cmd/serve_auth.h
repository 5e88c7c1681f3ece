/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may ask: the token, and the name by which a browser calls us.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_AUTH_H
#define CMD_SERVE_AUTH_H

#include <stdbool.h>
#include <stddef.h>

enum {
	KPROF_TOKEN_MIN_BYTES = 16,
	KPROF_TOKEN_MAX_BYTES = 256,
};

/**
 * kprof_serve_read_token() - the first line of a file
 * @path: of it
 * @ret: the token
 *
 * Return: 0; -EINVAL if it is too short or too long, or has bytes that are no
 * visible ASCII characters; or another -errno.
 */
int kprof_serve_read_token(const char *path,
			   char ret[KPROF_TOKEN_MAX_BYTES + 1]);

/*
 * Is this "Bearer TOKEN", or "Basic" with the token as the password? How long
 * it takes does not tell how much of it was right. @header may be NULL.
 */
bool kprof_serve_is_authorized(const char *header, const char *token);

/*
 * May a browser have been led here by somebody else's name server? An address
 * is safe, as is "localhost" or one of @names, with or without a port. @host
 * may be NULL, as it is in HTTP/1.0.
 */
bool kprof_serve_is_host_right(const char *host, const char *const *names,
			       size_t nr_names);

#endif /* CMD_SERVE_AUTH_H */
