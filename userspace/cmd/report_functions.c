// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each function took, itself and with what it called.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report_functions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report_frames.h"
#include "util/cleanup.h"

/**
 * struct counting - functions being counted
 * @totals: of each function, by its index
 * @seen_in: of each function, 1 + the last sample that it was counted for
 */
struct counting {
	const struct kprof_report *report;
	struct kprof_function_total *totals;
	uint32_t *seen_in;
};

static void count_sample(struct counting *counting, uint32_t i,
			 const kprof_frame_list *list)
{
	const struct kprof_report *report = counting->report;
	const struct kprof_sample *sample = &report->profile->samples[i];
	int64_t value = kprof_report_value(report, sample);
	int64_t count = kprof_report_count(report, sample);
	struct kprof_function_total *total;
	uint32_t function;

	/* pprof does not show what has only such samples. */
	if (!value && !count)
		return;
	for (size_t n = 0; n < list->nr; n++) {
		function = report->frames->frames.data[list->data[n]].function;
		total = &counting->totals[function];
		if (!n) {
			total->flat += value;
			total->flat_count += count;
		}
		if (counting->seen_in[function] == i + 1)
			continue;
		counting->seen_in[function] = i + 1;
		total->cum += value;
		total->cum_count += count;
	}
}

static uint64_t magnitude(int64_t value)
{
	return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

static int compare_values(int64_t a, int64_t b)
{
	return (magnitude(a) < magnitude(b)) - (magnitude(a) > magnitude(b));
}

static int compare_flat(const void *pa, const void *pb)
{
	const struct kprof_function_total *a = pa, *b = pb;

	return compare_values(a->flat, b->flat) ?: strcmp(a->name, b->name);
}

static int compare_cum(const void *pa, const void *pb)
{
	const struct kprof_function_total *a = pa, *b = pb;

	return compare_values(a->cum, b->cum) ?: strcmp(a->name, b->name);
}

/* Moves the functions that are in samples to the front, returns how many. */
static size_t drop_unseen(struct counting *counting, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++)
		if (counting->seen_in[i])
			counting->totals[kept++] = counting->totals[i];
	return kept;
}

static int count_all(struct counting *counting)
{
	const struct kprof_report *report = counting->report;
	kprof_frame_list list = {};
	int err = 0;

	for (uint32_t i = 0; i < report->profile->nr_samples && !err; i++) {
		err = kprof_frames_expand(report->frames,
					  &report->profile->samples[i], &list);
		if (!err)
			count_sample(counting, i, &list);
	}
	vector_free(&list);
	return err;
}

int kprof_report_functions(const struct kprof_report *report,
			   struct kprof_function_total **ret, size_t *nr_ret)
{
	const struct kprof_frames *frames = report->frames;
	size_t nr = frames->functions.nr;
	_cleanup_free_ struct kprof_function_total *totals =
		calloc(nr + 1, sizeof(*totals));
	_cleanup_free_ uint32_t *seen_in = calloc(nr + 1, sizeof(*seen_in));
	struct counting counting = {report, totals, seen_in};
	int err;

	if (!totals || !seen_in)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++) {
		totals[i].frame = frames->functions.data[i];
		totals[i].name = frames->frames.data[totals[i].frame].name;
	}
	err = count_all(&counting);
	if (err)
		return err;
	*nr_ret = drop_unseen(&counting, nr);
	qsort(totals, *nr_ret, sizeof(*totals),
	      report->by_cum ? compare_cum : compare_flat);
	*ret = no_cleanup_ptr(totals);
	return 0;
}
