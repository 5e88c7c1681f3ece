// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording from start to end: device, rings, address spaces, counts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include "lib/aggregate.h"
#include "lib/assemble.h"
#include "lib/device.h"
#include "lib/reader.h"
#include "lib/record.h"
#include "lib/remarks.h"
#include "lib/repeats.h"
#include "lib/space.h"
#include "lib/unwind_loader.h"
#include "util/log.h"
#include "util/touch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	/* The module's worker waits for locks for a second, and for disks. */
	FLUSH_PATIENCE_MS = 10000,
	FLUSH_POLL_MS = 50,
	/* To see what targets have mapped, before sampling begins. */
	MAPS_PATIENCE_MS = 500,
	MAPS_POLL_MS = 5,
	/* To compile their unwind information. */
	LOAD_PATIENCE_MS = 10000,
	NSEC_PER_SEC = 1000000000,
	/* 2001-01-01: no machine with a clock is before it. */
	FIRST_LIKELY_SECOND = 978307200,
	/* Changes of the sampling that are kept. */
	MAX_THROTTLES = 65536,
};

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
	uint64_t lost_seen;
	bool is_idle;
	bool has_stats;
};

/* All interrupts, also those that found nothing to sample or were not timed. */
static double interrupts_ns(const struct kprof_counters *counters)
{
	if (!counters->handler_measured)
		return 0;
	return (double)counters->handler_ns / counters->handler_measured *
	       counters->interrupts;
}

double kprof_counters_cost_ns(const struct kprof_counters *counters)
{
	if (!counters->taken_samples)
		return 0;
	return interrupts_ns(counters) / counters->taken_samples;
}

double kprof_counters_cpu_percent(const struct kprof_counters *counters)
{
	if (counters->stop_ns <= counters->start_ns)
		return 0;
	return 100 * interrupts_ns(counters) /
	       (counters->stop_ns - counters->start_ns);
}

/* Lifetime */

static int open_session(struct kprof_collector *collector,
			const struct kprof_collector_options *options)
{
	struct kprof_device *device = &collector->device;
	int err = kprof_device_open(options->device, device);

	if (!err)
		err = kprof_device_setup(device, options);
	if (!err && options->unwind_tables)
		err = kprof_unwind_loader_create(device, &collector->unwind,
						 &collector->loader);
	return err
		       ?: kprof_reader_create(device, options->use_read,
					      &collector->reader);
}

static int init_collector(struct kprof_collector *collector,
			  const struct kprof_collector_options *options)
{
	int err;

	collector->unwind = options->unwind;
	err = open_session(collector, options);
	if (err)
		return err;
	/* A page fault while sampling costs the target time. */
	kprof_touch(&collector->repeats, sizeof(collector->repeats));
	kprof_spaces_init(&collector->spaces, collector->device.info.features &
						      KPROF_MODULE_EXACT_MAPS);
	if (options->command) {
		collector->command = strdup(options->command);
		if (!collector->command)
			return -ENOMEM;
	}
	collector->period_ns = kprof_device_period_ns(options->rate_hz);
	collector->collection.info = &collector->device.info;
	collector->collection.command = collector->command;
	collector->collection.rate_hz = kprof_device_rate_hz(options->rate_hz);
	err = kprof_aggregate_init(&collector->aggregate, &collector->spaces);
	if (!err && options->max_label_values)
		collector->aggregate.max_label_values =
			options->max_label_values;
	return err;
}

int kprof_collector_create(const struct kprof_collector_options *options,
			   struct kprof_collector **ret)
{
	struct kprof_collector *collector = calloc(1, sizeof(*collector));
	int err;

	if (!collector)
		return -ENOMEM;
	err = init_collector(collector, options);
	if (err) {
		kprof_collector_destroy(collector);
		return err;
	}
	*ret = collector;
	return 0;
}

void kprof_collector_destroy(struct kprof_collector *collector)
{
	if (!collector)
		return;
	kprof_unwind_loader_destroy(collector->loader);
	kprof_aggregate_deinit(&collector->aggregate);
	kprof_spaces_deinit(&collector->spaces);
	kprof_reader_destroy(collector->reader);
	kprof_device_close(&collector->device);
	vector_free(&collector->collection.throttles);
	free(collector->command);
	free(collector);
}

/* Records */

static int flush_repeats(struct kprof_collector *collector)
{
	return kprof_repeats_flush(&collector->repeats, &collector->aggregate);
}

static int add_context(struct kprof_collector *collector, int cpu,
		       const struct kprof_event_context *context)
{
	int err = flush_repeats(collector);

	return err ?: kprof_aggregate_add_context(&collector->aggregate, cpu,
						  context);
}

static int add_maps(struct kprof_collector *collector,
		    const struct kprof_event_maps *maps)
{
	uint32_t space;
	int err = flush_repeats(collector);

	collector->nr_maps++;
	err = err ?: kprof_spaces_add_maps(&collector->spaces, maps, &space);
	if (!err && collector->loader)
		err = kprof_unwind_loader_add(collector->loader,
					      &collector->spaces.binaries);
	return err ?: kprof_aggregate_fold(&collector->aggregate, space);
}

static int add_throttle(struct kprof_collector *collector,
			const struct kprof_event_throttle *throttle)
{
	if (collector->collection.throttles.nr >= MAX_THROTTLES)
		return 0;
	return vector_push(&collector->collection.throttles, *throttle);
}

static int handle_event(struct kprof_collector *collector, int cpu,
			const struct kprof_event *event)
{
	switch (event->type) {
	case KPROF_EVENT_STACK:
		return kprof_aggregate_add_stack(&collector->aggregate,
						 &event->stack);
	case KPROF_EVENT_CONTEXT:
		return add_context(collector, cpu, &event->context);
	case KPROF_EVENT_LOST:
		collector->lost_seen += event->lost.samples;
		return 0;
	case KPROF_EVENT_MMAP:
		return kprof_spaces_add_mmap(&collector->spaces, &event->mmap);
	case KPROF_EVENT_MAPS:
		return add_maps(collector, &event->maps);
	case KPROF_EVENT_TASK:
		collector->is_idle = !event->task.nr_tracked;
		return 0;
	case KPROF_EVENT_THROTTLE:
		return add_throttle(collector, &event->throttle);
	case KPROF_EVENT_STATS:
		collector->collection.counters = event->stats;
		collector->has_stats = true;
		return 0;
	case KPROF_EVENT_SAMPLE:
	case KPROF_EVENT_UNKNOWN:
		return 0;
	}
	return 0;
}

/* Out of line, so that its large event costs the usual record nothing. */
static __attribute__((noinline)) int
handle_rare(struct kprof_collector *collector, int cpu, const void *data,
	    size_t size)
{
	struct kprof_event event;
	int err = kprof_record_parse(data, size, &event);

	return err ?: handle_event(collector, cpu, &event);
}

static int handle_record(void *context, int cpu, const void *data, size_t size)
{
	struct kprof_collector *collector = context;
	struct kprof_event_sample sample;

	if (!kprof_record_is_sample(data, size, &sample))
		return handle_rare(collector, cpu, data, size);
	return kprof_repeats_add(&collector->repeats, &collector->aggregate,
				 cpu, &sample);
}

/* Running */

static int attached(struct kprof_collector *collector, int32_t pid)
{
	collector->main_pid = collector->nr_targets++ ? 0 : pid;
	collector->nr_processes += pid != 0;
	return 0;
}

int kprof_collector_attach_process(struct kprof_collector *collector,
				   int32_t pid)
{
	int err = kprof_device_attach_process(&collector->device, pid);

	return err ?: attached(collector, pid);
}

int kprof_collector_attach_thread(struct kprof_collector *collector,
				  int32_t tid)
{
	int err = kprof_device_attach_thread(&collector->device, tid);

	return err ?: attached(collector, 0);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * (int64_t)NSEC_PER_SEC + now.tv_nsec;
}

int kprof_collector_preload(struct kprof_collector *collector, const char *path)
{
	if (!collector->loader)
		return 0;
	return kprof_unwind_loader_add_program(collector->loader, path);
}

/*
 * The module looks at a target when it is attached; a restricted session only
 * when it is sampled.
 */
static int wait_for_maps(struct kprof_collector *collector)
{
	struct pollfd poll_fd = {
		.fd = collector->device.fd,
		.events = POLLIN,
	};
	int64_t give_up =
		now_ns(CLOCK_MONOTONIC) + MAPS_PATIENCE_MS * (int64_t)1000000;
	int err = 0;

	while (!err && !collector->device.is_restricted &&
	       collector->nr_maps < collector->nr_processes &&
	       now_ns(CLOCK_MONOTONIC) < give_up) {
		poll(&poll_fd, 1, MAPS_POLL_MS);
		err = kprof_collector_drain(collector);
	}
	return err;
}

/* What is not ready in time is loaded while samples come in. */
static int load_tables(struct kprof_collector *collector)
{
	int err = wait_for_maps(collector);

	if (!err)
		kprof_unwind_loader_wait(collector->loader, LOAD_PATIENCE_MS);
	return err;
}

int kprof_collector_start(struct kprof_collector *collector)
{
	int err = collector->loader ? load_tables(collector) : 0;

	if (err)
		return err;
	collector->start_time_ns = now_ns(CLOCK_REALTIME);
	collector->collection.is_clock_unset =
		collector->start_time_ns / NSEC_PER_SEC < FIRST_LIKELY_SECOND;
	return kprof_device_start(&collector->device);
}

int kprof_collector_fd(const struct kprof_collector *collector)
{
	return collector->device.fd;
}

int kprof_collector_drain(struct kprof_collector *collector)
{
	int err =
		kprof_reader_drain(collector->reader, handle_record, collector);

	/* The last samples of a space have to find its snapshots. */
	if (!err && kprof_spaces_are_gone(&collector->spaces))
		err = flush_repeats(collector);
	kprof_spaces_next_pass(&collector->spaces);
	return err;
}

bool kprof_collector_is_idle(const struct kprof_collector *collector)
{
	return collector->is_idle;
}

int kprof_collector_counters(struct kprof_collector *collector,
			     struct kprof_counters *ret)
{
	return kprof_device_counters(&collector->device, ret);
}

/* The end */

static bool is_final(const struct kprof_collector *collector)
{
	return collector->has_stats && collector->collection.counters.is_final;
}

int kprof_collector_flush(struct kprof_collector *collector)
{
	int64_t give_up =
		now_ns(CLOCK_MONOTONIC) + FLUSH_PATIENCE_MS * (int64_t)1000000;
	struct pollfd poll_fd = {
		.fd = collector->device.fd,
		.events = POLLIN,
	};
	int err = kprof_device_flush(&collector->device);

	if (err)
		return err;
	for (;;) {
		err = kprof_collector_drain(collector);
		if (err || is_final(collector))
			return err;
		if (now_ns(CLOCK_MONOTONIC) > give_up)
			break;
		poll(&poll_fd, 1, FLUSH_POLL_MS);
	}
	log_warning("the module did not finish within %d s",
		    FLUSH_PATIENCE_MS / 1000);
	err = kprof_collector_counters(collector,
				       &collector->collection.counters);
	return err ?: -ETIMEDOUT;
}

static const char *empty_reason(const struct kprof_collector *collector)
{
	const struct kprof_counters *counters = &collector->collection.counters;

	if (collector->aggregate.total.samples)
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

static int make_profile(struct kprof_collector *collector,
			const struct kprof_symbolize_options *symbolize,
			struct kprof_profile *profile)
{
	struct kprof_collection *collection = &collector->collection;
	struct kprof_assemble_options options = {
		.period_ns = collector->period_ns,
		.pid = collector->main_pid,
		.walks_rows = collector->loader,
		.symbolize = symbolize,
	};
	int err = set_types(collector, profile);

	if (err)
		return err;
	if (collector->loader) {
		kprof_unwind_loader_tally(collector->loader,
					  &collection->unwind);
		collection->walks_rows = true;
	}
	set_times(collector, profile);
	kprof_spaces_end(&collector->spaces);
	err = flush_repeats(collector);
	if (!err)
		err = kprof_aggregate_end(&collector->aggregate);
	if (!err)
		err = kprof_assemble(&collector->aggregate, &options, profile,
				     &collection->tally);
	collection->folded_samples = collector->aggregate.folded_samples;
	collection->missing_samples = collector->aggregate.missing_samples;
	collection->max_label_values = collector->aggregate.max_label_values;
	collection->other_comms = collector->aggregate.other_comms;
	collection->other_threads = collector->aggregate.other_threads;
	collection->empty_reason = empty_reason(collector);
	return err ?: kprof_remarks_add(collection, profile);
}

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
	err = make_profile(collector, symbolize, profile);
	if (err) {
		kprof_profile_destroy(profile);
		return err;
	}
	summarize(collector, summary_ret);
	*ret = profile;
	return 0;
}
