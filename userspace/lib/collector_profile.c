// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a recording amounts to: its profile, at the end or so far.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/collector.h"

#include "lib/assemble.h"

static const char *empty_reason(const struct kprof_collector *collector)
{
	const struct kprof_counters *counters = &collector->collection.counters;

	if (collector->aggregate.entries.nr)
		return NULL;
	if (counters->taken_samples)
		return "all samples were lost";
	if (counters->denied_samples)
		return "no permission: the target changed its user or its "
		       "rights";
	if (collector->is_idle)
		return "the target exited before it could be sampled";
	return "nothing ran: the target used no CPU time while it was watched";
}

/* What the module counted is what came here, and nothing is missing. */
static bool is_consistent(const struct kprof_collector *collector)
{
	const struct kprof_counters *counters = &collector->collection.counters;
	const struct kprof_count *total = &collector->aggregate.total;

	return counters->taken_samples ==
		       counters->delivered_samples + counters->lost_samples &&
	       counters->taken_weight ==
		       counters->delivered_weight + counters->lost_weight &&
	       total->samples == counters->delivered_samples &&
	       total->weight == counters->delivered_weight &&
	       collector->lost_seen == counters->lost_samples;
}

static int set_types(const struct kprof_collector *collector,
		     struct kprof_profile *profile)
{
	int err = kprof_profile_add_sample_type(profile, "samples", "count");

	if (!err)
		err = kprof_profile_add_sample_type(profile, "cpu",
						    "nanoseconds");
	if (!err)
		err = kprof_profile_intern(profile, "cpu",
					   &profile->period_type.type);
	if (!err)
		err = kprof_profile_intern(profile, "nanoseconds",
					   &profile->period_type.unit);
	if (!err)
		err = kprof_profile_intern(profile, "cpu",
					   &profile->default_sample_type);
	profile->period = collector->period_ns;
	return err;
}

static void set_times(const struct kprof_collector *collector,
		      struct kprof_profile *profile)
{
	const struct kprof_counters *counters = &collector->collection.counters;

	/* Readers take 0 for "no time". */
	profile->time_nanos = collector->start_time_ns ?: 1;
	if (counters->stop_ns > counters->start_ns)
		profile->duration_nanos =
			counters->stop_ns - counters->start_ns;
}

static void describe(struct kprof_collector *collector)
{
	struct kprof_collection *collection = &collector->collection;
	const struct kprof_aggregate *aggregate = &collector->aggregate;

	if (collector->loader) {
		kprof_unwind_loader_tally(collector->loader,
					  &collection->unwind);
		collection->walks_rows = true;
	}
	collection->folded_samples = aggregate->folded_samples;
	collection->missing_samples = aggregate->missing_samples;
	collection->max_label_values = aggregate->max_label_values;
	collection->other_comms = aggregate->other_comms;
	collection->other_threads = aggregate->other_threads;
	collection->empty_reason = empty_reason(collector);
}

/* What has been counted, and what the collection says of it. */
static int make_profile(struct kprof_collector *collector,
			const struct kprof_symbolize_options *symbolize,
			struct kprof_profile *profile)
{
	struct kprof_assemble_options options = {
		.period_ns = collector->period_ns,
		.pid = collector->main_pid,
		.walks_rows = collector->loader,
		.symbolize = symbolize,
	};
	int err = set_types(collector, profile);

	if (err)
		return err;
	set_times(collector, profile);
	describe(collector);
	err = kprof_assemble(&collector->aggregate, &options, profile,
			     &collector->collection.tally);
	return err ?: kprof_remarks_add(&collector->collection, profile);
}

/* Windows */

/* What was counted since @before; what is no count stays. */
static void subtract(struct kprof_counters *counters,
		     const struct kprof_counters *before)
{
	counters->taken_samples -= before->taken_samples;
	counters->taken_weight -= before->taken_weight;
	counters->delivered_samples -= before->delivered_samples;
	counters->delivered_weight -= before->delivered_weight;
	counters->lost_samples -= before->lost_samples;
	counters->lost_weight -= before->lost_weight;
	counters->ring_full_samples -= before->ring_full_samples;
	counters->missed_cells -= before->missed_cells;
	counters->interrupts -= before->interrupts;
	counters->handler_ns -= before->handler_ns;
	counters->handler_measured -= before->handler_measured;
	counters->denied_samples -= before->denied_samples;
	counters->snapshots_failed -= before->snapshots_failed;
	if (before->stop_ns)
		counters->start_ns = before->stop_ns;
}

/*
 * Those of before the window are past, but for how each CPU was sampled when it
 * began.
 */
static void forget_throttles(struct kprof_collection *collection)
{
	const struct kprof_event_throttle *last;
	size_t kept = 0, nr = collection->throttles.nr;
	struct kprof_event_throttle *all = collection->throttles.data;

	for (size_t i = 0; i < nr; i++) {
		last = &all[i];
		for (size_t n = i + 1; n < nr; n++)
			if (all[n].cpu == all[i].cpu)
				last = NULL;
		if (last && last->every != 1)
			all[kept++] = *last;
	}
	collection->throttles.nr = kept;
}

/*
 * Of what was counted since the last window, if there was one; the counters are
 * those of now.
 */
static int make_window(struct kprof_collector *collector,
		       const struct kprof_symbolize_options *symbolize,
		       struct kprof_profile *profile)
{
	struct kprof_counters *counters = &collector->collection.counters;
	const struct kprof_counters whole = *counters;
	int64_t start_time_ns = collector->start_time_ns;
	int err;

	subtract(counters, &collector->window_counters);
	collector->start_time_ns += counters->start_ns - whole.start_ns;
	err = make_profile(collector, symbolize, profile);
	collector->start_time_ns = start_time_ns;
	*counters = whole;
	return err;
}

int kprof_collector_window(struct kprof_collector *collector,
			   const struct kprof_symbolize_options *symbolize,
			   struct kprof_profile **ret)
{
	struct kprof_collection *collection = &collector->collection;
	struct kprof_profile *profile;
	int err = kprof_profile_create(&profile);

	if (err)
		return err;
	err = kprof_collector_flush_repeats(collector);
	if (!err)
		err = kprof_collector_counters(collector,
					       &collection->counters);
	if (!err)
		err = make_window(collector, symbolize, profile);
	if (err) {
		kprof_profile_destroy(profile);
		return err;
	}
	collector->window_counters = collection->counters;
	forget_throttles(collection);
	kprof_aggregate_restart(&collector->aggregate);
	*ret = profile;
	return 0;
}

/* The end */

static void summarize(const struct kprof_collector *collector,
		      struct kprof_collector_summary *ret)
{
	const struct kprof_collection *collection = &collector->collection;

	*ret = (struct kprof_collector_summary){
		.counters = collection->counters,
		.samples = collector->aggregate.total.samples,
		.nr_threads = collection->tally.nr_threads,
		.complete_samples =
			collection->tally.ends[KPROF_STACK_COMPLETE],
		.changing_samples = collection->tally.changing,
		.fallback_samples = collection->tally.fallback,
		.is_consistent = is_consistent(collector),
		.empty_reason = collection->empty_reason,
	};
}

int kprof_collector_finish(struct kprof_collector *collector,
			   const struct kprof_symbolize_options *symbolize,
			   struct kprof_profile **ret,
			   struct kprof_collector_summary *summary_ret)
{
	struct kprof_profile *profile;
	int err = kprof_profile_create(&profile);

	if (err)
		return err;
	kprof_spaces_end(&collector->spaces);
	err = kprof_collector_flush_repeats(collector);
	if (!err)
		err = kprof_aggregate_end(&collector->aggregate);
	if (!err)
		err = make_window(collector, symbolize, profile);
	if (err) {
		kprof_profile_destroy(profile);
		return err;
	}
	summarize(collector, summary_ret);
	*ret = profile;
	return 0;
}
