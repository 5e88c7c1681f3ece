/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording: what its parts share.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_COLLECTOR_H
#define LIB_COLLECTOR_H

#include "lib/aggregate.h"
#include "lib/device.h"
#include "lib/kprof.h"
#include "lib/reader.h"
#include "lib/remarks.h"
#include "lib/repeats.h"
#include "lib/space.h"
#include "lib/unwind_loader.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kprof_collector - a recording
 * @device: the session
 * @reader: of its rings
 * @unwind: for the loader
 * @loader: of unwind tables, NULL if none are used
 * @spaces: address spaces of targets
 * @repeats: samples on their way to @aggregate
 * @aggregate: what was sampled
 * @collection: what there is to say about it
 * @command: owned, for @collection
 * @period_ns: that a weight of 1 stands for
 * @main_pid: the only target, 0 if there are more
 * @nr_targets: that were attached
 * @nr_processes: of them
 * @nr_maps: snapshots that came
 * @start_time_ns: wall clock at the start
 * @window_counters: as they were when the last window was taken
 * @lost_seen: in LOST records
 * @is_idle: nothing is tracked any more
 * @has_stats: a STATS record was seen
 */
struct kprof_collector {
	struct kprof_device device;
	struct kprof_reader *reader;
	struct kprof_unwind_options unwind;
	struct kprof_unwind_loader *loader;
	struct kprof_spaces spaces;
	struct kprof_repeats repeats;
	struct kprof_aggregate aggregate;
	struct kprof_collection collection;
	char *command;
	uint64_t period_ns;
	int32_t main_pid;
	unsigned int nr_targets;
	unsigned int nr_processes;
	uint64_t nr_maps;
	int64_t start_time_ns;
	struct kprof_counters window_counters;
	uint64_t lost_seen;
	bool is_idle;
	bool has_stats;
};

/* Counts the samples that are kept back because they are alike. */
static inline int
kprof_collector_flush_repeats(struct kprof_collector *collector)
{
	return kprof_repeats_flush(&collector->repeats, &collector->aggregate);
}

#endif /* LIB_COLLECTOR_H */
