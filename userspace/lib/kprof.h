/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libkprof: collect, symbolize, read and write CPU profiles.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Functions return 0 or a negative errno; a result goes through a last
 * parameter called ret. Nothing here prints or exits: set a log function to
 * get the words. No function is safe to call on one object from two threads.
 *
 * Here is what records; profiles, symbols and unwind tables have a part each.
 */
#ifndef KPROF_H
#define KPROF_H

#include "lib/kprof_profile.h"
#include "lib/kprof_symbols.h"
#include "lib/kprof_unwind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Log */

enum kprof_log_level {
	KPROF_LOG_ERROR,
	KPROF_LOG_WARNING,
	KPROF_LOG_INFO,
	KPROF_LOG_DEBUG,
};

typedef void kprof_log_fn(enum kprof_log_level level, const char *message,
			  void *context);

/* One for the process; NULL is silence, which is the default. */
void kprof_set_log(kprof_log_fn *log, void *context);

/* Collecting */

#define KPROF_DEVICE "/dev/kprof"

/* Bits of the features of a module; KPROF_FEATURE_* of linux/kprof.h. */
enum kprof_module_feature {
	KPROF_MODULE_EXACT_INHERIT = 1 << 0,
	KPROF_MODULE_SCHED_SWITCH = 1 << 1,
	KPROF_MODULE_KERNEL_STACKS = 1 << 2,
	KPROF_MODULE_EXACT_MAPS = 1 << 3,
	KPROF_MODULE_HIGH_RES = 1 << 4,
	KPROF_MODULE_MMAP = 1 << 5,
	KPROF_MODULE_UNWIND_TABLES = 1 << 6,
};

/**
 * struct kprof_module_info - what the loaded module is and can do
 * @version: of the module
 * @abi_version: of its interface
 * @nr_cpu_ids: CPU numbers are below this
 * @features: KPROF_MODULE_*
 * @max_rate_hz: highest rate that it samples at
 * @max_depth: highest number of user frames per stack
 * @max_sessions: how many may be set up at once
 * @max_ring_bytes: largest ring
 * @max_cpu_percent: of a CPU that all sessions may take; 0 is no limit
 * @timer_resolution_ns: of the clock behind the samples
 * @tick_hz: of the kernel
 * @nr_sessions: that are set up now
 * @nr_tracked: processes and threads that they track
 * @nr_spaces: address spaces that they hold
 * @nr_ring_pages: pages in their rings
 * @nr_unwind_tables: unwind tables that are loaded
 * @unwind_bytes: that they take
 * @max_unwind_bytes: that they may take
 */
struct kprof_module_info {
	char version[33];
	uint32_t abi_version;
	uint32_t nr_cpu_ids;
	uint64_t features;
	uint32_t max_rate_hz;
	uint32_t max_depth;
	uint32_t max_sessions;
	uint32_t max_ring_bytes;
	uint32_t max_cpu_percent;
	uint32_t timer_resolution_ns;
	uint32_t tick_hz;
	uint32_t nr_sessions;
	uint32_t nr_tracked;
	uint32_t nr_spaces;
	uint32_t nr_ring_pages;
	uint32_t nr_unwind_tables;
	uint64_t unwind_bytes;
	uint64_t max_unwind_bytes;
};

/* The interface that this library speaks. */
uint32_t kprof_abi_version(void);
/* "high_res" and the like; NULL for a bit without a name. */
const char *kprof_module_feature_name(unsigned int bit);
/*
 * Asks the module behind @device (a path). -EPROTONOSUPPORT if it speaks
 * another interface; then only abi_version of @ret is valid.
 */
int kprof_module_info(const char *device, struct kprof_module_info *ret);

/**
 * struct kprof_counters - what a session did so far
 * @start_ns: when sampling began, CLOCK_MONOTONIC
 * @stop_ns: when it ended, or now
 * @taken_samples: samples of targets
 * @taken_weight: periods that they stand for
 * @delivered_samples: of these, handed to the collector
 * @delivered_weight: periods that they stand for
 * @lost_samples: of these, not handed over
 * @lost_weight: periods that they stand for
 * @ring_full_samples: of the lost ones, because the collector was too slow
 * @missed_cells: periods that came so late that nobody knows whose they are
 * @interrupts: timer interrupts
 * @handler_ns: time spent in those that were measured
 * @handler_measured: how many were measured
 * @handler_max_ns: longest that was measured
 * @denied_samples: not taken, the task was not the caller's any more
 * @nr_tracked: processes and threads tracked now
 * @tracked_overflow: tasks not tracked, there were too many
 * @spaces_overflow: samples without mappings, there were too many spaces
 * @snapshots_failed: address spaces that could not be looked at
 * @is_final: nothing changes any more
 * @is_tick_bound: no timers finer than the tick
 * @is_inherit_approximate: children were recognised late
 * @is_throttled: the module's cost limit was reached
 */
struct kprof_counters {
	uint64_t start_ns;
	uint64_t stop_ns;
	uint64_t taken_samples;
	uint64_t taken_weight;
	uint64_t delivered_samples;
	uint64_t delivered_weight;
	uint64_t lost_samples;
	uint64_t lost_weight;
	uint64_t ring_full_samples;
	uint64_t missed_cells;
	uint64_t interrupts;
	uint64_t handler_ns;
	uint64_t handler_measured;
	uint64_t handler_max_ns;
	uint64_t denied_samples;
	uint32_t nr_tracked;
	uint32_t tracked_overflow;
	uint32_t spaces_overflow;
	uint64_t snapshots_failed;
	bool is_final;
	bool is_tick_bound;
	bool is_inherit_approximate;
	bool is_throttled;
};

/* Nanoseconds of interrupt per sample taken; 0 if nothing was measured. */
double kprof_counters_cost_ns(const struct kprof_counters *counters);
/* What its interrupts take of one CPU since it began, in percent. */
double kprof_counters_cpu_percent(const struct kprof_counters *counters);

/* What the module takes at most. */
#define KPROF_MAX_SAMPLE_US 10000

/**
 * struct kprof_collector_options - what to collect; {} is a sensible start
 * @device: NULL for KPROF_DEVICE
 * @rate_hz: samples per second and CPU; 0 for 99
 * @max_depth: user frames per stack; 0 for the module's default
 * @max_sample_us: microseconds until a walk of a stack is cut, at most
 *	KPROF_MAX_SAMPLE_US; 0 for the module's default
 * @ring_bytes: of each CPU; 0 for the module's default
 * @max_label_values: of comm, and of thread_name; what comes later is called
 *	(other), and counted in a comment; 0 for 100
 * @cpus: bitmap of the CPUs to sample, lowest bit of the first byte is CPU 0;
 *	NULL for all that do general work
 * @cpus_bytes: bytes of @cpus
 * @all_tasks: instead of targets
 * @kernel_stacks: with the part of stacks that lies in the kernel
 * @no_user_stacks: only the first user frame
 * @unwind_tables: walk by the unwind information of the programs, which is
 *	compiled and loaded as they show up, and by frame pointers where there
 *	is none; needs KPROF_MODULE_UNWIND_TABLES
 * @unwind: where else it is found; what it points to stays as it is
 * @no_inherit: leave children of targets alone
 * @no_jitter: sample in phase with the clock; for tests
 * @force_rate: accept a rate that the timers cannot keep
 * @use_read: read() instead of mmap(); for tests
 * @command: for the profile's comments, NULL for none
 */
struct kprof_collector_options {
	const char *device;
	uint32_t rate_hz;
	uint32_t max_depth;
	uint32_t max_sample_us;
	uint32_t ring_bytes;
	uint32_t max_label_values;
	const unsigned char *cpus;
	size_t cpus_bytes;
	bool all_tasks;
	bool kernel_stacks;
	bool no_user_stacks;
	bool unwind_tables;
	struct kprof_unwind_options unwind;
	bool no_inherit;
	bool no_jitter;
	bool force_rate;
	bool use_read;
	const char *command;
};

struct kprof_collector;

/**
 * struct kprof_collector_summary - what a finished collection amounts to
 * @counters: of the module, final
 * @samples: that are in the profile
 * @nr_threads: that they are of
 * @complete_samples: with complete stacks
 * @changing_samples: with frames whose mapping is not certain
 * @fallback_samples: walked in part by frame pointers, for want of unwind
 *	information
 * @is_consistent: every sample taken is either delivered or lost
 * @empty_reason: why there is no sample, NULL if there is one
 */
struct kprof_collector_summary {
	struct kprof_counters counters;
	uint64_t samples;
	uint64_t nr_threads;
	uint64_t complete_samples;
	uint64_t changing_samples;
	uint64_t fallback_samples;
	bool is_consistent;
	const char *empty_reason;
};

/*
 * Opens a session; nothing is sampled yet. -EBUSY when there are too many,
 * -ERANGE for a rate that the module refuses, -EPERM for what needs a
 * privilege, -EPROTONOSUPPORT as above.
 */
int kprof_collector_create(const struct kprof_collector_options *options,
			   struct kprof_collector **ret);
void kprof_collector_destroy(struct kprof_collector *collector);

/*
 * Adds a target. Without privileges a process works if the caller may read its
 * /proc/PID/maps, a single thread does not. -ESRCH, -EPERM, -EACCES, -ENOSPC;
 * a target that is there already is fine.
 */
int kprof_collector_attach_process(struct kprof_collector *collector,
				   int32_t pid);
int kprof_collector_attach_thread(struct kprof_collector *collector,
				  int32_t tid);
/*
 * With unwind tables: loads those of a program that is to run, and of the
 * libraries that it will need. What is not found is left out.
 */
int kprof_collector_preload(struct kprof_collector *collector,
			    const char *path);
/* With unwind tables: first waits until they are loaded, for some seconds. */
int kprof_collector_start(struct kprof_collector *collector);

/*
 * For poll(): readable when there is something to drain. Drain also without
 * it, a few times a second: a ring wakes its reader only when it fills.
 */
int kprof_collector_fd(const struct kprof_collector *collector);
int kprof_collector_drain(struct kprof_collector *collector);
/* All targets are gone; no sample will come any more. */
bool kprof_collector_is_idle(const struct kprof_collector *collector);
int kprof_collector_counters(struct kprof_collector *collector,
			     struct kprof_counters *ret);

/*
 * What was sampled since the last window, or since the start, as a profile that
 * is not symbolized; sampling goes on. The counts in its comments are those of
 * the window. Samples of a process whose mappings were not seen yet come in a
 * later one, within a second or two: all windows and what
 * kprof_collector_finish() gives together are everything, each sample once.
 * @symbolize as there.
 */
int kprof_collector_window(struct kprof_collector *collector,
			   const struct kprof_symbolize_options *symbolize,
			   struct kprof_profile **ret);
/*
 * Ends sampling and drains what is left. -ETIMEDOUT if the module does not
 * come to an end; what came is there nevertheless.
 */
int kprof_collector_flush(struct kprof_collector *collector);
/*
 * After flush: the profile, not symbolized, and what to say about it. On some
 * machines frames are repetitions that only symbols can tell: they are looked
 * up as @symbolize says, NULL is without.
 */
int kprof_collector_finish(struct kprof_collector *collector,
			   const struct kprof_symbolize_options *symbolize,
			   struct kprof_profile **ret,
			   struct kprof_collector_summary *summary_ret);

#endif /* KPROF_H */
