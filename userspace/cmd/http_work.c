// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: what it has workers do.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int kprof_watch_add(struct kprof_server *server, int fd, uint32_t events,
		    struct kprof_watch *watch)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	return epoll_ctl(server->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

void kprof_watch_remove(struct kprof_server *server, int fd)
{
	epoll_ctl(server->epoll, EPOLL_CTL_DEL, fd, NULL);
}

void kprof_work_call_off(struct kprof_work *work)
{
	if (!work)
		return;
	kprof_watch_remove(work->server, work->fd);
	close(work->fd);
	work->server->nr_work--;
	free(work);
}

static void take_reply(struct kprof_server *server, void *object)
{
	struct kprof_work ended = *(struct kprof_work *)object;
	struct kprof_job_reply reply;
	int output = kprof_keeper_take(ended.fd, &reply);

	kprof_work_call_off(object);
	ended.done(server, &reply, output, ended.context);
}

struct kprof_work *
kprof_work_start(struct kprof_server *server,
		 const struct kprof_job_request *request, int input,
		 void (*done)(struct kprof_server *server,
			      const struct kprof_job_reply *reply, int output,
			      void *context),
		 void *context)
{
	struct kprof_work *work = calloc(1, sizeof(*work));

	if (!work)
		return NULL;
	work->fd = kprof_keeper_ask(server->keeper, request, input);
	if (work->fd < 0) {
		free(work);
		return NULL;
	}
	work->server = server;
	work->done = done;
	work->context = context;
	work->watch = (struct kprof_watch){take_reply, work};
	server->nr_work++;
	if (!kprof_watch_add(server, work->fd, EPOLLIN, &work->watch))
		return work;
	kprof_work_call_off(work);
	return NULL;
}
