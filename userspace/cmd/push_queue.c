// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl push: messages that wait on a disk.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "push_queue.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/io.h"
#include "util/outfile.h"

#define SUFFIX ".message"

enum {
	MAX_MESSAGE_BYTES = 1 << 30,
	MAX_COUNT_BYTES = 64,
};

/* Files */

static char *path_of(const struct kprof_push_queue *queue, uint64_t number)
{
	char *path;

	/* So that names sort like numbers, for people. */
	return asprintf(&path, "%s/%020" PRIu64 SUFFIX, queue->path, number) < 0
		       ? NULL
		       : path;
}

static int write_file(const char *path, const void *data, size_t len)
{
	_cleanup_outfile_ struct kprof_outfile out = KPROF_OUTFILE_INIT;
	int err = kprof_outfile_open(&out, path);

	if (!err)
		err = kprof_io_write(out.fd, data, len);
	return err ?: kprof_outfile_commit(&out);
}

static int read_file(const char *path, size_t max_bytes, char **ret,
		     size_t *len_ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return kprof_io_read_all(fd, max_bytes, ret, len_ret);
}

/* How many were dropped */

static char *path_of_count(const struct kprof_push_queue *queue)
{
	char *path;

	return asprintf(&path, "%s/dropped", queue->path) < 0 ? NULL : path;
}

static void read_count(struct kprof_push_queue *queue)
{
	_cleanup_free_ char *path = path_of_count(queue);
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (path && !read_file(path, MAX_COUNT_BYTES, &text, &len))
		queue->dropped = strtoull(text, NULL, 10);
}

/* On a disk that is full the number is known as long as this process lives. */
static void count_dropped(struct kprof_push_queue *queue)
{
	_cleanup_free_ char *path = path_of_count(queue);
	char text[MAX_COUNT_BYTES];

	queue->dropped++;
	snprintf(text, sizeof(text), "%" PRIu64 "\n", queue->dropped);
	if (path)
		(void)!write_file(path, text, strlen(text));
}

/* Opening */

static int make_directories(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	for (char *slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		/* What cannot be made may be there; the last one tells. */
		(void)!mkdir(copy, 0700);
		*slash = '/';
	}
	return mkdir(copy, 0700) && errno != EEXIST ? -errno : 0;
}

static int lock(struct kprof_push_queue *queue)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/lock", queue->path) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	queue->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (queue->lock_fd < 0 || flock(queue->lock_fd, LOCK_EX | LOCK_NB))
		return -errno;
	return 0;
}

/* What a process left that died while it wrote. */
static bool is_unfinished(const char *name)
{
	return *name == '.' && strcmp(name, ".") && strcmp(name, "..");
}

static int add_entry(struct kprof_push_queue *queue, int dir_fd,
		     const char *name)
{
	struct kprof_push_waiting waiting;
	struct stat st;
	char *end;

	if (is_unfinished(name)) {
		(void)!unlinkat(dir_fd, name, 0);
		return 0;
	}
	waiting.number = strtoull(name, &end, 10);
	if (end == name || strcmp(end, SUFFIX) ||
	    fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	waiting.bytes = st.st_size;
	queue->bytes += waiting.bytes;
	if (waiting.number >= queue->next)
		queue->next = waiting.number + 1;
	return vector_push(&queue->all, waiting);
}

static int compare(const void *pa, const void *pb)
{
	const struct kprof_push_waiting *a = pa, *b = pb;

	return (a->number > b->number) - (a->number < b->number);
}

static int find_waiting(struct kprof_push_queue *queue)
{
	_cleanup_closedir_ DIR *dir = opendir(queue->path);
	const struct dirent *entry;
	int err = dir ? 0 : -errno;

	while (!err && (entry = readdir(dir)))
		err = add_entry(queue, dirfd(dir), entry->d_name);
	if (queue->all.nr)
		qsort(queue->all.data, queue->all.nr, sizeof(*queue->all.data),
		      compare);
	return err;
}

static void drop_first(struct kprof_push_queue *queue)
{
	kprof_push_queue_remove(queue, queue->all.data[0].number);
	count_dropped(queue);
}

int kprof_push_queue_open(struct kprof_push_queue *queue, const char *path,
			  uint64_t max_bytes)
{
	int err = make_directories(path);

	queue->max_bytes = max_bytes;
	queue->path = strdup(path);
	if (!err && !queue->path)
		err = -ENOMEM;
	if (!err)
		err = lock(queue);
	if (!err)
		err = find_waiting(queue);
	if (err)
		return err;
	read_count(queue);
	queue->dropped_before = queue->dropped;
	/* The bound may have been larger the last time. */
	while (queue->bytes > queue->max_bytes)
		drop_first(queue);
	return 0;
}

void kprof_push_queue_close(struct kprof_push_queue *queue)
{
	kprof_cleanup_close(&queue->lock_fd);
	vector_free(&queue->all);
	free(queue->path);
	*queue = (struct kprof_push_queue)KPROF_PUSH_QUEUE_INIT;
}

/* Messages */

uint64_t kprof_push_queue_take_number(struct kprof_push_queue *queue)
{
	return queue->next++;
}

static int insert(struct kprof_push_queue *queue,
		  const struct kprof_push_waiting *waiting)
{
	struct kprof_push_waiting *all;
	size_t at;
	int err = vector_push(&queue->all, *waiting);

	if (err)
		return err;
	all = queue->all.data;
	/* Nearly always it is the last one. */
	for (at = queue->all.nr - 1; at && all[at - 1].number > waiting->number;
	     at--)
		all[at] = all[at - 1];
	all[at] = *waiting;
	queue->bytes += waiting->bytes;
	return 0;
}

/* True if there is room now; false if the oldest one is this one. */
static bool make_room(struct kprof_push_queue *queue, uint64_t number,
		      uint64_t bytes)
{
	while (queue->all.nr && queue->bytes + bytes > queue->max_bytes) {
		if (queue->all.data[0].number > number)
			return false;
		drop_first(queue);
	}
	return bytes <= queue->max_bytes;
}

static int write_message(struct kprof_push_queue *queue, uint64_t number,
			 const void *message, size_t len)
{
	_cleanup_free_ char *path = path_of(queue, number);
	int err = path ? write_file(path, message, len) : -ENOMEM;

	while ((err == -ENOSPC || err == -EDQUOT) && queue->all.nr &&
	       queue->all.data[0].number < number) {
		drop_first(queue);
		err = write_file(path, message, len);
	}
	return err;
}

int kprof_push_queue_add(struct kprof_push_queue *queue, uint64_t number,
			 const void *message, size_t len)
{
	struct kprof_push_waiting waiting = {number, len};
	int err = 0;

	if (!make_room(queue, number, len)) {
		count_dropped(queue);
		return 0;
	}
	err = write_message(queue, number, message, len);
	if (!err)
		err = insert(queue, &waiting);
	if (err)
		count_dropped(queue);
	return err;
}

int kprof_push_queue_first(const struct kprof_push_queue *queue,
			   uint64_t *number_ret, char **ret, size_t *len_ret)
{
	_cleanup_free_ char *path = NULL;

	if (!queue->all.nr)
		return -ENOENT;
	*number_ret = queue->all.data[0].number;
	path = path_of(queue, *number_ret);
	if (!path)
		return -ENOMEM;
	return read_file(path, MAX_MESSAGE_BYTES, ret, len_ret);
}

void kprof_push_queue_remove(struct kprof_push_queue *queue, uint64_t number)
{
	struct kprof_push_waiting *all = queue->all.data;
	_cleanup_free_ char *path = path_of(queue, number);
	size_t at = 0;

	while (at < queue->all.nr && all[at].number != number)
		at++;
	if (at == queue->all.nr)
		return;
	if (path)
		(void)!unlink(path);
	queue->bytes -= all[at].bytes;
	queue->all.nr--;
	memmove(all + at, all + at + 1, (queue->all.nr - at) * sizeof(*all));
}
