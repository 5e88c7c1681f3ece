/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl push: messages that wait on a disk.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A directory with a file for each message, numbered in their order; whole or
 * not there. When they become too many bytes, the oldest are dropped, and the
 * file "dropped" has their number. Who has it locks it: one process at a time.
 */
#ifndef CMD_PUSH_QUEUE_H
#define CMD_PUSH_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "util/vector.h"

struct kprof_push_waiting {
	uint64_t number;
	uint64_t bytes;
};

/**
 * struct kprof_push_queue - a queue; KPROF_PUSH_QUEUE_INIT is none
 * @path: its directory
 * @lock_fd: locked
 * @max_bytes: of all messages
 * @all: those that wait, the oldest first
 * @bytes: of them
 * @next: number of the next message
 * @dropped: messages that are lost, since the queue was made
 * @dropped_before: of these, before it was opened
 */
struct kprof_push_queue {
	char *path;
	int lock_fd;
	uint64_t max_bytes;
	vector(struct kprof_push_waiting) all;
	uint64_t bytes;
	uint64_t next;
	uint64_t dropped;
	uint64_t dropped_before;
};

#define KPROF_PUSH_QUEUE_INIT \
	{                     \
		.lock_fd = -1 \
	}

/*
 * Makes the directory if there is none. -EWOULDBLOCK if another process has it.
 * kprof_push_queue_close() is needed in any case.
 */
int kprof_push_queue_open(struct kprof_push_queue *queue, const char *path,
			  uint64_t max_bytes);
void kprof_push_queue_close(struct kprof_push_queue *queue);

/* The number of a message that may be added later, in its place. */
uint64_t kprof_push_queue_take_number(struct kprof_push_queue *queue);
/*
 * Puts a message on the disk, and drops the oldest ones that there is no room
 * for, itself if it is one. A full disk is a bound like any other. 0 or -errno;
 * then it is dropped too.
 */
int kprof_push_queue_add(struct kprof_push_queue *queue, uint64_t number,
			 const void *message, size_t len);
/*
 * The oldest message, for the caller to free, and its number. -ENOENT if there
 * is none; with another error @number_ret is valid.
 */
int kprof_push_queue_first(const struct kprof_push_queue *queue,
			   uint64_t *number_ret, char **ret, size_t *len_ret);
/* Forgets one: it was sent, or is for nobody. It may have been dropped. */
void kprof_push_queue_remove(struct kprof_push_queue *queue, uint64_t number);

#endif /* CMD_PUSH_QUEUE_H */
