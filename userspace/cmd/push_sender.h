/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl push: messages on their way, sent now or kept until they can be.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A message is sent from memory, and put on the disk only when that fails or
 * others wait before it: as long as the network is there, no disk is written.
 * What waits is tried again after a pause that doubles with each failure. A
 * message may arrive twice, when the answer to the first was lost.
 */
#ifndef CMD_PUSH_SENDER_H
#define CMD_PUSH_SENDER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "push.h"
#include "push_http.h"
#include "push_queue.h"

/**
 * struct kprof_push_sender - {} with the first five set is one
 * @protocol: of the store
 * @url: its address, as it was given
 * @http: to it
 * @queue: where messages wait
 * @is_quiet: no words about what will be tried again
 * @sent: messages that the store took
 * @refused: messages that it will never take, which are lost
 * @failures: in a row
 * @next_try_ns: CLOCK_MONOTONIC
 * @request: that is being sent
 * @is_sending: it is
 * @message: the message of it, if it is not in the queue; NULL if it is
 * @message_bytes: of it
 * @number: of it
 */
struct kprof_push_sender {
	enum kprof_push_protocol protocol;
	const char *url;
	struct kprof_push_http *http;
	struct kprof_push_queue *queue;
	bool is_quiet;
	uint64_t sent;
	uint64_t refused;
	unsigned int failures;
	uint64_t next_try_ns;
	struct kprof_push_request request;
	bool is_sending;
	char *message;
	size_t message_bytes;
	uint64_t number;
};

/* Takes a message to be sent as soon as it can. 0 or -errno: then it is lost.
 */
int kprof_push_sender_offer(struct kprof_push_sender *sender,
			    const void *message, size_t len);
/* Goes on; never waits. */
void kprof_push_sender_step(struct kprof_push_sender *sender);
/* Waits for @fds, or until there is something to do, and does it. */
void kprof_push_sender_wait(struct kprof_push_sender *sender,
			    struct pollfd *fds, unsigned int nr,
			    int timeout_ms);
/* Nothing is left to be sent. */
bool kprof_push_sender_is_done(const struct kprof_push_sender *sender);
/* What is under way goes to the disk. */
void kprof_push_sender_deinit(struct kprof_push_sender *sender);

#endif /* CMD_PUSH_SENDER_H */
