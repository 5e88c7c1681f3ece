// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: collections, and who waits for them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include "cmd/serve_query.h"
#include "cmd/serve_window.h"
#include "util/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	WHY_BYTES = 512,
};

/* As pprof prints it. */
#define CANNOT "Could not enable CPU profiling: "
#define BUSY   CANNOT "cpu profiling already in use"

static const char type_profile[] = "application/octet-stream";
static const char type_text[] = "text/plain; charset=utf-8";
static const char type_json[] = "application/json";

/**
 * struct kprof_collection - one that runs, or is to run
 * @next: of the server's list, in the order in which they came
 * @server: whose
 * @window: of it
 * @work: NULL before it runs
 * @started_ns: CLOCK_MONOTONIC
 */
struct kprof_collection {
	struct kprof_collection *next;
	struct kprof_server *server;
	struct kprof_serve_window window;
	struct kprof_work *work;
	uint64_t started_ns;
};

/* Keeping */

static struct kprof_kept_profile *find_kept(struct kprof_server *server,
					    uint32_t id)
{
	struct kprof_kept_profile *kept =
		&server->kept[id % KPROF_HTTP_NR_KEPT];

	return id && kept->id == id ? kept : NULL;
}

/* Takes over @fd; the oldest makes room. */
static uint32_t keep(struct kprof_server *server, int fd)
{
	struct kprof_kept_profile *kept;

	server->last_kept++;
	kept = &server->kept[server->last_kept % KPROF_HTTP_NR_KEPT];
	if (kept->id)
		close(kept->fd);
	*kept = (struct kprof_kept_profile){server->last_kept, fd};
	return kept->id;
}

static struct MHD_Response *file_response(struct kprof_request *request, int fd,
					  const char *name)
{
	struct MHD_Response *response = kprof_response_file(
		request, type_profile, fcntl(fd, F_DUPFD_CLOEXEC, 0));
	char text[64];

	snprintf(text, sizeof(text), "attachment; filename=\"%s\"", name);
	kprof_response_header(response, "Content-Disposition", text);
	return response;
}

/* Collections */

static void drop(struct kprof_collection *collection)
{
	struct kprof_collection **link = &collection->server->collections;

	while (*link != collection)
		link = &(*link)->next;
	*link = collection->next;
	kprof_work_call_off(collection->work);
	free(collection);
}

static bool is_same(const struct kprof_collection *collection,
		    const struct kprof_serve_window *window)
{
	return !memcmp(&collection->window, window, sizeof(*window));
}

static bool may_start(const struct kprof_server *server,
		      const struct kprof_serve_window *window)
{
	struct kprof_window_load load = {
		.max = server->options->max_collections,
		.is_plain = kprof_serve_window_is_plain(window),
	};

	for (const struct kprof_collection *other = server->collections; other;
	     other = other->next) {
		load.running += !!other->work;
		load.same += other->work && is_same(other, window);
	}
	return kprof_window_may_start(&load);
}

static void collected(struct kprof_server *server,
		      const struct kprof_job_reply *reply, int output,
		      void *context);

/* False if it cannot be: nobody is to wait for it. */
static bool start(struct kprof_collection *collection)
{
	struct kprof_job_request request = {.kind = KPROF_JOB_PROFILE};

	request.window = collection->window;
	collection->started_ns = kprof_server_now();
	collection->work = kprof_work_start(collection->server, &request, -1,
					    collected, collection);
	return collection->work;
}

static struct kprof_collection *create(struct kprof_server *server,
				       const struct kprof_serve_window *window)
{
	struct kprof_collection *collection = calloc(1, sizeof(*collection));
	struct kprof_collection **link = &server->collections;

	if (!collection)
		return NULL;
	collection->server = server;
	collection->window = *window;
	while (*link)
		link = &(*link)->next;
	*link = collection;
	return collection;
}

/* One that has just begun, or the next; NULL if there is neither. */
static struct kprof_collection *find(struct kprof_server *server,
				     const struct kprof_serve_window *window,
				     bool is_running)
{
	uint64_t slack = kprof_window_slack_ns(window->seconds);

	for (struct kprof_collection *collection = server->collections;
	     collection; collection = collection->next) {
		if (!is_same(collection, window) ||
		    is_running != !!collection->work)
			continue;
		if (!is_running ||
		    kprof_server_now() - collection->started_ns <= slack)
			return collection;
	}
	return NULL;
}

static bool does_run(const struct kprof_server *server,
		     const struct kprof_serve_window *window)
{
	for (const struct kprof_collection *other = server->collections; other;
	     other = other->next)
		if (other->work && is_same(other, window))
			return true;
	return false;
}

/* As serve_window.h has it; NULL if it fits nowhere. */
static struct kprof_collection *choose(struct kprof_server *server,
				       const struct kprof_serve_window *window)
{
	struct kprof_collection *collection = find(server, window, true);

	if (collection)
		return collection;
	if (may_start(server, window)) {
		collection = create(server, window);
		if (collection && !start(collection)) {
			drop(collection);
			collection = NULL;
		}
		return collection;
	}
	collection = find(server, window, false);
	if (!collection && does_run(server, window))
		collection = create(server, window);
	return collection;
}

/* Ends */

static bool is_awaited(const struct kprof_collection *collection)
{
	for (const struct kprof_request *request = collection->server->waiting;
	     request; request = request->next)
		if (request->collection == collection)
			return true;
	return false;
}

static struct kprof_request *first_waiting(struct kprof_server *server,
					   struct kprof_collection *collection)
{
	for (struct kprof_request *request = server->waiting; request;
	     request = request->next)
		if (request->collection == collection)
			return request;
	return NULL;
}

static void fail_all(struct kprof_collection *collection,
		     const struct kprof_job_reply *reply)
{
	unsigned int status = reply->status == KPROF_JOB_ABSENT
				      ? MHD_HTTP_NOT_FOUND
				      : MHD_HTTP_SERVICE_UNAVAILABLE;
	struct kprof_request *request;

	while ((request = first_waiting(collection->server, collection))) {
		request->collection = NULL;
		kprof_request_ready_say(request, status, CANNOT "%s",
					reply->message);
	}
}

static void convert(struct kprof_request *request, int fd)
{
	struct kprof_job_request job = {.kind = request->wants};

	kprof_request_work(request, &job, fd,
			   request->wants == KPROF_JOB_TEXT ? type_text
							    : type_json);
}

static void give_all(struct kprof_collection *collection, uint32_t id, int fd)
{
	struct kprof_request *request;

	while ((request = first_waiting(collection->server, collection))) {
		request->collection = NULL;
		request->profile = id;
		if (request->wants == KPROF_JOB_PROFILE)
			kprof_request_ready(
				request, MHD_HTTP_OK,
				file_response(request, fd, "profile"));
		else
			convert(request, fd);
	}
}

static void count(struct kprof_totals *totals,
		  const struct kprof_job_reply *reply)
{
	totals->collections++;
	totals->failed += reply->status != KPROF_JOB_DONE;
	totals->throttled += reply->is_throttled;
	totals->samples += reply->samples;
	totals->lost += reply->lost;
	totals->missed += reply->missed;
	totals->handler_ns += reply->handler_ns;
}

/* What waited for a place, in the order in which it came. */
static void start_waiting(struct kprof_server *server)
{
	static const struct kprof_job_reply failed = {
		.status = KPROF_JOB_FAILED,
		.message = "no process could be started",
	};
	struct kprof_collection *collection, *next;

	for (collection = server->collections; collection; collection = next) {
		next = collection->next;
		if (collection->work ||
		    !may_start(server, &collection->window) ||
		    start(collection))
			continue;
		fail_all(collection, &failed);
		drop(collection);
	}
}

static void collected(struct kprof_server *server,
		      const struct kprof_job_reply *reply, int output,
		      void *context)
{
	struct kprof_collection *collection = context;

	collection->work = NULL;
	count(&server->totals, reply);
	if (output < 0)
		fail_all(collection, reply);
	else
		give_all(collection, keep(server, output), output);
	drop(collection);
	start_waiting(server);
}

void kprof_profiles_forget(struct kprof_request *request)
{
	struct kprof_collection *collection = request->collection;

	request->collection = NULL;
	if (!collection || is_awaited(collection))
		return;
	drop(collection);
	start_waiting(request->server);
}

void kprof_profiles_count(const struct kprof_server *server,
			  size_t *running_ret, size_t *pending_ret)
{
	*running_ret = *pending_ret = 0;
	for (const struct kprof_collection *collection = server->collections;
	     collection; collection = collection->next)
		++*(collection->work ? running_ret : pending_ret);
}

void kprof_profiles_deinit(struct kprof_server *server)
{
	while (server->collections)
		drop(server->collections);
	for (size_t i = 0; i < KPROF_HTTP_NR_KEPT; i++)
		if (server->kept[i].id)
			close(server->kept[i].fd);
}

/* Requests */

static enum MHD_Result answer_head(struct kprof_request *request,
				   const char *type)
{
	return kprof_request_answer(request, MHD_HTTP_OK,
				    kprof_response_text(request, type, "", 0));
}

static enum MHD_Result collect(struct kprof_request *request,
			       const struct kprof_serve_window *window,
			       enum kprof_job_kind wants)
{
	struct kprof_server *server = request->server;
	struct kprof_collection *collection =
		server->is_ending ? NULL : choose(server, window);

	if (!collection) {
		server->totals.busy++;
		return kprof_request_say(request, MHD_HTTP_SERVICE_UNAVAILABLE,
					 BUSY);
	}
	request->collection = collection;
	request->wants = wants;
	return kprof_request_wait(request);
}

/* @wants_page: what the page draws; else a file, or with debug=1 text. */
static enum MHD_Result handle(struct kprof_request *request, bool wants_page)
{
	struct kprof_serve_window window;
	char why[WHY_BYTES];
	uint32_t debug;

	if (kprof_serve_parse_window(kprof_serve_query_of(request->uri),
				     &request->server->limits, &window, &debug,
				     why, sizeof(why)))
		return kprof_request_say(request, MHD_HTTP_BAD_REQUEST, "%s",
					 why);
	/* Who only wants to know whether it is there need not wait. */
	if (!strcmp(request->method, "HEAD"))
		return answer_head(request,
				   wants_page ? type_json : type_profile);
	if (wants_page)
		return collect(request, &window, KPROF_JOB_PAGE);
	return collect(request, &window,
		       debug ? KPROF_JOB_TEXT : KPROF_JOB_PROFILE);
}

enum MHD_Result kprof_http_profile(struct kprof_request *request)
{
	return handle(request, false);
}

enum MHD_Result kprof_http_page_data(struct kprof_request *request)
{
	return handle(request, true);
}

/* /ui/profile/ID */
enum MHD_Result kprof_http_kept(struct kprof_request *request)
{
	const char *name = strrchr(request->path, '/') + 1;
	unsigned long id = strtoul(name, NULL, 10);
	struct kprof_kept_profile *kept =
		id <= UINT32_MAX ? find_kept(request->server, id) : NULL;

	if (!kept)
		return kprof_request_say(request, MHD_HTTP_NOT_FOUND,
					 "the last 8 profiles are kept, this "
					 "one is not any more");
	return kprof_request_answer(
		request, MHD_HTTP_OK,
		file_response(request, kept->fd, "kprof.pb.gz"));
}
