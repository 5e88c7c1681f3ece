// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl diff: table of functions.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "diff.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "util/cleanup.h"

/* "A: a.pb.gz: 2997 samples at 99 Hz, 30.20s cpu in 30.27s" */
static void print_side(const struct kprof_diff *diff, int nr)
{
	const struct kprof_diff_side *side = &diff->sides[nr];
	const struct kprof_profile *profile = side->profile;
	const struct kprof_report *report = &side->report;
	char text[KPROF_REPORT_VALUE_BYTES];

	fprintf(diff->out, "%c: %s: ", 'A' + nr, side->path);
	if (report->count_type != KPROF_NO_INDEX)
		fprintf(diff->out, "%" PRId64 " samples", report->total_count);
	if (profile->period > 0 &&
	    !strcmp(profile->period_type.unit, "nanoseconds"))
		fprintf(diff->out, " at %.6g Hz", 1e9 / profile->period);
	if (report->value_type != report->count_type)
		fprintf(diff->out, "%s%s %s",
			report->count_type == KPROF_NO_INDEX ? "" : ", ",
			kprof_report_format(report->unit, report->total,
					    report->total, text),
			diff->pair->sample_types[report->value_type].type);
	if (profile->duration_nanos > 0)
		fprintf(diff->out, " in %s",
			kprof_report_format(KPROF_REPORT_NANOSECONDS,
					    profile->duration_nanos,
					    profile->duration_nanos, text));
	fputc('\n', diff->out);
}

static void print_normalization(const struct kprof_diff *diff)
{
	if (diff->by == KPROF_DIFF_BY_DURATION)
		fputs("Normalised by duration: what is compared is per second "
		      "of the recording.\n",
		      diff->out);
	else
		fputs("Normalised by total: what is compared are shares of "
		      "the whole.\n",
		      diff->out);
}

static size_t count_marked(const struct kprof_diff_row *rows, size_t nr)
{
	size_t marked = 0;

	while (marked < nr && rows[marked].is_significant)
		marked++;
	return marked;
}

static void print_visible(const struct kprof_diff *diff, double limit)
{
	static const double shares[] = {0.3, 0.1, 0.01};
	bool is_first = true;

	fputs("Such changes are found in 19 of 20 cases:", diff->out);
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		double change =
			kprof_diff_visible_change(diff, shares[i], limit);

		if (isinf(change))
			continue;
		fprintf(diff->out, "%s +%.*f %% of what has %g %%",
			is_first ? "" : ",", change < 0.1, 100 * change,
			100 * shares[i]);
		is_first = false;
	}
	fputs(is_first ? " none.\n" : ".\n", diff->out);
}

/* What the marks say, and what their absence does not. */
static void print_verdict(const struct kprof_diff *diff,
			  const struct kprof_diff_row *rows, size_t nr,
			  double limit)
{
	size_t marked = count_marked(rows, nr);

	if (!diff->sides[0].samples || !diff->sides[1].samples) {
		fputs("How many samples there are is not known: what is noise "
		      "cannot be told.\n",
		      diff->out);
		return;
	}
	if (marked)
		fprintf(diff->out,
			"%zu of %zu functions, marked *, ha%s changed by more "
			"than the noise of sampling.\n",
			marked, nr, marked == 1 ? "s" : "ve");
	else
		fprintf(diff->out,
			"No function of %zu has changed by more than the noise "
			"of sampling.\n",
			nr);
	if (limit)
		print_visible(diff, limit);
	else
		fputs("There are too few samples to tell any change.\n",
		      diff->out);
}

/* The share of the whole that it has, of both sides together. */
static double share_of(const struct kprof_diff *diff,
		       const struct kprof_diff_row *row)
{
	double part = 0, whole = 0;

	for (int i = 0; i < 2; i++) {
		const struct kprof_diff_side *side = &diff->sides[i];

		part += row->scaled[i];
		whole += side->report.total * side->scale;
	}
	return whole > 0 ? part / whole : 0;
}

static void print_row(const struct kprof_diff *diff,
		      const struct kprof_diff_row *row, double limit)
{
	const char *binary = diff->frames.frames.data[row->frame].binary;
	double change = row->scaled[1] - row->scaled[0];
	double visible =
		kprof_diff_visible_change(diff, share_of(diff, row), limit);
	char a[KPROF_REPORT_VALUE_BYTES], b[KPROF_REPORT_VALUE_BYTES];
	char c[KPROF_REPORT_VALUE_BYTES], percent[KPROF_REPORT_VALUE_BYTES];
	char from[KPROF_REPORT_VALUE_BYTES] = "-";
	const char *sign = change > 0 ? "+" : "";
	int width = 13 - (int)strlen(sign);

	if (isfinite(visible))
		snprintf(from, sizeof(from), "+%.*f%%", visible < 0.1,
			 100 * visible);
	kprof_diff_format(diff, change, c);
	width -= (int)strlen(c);
	fprintf(diff->out, "%12s %12s %*s%s%s %9s %c %9s  %s",
		kprof_diff_format(diff, row->scaled[0], a),
		kprof_diff_format(diff, row->scaled[1], b),
		width > 0 ? width : 0, "", sign, c,
		kprof_diff_format_percent(row, percent),
		row->is_significant ? '*' : ' ', from, row->name);
	if (*binary)
		fprintf(diff->out, "  (%s)", kprof_report_basename(binary));
	fputc('\n', diff->out);
}

static void print_rows(const struct kprof_diff *diff,
		       const struct kprof_diff_row *rows, size_t nr,
		       double limit)
{
	size_t shown = diff->nr_rows && diff->nr_rows < nr ? diff->nr_rows : nr;
	size_t marked = count_marked(rows, nr);

	fprintf(diff->out, "%12s %12s %13s %9s   %9s  %s%s\n", "A", "B",
		"change", "change%", "visible", "function",
		diff->by_cum ? ", with what it calls" : "");
	for (size_t i = 0; i < shown; i++)
		print_row(diff, &rows[i], limit);
	if (shown == nr)
		return;
	fprintf(diff->out, "... and %zu more function%s, ", nr - shown,
		nr - shown == 1 ? "" : "s");
	if (marked > shown)
		fprintf(diff->out, "%zu of them marked", marked - shown);
	else
		fputs("none of them marked", diff->out);
	fputs("; -n 0 shows all.\n", diff->out);
}

int kprof_diff_table(const struct kprof_diff *diff)
{
	_cleanup_free_ struct kprof_diff_row *rows = NULL;
	double limit;
	size_t nr;
	int err = kprof_diff_functions(diff, &rows, &nr, &limit);

	if (err)
		return err;
	print_side(diff, 0);
	print_side(diff, 1);
	kprof_diff_print_warnings(diff, diff->out, "Warning: ");
	print_normalization(diff);
	if (!nr) {
		fputs("There are no samples in them.\n", diff->out);
		return 0;
	}
	print_verdict(diff, rows, nr, limit);
	fputc('\n', diff->out);
	print_rows(diff, rows, nr, limit);
	return 0;
}
