// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: counters, as Prometheus reads them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

static void add(struct kprof_strbuf *text, const char *name, const char *type,
		const char *help, double value)
{
	kprof_strbuf_appendf(text, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n",
			     name, help, name, type, name, value);
}

static void add_collections(struct kprof_strbuf *text,
			    const struct kprof_server *server)
{
	const struct kprof_totals *totals = &server->totals;
	size_t running, pending;

	kprof_profiles_count(server, &running, &pending);
	add(text, "kprof_collections_total", "counter",
	    "Collections that came to an end.", totals->collections);
	add(text, "kprof_collections_failed_total", "counter",
	    "Of these, without a profile.", totals->failed);
	add(text, "kprof_collections_throttled_total", "counter",
	    "Of these, thinned out by the module's max_cpu_percent.",
	    totals->throttled);
	add(text, "kprof_collections_running", "gauge", "Collections that run.",
	    running);
	add(text, "kprof_collections_waiting", "gauge",
	    "Collections that begin when others end.", pending);
	add(text, "kprof_samples_total", "counter", "Samples in profiles.",
	    totals->samples);
	add(text, "kprof_samples_lost_total", "counter",
	    "Samples that were taken, and lost.", totals->lost);
	add(text, "kprof_periods_missed_total", "counter",
	    "Periods whose sample came too late to be anybody's.",
	    totals->missed);
	add(text, "kprof_interrupt_seconds_total", "counter",
	    "Time that the module's interrupts took.",
	    totals->handler_ns / 1e9);
}

static void add_requests(struct kprof_strbuf *text,
			 const struct kprof_server *server)
{
	const struct kprof_totals *totals = &server->totals;

	kprof_strbuf_append_str(
		text,
		"# HELP kprof_http_requests_total Requests by status; "
		"499: the client hung up.\n"
		"# TYPE kprof_http_requests_total counter\n");
	for (size_t i = 0; i < KPROF_HTTP_NR_CODES; i++)
		if (totals->by_code[i])
			kprof_strbuf_appendf(
				text,
				"kprof_http_requests_total{code=\"%zu\"} "
				"%" PRIu64 "\n",
				i, totals->by_code[i]);
	add(text, "kprof_http_busy_total", "counter",
	    "Requests and connections refused because of too many others.",
	    totals->busy);
	add(text, "kprof_http_dropped_total", "counter",
	    "Connections closed because they were too slow or idle.",
	    totals->dropped);
	add(text, "kprof_http_connections", "gauge", "Open connections.",
	    server->nr_connections);
}

static double resident_bytes(void)
{
	_cleanup_fclose_ FILE *file = fopen("/proc/self/statm", "re");
	long pages;

	if (!file || fscanf(file, "%*d %ld", &pages) != 1)
		return 0;
	return (double)pages * sysconf(_SC_PAGESIZE);
}

static double open_descriptors(void)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
	double nr = 0;

	while (dir && readdir(dir))
		nr++;
	/* Without ".", ".." and its own */
	return nr > 3 ? nr - 3 : 0;
}

static double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

enum MHD_Result kprof_http_metrics(struct kprof_request *request)
{
	const struct kprof_server *server = request->server;
	_cleanup_strbuf_ struct kprof_strbuf text = {};

	add_collections(&text, server);
	add_requests(&text, server);
	add(&text, "process_cpu_seconds_total", "counter",
	    "Of the server itself, without its workers.", cpu_seconds());
	add(&text, "process_resident_memory_bytes", "gauge",
	    "Of the server itself.", resident_bytes());
	add(&text, "process_open_fds", "gauge", "Of the server itself.",
	    open_descriptors());
	add(&text, "kprof_uptime_seconds", "gauge", "Since it was started.",
	    (kprof_server_now() - server->start_ns) / 1e9);
	if (text.err)
		return MHD_NO;
	return kprof_request_answer(
		request, MHD_HTTP_OK,
		kprof_response_text(request,
				    "text/plain; version=0.0.4; charset=utf-8",
				    kprof_strbuf_str(&text), text.len));
}
