/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each function took, itself and with what it called.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_REPORT_FUNCTIONS_H
#define CMD_REPORT_FUNCTIONS_H

#include "report.h"

/**
 * struct kprof_function_total - what a function took
 * @name: as pprof shows it
 * @frame: a frame of it
 * @flat: value of the samples in which it is the leaf
 * @cum: value of the samples in which it is anywhere; recursion counts once
 * @flat_count: likewise, samples
 * @cum_count: likewise
 */
struct kprof_function_total {
	const char *name;
	uint32_t frame;
	int64_t flat;
	int64_t cum;
	int64_t flat_count;
	int64_t cum_count;
};

/*
 * One for each function that is in any sample, for the caller to free. Sorted
 * as pprof does it: by flat value, or cumulative if @report says so, then name.
 */
int kprof_report_functions(const struct kprof_report *report,
			   struct kprof_function_total **ret, size_t *nr_ret);

#endif /* CMD_REPORT_FUNCTIONS_H */
