/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl report: what its views share.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include <regex.h>
#include <stdio.h>

#include "lib/kprof.h"

struct kprof_frames;

/* What a value is, for formatting. */
enum kprof_report_unit {
	KPROF_REPORT_COUNT,
	KPROF_REPORT_NANOSECONDS,
	KPROF_REPORT_BYTES,
};

/**
 * struct kprof_report_mean - of the values of two sample types
 * @types: indices
 * @scales: what each is multiplied by
 */
struct kprof_report_mean {
	uint32_t types[2];
	double scales[2];
};

/**
 * struct kprof_report - a profile about to be shown
 * @profile: the profile
 * @path: its file, for words
 * @out: where the view goes
 * @frames: names of its locations
 * @value_type: index of the sample type that is shown
 * @count_type: index of the one that counts samples, or KPROF_NO_INDEX
 * @unit: of the values shown
 * @total: of the values shown
 * @total_count: of the samples; 0 without @count_type
 * @nr_rows: of the table, 0 for all
 * @by_cum: sort by cumulative values
 * @is_filtered: some samples were left out; @total has them
 * @peek: names of the functions to look at, for that view
 * @label: its key, for that view
 * @mean: shown instead of @value_type, to compare; NULL for none
 */
struct kprof_report {
	struct kprof_profile *profile;
	const char *path;
	FILE *out;
	struct kprof_frames *frames;
	uint32_t value_type;
	uint32_t count_type;
	enum kprof_report_unit unit;
	int64_t total;
	int64_t total_count;
	uint32_t nr_rows;
	bool by_cum;
	bool is_filtered;
	const regex_t *peek;
	const char *label;
	const struct kprof_report_mean *mean;
};

/* Views; 0 or -errno. That @out failed they need not notice. */
int kprof_report_table(const struct kprof_report *report);
int kprof_report_tree(const struct kprof_report *report);
int kprof_report_peek(const struct kprof_report *report);
int kprof_report_labels(const struct kprof_report *report);
int kprof_report_speedscope(const struct kprof_report *report);
int kprof_report_folded(const struct kprof_report *report);
int kprof_report_json(const struct kprof_report *report);
int kprof_report_flame(const struct kprof_report *report);
int kprof_report_html(const struct kprof_report *report);
/* What that page draws, as JSON. */
int kprof_report_page(const struct kprof_report *report);
int kprof_report_sources(const struct kprof_report *report);

/* Which values to show, and their totals. */
void kprof_report_choose_values(struct kprof_report *report);
int64_t kprof_report_value(const struct kprof_report *report,
			   const struct kprof_sample *sample);
int64_t kprof_report_count(const struct kprof_report *report,
			   const struct kprof_sample *sample);

/* Room for any formatted value. */
enum {
	KPROF_REPORT_VALUE_BYTES = 32,
};

/*
 * @value in the unit that suits @scale, so that a column of values has one
 * unit, unless it is too small for it: "1.25s", "12.50ms", "3.00MB", "42".
 */
const char *kprof_report_format(enum kprof_report_unit unit, int64_t value,
				int64_t scale,
				char text[KPROF_REPORT_VALUE_BYTES]);
double kprof_report_percent(int64_t part, int64_t total);
/* The lines above table and tree: what was measured, how, what is missing. */
void kprof_report_print_header(const struct kprof_report *report);
/* The last part of a path; a name like [vdso] is its own. */
const char *kprof_report_basename(const char *path);

#endif /* CMD_REPORT_H */
