// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: table by the values of a label.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/hash.h"
#include "util/strbuf.h"
#include "util/vector.h"

/* What the samples with one value of the label took. */
struct row {
	const char *name;
	int64_t value;
	int64_t count;
};

struct rows {
	const struct kprof_report *report;
	vector(struct row) all;
	struct kprof_map ids;
};

static const struct kprof_label *find_label(const struct kprof_report *report,
					    const struct kprof_sample *sample,
					    const char *key)
{
	const struct kprof_label *labels =
		report->profile->labels + sample->first_label;

	for (uint32_t i = 0; i < sample->nr_labels; i++)
		if (!strcmp(labels[i].key, key))
			return &labels[i];
	return NULL;
}

static void append_value(struct kprof_strbuf *buf,
			 const struct kprof_label *label)
{
	if (label->str)
		kprof_strbuf_append_str(buf, label->str);
	else
		kprof_strbuf_appendf(buf, "%" PRId64, label->num);
}

/* A thread is its number and its name, of which several have the same. */
static void append_thread(const struct kprof_report *report,
			  const struct kprof_sample *sample,
			  struct kprof_strbuf *buf)
{
	const struct kprof_label *tid = find_label(report, sample, "tid");
	const struct kprof_label *name =
		find_label(report, sample, "thread_name");

	if (tid)
		append_value(buf, tid);
	if (tid && name)
		kprof_strbuf_append_char(buf, ' ');
	if (name)
		append_value(buf, name);
}

static int name_sample(const struct kprof_report *report,
		       const struct kprof_sample *sample, const char **ret)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};
	const struct kprof_label *label;

	if (!strcmp(report->label, "thread")) {
		append_thread(report, sample, &buf);
	} else {
		label = find_label(report, sample, report->label);
		if (label)
			append_value(&buf, label);
	}
	if (buf.err)
		return buf.err;
	return kprof_profile_intern(report->profile,
				    buf.len ? buf.data : "(none)", ret);
}

static int count_sample(struct rows *rows, const struct kprof_sample *sample)
{
	const struct kprof_report *report = rows->report;
	struct row row = {};
	uint64_t id;
	int err = name_sample(report, sample, &row.name);

	if (!err && !kprof_map_get(&rows->ids, (uintptr_t)row.name, &id)) {
		id = rows->all.nr;
		err = kprof_map_set(&rows->ids, (uintptr_t)row.name, id);
		if (!err)
			err = vector_push(&rows->all, row);
	}
	if (err)
		return err;
	rows->all.data[id].value += kprof_report_value(report, sample);
	rows->all.data[id].count += kprof_report_count(report, sample);
	return 0;
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct row *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void print_row(const struct kprof_report *report, const struct row *row)
{
	char text[KPROF_REPORT_VALUE_BYTES];

	fprintf(report->out, "%10s %6.2f%%",
		kprof_report_format(report->unit, row->value, report->total,
				    text),
		kprof_report_percent(row->value, report->total));
	if (report->count_type != KPROF_NO_INDEX)
		fprintf(report->out, " %9" PRId64, row->count);
	fprintf(report->out, "  %s\n", row->name);
}

static void print_rows(const struct rows *rows)
{
	const struct kprof_report *report = rows->report;
	size_t nr = rows->all.nr;
	size_t shown =
		report->nr_rows && report->nr_rows < nr ? report->nr_rows : nr;

	fprintf(report->out, "%10s %7s%s  %s\n", "total", "total%",
		report->count_type == KPROF_NO_INDEX ? "" : "   samples",
		report->label);
	for (size_t i = 0; i < shown; i++)
		print_row(report, &rows->all.data[i]);
	if (shown < nr)
		fprintf(report->out, "... and %zu more; -n 0 shows all.\n",
			nr - shown);
}

static int show(struct rows *rows)
{
	const struct kprof_profile *profile = rows->report->profile;
	int err = 0;

	for (uint32_t i = 0; i < profile->nr_samples && !err; i++)
		err = count_sample(rows, &profile->samples[i]);
	if (err)
		return err;
	if (rows->all.nr)
		qsort(rows->all.data, rows->all.nr, sizeof(*rows->all.data),
		      compare_rows);
	kprof_report_print_header(rows->report);
	if (rows->all.nr)
		print_rows(rows);
	else
		fputs("There are no samples in it.\n", rows->report->out);
	return 0;
}

int kprof_report_labels(const struct kprof_report *report)
{
	struct rows rows = {.report = report};
	int err = show(&rows);

	vector_free(&rows.all);
	kprof_map_deinit(&rows.ids);
	return err;
}
