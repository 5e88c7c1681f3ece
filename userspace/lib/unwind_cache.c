// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiled unwind tables, kept on disk by build-id.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/unwind_cache.h"

#include "lib/debug_file.h"
#include "lib/unwind_map.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/vector.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where */

static char *cache_directory(void)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char *ret;
	int len;

	/* The standard says that a relative one is none. */
	if (xdg && xdg[0] == '/')
		len = asprintf(&ret, "%s/kprof/unwind", xdg);
	else if (geteuid() == 0)
		len = asprintf(&ret, "/var/cache/kprof/unwind");
	else if (home && home[0] == '/')
		len = asprintf(&ret, "%s/.cache/kprof/unwind", home);
	else
		return NULL;
	return len < 0 ? NULL : ret;
}

/* Makes it and the two directories above it. */
static int make_directories(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	char *slash;

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < 2 && (slash = strrchr(copy, '/')); i++)
		*slash = '\0';
	for (;;) {
		if (mkdir(copy, 0700) && errno != EEXIST)
			return -errno;
		if (strlen(copy) == strlen(path))
			return 0;
		copy[strlen(copy)] = '/';
	}
}

/* Nobody else may write there: links and files of others are no concern. */
static bool is_ours(const char *directory)
{
	struct stat st;

	return !lstat(directory, &st) && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static char *map_path(const char *directory, const char *build_id)
{
	char *ret;

	return asprintf(&ret, "%s/%s.kuw", directory, build_id) < 0 ? NULL
								    : ret;
}

/* Getting */

/*
 * What was used is the last to be deleted; nobody reads when a file was really
 * written.
 */
static void mark_used(const char *path)
{
	utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
}

static int read_map(const char *path, const char *build_id,
		    struct kprof_unwind_image *ret)
{
	uint32_t revision;
	int err = kprof_unwind_map_read(path, ret, &revision);

	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	if (revision != KPROF_UNWIND_MAP_REVISION ||
	    strcmp(ret->build_id, build_id)) {
		kprof_unwind_image_deinit(ret);
		return -ENOENT;
	}
	ret->origin = KPROF_UNWIND_FROM_CACHE;
	mark_used(path);
	return 0;
}

int kprof_unwind_cache_get(const char *build_id, struct kprof_unwind_image *ret)
{
	_cleanup_free_ char *directory = cache_directory();
	_cleanup_free_ char *path = NULL;

	if (!directory || !is_ours(directory) || !kprof_is_build_id(build_id))
		return -ENOENT;
	path = map_path(directory, build_id);
	return path ? read_map(path, build_id, ret) : -ENOMEM;
}

/* Putting */

void kprof_unwind_cache_put(const struct kprof_unwind_image *image)
{
	_cleanup_free_ char *directory = cache_directory();
	_cleanup_free_ char *path = NULL;
	int err;

	if (!directory || !kprof_is_build_id(image->build_id))
		return;
	err = make_directories(directory);
	if (!err && !is_ours(directory))
		err = -EPERM;
	if (!err) {
		path = map_path(directory, image->build_id);
		err = path ? kprof_unwind_map_save(image, path) : -ENOMEM;
	}
	if (err)
		log_debug("unwind table of %s is not kept in %s: %s",
			  image->build_id, directory, strerror(-err));
	else
		kprof_unwind_cache_prune(directory, KPROF_UNWIND_CACHE_BYTES);
}

/* Pruning */

struct entry {
	char name[NAME_MAX + 1];
	uint64_t bytes;
	struct timespec used;
};

struct listing {
	vector(struct entry) entries;
	uint64_t bytes;
};

static int list(DIR *dir, struct listing *listing)
{
	struct dirent *dirent;
	struct stat st;

	while ((dirent = readdir(dir))) {
		struct entry entry = {};

		if (fstatat(dirfd(dir), dirent->d_name, &st,
			    AT_SYMLINK_NOFOLLOW) ||
		    !S_ISREG(st.st_mode))
			continue;
		strcpy(entry.name, dirent->d_name);
		entry.bytes = (uint64_t)st.st_size;
		entry.used = st.st_mtim;
		listing->bytes += entry.bytes;
		if (vector_push(&listing->entries, entry))
			return -ENOMEM;
	}
	return 0;
}

static int compare_used(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	return (a->used.tv_nsec > b->used.tv_nsec) -
	       (a->used.tv_nsec < b->used.tv_nsec);
}

void kprof_unwind_cache_prune(const char *directory, uint64_t max_bytes)
{
	_cleanup_closedir_ DIR *dir = opendir(directory);
	struct listing listing = {};

	if (dir && !list(dir, &listing) && listing.bytes > max_bytes) {
		qsort(listing.entries.data, listing.entries.nr,
		      sizeof(listing.entries.data[0]), compare_used);
		vector_for_each (&listing.entries, entry) {
			if (listing.bytes <= max_bytes)
				break;
			if (!unlinkat(dirfd(dir), entry->name, 0))
				listing.bytes -= entry->bytes;
		}
	}
	vector_free(&listing.entries);
}
