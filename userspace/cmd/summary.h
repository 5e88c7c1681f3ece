/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said about a recording: while it runs, and at its end.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SUMMARY_H
#define CMD_SUMMARY_H

#include "lib/kprof.h"

#include <stdbool.h>

/* One line that is written over, on a terminal. */
void kprof_summary_progress(const struct kprof_counters *counters);
/* Removes it. */
void kprof_summary_end_progress(void);

/* The line at the end, and what the user ought to know besides. */
void kprof_summary_print(const struct kprof_collector_summary *summary,
			 const char *output);
/* What is wrong with the recording itself, said even when quiet. */
void kprof_summary_warn(const struct kprof_collector_summary *summary);

#endif /* CMD_SUMMARY_H */
