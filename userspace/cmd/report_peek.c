// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: some functions, who calls them and what they call.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Numbers are pprof's: a call counts once for each sample that has it anywhere
 * in its stack, and a function that calls itself is no caller of itself.
 */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report_frames.h"
#include "report_functions.h"
#include "util/cleanup.h"
#include "util/hash.h"

/**
 * struct call - one function calls another
 * @caller: index of the function
 * @callee: likewise
 * @value: of the samples that have it
 * @seen_in: 1 + the last sample that it was counted for
 */
struct call {
	uint32_t caller;
	uint32_t callee;
	uint32_t seen_in;
	int64_t value;
};

/**
 * struct peek - calls being counted
 * @is_wanted: of each function, by its index
 * @calls: those of which one side is wanted
 * @ids: from both sides to the index among @calls
 */
struct peek {
	const struct kprof_report *report;
	bool *is_wanted;
	vector(struct call) calls;
	struct kprof_map ids;
};

static const char *name_of(const struct kprof_report *report, uint32_t function)
{
	const struct kprof_frames *frames = report->frames;

	return frames->frames.data[frames->functions.data[function]].name;
}

static int find_call(struct peek *peek, uint32_t caller, uint32_t callee,
		     struct call **ret)
{
	uint64_t key = (uint64_t)caller << 32 | callee, id;
	int err = 0;

	if (!kprof_map_get(&peek->ids, key, &id)) {
		id = peek->calls.nr;
		err = kprof_map_set(&peek->ids, key, id);
		if (!err)
			err = vector_push(&peek->calls,
					  (struct call){caller, callee, 0, 0});
	}
	*ret = err ? NULL : &peek->calls.data[id];
	return err;
}

static int count_sample(struct peek *peek, uint32_t nr,
			const kprof_frame_list *list)
{
	const struct kprof_report *report = peek->report;
	const struct kprof_frame *frames = report->frames->frames.data;
	int64_t value = kprof_report_value(
		report, &report->profile->samples[nr]);
	uint32_t caller, callee;
	struct call *call;
	int err;

	for (size_t i = 0; i + 1 < list->nr; i++) {
		callee = frames[list->data[i]].function;
		caller = frames[list->data[i + 1]].function;
		if (caller == callee ||
		    !(peek->is_wanted[caller] || peek->is_wanted[callee]))
			continue;
		err = find_call(peek, caller, callee, &call);
		if (err)
			return err;
		if (call->seen_in == nr + 1)
			continue;
		call->seen_in = nr + 1;
		call->value += value;
	}
	return 0;
}

static int count_calls(struct peek *peek)
{
	const struct kprof_report *report = peek->report;
	kprof_frame_list list = {};
	int err = 0;

	for (uint32_t i = 0; i < report->profile->nr_samples && !err; i++) {
		err = kprof_frames_expand(report->frames,
					  &report->profile->samples[i], &list);
		if (!err)
			err = count_sample(peek, i, &list);
	}
	vector_free(&list);
	return err;
}

/* The largest first. */
static int compare_calls(const void *pa, const void *pb)
{
	const struct call *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	if (a->caller != b->caller)
		return a->caller < b->caller ? -1 : 1;
	return (a->callee > b->callee) - (a->callee < b->callee);
}

static void print_call(const struct kprof_report *report, int64_t value,
		       int64_t total, uint32_t function, const char *sign)
{
	char text[KPROF_REPORT_VALUE_BYTES];

	fprintf(report->out, "%37s %10s %6.2f%%    %s %s\n", "",
		kprof_report_format(report->unit, value, report->total, text),
		kprof_report_percent(value, total), sign,
		name_of(report, function));
}

/* Callers above, then itself, then what it calls; shares are of its own. */
static void print_function(const struct peek *peek,
			   const struct kprof_function_total *total)
{
	const struct kprof_report *report = peek->report;
	const struct kprof_frame *frame =
		&report->frames->frames.data[total->frame];
	char flat[KPROF_REPORT_VALUE_BYTES], cum[KPROF_REPORT_VALUE_BYTES];

	vector_for_each (&peek->calls, call)
		if (call->callee == frame->function)
			print_call(report, call->value, total->cum,
				   call->caller, "<");
	fprintf(report->out, "%10s %6.2f%% %10s %6.2f%%  %s",
		kprof_report_format(report->unit, total->flat, report->total,
				    flat),
		kprof_report_percent(total->flat, report->total),
		kprof_report_format(report->unit, total->cum, report->total,
				    cum),
		kprof_report_percent(total->cum, report->total), total->name);
	if (*frame->binary)
		fprintf(report->out, "  (%s)",
			kprof_report_basename(frame->binary));
	fputc('\n', report->out);
	vector_for_each (&peek->calls, call)
		if (call->caller == frame->function)
			print_call(report, call->value, total->cum,
				   call->callee, ">");
	fputc('\n', report->out);
}

static void print_functions(const struct peek *peek,
			    const struct kprof_function_total *totals,
			    size_t nr)
{
	const struct kprof_report *report = peek->report;
	size_t nr_found = 0;

	for (size_t i = 0; i < nr; i++) {
		uint32_t function =
			report->frames->frames.data[totals[i].frame].function;

		if (!peek->is_wanted[function])
			continue;
		if (!nr_found++)
			fprintf(report->out, "%10s %7s %10s %7s  function\n\n",
				"flat", "flat%", "cum", "cum%");
		if (!report->nr_rows || nr_found <= report->nr_rows)
			print_function(peek, &totals[i]);
	}
	if (!nr_found)
		fputs("No function in it has such a name.\n", report->out);
	else if (report->nr_rows && nr_found > report->nr_rows)
		fprintf(report->out,
			"... and %zu more functions with such names; -n 0 "
			"shows all.\n",
			nr_found - report->nr_rows);
}

static int show(struct peek *peek)
{
	const struct kprof_report *report = peek->report;
	_cleanup_free_ struct kprof_function_total *totals = NULL;
	size_t nr;
	int err = kprof_report_functions(report, &totals, &nr);

	for (size_t i = 0; !err && i < nr; i++)
		peek->is_wanted[report->frames->frames.data[totals[i].frame]
					.function] =
			!regexec(report->peek, totals[i].name, 0, NULL, 0);
	if (!err)
		err = count_calls(peek);
	if (err)
		return err;
	if (peek->calls.nr)
		qsort(peek->calls.data, peek->calls.nr,
		      sizeof(*peek->calls.data), compare_calls);
	kprof_report_print_header(report);
	print_functions(peek, totals, nr);
	return 0;
}

int kprof_report_peek(const struct kprof_report *report)
{
	_cleanup_free_ bool *is_wanted = calloc(
		report->frames->functions.nr + 1, sizeof(*is_wanted));
	struct peek peek = {.report = report, .is_wanted = is_wanted};
	int err = is_wanted ? show(&peek) : -ENOMEM;

	vector_free(&peek.calls);
	kprof_map_deinit(&peek.ids);
	return err;
}
