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
#include <unistd.h>

enum {
	MAX_STATUS_BYTES = 65536,
};

void kprof_perf_map_watch_deinit(struct kprof_perf_map_watch *watch)
{
	kprof_cleanup_close(&watch->directory);
	kprof_cleanup_close(&watch->file);
	*watch = (struct kprof_perf_map_watch)KPROF_PERF_MAP_WATCH_INIT;
}

/* Who it is */

static int read_status(int32_t pid, char **ret)
{
	_cleanup_close_ int fd = -1;
	char path[32];
	size_t size;

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/status", pid);
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

static bool identify(struct kprof_perf_map_watch *watch, int32_t pid)
{
	_cleanup_free_ char *status = NULL;

	return !read_status(pid, &status) &&
	       parse_ns_pid(status, &watch->ns_pid) &&
	       parse_uid(status, &watch->uid);
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

static bool is_trusted(const struct kprof_perf_map_watch *watch,
		       const char *name, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return false;
	if (st->st_uid == watch->uid || st->st_uid == 0)
		return true;
	log_warning("%s is ignored: it belongs to user %u, the process to %u",
		    name, st->st_uid, watch->uid);
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
