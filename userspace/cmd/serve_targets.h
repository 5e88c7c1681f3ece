/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes by their names and control groups.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_TARGETS_H
#define CMD_SERVE_TARGETS_H

#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kprof_process - one that runs
 * @pid: of it
 * @comm: its name, as it may have set it: any bytes but NUL
 * @cpu_ticks: that it and its threads ran
 * @is_kernel: a thread of the kernel
 */
struct kprof_process {
	int32_t pid;
	char comm[16];
	uint64_t cpu_ticks;
	bool is_kernel;
};

typedef vector(struct kprof_process) kprof_processes;
typedef vector(int32_t) kprof_pids;

/* All of them; those that end meanwhile are left out. 0 or -errno. */
int kprof_processes_list(const char *proc, kprof_processes *ret);
/* The line in /proc/PID/stat. 0 or -EINVAL. */
int kprof_process_parse(const char *stat, struct kprof_process *ret);

/*
 * Adds the processes in a control group and those below it, @path from the root
 * of its file system. -ENOENT if there is no such group, or another -errno.
 */
int kprof_cgroup_list(const char *path, kprof_pids *ret);

#endif /* CMD_SERVE_TARGETS_H */
