// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl top: what took the time lately.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "top.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/cleanup.h"

define_cleanup(cleanup_merger, struct kprof_merger *, kprof_merger_destroy)

/* What is shown */

static void forget_sum(struct kprof_top *top)
{
	if (!top->sum)
		return;
	kprof_frames_deinit(&top->frames);
	free(no_cleanup_ptr(top->rows));
	top->nr_rows = 0;
	kprof_profile_destroy(no_cleanup_ptr(top->sum));
}

void kprof_top_deinit(struct kprof_top *top)
{
	forget_sum(top);
	vector_for_each (&top->windows, window)
		kprof_profile_destroy(*window);
	vector_free(&top->windows);
	if (top->has_filter)
		regfree(&top->filter);
}

static void apply_filter(struct kprof_top *top)
{
	size_t kept = 0;

	for (size_t i = 0; i < top->nr_rows; i++)
		if (!top->has_filter ||
		    !regexec(&top->filter, top->rows[i].name, 0, NULL, 0))
			top->rows[kept++] = top->rows[i];
	top->nr_rows = kept;
}

int kprof_top_sort(struct kprof_top *top)
{
	int err;

	if (!top->sum)
		return 0;
	free(no_cleanup_ptr(top->rows));
	top->nr_rows = 0;
	top->report.by_cum = top->by_cum;
	err = kprof_report_functions(&top->report, &top->rows, &top->nr_rows);
	if (!err)
		apply_filter(top);
	return err;
}

static int add_up(struct kprof_top *top, struct kprof_profile **ret)
{
	_cleanup_(cleanup_merger) struct kprof_merger *merger = NULL;
	int err = kprof_merger_create(&merger);

	vector_for_each (&top->windows, window)
		if (!err)
			err = kprof_merger_add(merger, *window);
	return err ?: kprof_merger_finish(merger, ret);
}

static int show_windows(struct kprof_top *top)
{
	struct kprof_profile *sum;
	int err = add_up(top, &sum);

	if (err)
		return err;
	forget_sum(top);
	top->sum = sum;
	top->frames = (struct kprof_frames){};
	err = kprof_frames_init(&top->frames, sum, KPROF_FRAMES_BY_FUNCTION);
	if (err)
		return err;
	top->report = (struct kprof_report){
		.profile = sum,
		.frames = &top->frames,
	};
	kprof_report_choose_values(&top->report);
	return kprof_top_sort(top);
}

int kprof_top_add(struct kprof_top *top, struct kprof_profile *window,
		  const struct kprof_counters *counters)
{
	int err;

	top->counters = *counters;
	while (top->windows.nr && top->windows.nr >= top->max_windows) {
		kprof_profile_destroy(top->windows.data[0]);
		top->windows.nr--;
		memmove(top->windows.data, top->windows.data + 1,
			top->windows.nr * sizeof(*top->windows.data));
	}
	err = vector_push(&top->windows, window);
	if (err) {
		kprof_profile_destroy(window);
		return err;
	}
	return top->is_paused ? 0 : show_windows(top);
}

int kprof_top_set_filter(struct kprof_top *top, const char *regex)
{
	regex_t filter;

	if (*regex && regcomp(&filter, regex, REG_EXTENDED | REG_NOSUB))
		return -EINVAL;
	if (top->has_filter)
		regfree(&top->filter);
	top->has_filter = *regex;
	if (top->has_filter)
		top->filter = filter;
	return kprof_top_sort(top);
}

int kprof_top_set_paused(struct kprof_top *top, bool is_paused)
{
	bool goes_on = top->is_paused && !is_paused && top->windows.nr;

	top->is_paused = is_paused;
	return goes_on ? show_windows(top) : 0;
}

/* Words */

void kprof_top_describe(const struct kprof_top *top,
			char ret[KPROF_TOP_LINE_BYTES])
{
	const struct kprof_counters *counters = &top->counters;
	double seconds = top->sum ? top->sum->duration_nanos / 1e9 : 0;

	snprintf(ret, KPROF_TOP_LINE_BYTES,
		 "%" PRId64 " samples in %.1f s, %.2f CPUs busy; %s%" PRIu64
		 " lost, costs %.2f %% of a CPU",
		 top->sum ? top->report.total_count : 0, seconds,
		 seconds > 0 ? top->report.total / 1e9 / seconds : 0,
		 counters->is_throttled ? "throttled, " : "",
		 counters->lost_samples, kprof_counters_cpu_percent(counters));
}

void kprof_top_format_row(const struct kprof_top *top, size_t row,
			  char ret[KPROF_TOP_LINE_BYTES])
{
	const struct kprof_function_total *function = &top->rows[row];
	const char *binary = top->frames.frames.data[function->frame].binary;
	int64_t total = top->report.total;
	int bytes = snprintf(ret, KPROF_TOP_LINE_BYTES, "%6.2f%% %6.2f%%  %s",
			     kprof_report_percent(function->flat, total),
			     kprof_report_percent(function->cum, total),
			     function->name);

	if (*binary && bytes < KPROF_TOP_LINE_BYTES)
		snprintf(ret + bytes, KPROF_TOP_LINE_BYTES - bytes, "  (%s)",
			 kprof_report_basename(binary));
}

void kprof_top_print(const struct kprof_top *top, size_t nr_rows, FILE *out)
{
	char line[KPROF_TOP_LINE_BYTES], clock[32] = "";
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm))
		strftime(clock, sizeof(clock), "%H:%M:%S ", &tm);
	kprof_top_describe(top, line);
	fprintf(out, "%s%s\n%s\n", clock, line, KPROF_TOP_COLUMNS);
	for (size_t i = 0; i < top->nr_rows && i < nr_rows; i++) {
		kprof_top_format_row(top, i, line);
		fprintf(out, "%s\n", line);
	}
	fputc('\n', out);
}
