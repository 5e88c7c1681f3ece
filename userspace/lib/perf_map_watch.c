// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the perf map of a process, also one that has ended meanwhile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The process may be anybody's: symbolic links do not lead out of its root, a
 * file is looked at before it is opened, and it must be the process's own or
 * root's, because /tmp is open to all.
 */
#include "lib/perf_map_watch.h"

#include "util/cleanup.h"
#include "util/io.h"
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_STATUS_BYTES = 65536,
	/* Clocks are read one after the other, and files have coarser times. */
	SLACK_S = 2,
};

void kprof_perf_map_watch_deinit(struct kprof_perf_map_watch *watch)
{
	kprof_cleanup_close(&watch->directory);
	kprof_cleanup_close(&watch->file);
	*watch = (struct kprof_perf_map_watch)KPROF_PERF_MAP_WATCH_INIT;
}

/* Who it is */

static int read_proc(int32_t pid, const char *name, char **ret)
{
	_cleanup_close_ int fd = -1;
	char path[32];
	size_t size;

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return kprof_io_read_all(fd, MAX_STATUS_BYTES, ret, &size);
}

/* The value of a line of the file; a process cannot put newlines into it. */
static const char *find_value(const char *status, const char *key)
{
	const char *at = strstr(status, key);

	return at ? at + strlen(key) : NULL;
}

/* "NSpid:" has the numbers in all namespaces, the innermost last. */
static bool parse_ns_pid(const char *status, int32_t *ret)
{
	const char *at = find_value(status, "\nNSpid:");
	int len;

	*ret = 0;
	while (at && sscanf(at, "%*[\t ]%" SCNd32 "%n", ret, &len) == 1)
		at += len;
	return *ret > 0;
}

/* "Uid:" has the real and the effective one first. */
static bool parse_uid(const char *status, uint32_t *ret)
{
	const char *at = find_value(status, "\nUid:");

	return at && sscanf(at, "%*u %" SCNu32, ret) == 1;
}

static int64_t now_s(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec;
}

/* The 22nd field, in ticks since boot; the name before it has anything in it. */
static bool parse_start(const char *stat, int64_t *ret)
{
	const char *at = strrchr(stat, ')');
	unsigned long long ticks;

	if (!at || sscanf(at,
			  ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			  "%*s %*s %*s %*s %*s %*s %*s %llu",
			  &ticks) != 1)
		return false;
	*ret = now_s(CLOCK_REALTIME) - now_s(CLOCK_BOOTTIME) +
	       (int64_t)(ticks / (unsigned long long)sysconf(_SC_CLK_TCK));
	return true;
}

static bool identify(struct kprof_perf_map_watch *watch, int32_t pid)
{
	_cleanup_free_ char *status = NULL, *stat = NULL;

	return !read_proc(pid, "status", &status) &&
	       !read_proc(pid, "stat", &stat) &&
	       parse_ns_pid(status, &watch->ns_pid) &&
	       parse_uid(status, &watch->uid) &&
	       parse_start(stat, &watch->started_s);
}

/* Its directory */

static int open_in(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static int open_tmp(int32_t pid)
{
	_cleanup_close_ int root = -1;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/root", pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : open_in(root, "tmp");
}

/* Its file */

static bool is_foreign(const struct kprof_perf_map_watch *watch,
		       const struct stat *st)
{
	return st->st_uid != watch->uid && st->st_uid != 0;
}

/*
 * Left behind by an earlier process with the number, as in a container that is
 * started again: its names would be wrong. Where the clock was set by years
 * since the process wrote it, which is said, its names are missing.
 */
static bool is_stale(const struct kprof_perf_map_watch *watch,
		     const struct stat *st)
{
	return st->st_mtim.tv_sec + SLACK_S < watch->started_s;
}

static bool is_trusted(struct kprof_perf_map_watch *watch, const char *name,
		       const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return false;
	if (!is_foreign(watch, st) && !is_stale(watch, st))
		return true;
	if (watch->has_refused)
		return false;
	watch->has_refused = true;
	if (is_foreign(watch, st))
		log_warning("%s is ignored: it belongs to user %u, the process "
			    "to %u",
			    name, st->st_uid, watch->uid);
	else
		log_warning("%s is ignored: it was written before the process "
			    "started",
			    name);
	return false;
}

/* Through /proc: so it is the file that was looked at. */
static int reopen(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

static void open_map(struct kprof_perf_map_watch *watch)
{
	_cleanup_close_ int found = -1;
	struct stat st;
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "perf-%" PRId32 ".map", watch->ns_pid);
	found = openat(watch->directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (found < 0 || fstat(found, &st) || !is_trusted(watch, name, &st))
		return;
	fd = reopen(found);
	if (fd < 0)
		return;
	kprof_cleanup_close(&watch->file);
	watch->file = fd;
}

/*
 * A space may be shared by processes of which one does not live long: who it is
 * is asked until there is a map.
 */
void kprof_perf_map_watch_look(struct kprof_perf_map_watch *watch, int32_t pid)
{
	int directory;

	if (watch->file >= 0 || pid <= 0 || !identify(watch, pid))
		return;
	directory = open_tmp(pid);
	if (directory < 0)
		return;
	kprof_cleanup_close(&watch->directory);
	watch->directory = directory;
	open_map(watch);
}

void kprof_perf_map_watch_finish(struct kprof_perf_map_watch *watch)
{
	if (watch->directory >= 0)
		open_map(watch);
}
