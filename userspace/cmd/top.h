/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl top: what took the time lately.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_TOP_H
#define CMD_TOP_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/kprof.h"
#include "report.h"
#include "report_frames.h"
#include "report_functions.h"
#include "util/vector.h"

/**
 * struct kprof_top - the last windows, added up; {} with @max_windows set
 * @max_windows: so many are shown together
 * @by_cum: the order of @rows
 * @has_filter: only functions that match @filter are in @rows
 * @filter: regular expression
 * @is_paused: what is shown stays
 * @windows: owned, the oldest first
 * @counters: of the module, from the start on
 * @sum: of @windows; NULL before the first. The next three are of it
 * @frames: its names
 * @report: its totals
 * @rows: its functions, in their order; owned
 * @nr_rows: how many
 */
struct kprof_top {
	size_t max_windows;
	bool by_cum;
	bool has_filter;
	regex_t filter;
	bool is_paused;
	vector(struct kprof_profile *) windows;
	struct kprof_counters counters;
	struct kprof_profile *sum;
	struct kprof_frames frames;
	struct kprof_report report;
	struct kprof_function_total *rows;
	size_t nr_rows;
};

void kprof_top_deinit(struct kprof_top *top);
/* Takes over the profile of a window. 0 or -errno. */
int kprof_top_add(struct kprof_top *top, struct kprof_profile *window,
		  const struct kprof_counters *counters);
/* Makes @rows anew: the order or the filter is another. 0 or -errno. */
int kprof_top_sort(struct kprof_top *top);
/* A filter; "" for none. 0, -EINVAL if it is no regular expression, -ENOMEM. */
int kprof_top_set_filter(struct kprof_top *top, const char *regex);
/* What is looked at goes on, from now on, or stays. 0 or -errno. */
int kprof_top_set_paused(struct kprof_top *top, bool is_paused);

/*
 * "495 samples in 5.0 s, 0.99 CPUs busy; 0 lost, costs 0.01 % of a CPU": of the
 * last windows, and after that of the time since the start.
 */
enum {
	KPROF_TOP_LINE_BYTES = 256,
};
void kprof_top_describe(const struct kprof_top *top,
			char ret[KPROF_TOP_LINE_BYTES]);
/* "  12.34%  45.67%  function  (binary)" */
void kprof_top_format_row(const struct kprof_top *top, size_t row,
			  char ret[KPROF_TOP_LINE_BYTES]);
#define KPROF_TOP_COLUMNS "  FLAT%    CUM%  FUNCTION  (BINARY)"

typedef vector(char *) kprof_top_lines;

/*
 * The stacks that the function of a row is in, those with most time first:
 * their share of everything, and their frames, the leaf first. 0 or -ENOMEM;
 * kprof_top_free_lines() in any case.
 */
int kprof_top_stacks(const struct kprof_top *top, size_t row,
		     kprof_top_lines *ret);
void kprof_top_free_lines(kprof_top_lines *lines);

/* The description and the first rows, as text. */
void kprof_top_print(const struct kprof_top *top, size_t nr_rows, FILE *out);

#endif /* CMD_TOP_H */
