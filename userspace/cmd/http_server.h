/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The server of kprofctl serve: its parts, and what they know of each other.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * One thread, one epoll. What takes time is done by a worker of the keeper;
 * the request is suspended until its reply comes, and its connection watched
 * for a client that hangs up.
 *
 *	http_server.c	start, signals, the loop, the end
 *	http_listen.c	sockets
 *	http_request.c	a request from its first byte to its line in the log
 *	http_answer.c	its answer
 *	http_routes.c	which address is what
 *	http_profiles.c	collections, and who waits for them
 *	http_symbols.c	names of addresses, files for symbols
 *	http_pages.c	texts
 *	http_metrics.c	counters
 *	http_ui.c	the page for browsers
 *	http_work.c	what workers do
 */
#ifndef CMD_HTTP_SERVER_H
#define CMD_HTTP_SERVER_H

#include "cmd/http_mhd.h"
#include "cmd/serve.h"
#include "cmd/serve_auth.h"
#include "cmd/serve_job.h"
#include "cmd/serve_keeper.h"
#include "util/strbuf.h"

#include <sys/epoll.h>

enum {
	/* What a client may send us to name: about 100,000 addresses. */
	KPROF_HTTP_MAX_BODY = 2 << 20,
	/* All clients together */
	KPROF_HTTP_MAX_BODIES = 8 << 20,
	/* Work besides collections, at once */
	KPROF_HTTP_MAX_WORK = 8,
	/* Profiles that can be fetched again */
	KPROF_HTTP_NR_KEPT = 8,
	KPROF_HTTP_NR_CODES = 600,
};

struct kprof_collection;
struct kprof_server;
struct kprof_request;
struct kprof_route;

/**
 * struct kprof_watch - a descriptor that the loop watches
 * @ready: called when there is something; may free @object
 * @object: for it
 */
struct kprof_watch {
	void (*ready)(struct kprof_server *server, void *object);
	void *object;
};

/**
 * struct kprof_work - something that a worker does
 * @watch: of @fd
 * @server: whose
 * @fd: the reply comes here
 * @done: gets the reply and the output, which is then its own; -1 for none
 * @context: for it
 */
struct kprof_work {
	struct kprof_watch watch;
	struct kprof_server *server;
	int fd;
	void (*done)(struct kprof_server *server,
		     const struct kprof_job_reply *reply, int output,
		     void *context);
	void *context;
};

/**
 * struct kprof_connection - one that is open
 * @next: of the server's list
 * @link: what points to it there
 * @mhd: it
 * @fd: its socket
 * @deadline_ns: when it is closed, CLOCK_MONOTONIC; 0 as long as we let it wait
 * @is_local: of a Unix socket
 */
struct kprof_connection {
	struct kprof_connection *next;
	struct kprof_connection **link;
	struct MHD_Connection *mhd;
	int fd;
	uint64_t deadline_ns;
	bool is_local;
};

/**
 * struct kprof_request - one that is read, worked on or answered
 * @next: of those that wait
 * @link: what points to it there, NULL if it does not wait
 * @watch: of its connection, for a client that hangs up
 * @server: whose
 * @connection: that it came on
 * @uri: as it came
 * @path: the part before "?"
 * @method: GET and the like
 * @body: what came with it
 * @is_known: its head has been looked at
 * @is_too_large: its body
 * @is_gone: nobody waits for the answer
 * @started_ns: CLOCK_MONOTONIC
 * @route: what it is for
 * @collection: that it waits for
 * @wants: of its profile: KPROF_JOB_PROFILE is the file
 * @profile: id of the profile that it is about
 * @work: that is done for it alone
 * @response: that was made while it waited
 * @status: of the answer, 0 for none yet
 * @type: of the file that its work makes
 * @bytes: of the answer's body
 * @peer: who asks
 */
struct kprof_request {
	struct kprof_request *next;
	struct kprof_request **link;
	struct kprof_watch watch;
	struct kprof_server *server;
	struct kprof_connection *connection;
	char *uri;
	char *path;
	const char *method;
	struct kprof_strbuf body;
	bool is_known;
	bool is_too_large;
	bool is_gone;
	uint64_t started_ns;
	const struct kprof_route *route;
	struct kprof_collection *collection;
	enum kprof_job_kind wants;
	uint32_t profile;
	struct kprof_work *work;
	struct MHD_Response *response;
	unsigned int status;
	const char *type;
	uint64_t bytes;
	char peer[64];
};

/**
 * struct kprof_totals - for /metrics
 * @collections: that came to an end
 * @failed: of these
 * @throttled: of these, by the module's limit
 * @busy: requests that were refused because too much was going on
 * @samples: in profiles
 * @lost: that were not
 * @missed: periods that nobody knows whose they are
 * @handler_ns: that the module's interrupts took
 * @dropped: connections that were too slow
 * @by_code: answers by status
 */
struct kprof_totals {
	uint64_t collections;
	uint64_t failed;
	uint64_t throttled;
	uint64_t busy;
	uint64_t samples;
	uint64_t lost;
	uint64_t missed;
	uint64_t handler_ns;
	uint64_t dropped;
	uint64_t by_code[KPROF_HTTP_NR_CODES];
};

/**
 * struct kprof_kept_profile - one that can be fetched again
 * @id: 0 for none
 * @fd: the file
 */
struct kprof_kept_profile {
	uint32_t id;
	int fd;
};

/**
 * struct kprof_server - the server
 * @options: the command line
 * @limits: of collections
 * @daemon: of libmicrohttpd
 * @epoll: what the loop waits for
 * @keeper: does what takes privileges
 * @signals: signalfd
 * @listeners: sockets
 * @connections: that are open
 * @nr_connections: how many
 * @body_bytes: of what clients have sent
 * @waiting: requests that are suspended
 * @nr_work: what workers do
 * @collections: that run or are to run
 * @kept: profiles of late
 * @last_kept: id of the latest
 * @mappings: the last answer of KPROF_JOB_MAPPINGS, -1 for none
 * @epoch: where mappings go
 * @token: that a client must know; "" for none
 * @totals: for /metrics
 * @start_ns: CLOCK_MONOTONIC
 * @is_ending: nothing new is accepted
 * @has_failed: the keeper is gone
 */
struct kprof_server {
	const struct kprof_serve_options *options;
	struct kprof_serve_limits limits;
	struct MHD_Daemon *daemon;
	int epoll;
	int keeper;
	int signals;
	kprof_listeners listeners;
	struct kprof_connection *connections;
	size_t nr_connections;
	size_t body_bytes;
	struct kprof_request *waiting;
	size_t nr_work;
	struct kprof_collection *collections;
	struct kprof_kept_profile kept[KPROF_HTTP_NR_KEPT];
	uint32_t last_kept;
	int mappings;
	uint64_t epoch;
	char token[KPROF_TOKEN_MAX_BYTES + 1];
	struct kprof_totals totals;
	uint64_t start_ns;
	bool is_ending;
	bool has_failed;
};

/**
 * struct kprof_route - what an address is
 * @path: it; one that ends in "*" is all that begin so
 * @handle: answers, or lets the request wait
 * @flags: KPROF_ROUTE_*
 */
struct kprof_route {
	const char *path;
	enum MHD_Result (*handle)(struct kprof_request *request);
	unsigned int flags;
};

enum {
	/* It is not there where only symbols are served. */
	KPROF_ROUTE_DEVICE = 1 << 0,
	/* It needs no token. */
	KPROF_ROUTE_OPEN = 1 << 1,
	/* It makes the machine work: not for pages of other sites. */
	KPROF_ROUTE_COSTLY = 1 << 2,
	/* A client may send something with it. */
	KPROF_ROUTE_BODY = 1 << 3,
};

uint64_t kprof_server_now(void);

/* Calls @watch when @events come. 0 or -errno. */
int kprof_watch_add(struct kprof_server *server, int fd, uint32_t events,
		    struct kprof_watch *watch);
void kprof_watch_remove(struct kprof_server *server, int fd);

/* Sockets */

/* Of the command line or of systemd. 0 or what to exit with. */
int kprof_listen_start(struct kprof_server *server);
/* Prints the addresses. */
void kprof_listen_say(const struct kprof_server *server);
/* Takes connections from now on. 0 or -errno. */
int kprof_listen_watch(struct kprof_server *server);
void kprof_listen_stop(struct kprof_server *server);

/* Work */

/*
 * Has a worker do something; @done is called from the loop, unless it is called
 * off before. NULL if it cannot be had.
 */
struct kprof_work *
kprof_work_start(struct kprof_server *server,
		 const struct kprof_job_request *request, int input,
		 void (*done)(struct kprof_server *server,
			      const struct kprof_job_reply *reply, int output,
			      void *context),
		 void *context);
/* The worker sees it, and ends. */
void kprof_work_call_off(struct kprof_work *work);

/* Requests */

/* Daemon options that make libmicrohttpd call us; @context is the server. */
void *kprof_request_begin(void *context, const char *uri,
			  struct MHD_Connection *mhd);
enum MHD_Result kprof_request_handle(void *context, struct MHD_Connection *mhd,
				     const char *url, const char *method,
				     const char *version, const char *data,
				     size_t *data_size, void **request);
void kprof_request_end(void *context, struct MHD_Connection *mhd,
		       void **request, enum MHD_RequestTerminationCode code);
/* It is closed unless something happens within so many seconds. */
void kprof_connection_allow(struct kprof_connection *connection,
			    uint64_t seconds);
void kprof_connection_notify(void *context, struct MHD_Connection *mhd,
			     void **connection,
			     enum MHD_ConnectionNotificationCode code);

/* Answers with @response, once. NULL closes the connection. */
enum MHD_Result kprof_request_answer(struct kprof_request *request,
				     unsigned int status,
				     struct MHD_Response *response);
/* A line of text. */
enum MHD_Result kprof_request_say(struct kprof_request *request,
				  unsigned int status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Suspends it until kprof_request_ready(). */
enum MHD_Result kprof_request_wait(struct kprof_request *request);
/* Takes over @response; of one that is gone it is dropped. */
void kprof_request_ready(struct kprof_request *request, unsigned int status,
			 struct MHD_Response *response);
/* The same with a line of text. */
void kprof_request_ready_say(struct kprof_request *request, unsigned int status,
			     const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Its work failed, of which the reply tells. */
void kprof_request_ready_failed(struct kprof_request *request,
				const struct kprof_job_reply *reply);
/* Nobody waits for it any more. */
void kprof_request_hang_up(struct kprof_request *request);

/* Responses */

/* Copies the text; NULL if there is no memory. */
struct MHD_Response *kprof_response_text(struct kprof_request *request,
					 const char *type, const char *text,
					 size_t len);
/* Takes over @fd. */
struct MHD_Response *kprof_response_file(struct kprof_request *request,
					 const char *type, int fd);
void kprof_response_header(struct MHD_Response *response, const char *name,
			   const char *value);

/*
 * Has a worker make the answer, a file of @type: the request waits, or is
 * waiting already.
 */
enum MHD_Result kprof_request_work(struct kprof_request *request,
				   const struct kprof_job_request *job,
				   int input, const char *type);

/* Routes */

const struct kprof_route *kprof_route_find(const char *path);

/* Collections */

enum MHD_Result kprof_http_profile(struct kprof_request *request);
enum MHD_Result kprof_http_page_data(struct kprof_request *request);
enum MHD_Result kprof_http_kept(struct kprof_request *request);
/* It waits for a collection no more. */
void kprof_profiles_forget(struct kprof_request *request);
void kprof_profiles_count(const struct kprof_server *server,
			  size_t *running_ret, size_t *pending_ret);
void kprof_profiles_deinit(struct kprof_server *server);

/* Symbols */

enum MHD_Result kprof_http_symbol(struct kprof_request *request);
enum MHD_Result kprof_http_mappings(struct kprof_request *request);
enum MHD_Result kprof_http_build_id(struct kprof_request *request);

/* Pages */

enum MHD_Result kprof_http_index(struct kprof_request *request);
enum MHD_Result kprof_http_root(struct kprof_request *request);
enum MHD_Result kprof_http_cmdline(struct kprof_request *request);
enum MHD_Result kprof_http_absent(struct kprof_request *request);
enum MHD_Result kprof_http_health(struct kprof_request *request);
enum MHD_Result kprof_http_metrics(struct kprof_request *request);
enum MHD_Result kprof_http_page(struct kprof_request *request);
enum MHD_Result kprof_http_processes(struct kprof_request *request);
enum MHD_Result kprof_http_redirect(struct kprof_request *request,
				    const char *where);

#endif /* CMD_HTTP_SERVER_H */
