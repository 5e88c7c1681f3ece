// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is said about a recording: while it runs, and at its end.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/summary.h"

#include <inttypes.h>
#include <stdio.h>

/* To the end of the line: what was there may have been longer. */
#define CLEAR_LINE "\r\033[K"

void kprof_summary_progress(const struct kprof_counters *counters)
{
	fprintf(stderr,
		CLEAR_LINE "%.0f s, %" PRIu64 " samples, %" PRIu64 " lost",
		(counters->stop_ns - counters->start_ns) / 1e9,
		counters->taken_samples, counters->lost_samples);
	fflush(stderr);
}

void kprof_summary_end_progress(void)
{
	fputs(CLEAR_LINE, stderr);
	fflush(stderr);
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * part / whole : 0;
}

void kprof_summary_print(const struct kprof_collector_summary *summary,
			 const char *output)
{
	const struct kprof_counters *counters = &summary->counters;

	fprintf(stderr,
		"kprofctl: %" PRIu64 " samples, %" PRIu64 " lost, %" PRIu64
		" missed, %" PRIu64
		" %s, %.1f %% complete stacks, "
		"%.2f us per sample, written to %s\n",
		summary->samples, counters->lost_samples,
		counters->missed_cells, summary->nr_threads,
		summary->nr_threads == 1 ? "thread" : "threads",
		percent(summary->complete_samples, summary->samples),
		kprof_counters_cost_ns(counters) / 1e3, output);
}

void kprof_summary_warn(const struct kprof_collector_summary *summary)
{
	const struct kprof_counters *counters = &summary->counters;

	if (summary->empty_reason)
		fprintf(stderr, "kprofctl: the profile is empty: %s\n",
			summary->empty_reason);
	if (!summary->is_consistent)
		fprintf(stderr,
			"kprofctl: the counts do not add up: taken %" PRIu64
			", delivered %" PRIu64 ", lost %" PRIu64
			", received %" PRIu64 "\n",
			counters->taken_samples, counters->delivered_samples,
			counters->lost_samples, summary->samples);
	if (counters->is_throttled)
		fputs("kprofctl: the rate was too high for the module's CPU "
		      "limit; the profile says when it was throttled\n",
		      stderr);
}
