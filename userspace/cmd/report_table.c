// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: table of functions.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report.h"

#include "report_frames.h"
#include "report_functions.h"
#include "util/cleanup.h"

static void print_row(const struct kprof_report *report,
		      const struct kprof_function_total *row, int64_t sum)
{
	const char *binary = report->frames->frames.data[row->frame].binary;
	char flat[KPROF_REPORT_VALUE_BYTES], cum[KPROF_REPORT_VALUE_BYTES];

	fprintf(report->out, "%10s %6.2f%% %6.2f%% %10s %6.2f%%  %s",
		kprof_report_format(report->unit, row->flat, report->total,
				    flat),
		kprof_report_percent(row->flat, report->total),
		kprof_report_percent(sum, report->total),
		kprof_report_format(report->unit, row->cum, report->total, cum),
		kprof_report_percent(row->cum, report->total), row->name);
	if (*binary)
		fprintf(report->out, "  (%s)", kprof_report_basename(binary));
	fputc('\n', report->out);
}

static void print_rest(const struct kprof_report *report, size_t nr_left,
		       int64_t flat_left)
{
	if (nr_left)
		fprintf(report->out,
			"... and %zu more function%s with %.2f %% of the flat "
			"total; -n 0 shows all.\n",
			nr_left, nr_left == 1 ? "" : "s",
			kprof_report_percent(flat_left, report->total));
}

int kprof_report_table(const struct kprof_report *report)
{
	_cleanup_free_ struct kprof_function_total *rows = NULL;
	size_t nr, nr_shown;
	int64_t sum = 0, rest = 0;
	int err = kprof_report_functions(report, &rows, &nr);

	if (err)
		return err;
	kprof_report_print_header(report);
	if (!nr) {
		fputs("There are no samples in it.\n", report->out);
		return 0;
	}
	fprintf(report->out, "%10s %7s %7s %10s %7s  %s\n", "flat", "flat%",
		"sum%", "cum", "cum%", "function");
	nr_shown =
		report->nr_rows && report->nr_rows < nr ? report->nr_rows : nr;
	for (size_t i = 0; i < nr_shown; i++) {
		sum += rows[i].flat;
		print_row(report, &rows[i], sum);
	}
	for (size_t i = nr_shown; i < nr; i++)
		rest += rows[i].flat;
	print_rest(report, nr - nr_shown, rest);
	return 0;
}
