// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a profile says about how it was taken: its comments.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/remarks.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

enum {
	/* A recording that is throttled back and forth all day. */
	MAX_THROTTLE_LINES = 200,
};

static int add_versions(const struct kprof_collection *collection,
			struct kprof_profile *profile)
{
	struct utsname name = {};

	uname(&name);
	return kprof_profile_add_comment(
		profile, "kprof: kprofctl %s, module %s, Linux %s %s",
		KPROF_VERSION, collection->info->version, name.release,
		name.machine);
}

static int add_counts(const struct kprof_collection *collection,
		      struct kprof_profile *profile)
{
	const struct kprof_counters *counters = &collection->counters;
	int err;

	err = kprof_profile_add_comment(
		profile, "taken: %" PRIu64 " samples, weight %" PRIu64,
		counters->taken_samples, counters->taken_weight);
	if (!err)
		err = kprof_profile_add_comment(profile,
						"delivered: %" PRIu64
						" samples, weight %" PRIu64,
						counters->delivered_samples,
						counters->delivered_weight);
	if (!err && counters->lost_samples)
		err = kprof_profile_add_comment(
			profile,
			"lost: %" PRIu64 " samples, weight %" PRIu64
			" (ring full: %" PRIu64 ")",
			counters->lost_samples, counters->lost_weight,
			counters->ring_full_samples);
	else if (!err)
		err = kprof_profile_add_comment(
			profile, "lost: 0 samples, weight %" PRIu64,
			counters->lost_weight);
	return err
		       ?: kprof_profile_add_comment(profile,
						    "missed: %" PRIu64 " cells",
						    counters->missed_cells);
}

/* Throttling */

static double seconds_after(const struct kprof_collection *collection,
			    uint64_t time_ns)
{
	uint64_t start_ns = collection->counters.start_ns;

	return time_ns > start_ns ? (time_ns - start_ns) / 1e9 : 0;
}

/* When the sampling of the CPU changed next, or the end. */
static uint64_t throttle_end(const struct kprof_collection *collection,
			     size_t nr)
{
	const struct kprof_event_throttle *all = collection->throttles.data;

	for (size_t i = nr + 1; i < collection->throttles.nr; i++)
		if (all[i].cpu == all[nr].cpu)
			return all[i].time_ns;
	return collection->counters.stop_ns;
}

static int add_throttle(const struct kprof_collection *collection, size_t nr,
			struct kprof_profile *profile)
{
	const struct kprof_event_throttle *throttle =
		&collection->throttles.data[nr];

	return kprof_profile_add_comment(
		profile,
		"throttle: cpu %" PRId32 " 1/%" PRIu32 " from %.3f s to %.3f s",
		throttle->cpu, throttle->every,
		seconds_after(collection, throttle->time_ns),
		seconds_after(collection, throttle_end(collection, nr)));
}

static int add_throttles(const struct kprof_collection *collection,
			 struct kprof_profile *profile)
{
	size_t nr = 0;
	int err = 0;

	for (size_t i = 0; !err && i < collection->throttles.nr; i++) {
		if (collection->throttles.data[i].every == 1)
			continue;
		if (nr++ < MAX_THROTTLE_LINES)
			err = add_throttle(collection, i, profile);
	}
	if (!err && !nr)
		err = kprof_profile_add_comment(profile, "throttle: none");
	if (!err && nr > MAX_THROTTLE_LINES)
		err = kprof_profile_add_comment(profile,
						"throttle: %zu more intervals",
						nr - MAX_THROTTLE_LINES);
	return err;
}

/* Stacks */

static int add_stacks(const struct kprof_collection *collection,
		      struct kprof_profile *profile)
{
	const uint64_t *ends = collection->tally.ends;
	double percent[KPROF_NR_STACK_ENDS] = {};
	uint64_t all = 0;

	for (int i = 0; i < KPROF_NR_STACK_ENDS; i++)
		all += ends[i];
	for (int i = 0; all && i < KPROF_NR_STACK_ENDS; i++)
		percent[i] = 100.0 * ends[i] / all;
	return kprof_profile_add_comment(
		profile,
		"stacks: complete %.1f %%, depth limit %.1f %%, time %.1f %%, "
		"unreadable %.1f %%, no unwind information %.1f %%, "
		"other %.1f %%",
		percent[KPROF_STACK_COMPLETE], percent[KPROF_STACK_DEPTH_LIMIT],
		percent[KPROF_STACK_TIME_LIMIT],
		percent[KPROF_STACK_UNREADABLE],
		percent[KPROF_STACK_NO_UNWIND_INFO],
		percent[KPROF_STACK_OTHER]);
}

static int add_unwind(const struct kprof_collection *collection,
		      struct kprof_profile *profile)
{
	const struct kprof_unwind_tally *unwind = &collection->unwind;
	uint64_t all = 0;
	int err;

	if (!collection->walks_rows)
		return kprof_profile_add_comment(profile,
						 "unwind: by frame pointers");
	for (int i = 0; i < KPROF_NR_STACK_ENDS; i++)
		all += collection->tally.ends[i];
	err = kprof_profile_add_comment(
		profile,
		"unwind: tables of %" PRIu32 " files, %" PRIu32
		" files without unwind information; %.1f %% of samples in part "
		"by frame pointers",
		unwind->nr_loaded, unwind->nr_without,
		all ? 100.0 * collection->tally.fallback / all : 0);
	if (!err && unwind->nr_refused)
		err = kprof_profile_add_comment(
			profile,
			"unwind: tables of %" PRIu32 " files refused (%s)",
			unwind->nr_refused,
			unwind->refused_error == -ENOSPC
				? "they take more than max_unwind_mib"
				: strerror(-unwind->refused_error));
	return err;
}

static int add_other_label(const struct kprof_collection *collection,
			   const char *key, uint64_t samples,
			   struct kprof_profile *profile)
{
	if (!samples)
		return 0;
	return kprof_profile_add_comment(
		profile,
		"label %s: (other) in %" PRIu64 " samples, more than %" PRIu32
		" values",
		key, samples, collection->max_label_values);
}

static int add_doubts(const struct kprof_collection *collection,
		      struct kprof_profile *profile)
{
	int err = kprof_profile_add_comment(
		profile, "maps changing: %" PRIu64 " samples",
		collection->tally.changing);

	if (!err && collection->counters.spaces_overflow)
		err = kprof_profile_add_comment(
			profile, "maps unknown: %" PRIu32 " samples",
			collection->counters.spaces_overflow);
	if (!err && collection->counters.tracked_overflow)
		err = kprof_profile_add_comment(
			profile, "not tracked: %" PRIu32 " tasks",
			collection->counters.tracked_overflow);
	if (!err && collection->missing_samples)
		err = kprof_profile_add_comment(
			profile, "stack missing: %" PRIu64 " samples",
			collection->missing_samples);
	if (!err && collection->folded_samples)
		err = kprof_profile_add_comment(
			profile, "labels (other): %" PRIu64 " samples",
			collection->folded_samples);
	if (!err)
		err = add_other_label(collection, "comm",
				      collection->other_comms, profile);
	return err
		       ?: add_other_label(collection, "thread_name",
					  collection->other_threads, profile);
}

/* Means */

static int add_means(const struct kprof_collection *collection,
		     struct kprof_profile *profile)
{
	const struct kprof_counters *counters = &collection->counters;
	int err;

	err = kprof_profile_add_comment(
		profile, "inheritance: %s",
		counters->is_inherit_approximate ? "approximate" : "exact");
	if (!err && counters->is_tick_bound)
		err = kprof_profile_add_comment(
			profile, "timer: tick-bound, at most %" PRIu32 " Hz",
			collection->info->tick_hz);
	else if (!err)
		err = kprof_profile_add_comment(profile,
						"timer: high resolution");
	return err
		       ?: kprof_profile_add_comment(
				  profile,
				  "cost: %.2f us per sample, "
				  "longest interrupt %.1f us",
				  kprof_counters_cost_ns(counters) / 1e3,
				  counters->handler_max_ns / 1e3);
}

int kprof_remarks_add(const struct kprof_collection *collection,
		      struct kprof_profile *profile)
{
	int err = add_versions(collection, profile);

	if (!err && collection->command)
		err = kprof_profile_add_comment(profile, "command: %s",
						collection->command);
	if (!err)
		err = kprof_profile_add_comment(profile, "rate: %" PRIu32 " Hz",
						collection->rate_hz);
	if (!err)
		err = add_counts(collection, profile);
	if (!err)
		err = add_throttles(collection, profile);
	if (!err)
		err = add_stacks(collection, profile);
	if (!err)
		err = add_unwind(collection, profile);
	if (!err)
		err = add_doubts(collection, profile);
	if (!err)
		err = add_means(collection, profile);
	if (!err && collection->is_clock_unset)
		err = kprof_profile_add_comment(profile, "clock: not set");
	if (!err && collection->empty_reason)
		err = kprof_profile_add_comment(profile, "empty: %s",
						collection->empty_reason);
	return err;
}
