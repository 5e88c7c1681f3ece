/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keeper: has the privileges that the server gave up, and forks a worker
 * for each of its requests.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_KEEPER_H
#define CMD_SERVE_KEEPER_H

#include "cmd/serve_job.h"

typedef vector(int) kprof_listeners;

/*
 * Forks it; it ends when the descriptor in @ret is closed, and then removes the
 * Unix sockets of @options. @listeners are not for it: it closes them. 0 or
 * -errno.
 */
int kprof_keeper_start(const struct kprof_serve_options *options,
		       const kprof_listeners *listeners, int *ret);

/**
 * kprof_keeper_ask() - has something done
 * @keeper: of kprof_keeper_start()
 * @request: what
 * @input: file, -1 for none; stays the caller's
 *
 * Return: a socket on which the reply comes, or -errno.
 */
int kprof_keeper_ask(int keeper, const struct kprof_job_request *request,
		     int input);

/**
 * kprof_keeper_take() - the reply
 * @reply_fd: of kprof_keeper_ask(), readable
 * @ret: the reply; of a worker that died, one that says so
 *
 * Return: the output, -1 if there is none.
 */
int kprof_keeper_take(int reply_fd, struct kprof_job_reply *ret);

#endif /* CMD_SERVE_KEEPER_H */
