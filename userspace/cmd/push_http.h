/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl push: one POST at a time, without waiting for it.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * libcurl does the work. It is loaded when it is needed: it brings along two
 * dozen libraries, which no recording on a small machine should have to carry.
 */
#ifndef CMD_PUSH_HTTP_H
#define CMD_PUSH_HTTP_H

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "push.h"

struct kprof_push_http;

/**
 * struct kprof_push_http_options - what all requests have in common
 * @timeout_ms: for a whole request
 * @ca_file: certificates to believe, NULL for the system's
 * @token: for "Authorization: Bearer", NULL for none
 * @tenant: for "X-Scope-OrgID", NULL for none
 */
struct kprof_push_http_options {
	uint64_t timeout_ms;
	const char *ca_file;
	const char *token;
	const char *tenant;
};

enum {
	KPROF_PUSH_TEXT_BYTES = 512,
};

/**
 * struct kprof_push_answer - what came of a request
 * @status: of HTTP, 0 if there was no answer
 * @retry_after_s: when to come again, 0 if nothing was said
 * @is_json: the answer says that it is JSON
 * @text: the beginning of the answer, or why there is none; one line
 */
struct kprof_push_answer {
	long status;
	uint64_t retry_after_s;
	bool is_json;
	char text[KPROF_PUSH_TEXT_BYTES];
};

#ifdef HAVE_LIBCURL
/* -ENOPKG if there is no libcurl; the log has the reason. */
int kprof_push_http_create(const struct kprof_push_http_options *options,
			   struct kprof_push_http **ret);
void kprof_push_http_destroy(struct kprof_push_http *http);

/* Begins a request; @request has to stay until it has ended. */
int kprof_push_http_start(struct kprof_push_http *http,
			  const struct kprof_push_request *request);
/* Goes on with it. True if it has ended, once. */
bool kprof_push_http_step(struct kprof_push_http *http,
			  struct kprof_push_answer *ret);
/* Waits for @fds, or until a step can be made; sets their revents. */
void kprof_push_http_wait(struct kprof_push_http *http, struct pollfd *fds,
			  unsigned int nr, int timeout_ms);
#else
static inline int
kprof_push_http_create(const struct kprof_push_http_options *options,
		       struct kprof_push_http **ret)
{
	(void)options;
	(void)ret;
	return -ENOTSUP;
}

static inline void kprof_push_http_destroy(struct kprof_push_http *http)
{
	(void)http;
}

static inline int
kprof_push_http_start(struct kprof_push_http *http,
		      const struct kprof_push_request *request)
{
	(void)http;
	(void)request;
	return -ENOTSUP;
}

static inline bool kprof_push_http_step(struct kprof_push_http *http,
					struct kprof_push_answer *ret)
{
	(void)http;
	(void)ret;
	return false;
}

static inline void kprof_push_http_wait(struct kprof_push_http *http,
					struct pollfd *fds, unsigned int nr,
					int timeout_ms)
{
	(void)http;
	poll(fds, nr, timeout_ms);
}
#endif

#endif /* CMD_PUSH_HTTP_H */
