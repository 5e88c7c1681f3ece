// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: answers.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* For an answer to go out, and what it may take for its bytes. */
	SEND_S = 20,
	SEND_BYTES_PER_S = 64 << 10,
};

/* Answers */

void kprof_response_header(struct MHD_Response *response, const char *name,
			   const char *value)
{
	if (response)
		kprof_mhd.add_response_header(response, name, value);
}

static struct MHD_Response *with_headers(struct MHD_Response *response,
					 const char *type)
{
	kprof_response_header(response, "Content-Type", type);
	kprof_response_header(response, "X-Content-Type-Options", "nosniff");
	kprof_response_header(response, "Cache-Control", "no-store");
	return response;
}

struct MHD_Response *kprof_response_text(struct kprof_request *request,
					 const char *type, const char *text,
					 size_t len)
{
	request->bytes = len;
	return with_headers(kprof_mhd.create_response_from_buffer(
				    len, (void *)text, MHD_RESPMEM_MUST_COPY),
			    type);
}

struct MHD_Response *kprof_response_file(struct kprof_request *request,
					 const char *type, int fd)
{
	struct MHD_Response *response = NULL;
	struct stat st;

	if (!fstat(fd, &st)) {
		request->bytes = st.st_size;
		response = kprof_mhd.create_response_from_fd64(st.st_size, fd);
	}
	if (!response)
		close(fd);
	return with_headers(response, type);
}

enum MHD_Result kprof_request_answer(struct kprof_request *request,
				     unsigned int status,
				     struct MHD_Response *response)
{
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	request->status = status;
	kprof_connection_allow(request->connection,
			       SEND_S + request->bytes / SEND_BYTES_PER_S);
	result = kprof_mhd.queue_response(request->connection->mhd, status,
					  response);
	kprof_mhd.destroy_response(response);
	return result;
}

/* As net/http/pprof has it: pprof shows such a text to its user. */
static struct MHD_Response *words(struct kprof_request *request,
				  unsigned int status, const char *fmt,
				  va_list args)
{
	_cleanup_strbuf_ struct kprof_strbuf text = {};
	struct MHD_Response *response;

	kprof_strbuf_vappendf(&text, fmt, args);
	kprof_strbuf_append_char(&text, '\n');
	response = kprof_response_text(request, "text/plain; charset=utf-8",
				       kprof_strbuf_str(&text), text.len);
	if (status >= MHD_HTTP_BAD_REQUEST)
		kprof_response_header(response, "X-Go-Pprof", "1");
	if (status == MHD_HTTP_UNAUTHORIZED)
		kprof_response_header(response, "WWW-Authenticate",
				      "Basic realm=\"kprof\"");
	if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
		kprof_response_header(response, "Retry-After", "1");
	return response;
}

enum MHD_Result kprof_request_say(struct kprof_request *request,
				  unsigned int status, const char *fmt, ...)
{
	struct MHD_Response *response;
	va_list args;

	va_start(args, fmt);
	response = words(request, status, fmt, args);
	va_end(args);
	return kprof_request_answer(request, status, response);
}

/* Answers to requests that wait */

void kprof_request_ready_say(struct kprof_request *request, unsigned int status,
			     const char *fmt, ...)
{
	struct MHD_Response *response;
	va_list args;

	va_start(args, fmt);
	response = words(request, status, fmt, args);
	va_end(args);
	kprof_request_ready(request, status, response);
}

void kprof_request_ready_failed(struct kprof_request *request,
				const struct kprof_job_reply *reply)
{
	kprof_request_ready_say(request,
				reply->status == KPROF_JOB_ABSENT
					? MHD_HTTP_NOT_FOUND
					: MHD_HTTP_SERVICE_UNAVAILABLE,
				"%s", reply->message);
}

/* Work for a request */

static void take_answer(struct kprof_server *server,
			const struct kprof_job_reply *reply, int output,
			void *context)
{
	struct kprof_request *request = context;
	struct MHD_Response *response;
	char text[16];

	(void)server;
	if (output < 0) {
		kprof_request_ready_failed(request, reply);
		return;
	}
	response = kprof_response_file(request, request->type, output);
	if (request->profile) {
		snprintf(text, sizeof(text), "%" PRIu32, request->profile);
		kprof_response_header(response, "X-Kprof-Profile", text);
	}
	kprof_request_ready(request, MHD_HTTP_OK, response);
}

enum MHD_Result kprof_request_work(struct kprof_request *request,
				   const struct kprof_job_request *job,
				   int input, const char *type)
{
	struct kprof_server *server = request->server;
	bool is_waiting = request->link;

	request->type = type;
	if (server->nr_work <
	    KPROF_HTTP_MAX_WORK + server->options->max_collections)
		request->work = kprof_work_start(server, job, input,
						 take_answer, request);
	if (request->work)
		return is_waiting ? MHD_YES : kprof_request_wait(request);
	server->totals.busy++;
	if (!is_waiting)
		return kprof_request_say(request, MHD_HTTP_SERVICE_UNAVAILABLE,
					 "too much is going on, try again");
	kprof_request_ready_say(request, MHD_HTTP_SERVICE_UNAVAILABLE,
				"too much is going on, try again");
	return MHD_YES;
}
