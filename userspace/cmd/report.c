// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: what its views share.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	/* In a head; each throttling is one, and there may be hundreds. */
	MAX_COMMENTS = 24,
};

/* Values */

int64_t kprof_report_value(const struct kprof_report *report,
			   const struct kprof_sample *sample)
{
	const struct kprof_report_mean *mean = report->mean;

	if (mean)
		return llround(sample->values[mean->types[0]] *
				       mean->scales[0] +
			       sample->values[mean->types[1]] *
				       mean->scales[1]);
	return sample->values[report->value_type];
}

int64_t kprof_report_count(const struct kprof_report *report,
			   const struct kprof_sample *sample)
{
	if (report->count_type == KPROF_NO_INDEX)
		return 0;
	return sample->values[report->count_type];
}

/* What pprof shows: the default type if there is one, else the last. */
static uint32_t choose_value_type(const struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_sample_types; i++)
		if (!strcmp(profile->sample_types[i].type,
			    profile->default_sample_type))
			return i;
	return profile->nr_sample_types ? profile->nr_sample_types - 1 : 0;
}

/* samples/count, or what others call it: cycles_sample/count. */
static uint32_t choose_count_type(const struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_sample_types; i++)
		if (!strcmp(profile->sample_types[i].unit, "count") &&
		    strstr(profile->sample_types[i].type, "sample"))
			return i;
	return KPROF_NO_INDEX;
}

static enum kprof_report_unit unit_by_name(const char *name)
{
	if (!strcmp(name, "nanoseconds"))
		return KPROF_REPORT_NANOSECONDS;
	if (!strcmp(name, "bytes"))
		return KPROF_REPORT_BYTES;
	return KPROF_REPORT_COUNT;
}

/* Sums stop at the largest number there is; only a hostile file gets there. */
static int64_t add(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

void kprof_report_choose_values(struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;

	report->value_type = choose_value_type(profile);
	report->count_type = choose_count_type(profile);
	if (profile->nr_sample_types)
		report->unit = unit_by_name(
			profile->sample_types[report->value_type].unit);
	for (uint32_t i = 0; i < profile->nr_samples; i++) {
		report->total =
			add(report->total,
			    kprof_report_value(report, &profile->samples[i]));
		report->total_count =
			add(report->total_count,
			    kprof_report_count(report, &profile->samples[i]));
	}
}

/* Words */

struct step {
	double at_least;
	const char *suffix;
};

static const struct step time_steps[] = {
	{1e9, "s"},
	{1e6, "ms"},
	{1e3, "us"},
	{1, "ns"},
};

static const struct step byte_steps[] = {
	{1ULL << 30, "GB"},
	{1 << 20, "MB"},
	{1 << 10, "kB"},
	{1, "B"},
};

static const struct step *choose_step(const struct step steps[4], int64_t scale)
{
	double size = scale < 0 ? -(double)scale : scale;

	for (int i = 0; i < 3; i++)
		if (size >= steps[i].at_least)
			return &steps[i];
	return &steps[3];
}

const char *kprof_report_format(enum kprof_report_unit unit, int64_t value,
				int64_t scale,
				char text[KPROF_REPORT_VALUE_BYTES])
{
	const struct step *step, *steps;

	if (unit == KPROF_REPORT_COUNT || !value) {
		snprintf(text, KPROF_REPORT_VALUE_BYTES, "%" PRId64, value);
		return text;
	}
	steps = unit == KPROF_REPORT_BYTES ? byte_steps : time_steps;
	step = choose_step(steps, scale);
	/* Too little to be seen in that unit. */
	if (fabs(value / step->at_least) < 0.01)
		step = choose_step(steps, value);
	snprintf(text, KPROF_REPORT_VALUE_BYTES, "%.*f%s",
		 step->at_least > 1 ? 2 : 0, value / step->at_least,
		 step->suffix);
	return text;
}

double kprof_report_percent(int64_t part, int64_t total)
{
	return total ? 100.0 * part / total : 0;
}

const char *kprof_report_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* Header */

static void print_binary(const struct kprof_report *report)
{
	const struct kprof_mapping *mapping = report->profile->mappings;

	if (!report->profile->nr_mappings || !*mapping->filename)
		return;
	fprintf(report->out, "Binary: %s", mapping->filename);
	if (*mapping->build_id)
		fprintf(report->out, " (build id %s)", mapping->build_id);
	fputc('\n', report->out);
}

static void print_time(const struct kprof_report *report)
{
	time_t seconds = report->profile->time_nanos / 1000000000;
	char text[64];
	struct tm tm;

	if (!report->profile->time_nanos || !localtime_r(&seconds, &tm))
		return;
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &tm);
	fprintf(report->out, "Time: %s\n", text);
}

static void print_rate(const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;

	if (profile->period > 0 &&
	    !strcmp(profile->period_type.unit, "nanoseconds"))
		fprintf(report->out, "Rate: %.6g Hz\n", 1e9 / profile->period);
}

static void print_duration(const struct kprof_report *report)
{
	int64_t duration = report->profile->duration_nanos;
	char text[KPROF_REPORT_VALUE_BYTES];

	if (duration)
		fprintf(report->out, "Duration: %s\n",
			kprof_report_format(KPROF_REPORT_NANOSECONDS, duration,
					    duration, text));
}

/* "Total: 990 samples, 9.99s cpu (99.9 % of one CPU)" */
static void print_totals(const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	char text[KPROF_REPORT_VALUE_BYTES];

	if (!profile->nr_sample_types)
		return;
	fputs("Total: ", report->out);
	if (report->count_type != KPROF_NO_INDEX)
		fprintf(report->out, "%" PRId64 " samples",
			report->total_count);
	if (report->value_type != report->count_type)
		fprintf(report->out, "%s%s %s",
			report->count_type == KPROF_NO_INDEX ? "" : ", ",
			kprof_report_format(report->unit, report->total,
					    report->total, text),
			profile->sample_types[report->value_type].type);
	if (profile->duration_nanos > 0 &&
	    report->unit == KPROF_REPORT_NANOSECONDS)
		fprintf(report->out, " (%.1f %% of one CPU)",
			kprof_report_percent(report->total,
					     profile->duration_nanos));
	fputc('\n', report->out);
}

/* What --focus and --ignore have left of them. */
static void print_filtered(const struct kprof_report *report)
{
	int64_t left = 0;
	char text[KPROF_REPORT_VALUE_BYTES];

	if (!report->is_filtered)
		return;
	for (uint32_t i = 0; i < report->profile->nr_samples; i++)
		left = add(left,
			   kprof_report_value(report,
					      &report->profile->samples[i]));
	fprintf(report->out, "Shown: %s, %.2f %% of the total\n",
		kprof_report_format(report->unit, left, report->total, text),
		kprof_report_percent(left, report->total));
}

/*
 * What our own profiles say when all is well, or say twice: not worth a line
 * on the screen. --json has all.
 */
static bool is_usual(const char *comment)
{
	static const char *const usual[] = {
		"kprof: ",
		"command: ",
		"rate: ",
		"taken: ",
		"delivered: ",
		"lost: 0 samples",
		"missed: 0 cells",
		"throttle: none",
		"maps changing: 0 samples",
		"inheritance: exact",
		"names: ",
		"timer: high resolution",
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (!strncmp(comment, usual[i], strlen(usual[i])))
			return true;
	return false;
}

/* The collector says in comments what it lost and how stacks ended. */
static void print_comments(const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	uint32_t nr_shown = 0;

	for (uint32_t i = 0; i < profile->nr_comments; i++) {
		if (is_usual(profile->comments[i]))
			continue;
		if (nr_shown++ == MAX_COMMENTS) {
			fputs("... and more comments; --json has all.\n",
			      report->out);
			return;
		}
		fprintf(report->out, "%s\n", profile->comments[i]);
	}
}

void kprof_report_print_header(const struct kprof_report *report)
{
	print_binary(report);
	print_time(report);
	print_rate(report);
	print_duration(report);
	print_totals(report);
	print_filtered(report);
	print_comments(report);
	fputc('\n', report->out);
}
