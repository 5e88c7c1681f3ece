/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl report: a part of the samples, by name.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_REPORT_FILTER_H
#define CMD_REPORT_FILTER_H

#include "lib/kprof.h"

#include <regex.h>

/**
 * kprof_report_filter() - drops samples
 * @profile: of it; nothing may be added to it afterwards
 * @focus: of a function, source file or binary in what is kept; NULL for all
 * @ignore: likewise of what is dropped; NULL for none
 *
 * As pprof has it: a sample stays if one of its locations matches @focus but
 * not @ignore, and none matches @ignore.
 *
 * Return: 0 or -ENOMEM.
 */
int kprof_report_filter(struct kprof_profile *profile, const regex_t *focus,
			const regex_t *ignore);

#endif /* CMD_REPORT_FILTER_H */
