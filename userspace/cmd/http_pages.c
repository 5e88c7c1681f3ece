// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: texts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include <inttypes.h>
#include <string.h>

static const char type_html[] = "text/html; charset=utf-8";

static enum MHD_Result answer(struct kprof_request *request, const char *type,
			      const struct kprof_strbuf *text)
{
	if (text->err)
		return MHD_NO;
	return kprof_request_answer(request, MHD_HTTP_OK,
				    kprof_response_text(request, type,
							kprof_strbuf_str(text),
							text->len));
}

enum MHD_Result kprof_http_redirect(struct kprof_request *request,
				    const char *where)
{
	struct MHD_Response *response =
		kprof_response_text(request, type_html, "", 0);

	kprof_response_header(response, "Location", where);
	return kprof_request_answer(request, MHD_HTTP_MOVED_PERMANENTLY,
				    response);
}

/* Index */

static const struct {
	const char *href;
	const char *name;
	const char *words;
	bool is_profiling;
} entries[] = {
	{"profile?seconds=5&amp;debug=1", "profile",
	 "CPU profile of everything that runs. Parameters: seconds (30), hz "
	 "(99), pid, comm, cgroup (may be lists), kernel=1, debug=1 for text. "
	 "Look at it with: go tool pprof http://.../debug/pprof/profile",
	 true},
	{"mappings", "mappings",
	 "The binaries that can be named here, for: go tool pprof "
	 "-symbolize=remote http://.../debug/pprof/mappings FILE",
	 false},
	{"symbol", "symbol", "Names of addresses, as pprof asks for them.",
	 false},
	{"cmdline", "cmdline", "The command line of this server.", false},
	{"../../ui/", "ui", "Record and look at a flame graph here.", true},
	{"../../metrics", "metrics", "Counters, for Prometheus.", false},
};

enum MHD_Result kprof_http_index(struct kprof_request *request)
{
	_cleanup_strbuf_ struct kprof_strbuf text = {};

	/* Links on it are relative. */
	if (!strcmp(request->path, "/debug/pprof"))
		return kprof_http_redirect(request, "/debug/pprof/");
	kprof_strbuf_append_str(
		&text,
		"<!DOCTYPE html>\n<html lang=\"en\"><head><meta "
		"charset=\"utf-8\"><title>/debug/pprof/</title></head><body>"
		"<h1>kprof</h1>\n<dl>\n");
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
		if (request->server->options->device ||
		    !entries[i].is_profiling)
			kprof_strbuf_appendf(
				&text,
				"<dt><a href=\"%s\">%s</a></dt><dd>%s</dd>\n",
				entries[i].href, entries[i].name,
				entries[i].words);
	kprof_strbuf_append_str(&text, "</dl></body></html>\n");
	return answer(request, type_html, &text);
}

/* Standalone pprof asks for "/?seconds=2" when it is given a host only. */
enum MHD_Result kprof_http_root(struct kprof_request *request)
{
	if (!request->server->options->device)
		return kprof_http_redirect(request, "/debug/pprof/");
	if (kprof_serve_query_has(kprof_serve_query_of(request->uri),
				  "seconds"))
		return kprof_http_profile(request);
	return kprof_http_redirect(request, "/ui/");
}

/* As net/http/pprof has it with NULs, as gperftools has it with newlines. */
enum MHD_Result kprof_http_cmdline(struct kprof_request *request)
{
	char *const *argv = request->server->options->argv;
	bool is_go = !strncmp(request->path, "/debug/", 7);
	_cleanup_strbuf_ struct kprof_strbuf text = {};

	kprof_strbuf_append_str(&text, "kprofctl");
	for (; *argv; argv++) {
		kprof_strbuf_append_char(&text, is_go ? '\0' : '\n');
		kprof_strbuf_append_str(&text, *argv);
	}
	return answer(request, "text/plain; charset=utf-8", &text);
}

/* What else pprof knows, which no sampling of a CPU can tell. */
enum MHD_Result kprof_http_absent(struct kprof_request *request)
{
	static const struct {
		const char *name;
		const char *hint;
	} hints[] = {
		{"heap",
		 "kprof samples CPU time, not memory; functions that "
		 "allocate stand in profile?comm=NAME"},
		{"allocs",
		 "kprof samples CPU time, not memory; functions that "
		 "allocate stand in profile?comm=NAME"},
		{"goroutine",
		 "kprof sees threads: profile?pid=PID has the "
		 "stacks of those that run"},
		{"threadcreate",
		 "kprof sees threads that run: profile?pid=PID"},
		{"block", "kprof samples what runs, not what waits: profile"},
		{"mutex",
		 "kprof samples what runs, not what waits; spinning "
		 "on a lock stands in profile"},
		{"trace", "kprof has no execution traces: profile"},
	};
	const char *name = strrchr(request->path, '/') + 1;

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (!strcmp(hints[i].name, name))
			return kprof_request_say(request, MHD_HTTP_NOT_FOUND,
						 "Unknown profile\n%s",
						 hints[i].hint);
	return kprof_request_say(request, MHD_HTTP_NOT_FOUND,
				 "Unknown profile");
}

enum MHD_Result kprof_http_health(struct kprof_request *request)
{
	if (request->server->is_ending)
		return kprof_request_say(request, MHD_HTTP_SERVICE_UNAVAILABLE,
					 "ending");
	return kprof_request_say(request, MHD_HTTP_OK, "ok");
}

enum MHD_Result kprof_http_processes(struct kprof_request *request)
{
	struct kprof_job_request job = {.kind = KPROF_JOB_PROCESSES};

	return kprof_request_work(request, &job, -1, "application/json");
}
