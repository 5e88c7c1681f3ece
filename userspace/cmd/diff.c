// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl diff: two profiles beside each other.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Which test, and why.
 *
 * A CPU is sampled once in each period, at a random point of it. Given what the
 * programs did, each period is therefore a trial of its own whether it meets a
 * function, and the number of hits has at most the variance of a Poisson
 * variable; so does the sum over CPUs. (The function that has one CPU to itself
 * is hit every time: no variance at all. To take it for Poisson is to be
 * careful.) What is not noise is what the program did: that one second of it is
 * not like the next no number of samples can tell from a change, and it is one:
 * of what was measured.
 *
 * By duration: are the rates of two Poisson processes the same? Given the hits
 * of both, those on one side are binomial, with the share of that side in time
 * and rate. That the samples of a CPU in a time add up to that time makes the
 * functions depend on each other, not the test of one wrong.
 *
 * By total: the samples of each side are given, and the question is which of
 * them hit the function: Fisher's test. It sees a little more of large
 * functions, because it knows that a side has no more samples than it has.
 *
 * A table of five hundred functions is five hundred tests, so at 5 % each two
 * dozen would be marked without any change. kprof_reject() keeps the chance of
 * even one wrong mark in the table at 5 %.
 *
 * Samples have a weight: periods that were skipped are given to the next one.
 * The number of samples that counts is that which would have the same noise at
 * one weight for all.
 */
#include "diff.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report_functions.h"
#include "util/cleanup.h"
#include "util/significance.h"

/* The mean of both sides, all in all. */
#define MEAN_TOTAL 1e12

/* Of a normal variable, what it exceeds in 19 of 20 cases. */
static const double quantile_95 = 1.645;

/* Sides */

/* Of one sample type alone nobody knows whether it counts samples. */
static double period_of(const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	const char *unit = profile->sample_types[report->value_type].unit;

	if (profile->period > 0 && !strcmp(profile->period_type.unit, unit))
		return profile->period;
	return 0;
}

/*
 * The square of the sum over the sum of the squares: for equal weights, the
 * number of samples.
 */
static double effective_samples(const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	double period = period_of(report), squares = 0, value, count;

	for (uint32_t i = 0; i < profile->nr_samples; i++) {
		value = kprof_report_value(report, &profile->samples[i]);
		count = report->count_type == KPROF_NO_INDEX
				? (period ? value / period : 0)
				: kprof_report_count(report,
						     &profile->samples[i]);
		if (count > 0)
			squares += value * value / count;
	}
	return squares > 0 ? report->total / squares * report->total : 0;
}

static void set_scale(struct kprof_diff *diff, struct kprof_diff_side *side)
{
	if (diff->by == KPROF_DIFF_BY_DURATION)
		side->scale = 1e9 / side->profile->duration_nanos;
	else
		side->scale = side->report.total > 0
				      ? 100.0 / side->report.total
				      : 0;
}

static void init_side(struct kprof_diff *diff, int nr)
{
	struct kprof_diff_side *side = &diff->sides[nr];
	uint32_t shift = nr * side->profile->nr_sample_types;

	side->report = (struct kprof_report){
		.profile = (struct kprof_profile *)side->profile,
		.path = side->path,
	};
	kprof_report_choose_values(&side->report);
	side->samples = effective_samples(&side->report);
	side->report.profile = diff->pair;
	side->report.frames = &diff->frames;
	side->report.value_type += shift;
	if (side->report.count_type != KPROF_NO_INDEX)
		side->report.count_type += shift;
	side->report.by_cum = diff->by_cum;
	set_scale(diff, side);
	diff->mean.types[nr] = side->report.value_type;
}

/* Means are whole numbers: fine ones, whatever the values count. */
static void scale_mean(struct kprof_diff *diff)
{
	double sum = 0;

	for (int i = 0; i < 2; i++)
		sum += diff->sides[i].report.total * diff->sides[i].scale;
	for (int i = 0; i < 2 && sum > 0; i++)
		diff->mean.scales[i] = diff->sides[i].scale * MEAN_TOTAL / sum;
}

int kprof_diff_init(struct kprof_diff *diff)
{
	const struct kprof_profile *a = diff->sides[0].profile;
	const struct kprof_profile *b = diff->sides[1].profile;
	int err = kprof_profile_pair(a, b, &diff->pair);

	if (err)
		return err;
	if (!a->nr_sample_types)
		return -ENODATA;
	if (a->duration_nanos <= 0 || b->duration_nanos <= 0)
		diff->by = KPROF_DIFF_BY_TOTAL;
	init_side(diff, 0);
	init_side(diff, 1);
	scale_mean(diff);
	return kprof_frames_init(&diff->frames, diff->pair,
				 KPROF_FRAMES_BY_FUNCTION);
}

void kprof_diff_deinit(struct kprof_diff *diff)
{
	kprof_frames_deinit(&diff->frames);
	kprof_profile_destroy(diff->pair);
}

/* Tests */

/* The two numbers of samples that a test compares. */
struct hits {
	uint64_t a;
	uint64_t b;
};

static double hits_of(const struct kprof_diff_side *side, int64_t value)
{
	if (value <= 0 || side->report.total <= 0)
		return 0;
	return value * (side->samples / side->report.total);
}

/* By how much the first side was watched longer or faster: its share. */
static double share_of_a(const struct kprof_diff *diff)
{
	double exposure[2];

	for (int i = 0; i < 2; i++) {
		const struct kprof_diff_side *side = &diff->sides[i];

		if (side->report.total <= 0)
			return 0;
		exposure[i] = side->samples /
			      (side->report.total * side->scale);
	}
	return exposure[0] / (exposure[0] + exposure[1]);
}

static double p_of(const struct kprof_diff *diff, const struct hits *hits)
{
	uint64_t nr = hits->a + hits->b;

	if (diff->by == KPROF_DIFF_BY_DURATION)
		return kprof_exact_binomial(hits->a, nr, share_of_a(diff));
	return kprof_exact_draw(hits->a, nr, llround(diff->sides[0].samples),
				llround(diff->sides[1].samples));
}

static double least_p_of(const struct kprof_diff *diff,
			 const struct hits *hits)
{
	uint64_t nr = hits->a + hits->b;

	if (diff->by == KPROF_DIFF_BY_DURATION)
		return kprof_exact_binomial_least(nr, share_of_a(diff));
	return kprof_exact_draw_least(nr, llround(diff->sides[0].samples),
				      llround(diff->sides[1].samples));
}

static struct kprof_hypothesis test(const struct kprof_diff *diff,
				    const struct kprof_diff_row *row)
{
	struct hits hits = {
		llround(hits_of(&diff->sides[0], row->values[0])),
		llround(hits_of(&diff->sides[1], row->values[1])),
	};

	/* What has less than nothing is no number of hits. */
	if (row->values[0] < 0 || row->values[1] < 0)
		return (struct kprof_hypothesis){1, 1, false};
	return (struct kprof_hypothesis){
		p_of(diff, &hits), least_p_of(diff, &hits), false};
}

int kprof_diff_mark(const struct kprof_diff *diff, struct kprof_diff_row *rows,
		    size_t nr, double *limit_ret)
{
	_cleanup_free_ struct kprof_hypothesis *all =
		calloc(nr + 1, sizeof(*all));
	int err;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		all[i] = test(diff, &rows[i]);
	err = kprof_reject(all, nr, KPROF_DIFF_ALPHA, limit_ret);
	if (err)
		return err;
	for (size_t i = 0; i < nr; i++) {
		for (int n = 0; n < 2; n++)
			rows[i].scaled[n] =
				rows[i].values[n] * diff->sides[n].scale;
		rows[i].is_significant = all[i].is_rejected;
	}
	return 0;
}

/* Whether @factor times the hits on the second side are seen in 19 of 20. */
static bool is_visible(const struct kprof_diff *diff, double a, double b,
		       double factor, double limit)
{
	double noise = sqrt(b * factor + b * b / a);
	double seen = b * factor - quantile_95 * noise;
	struct hits hits = {llround(a), seen > 0 ? llround(seen) : 0};

	if (seen <= b)
		return false;
	return p_of(diff, &hits) <= limit;
}

double kprof_diff_visible_change(const struct kprof_diff *diff, double share,
				 double limit)
{
	double a = share * diff->sides[0].samples;
	double b = share * diff->sides[1].samples;
	double low = 1, high = 1 / share, middle;

	if (a < 1 || b <= 0 || limit <= 0)
		return INFINITY;
	if (diff->by == KPROF_DIFF_BY_DURATION) {
		/* As many on the second side as the rate of both says. */
		double in_a = share_of_a(diff);

		b = a * (1 - in_a) / in_a;
		high = 1000;
	}
	if (!is_visible(diff, a, b, high, limit))
		return INFINITY;
	while (high - low > 0.0005 * low) {
		middle = (low + high) / 2;
		if (is_visible(diff, a, b, middle, limit))
			high = middle;
		else
			low = middle;
	}
	return high - 1;
}

/* Functions */

/* Of every function of @diff, by its index. */
static int fill_side(const struct kprof_diff *diff, int nr,
		     struct kprof_diff_row *rows)
{
	const struct kprof_diff_side *side = &diff->sides[nr];
	_cleanup_free_ struct kprof_function_total *totals = NULL;
	struct kprof_diff_row *row;
	size_t nr_totals;
	int err = kprof_report_functions(&side->report, &totals, &nr_totals);

	for (size_t i = 0; !err && i < nr_totals; i++) {
		row = &rows[diff->frames.frames.data[totals[i].frame].function];
		row->name = totals[i].name;
		row->frame = totals[i].frame;
		row->values[nr] = diff->by_cum ? totals[i].cum
					       : totals[i].flat;
	}
	return err;
}

static size_t drop_empty(struct kprof_diff_row *rows, size_t nr)
{
	size_t kept = 0;

	for (size_t i = 0; i < nr; i++)
		if (rows[i].name && (rows[i].values[0] || rows[i].values[1]))
			rows[kept++] = rows[i];
	return kept;
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct kprof_diff_row *a = pa, *b = pb;
	double change_a = fabs(a->scaled[1] - a->scaled[0]);
	double change_b = fabs(b->scaled[1] - b->scaled[0]);

	if (a->is_significant != b->is_significant)
		return b->is_significant - a->is_significant;
	if (change_a != change_b)
		return change_a < change_b ? 1 : -1;
	return strcmp(a->name, b->name);
}

int kprof_diff_functions(const struct kprof_diff *diff,
			 struct kprof_diff_row **ret, size_t *nr_ret,
			 double *limit_ret)
{
	size_t nr = diff->frames.functions.nr;
	_cleanup_free_ struct kprof_diff_row *rows =
		calloc(nr + 1, sizeof(*rows));
	int err;

	if (!rows)
		return -ENOMEM;
	err = fill_side(diff, 0, rows);
	if (!err)
		err = fill_side(diff, 1, rows);
	if (err)
		return err;
	*nr_ret = drop_empty(rows, nr);
	err = kprof_diff_mark(diff, rows, *nr_ret, limit_ret);
	if (err)
		return err;
	qsort(rows, *nr_ret, sizeof(*rows), compare_rows);
	*ret = no_cleanup_ptr(rows);
	return 0;
}

/* Words */

double kprof_diff_percent(const struct kprof_diff_row *row)
{
	double change = row->scaled[1] - row->scaled[0];

	if (row->scaled[0])
		return 100 * change / fabs(row->scaled[0]);
	return change ? INFINITY : 0;
}

const char *kprof_diff_format_percent(const struct kprof_diff_row *row,
				      char text[KPROF_REPORT_VALUE_BYTES])
{
	if (!row->values[0])
		return row->values[1] ? "new" : "";
	if (!row->values[1])
		return "gone";
	snprintf(text, KPROF_REPORT_VALUE_BYTES, "%+.1f%%",
		 kprof_diff_percent(row));
	return text;
}

const char *kprof_diff_format(const struct kprof_diff *diff, double scaled,
			      char text[KPROF_REPORT_VALUE_BYTES])
{
	char value[KPROF_REPORT_VALUE_BYTES];

	if (diff->by == KPROF_DIFF_BY_TOTAL)
		snprintf(text, KPROF_REPORT_VALUE_BYTES, "%.2f%%", scaled);
	else
		snprintf(text, KPROF_REPORT_VALUE_BYTES, "%.27s/s",
			 kprof_report_format(diff->sides[0].report.unit,
					     llround(scaled), llround(scaled),
					     value));
	return text;
}
