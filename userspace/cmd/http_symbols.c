// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: names of addresses, files for symbols.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include "util/cleanup.h"
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static const char type_text[] = "text/plain; charset=utf-8";

/* Mappings */

static void take_mappings(struct kprof_server *server,
			  const struct kprof_job_reply *reply, int output,
			  void *context)
{
	struct kprof_request *request = context;
	struct MHD_Response *response;

	if (output < 0) {
		kprof_request_ready_failed(request, reply);
		return;
	}
	/* What has a range keeps it: the next one begins with these. */
	kprof_cleanup_close(&server->mappings);
	server->mappings = output;
	response = kprof_response_file(request, "application/octet-stream",
				       fcntl(output, F_DUPFD_CLOEXEC, 0));
	kprof_response_header(response, "Content-Disposition",
			      "attachment; filename=\"mappings\"");
	kprof_request_ready(request, MHD_HTTP_OK, response);
}

/* One at a time: two would give the same range to different binaries. */
static bool is_listed(const struct kprof_server *server)
{
	for (const struct kprof_request *request = server->waiting; request;
	     request = request->next)
		if (request->wants == KPROF_JOB_MAPPINGS)
			return true;
	return false;
}

enum MHD_Result kprof_http_mappings(struct kprof_request *request)
{
	struct kprof_server *server = request->server;
	struct kprof_job_request job = {
		.kind = KPROF_JOB_MAPPINGS,
		.epoch = server->epoch,
	};

	if (!is_listed(server))
		request->work = kprof_work_start(server, &job, server->mappings,
						 take_mappings, request);
	if (!request->work)
		return kprof_request_say(request, MHD_HTTP_SERVICE_UNAVAILABLE,
					 "another request lists them");
	request->wants = KPROF_JOB_MAPPINGS;
	return kprof_request_wait(request);
}

/* Symbols */

static int copy_file(int from, int to)
{
	struct stat st;
	off_t offset = 0;

	if (fstat(from, &st))
		return -errno;
	while (offset < st.st_size)
		if (sendfile(to, from, &offset, st.st_size - offset) <= 0)
			return -EIO;
	return 0;
}

/* The addresses, and the mappings that they are in. */
static int make_input(const struct kprof_server *server,
		      const uint64_t *addresses, size_t nr)
{
	_cleanup_close_ int fd = memfd_create("kprof-addresses", MFD_CLOEXEC);
	int err =
		fd < 0 ? -errno
		       : kprof_io_write(fd, addresses, nr * sizeof(*addresses));

	if (!err && server->mappings >= 0)
		err = copy_file(server->mappings, fd);
	return err ?: no_cleanup_fd(fd);
}

static enum MHD_Result look_up(struct kprof_request *request, const char *text)
{
	struct kprof_job_request job = {.kind = KPROF_JOB_SYMBOL};
	_cleanup_free_ uint64_t *addresses =
		malloc(KPROF_JOB_MAX_ADDRESSES * sizeof(*addresses));
	_cleanup_close_ int input = -1;

	if (!addresses)
		return MHD_NO;
	job.nr_addresses = kprof_serve_parse_addresses(text, addresses,
						       KPROF_JOB_MAX_ADDRESSES);
	/* "Do you have symbols?" */
	if (!job.nr_addresses)
		return kprof_request_say(request, MHD_HTTP_OK,
					 "num_symbols: 1");
	input = make_input(request->server, addresses, job.nr_addresses);
	if (input < 0)
		return kprof_request_say(request, MHD_HTTP_SERVICE_UNAVAILABLE,
					 "cannot keep the addresses");
	return kprof_request_work(request, &job, input, type_text);
}

enum MHD_Result kprof_http_symbol(struct kprof_request *request)
{
	if (!strcmp(request->method, "POST"))
		return look_up(request, kprof_strbuf_str(&request->body));
	return look_up(request, kprof_serve_query_of(request->uri));
}

/* Files */

/* "/buildid/0123ab/debuginfo"; false for another. */
static bool parse_path(const char *path, struct kprof_job_request *job)
{
	const char *build_id = path + strlen("/buildid/");
	size_t len = strspn(build_id, "0123456789abcdef");
	const char *what = build_id + len;

	if (len < 2 || len >= sizeof(job->build_id))
		return false;
	memcpy(job->build_id, build_id, len);
	job->build_id[len] = '\0';
	job->kind = KPROF_JOB_DEBUGINFO;
	if (!strcmp(what, "/debuginfo"))
		return true;
	job->kind = KPROF_JOB_EXECUTABLE;
	return !strcmp(what, "/executable");
}

/* As debuginfod has it. */
enum MHD_Result kprof_http_build_id(struct kprof_request *request)
{
	struct kprof_job_request job = {};

	if (!parse_path(request->path, &job))
		return kprof_request_say(request, MHD_HTTP_NOT_FOUND,
					 "there are /buildid/ID/debuginfo and "
					 "/buildid/ID/executable");
	return kprof_request_work(request, &job, -1,
				  "application/octet-stream");
}
