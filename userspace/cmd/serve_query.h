/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a request asks for: the parts of its address, and a collection's
 * parameters.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_QUERY_H
#define CMD_SERVE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	KPROF_SERVE_DEFAULT_SECONDS = 30,
	KPROF_SERVE_MAX_PIDS = 64,
	KPROF_SERVE_MAX_COMMS = 8,
	KPROF_SERVE_COMM_BYTES = 16,
	KPROF_SERVE_CGROUP_BYTES = 512,
	KPROF_SERVE_VALUE_BYTES = 1024,
};

/**
 * struct kprof_serve_window - a collection that somebody wants; plain bytes:
 *two are the same if all of them are
 * @seconds: how long
 * @rate_hz: samples per second and CPU
 * @has_kernel: with kernel stacks
 * @nr_pids: of @pids
 * @nr_comms: of @comms
 * @pids: processes
 * @comms: names of processes
 * @cgroup: path of a control group below its file system's root; "" for none
 *
 * Without any target it is everything that runs.
 */
struct kprof_serve_window {
	uint32_t seconds;
	uint32_t rate_hz;
	uint32_t has_kernel;
	uint32_t nr_pids;
	uint32_t nr_comms;
	int32_t pids[KPROF_SERVE_MAX_PIDS];
	char comms[KPROF_SERVE_MAX_COMMS][KPROF_SERVE_COMM_BYTES];
	char cgroup[KPROF_SERVE_CGROUP_BYTES];
};

/**
 * struct kprof_serve_limits - what a request may ask for
 * @max_seconds: what is above it becomes it
 * @max_rate_hz: what is above it is refused
 */
struct kprof_serve_limits {
	uint32_t max_seconds;
	uint32_t max_rate_hz;
};

/* Names of targets, or none: what any scraper asks for. */
bool kprof_serve_window_is_plain(const struct kprof_serve_window *window);

/**
 * kprof_serve_parse_window() - parameters of a collection
 * @query: what follows the "?"
 * @limits: of them
 * @ret: the parameters
 * @debug_ret: of debug=
 * @why: what is wrong with them, in words
 * @why_bytes: room for that
 *
 * As in net/http/pprof, seconds that are no number above 0 are 30. Everything
 * else that is wrong is refused, and so is a parameter that nobody knows: it
 * would be somebody's idea of a filter.
 *
 * Return: 0 or -EINVAL.
 */
int kprof_serve_parse_window(const char *query,
			     const struct kprof_serve_limits *limits,
			     struct kprof_serve_window *ret,
			     uint32_t *debug_ret, char *why, size_t why_bytes);

/* What follows the "?" of an address, "" if nothing does. */
const char *kprof_serve_query_of(const char *uri);
/* Is the value of @name in @query set? "a", "a=", "a=1". */
bool kprof_serve_query_has(const char *query, const char *name);

/*
 * The addresses in "0x12+0xab", at most @max of them; what is no such address
 * is left out. Returns how many.
 */
size_t kprof_serve_parse_addresses(const char *text, uint64_t *ret, size_t max);

#endif /* CMD_SERVE_QUERY_H */
