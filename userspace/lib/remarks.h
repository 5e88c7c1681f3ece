/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a profile says about how it was taken: its comments.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_REMARKS_H
#define LIB_REMARKS_H

#include "lib/assemble.h"
#include "lib/kprof.h"
#include "lib/record.h"
#include "lib/unwind_loader.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kprof_collection - all there is to say about a recording
 * @info: of the module
 * @rate_hz: that was asked for
 * @command: that recorded; NULL if unknown
 * @counters: of the module, final
 * @tally: of the profile
 * @folded_samples: without labels of their own
 * @missing_samples: without their stack
 * @max_label_values: so many values of comm, and of thread_name
 * @other_comms: samples whose comm came later
 * @other_threads: samples whose thread_name came later
 * @empty_reason: why there is no sample, NULL if there is one
 * @is_clock_unset: the date is that of a machine without a clock
 * @walks_rows: by unwind tables
 * @unwind: what became of them
 * @throttles: changes of the sampling, as they came
 */
struct kprof_collection {
	const struct kprof_module_info *info;
	uint32_t rate_hz;
	const char *command;
	struct kprof_counters counters;
	struct kprof_tally tally;
	uint64_t folded_samples;
	uint64_t missing_samples;
	uint32_t max_label_values;
	uint64_t other_comms;
	uint64_t other_threads;
	const char *empty_reason;
	bool is_clock_unset;
	bool walks_rows;
	struct kprof_unwind_tally unwind;
	vector(struct kprof_event_throttle) throttles;
};

/* Adds one comment for each fact, "key: value". */
int kprof_remarks_add(const struct kprof_collection *collection,
		      struct kprof_profile *profile);

#endif /* LIB_REMARKS_H */
