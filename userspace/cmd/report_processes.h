/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose profile it is.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_REPORT_PROCESSES_H
#define CMD_REPORT_PROCESSES_H

#include "report.h"

/**
 * struct kprof_report_processes - whose profile it is
 * @name: of the process with the most, NULL if nobody knows
 * @are_several: it has not nearly everything. What it is called before its
 *	exec, or what it starts for a moment, makes no profile of several
 */
struct kprof_report_processes {
	const char *name;
	bool are_several;
};

int kprof_report_find_processes(const struct kprof_report *report,
				struct kprof_report_processes *ret);

#endif /* CMD_REPORT_PROCESSES_H */
