// SPDX-License-Identifier: GPL-2.0-only
/*
 * A recording from start to end: device, rings, address spaces, counts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/collector.h"

#include "lib/device.h"
#include "lib/record.h"
#include "util/log.h"
#include "util/touch.h"

#include <errno.h>
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

static int add_context(struct kprof_collector *collector, int cpu,
		       const struct kprof_event_context *context)
{
	int err = kprof_collector_flush_repeats(collector);

	return err
		       ?: kprof_aggregate_add_context(&collector->aggregate,
						      cpu, context);
}

static int add_maps(struct kprof_collector *collector,
		    const struct kprof_event_maps *maps)
{
	uint32_t space;
	int err = kprof_collector_flush_repeats(collector);

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
		err = kprof_collector_flush_repeats(collector);
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
