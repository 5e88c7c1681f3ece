/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl diff: two profiles beside each other.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_DIFF_H
#define CMD_DIFF_H

#include "report.h"
#include "report_frames.h"

/* What is made the same before the sides are compared. */
enum kprof_diff_by {
	KPROF_DIFF_BY_DURATION,
	KPROF_DIFF_BY_TOTAL,
};

/**
 * struct kprof_diff_side - one of the two
 * @path: its file, for words
 * @profile: itself
 * @report: its values in the profile of both
 * @samples: as many, all of one weight, would have the noise that it has; 0 if
 *	nobody knows how many there were
 * @scale: makes its values what is compared: per second, or of the whole
 */
struct kprof_diff_side {
	const char *path;
	const struct kprof_profile *profile;
	struct kprof_report report;
	double samples;
	double scale;
};

/**
 * struct kprof_diff - two profiles beside each other
 * @sides: before and after
 * @pair: the profile of both
 * @frames: of it
 * @by: what is made the same
 * @mean: of both sides, for trees
 * @nr_rows: of the table, 0 for all
 * @by_cum: compare cumulative values
 * @out: where the view goes
 */
struct kprof_diff {
	struct kprof_diff_side sides[2];
	struct kprof_profile *pair;
	struct kprof_frames frames;
	enum kprof_diff_by by;
	struct kprof_report_mean mean;
	uint32_t nr_rows;
	bool by_cum;
	FILE *out;
};

/**
 * struct kprof_diff_row - a function, or a place in a tree, on both sides
 * @name: of the function
 * @frame: of the function
 * @values: of both sides, as the profiles have them
 * @scaled: the same, comparable
 * @is_significant: the difference is more than noise
 */
struct kprof_diff_row {
	const char *name;
	uint32_t frame;
	int64_t values[2];
	double scaled[2];
	bool is_significant;
};

/* The chance that noise makes any mark at all in a table. */
#define KPROF_DIFF_ALPHA 0.05

/*
 * @diff has the paths and profiles of its sides, and how they are to be shown.
 * -EINVAL if they cannot be compared, the log says why; kprof_diff_deinit() is
 * needed in any case. Without two durations @by becomes BY_TOTAL.
 */
int kprof_diff_init(struct kprof_diff *diff);
void kprof_diff_deinit(struct kprof_diff *diff);

/*
 * Decides which of @rows, whose values are set, differ by more than noise.
 * @limit_ret is the p at which one would in any case; 0: nothing could.
 */
int kprof_diff_mark(const struct kprof_diff *diff, struct kprof_diff_row *rows,
		    size_t nr, double *limit_ret);
/* One for each function, the marked ones first, then by difference. */
int kprof_diff_functions(const struct kprof_diff *diff,
			 struct kprof_diff_row **ret, size_t *nr_ret,
			 double *limit_ret);
/*
 * The relative change of what has @share of the whole that is marked in 19 of
 * 20 cases; 0.2 is a fifth more. INFINITY: none is.
 */
double kprof_diff_visible_change(const struct kprof_diff *diff, double share,
				 double limit);
/* In percent of the one before; INFINITY for what is new. */
double kprof_diff_percent(const struct kprof_diff_row *row);
/* "+20.1%", "new", "gone". */
const char *kprof_diff_format_percent(const struct kprof_diff_row *row,
				      char text[KPROF_REPORT_VALUE_BYTES]);
/* @scaled in words: "150.00ms/s", "15.00%". */
const char *kprof_diff_format(const struct kprof_diff *diff, double scaled,
			      char text[KPROF_REPORT_VALUE_BYTES]);

/* Views; 0 or -errno. */
int kprof_diff_table(const struct kprof_diff *diff);
int kprof_diff_flame(const struct kprof_diff *diff);

/* What makes the comparison a doubtful one, a line each after @prefix. */
void kprof_diff_print_warnings(const struct kprof_diff *diff, FILE *out,
			       const char *prefix);

#endif /* CMD_DIFF_H */
