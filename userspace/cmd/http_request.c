// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: a request from its first byte to its line in
 * the log.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include "cmd/serve_address.h"
#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	NS_PER_S = 1000000000,
	/* For a request to come in */
	READ_S = 15,
	/* Between two of them */
	IDLE_S = 30,
	/* For a worker's answer to be taken up */
	RESUME_S = 20,
	MAX_LOGGED_BYTES = 512,
};

uint64_t kprof_server_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* Connections */

void kprof_connection_allow(struct kprof_connection *connection,
			    uint64_t seconds)
{
	connection->deadline_ns = kprof_server_now() + seconds * NS_PER_S;
}

static void connection_begins(struct kprof_server *server,
			      struct MHD_Connection *mhd, void **ret)
{
	struct kprof_connection *connection = calloc(1, sizeof(*connection));

	*ret = connection;
	server->nr_connections++;
	if (!connection)
		return;
	connection->mhd = mhd;
	connection->fd = kprof_mhd
				 .get_connection_info(
					 mhd, MHD_CONNECTION_INFO_CONNECTION_FD)
				 ->connect_fd;
	kprof_connection_allow(connection, READ_S);
	connection->link = &server->connections;
	connection->next = server->connections;
	if (connection->next)
		connection->next->link = &connection->next;
	server->connections = connection;
}

void kprof_connection_notify(void *context, struct MHD_Connection *mhd,
			     void **ret,
			     enum MHD_ConnectionNotificationCode code)
{
	struct kprof_server *server = context;
	struct kprof_connection *connection = *ret;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection_begins(server, mhd, ret);
		return;
	}
	server->nr_connections--;
	if (!connection)
		return;
	*connection->link = connection->next;
	if (connection->next)
		connection->next->link = connection->link;
	free(connection);
}

/* Begin and end */

static void name_peer(struct kprof_request *request, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = kprof_mhd.get_connection_info(
		mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *peer = info ? info->client_addr : NULL;
	char text[KPROF_SERVE_ADDRESS_TEXT];
	struct kprof_serve_address address = {};

	request->connection->is_local = !peer || peer->sa_family == AF_UNIX;
	if (request->connection->is_local) {
		strcpy(request->peer, "unix");
		return;
	}
	memcpy(&address.storage, peer,
	       peer->sa_family == AF_INET ? sizeof(struct sockaddr_in)
					  : sizeof(struct sockaddr_in6));
	snprintf(request->peer, sizeof(request->peer), "%.63s",
		 kprof_serve_address_text(&address, text));
}

void *kprof_request_begin(void *context, const char *uri,
			  struct MHD_Connection *mhd)
{
	struct kprof_request *request = calloc(1, sizeof(*request));
	const union MHD_ConnectionInfo *info = kprof_mhd.get_connection_info(
		mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	if (!request || !info->socket_context) {
		free(request);
		return NULL;
	}
	request->server = context;
	request->connection = info->socket_context;
	request->started_ns = kprof_server_now();
	request->uri = strdup(uri);
	request->path = strndup(uri, strcspn(uri, "?"));
	kprof_connection_allow(request->connection, READ_S);
	name_peer(request, mhd);
	return request;
}

/* Nothing in it is to look like another line, or like our quotes. */
static void print_escaped(const char *text)
{
	for (size_t i = 0; text && text[i] && i < MAX_LOGGED_BYTES; i++) {
		unsigned char c = text[i];

		if (c < ' ' || c > '~' || c == '"' || c == '\\')
			fprintf(stderr, "\\x%02x", c);
		else
			fputc(c, stderr);
	}
}

static void write_log(const struct kprof_request *request)
{
	double seconds = (kprof_server_now() - request->started_ns) / 1e9;

	fprintf(stderr, "kprofctl: %s \"", request->peer);
	print_escaped(request->method ?: "-");
	fputc(' ', stderr);
	print_escaped(request->uri);
	if (request->is_gone || !request->status)
		fprintf(stderr, "\" hung up after %.3f s\n", seconds);
	else
		fprintf(stderr, "\" %u %" PRIu64 " bytes %.3f s\n",
			request->status, request->bytes, seconds);
	fflush(stderr);
}

static void count(const struct kprof_request *request)
{
	/* What its client has hung up on gets nginx's number. */
	unsigned int code = request->is_gone ? 499 : request->status;

	if (code < KPROF_HTTP_NR_CODES)
		request->server->totals.by_code[code]++;
}

static void stop_waiting(struct kprof_request *request)
{
	if (!request->link)
		return;
	kprof_watch_remove(request->server, request->connection->fd);
	*request->link = request->next;
	if (request->next)
		request->next->link = request->link;
	request->link = NULL;
}

void kprof_request_end(void *context, struct MHD_Connection *mhd, void **ret,
		       enum MHD_RequestTerminationCode code)
{
	struct kprof_request *request = *ret;

	(void)context;
	(void)mhd;
	if (!request)
		return;
	if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK &&
	    code != MHD_REQUEST_TERMINATED_DAEMON_SHUTDOWN)
		request->is_gone = true;
	stop_waiting(request);
	kprof_work_call_off(request->work);
	kprof_profiles_forget(request);
	kprof_connection_allow(request->connection,
			       request->server->is_ending ? 0 : IDLE_S);
	request->server->body_bytes -= request->body.len;
	write_log(request);
	count(request);
	if (request->response)
		kprof_mhd.destroy_response(request->response);
	kprof_strbuf_deinit(&request->body);
	free(request->uri);
	free(request->path);
	free(request);
	*ret = NULL;
}

/* Waiting */

static void hung_up(struct kprof_server *server, void *object)
{
	(void)server;
	kprof_request_hang_up(object);
}

enum MHD_Result kprof_request_wait(struct kprof_request *request)
{
	struct kprof_server *server = request->server;

	request->connection->deadline_ns = 0;
	kprof_mhd.suspend_connection(request->connection->mhd);
	request->link = &server->waiting;
	request->next = server->waiting;
	if (request->next)
		request->next->link = &request->next;
	server->waiting = request;
	request->watch = (struct kprof_watch){hung_up, request};
	kprof_watch_add(server, request->connection->fd, EPOLLRDHUP,
			&request->watch);
	return MHD_YES;
}

void kprof_request_ready(struct kprof_request *request, unsigned int status,
			 struct MHD_Response *response)
{
	request->work = NULL;
	request->response = response;
	request->status = status;
	stop_waiting(request);
	kprof_connection_allow(request->connection, RESUME_S);
	kprof_mhd.resume_connection(request->connection->mhd);
}

void kprof_request_hang_up(struct kprof_request *request)
{
	request->is_gone = true;
	kprof_work_call_off(request->work);
	kprof_profiles_forget(request);
	kprof_request_ready(request, 0, NULL);
}

/* Requests */

static const char *header(const struct kprof_request *request, const char *name)
{
	return kprof_mhd.lookup_connection_value(request->connection->mhd,
						 MHD_HEADER_KIND, name);
}

static bool is_method_known(const char *method)
{
	return !strcmp(method, "GET") || !strcmp(method, "HEAD") ||
	       !strcmp(method, "POST");
}

/* A page of another site may ask for it without our user's knowledge. */
static bool is_from_elsewhere(const struct kprof_request *request)
{
	const char *site = header(request, "Sec-Fetch-Site");

	return site &&
	       (!strcmp(site, "cross-site") || !strcmp(site, "same-site"));
}

/* 0, or the status of a refusal that @why tells. */
static unsigned int refuse(const struct kprof_request *request,
			   const char **why)
{
	const struct kprof_server *server = request->server;
	const struct kprof_serve_options *options = server->options;

	*why = "Method Not Allowed";
	if (!is_method_known(request->method))
		return MHD_HTTP_METHOD_NOT_ALLOWED;
	*why = "Forbidden: unknown Host; --host NAME allows it";
	if (!request->connection->is_local &&
	    !kprof_serve_is_host_right(header(request, "Host"),
				       options->hosts.data, options->hosts.nr))
		return MHD_HTTP_FORBIDDEN;
	*why = "Unauthorized";
	if (server->token[0] &&
	    !(request->route && request->route->flags & KPROF_ROUTE_OPEN) &&
	    !kprof_serve_is_authorized(header(request, "Authorization"),
				       server->token))
		return MHD_HTTP_UNAUTHORIZED;
	*why = "Unknown profile";
	if (!request->route ||
	    (request->route->flags & KPROF_ROUTE_DEVICE && !options->device))
		return MHD_HTTP_NOT_FOUND;
	*why = "Forbidden: a page of another site asks for it";
	if (request->route->flags & KPROF_ROUTE_COSTLY &&
	    is_from_elsewhere(request))
		return MHD_HTTP_FORBIDDEN;
	return 0;
}

/* The head is there; the body comes, if there is one. */
static enum MHD_Result begin(struct kprof_request *request, const char *method)
{
	const char *why;
	unsigned int status;

	request->is_known = true;
	/* libmicrohttpd's; it stays as long as the request. */
	request->method = method;
	if (!request->uri || !request->path)
		return MHD_NO;
	request->route = kprof_route_find(request->path);
	status = refuse(request, &why);
	return status ? kprof_request_say(request, status, "%s", why) : MHD_YES;
}

/* Only who asks for names has something to say. */
static enum MHD_Result take_body(struct kprof_request *request,
				 const char *data, size_t *size)
{
	struct kprof_server *server = request->server;

	if (!(request->route->flags & KPROF_ROUTE_BODY) ||
	    request->body.len + *size > KPROF_HTTP_MAX_BODY ||
	    server->body_bytes + *size > KPROF_HTTP_MAX_BODIES) {
		request->is_too_large = true;
	} else {
		kprof_strbuf_append(&request->body, data, *size);
		server->body_bytes += *size;
	}
	*size = 0;
	return MHD_YES;
}

enum MHD_Result kprof_request_handle(void *context, struct MHD_Connection *mhd,
				     const char *url, const char *method,
				     const char *version, const char *data,
				     size_t *data_size, void **ret)
{
	struct kprof_request *request = *ret;

	(void)context;
	(void)mhd;
	(void)url;
	(void)version;
	if (!request || request->is_gone)
		return MHD_NO;
	if (!request->is_known)
		return begin(request, method);
	if (*data_size)
		return take_body(request, data, data_size);
	if (request->response)
		return kprof_request_answer(request, request->status,
					    no_cleanup_ptr(request->response));
	if (request->is_too_large)
		return kprof_request_say(request, MHD_HTTP_CONTENT_TOO_LARGE,
					 "the body is too large");
	return request->route->handle(request);
}
