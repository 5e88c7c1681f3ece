/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the perf map of a process, also one that has ended meanwhile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The file is /tmp/perf-PID.map as the process sees it: in its own mount
 * namespace, with its number in its own PID namespace. It may come late, and be
 * complete only at the end; a process that has ended can no longer be asked. So
 * the directory is kept open from the first look on, and the file from when it
 * is first seen: what is open stays readable.
 */
#ifndef LIB_PERF_MAP_WATCH_H
#define LIB_PERF_MAP_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
	/* Descriptors that a watch may keep. */
	KPROF_PERF_MAP_WATCH_DESCRIPTORS = 2,
};

/**
 * struct kprof_perf_map_watch - KPROF_PERF_MAP_WATCH_INIT is one of nothing
 * @directory: its /tmp, -1 as long as nobody could open it
 * @file: the map, likewise
 * @ns_pid: its number, as it knows it
 * @uid: its user
 * @started_s: when it started, in seconds since 1970 by today's clock
 * @has_refused: a file was refused, and it was said why
 */
struct kprof_perf_map_watch {
	int directory;
	int file;
	int32_t ns_pid;
	uint32_t uid;
	int64_t started_s;
	bool has_refused;
};

#define KPROF_PERF_MAP_WATCH_INIT { .directory = -1, .file = -1 }

void kprof_perf_map_watch_deinit(struct kprof_perf_map_watch *watch);
/* While the process lives, as often as there is reason to. */
void kprof_perf_map_watch_look(struct kprof_perf_map_watch *watch, int32_t pid);
/* The last time: a file that took the place of the first counts. */
void kprof_perf_map_watch_finish(struct kprof_perf_map_watch *watch);

#endif /* LIB_PERF_MAP_WATCH_H */
