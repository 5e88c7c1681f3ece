// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes by their names and control groups.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_targets.h"

#include "util/cleanup.h"
#include "util/io.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	/* PF_KTHREAD of the kernel's sched.h, shown in /proc/PID/stat */
	KERNEL_THREAD = 0x00200000,
	MAX_STAT_BYTES = 4096,
	MAX_PROCS_BYTES = 1 << 20,
	MAX_GROUPS_BELOW = 32,
};

/* Processes */

int kprof_process_parse(const char *stat, struct kprof_process *ret)
{
	const char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	uint64_t user, system;
	unsigned int flags;
	size_t len;

	if (!open || !close || close < open ||
	    sscanf(stat, "%" SCNd32, &ret->pid) != 1)
		return -EINVAL;
	/* A name may have brackets and spaces: the last bracket is ours. */
	len = close - open - 1;
	if (len >= sizeof(ret->comm))
		len = sizeof(ret->comm) - 1;
	memcpy(ret->comm, open + 1, len);
	ret->comm[len] = '\0';
	if (sscanf(close + 1,
		   " %*c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %" SCNu64
		   " %" SCNu64,
		   &flags, &user, &system) != 3)
		return -EINVAL;
	ret->cpu_ticks = user + system;
	ret->is_kernel = flags & KERNEL_THREAD;
	return 0;
}

static int read_process(int proc_fd, const char *name,
			struct kprof_process *ret)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *stat = NULL;
	char path[64];
	size_t len;
	int err;

	snprintf(path, sizeof(path), "%.20s/stat", name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = kprof_io_read_all(fd, MAX_STAT_BYTES, &stat, &len);
	return err ?: kprof_process_parse(stat, ret);
}

int kprof_processes_list(const char *proc, kprof_processes *ret)
{
	_cleanup_closedir_ DIR *dir = opendir(proc);
	struct kprof_process process;
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    !read_process(dirfd(dir), entry->d_name, &process))
			err = vector_push(ret, process);
	return err;
}

/* Control groups */

static int list_group(const char *dir, unsigned int depth, kprof_pids *ret);

static int list_groups_below(const char *dir, unsigned int depth,
			     kprof_pids *ret)
{
	_cleanup_closedir_ DIR *opened = opendir(dir);
	struct dirent *entry;
	int err = 0;

	while (opened && !err && (entry = readdir(opened))) {
		_cleanup_free_ char *below = NULL;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (asprintf(&below, "%s/%s", dir, entry->d_name) < 0) {
			below = NULL;
			return -ENOMEM;
		}
		err = list_group(below, depth + 1, ret);
		/* It may have been removed meanwhile. */
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}

static int add_pids(const char *text, kprof_pids *ret)
{
	int err = 0;
	int32_t pid;

	for (; !err && sscanf(text, "%" SCNd32, &pid) == 1;
	     text += strcspn(text, "\n"), text += *text == '\n')
		err = vector_push(ret, pid);
	return err;
}

static int list_group(const char *dir, unsigned int depth, kprof_pids *ret)
{
	_cleanup_free_ char *path = NULL, *text = NULL;
	_cleanup_close_ int fd = -1;
	size_t len;
	int err;

	if (depth > MAX_GROUPS_BELOW)
		return -ELOOP;
	if (asprintf(&path, "%s/cgroup.procs", dir) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = kprof_io_read_all(fd, MAX_PROCS_BYTES, &text, &len);
	/* A threaded group does not tell; its processes stand above it. */
	if (err == -EOPNOTSUPP)
		return 0;
	return err ?: add_pids(text, ret) ?: list_groups_below(dir, depth, ret);
}

int kprof_cgroup_list(const char *path, kprof_pids *ret)
{
	static const char *const roots[] = {
		"/sys/fs/cgroup",
		"/sys/fs/cgroup/unified",
		"/sys/fs/cgroup/cpu",
	};
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < sizeof(roots) / sizeof(*roots);
	     i++) {
		_cleanup_free_ char *dir = NULL;

		if (asprintf(&dir, "%s/%s", roots[i], path) < 0) {
			dir = NULL;
			return -ENOMEM;
		}
		err = list_group(dir, 0, ret);
	}
	return err;
}
