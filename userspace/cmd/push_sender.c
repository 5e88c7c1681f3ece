// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl push: messages on their way, sent now or kept until they can be.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "push_sender.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/cleanup.h"

enum {
	FIRST_PAUSE_MS = 1000,
	LONGEST_PAUSE_MS = 60000,
	/* What a store may ask for. */
	LONGEST_RETRY_AFTER_S = 3600,
	NSEC_PER_MSEC = 1000000,

	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_TOO_LARGE = 413,
	HTTP_WRONG_TYPE = 415,
	HTTP_UNPROCESSABLE = 422,
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/* Pauses */

/* Up to a quarter longer, so that a fleet does not come back all at once. */
static uint64_t pause_ms(unsigned int failures)
{
	uint64_t ms = FIRST_PAUSE_MS;

	while (--failures && ms < LONGEST_PAUSE_MS)
		ms *= 2;
	if (ms > LONGEST_PAUSE_MS)
		ms = LONGEST_PAUSE_MS;
	return ms + now_ns() / 1000 % (ms / 4);
}

static void pause_sending(struct kprof_push_sender *sender,
			  uint64_t retry_after_s)
{
	uint64_t ms = pause_ms(++sender->failures);

	if (retry_after_s > LONGEST_RETRY_AFTER_S)
		retry_after_s = LONGEST_RETRY_AFTER_S;
	if (ms < retry_after_s * 1000)
		ms = retry_after_s * 1000;
	sender->next_try_ns = now_ns() + ms * NSEC_PER_MSEC;
}

/* Words */

static void say_failed(const struct kprof_push_sender *sender,
		       const struct kprof_push_answer *answer)
{
	/* Once; it is said when it works again. */
	if (sender->is_quiet || sender->failures != 1)
		return;
	fprintf(stderr, "kprofctl: cannot send to %s: ", sender->url);
	if (answer->status)
		fprintf(stderr, "HTTP status %ld", answer->status);
	if (answer->status == HTTP_OK)
		fputs(", but not from what takes profiles: is the path right?",
		      stderr);
	else if (*answer->text)
		fprintf(stderr, "%s%s", answer->status ? ": " : "",
			answer->text);
	fprintf(stderr, " (it waits in %s)\n", sender->queue->path);
}

static void say_works(const struct kprof_push_sender *sender)
{
	if (!sender->is_quiet && sender->failures)
		fprintf(stderr,
			"kprofctl: %s takes profiles again, %zu were "
			"waiting\n",
			sender->url, sender->queue->all.nr);
}

static void say_refused(const struct kprof_push_sender *sender,
			const struct kprof_push_answer *answer)
{
	fprintf(stderr,
		"kprofctl: %s refuses a profile, which is lost: HTTP status "
		"%ld: %s\n",
		sender->url, answer->status, answer->text);
}

/* Answers */

/* Neither Connect nor the gateway answers with anything else than JSON. */
static bool is_taken(const struct kprof_push_sender *sender,
		     const struct kprof_push_answer *answer)
{
	return answer->status / 100 == 2 &&
	       (sender->protocol == KPROF_PUSH_INGEST || answer->is_json);
}

/* It is about this message: another try would have the same answer. */
static bool is_refused(const struct kprof_push_answer *answer)
{
	return answer->status == HTTP_BAD_REQUEST ||
	       answer->status == HTTP_TOO_LARGE ||
	       answer->status == HTTP_WRONG_TYPE ||
	       answer->status == HTTP_UNPROCESSABLE;
}

/* The message is done with. */
static void forget_message(struct kprof_push_sender *sender)
{
	if (!sender->message)
		kprof_push_queue_remove(sender->queue, sender->number);
	free(no_cleanup_ptr(sender->message));
}

static int keep_message(struct kprof_push_sender *sender)
{
	_cleanup_free_ char *message = no_cleanup_ptr(sender->message);
	int err;

	if (!message)
		return 0;
	err = kprof_push_queue_add(sender->queue, sender->number, message,
				   sender->message_bytes);
	if (err)
		fprintf(stderr,
			"kprofctl: cannot keep a profile in %s, it is lost: "
			"%s\n",
			sender->queue->path, strerror(-err));
	return err;
}

static void handle_answer(struct kprof_push_sender *sender,
			  const struct kprof_push_answer *answer)
{
	sender->is_sending = false;
	kprof_push_free_request(&sender->request);
	if (is_taken(sender, answer)) {
		say_works(sender);
		forget_message(sender);
		sender->sent++;
		sender->failures = 0;
	} else if (is_refused(answer)) {
		say_refused(sender, answer);
		forget_message(sender);
		sender->refused++;
		sender->failures = 0;
	} else {
		pause_sending(sender, answer->retry_after_s);
		say_failed(sender, answer);
		(void)keep_message(sender);
	}
}

/* Requests */

static int start_request(struct kprof_push_sender *sender, const char *message,
			 size_t len)
{
	int err = kprof_push_make_request(sender->protocol, sender->url,
					  message, len, &sender->request);

	if (err)
		return err;
	err = kprof_push_http_start(sender->http, &sender->request);
	if (err)
		kprof_push_free_request(&sender->request);
	sender->is_sending = !err;
	return err;
}

/* The oldest of those that wait. What is damaged would be in the way for ever.
 */
static void start_first(struct kprof_push_sender *sender)
{
	_cleanup_free_ char *message = NULL;
	size_t len;
	int err = kprof_push_queue_first(sender->queue, &sender->number,
					 &message, &len);

	if (!err)
		err = start_request(sender, message, len);
	if (err == -ENOMEM) {
		pause_sending(sender, 0);
	} else if (err) {
		fprintf(stderr,
			"kprofctl: a profile that waited in %s is lost: %s\n",
			sender->queue->path, strerror(-err));
		kprof_push_queue_remove(sender->queue, sender->number);
		sender->refused++;
	}
}

static bool may_send(const struct kprof_push_sender *sender)
{
	return !sender->is_sending && now_ns() >= sender->next_try_ns;
}

int kprof_push_sender_offer(struct kprof_push_sender *sender,
			    const void *message, size_t len)
{
	uint64_t number = kprof_push_queue_take_number(sender->queue);

	if (!may_send(sender) || sender->queue->all.nr)
		return kprof_push_queue_add(sender->queue, number, message,
					    len);
	sender->message = malloc(len);
	if (!sender->message)
		return kprof_push_queue_add(sender->queue, number, message,
					    len);
	memcpy(sender->message, message, len);
	sender->message_bytes = len;
	sender->number = number;
	if (start_request(sender, message, len))
		return keep_message(sender);
	kprof_push_sender_step(sender);
	return 0;
}

void kprof_push_sender_step(struct kprof_push_sender *sender)
{
	struct kprof_push_answer answer;

	while (kprof_push_http_step(sender->http, &answer)) {
		handle_answer(sender, &answer);
		if (may_send(sender) && sender->queue->all.nr)
			start_first(sender);
	}
	if (may_send(sender) && sender->queue->all.nr)
		start_first(sender);
}

static int milliseconds_to_wait(const struct kprof_push_sender *sender,
				int timeout_ms)
{
	uint64_t now = now_ns(), left_ms;

	if (sender->is_sending || !sender->queue->all.nr)
		return timeout_ms;
	if (now >= sender->next_try_ns)
		return 0;
	left_ms = (sender->next_try_ns - now) / NSEC_PER_MSEC + 1;
	return left_ms < (uint64_t)timeout_ms ? (int)left_ms : timeout_ms;
}

void kprof_push_sender_wait(struct kprof_push_sender *sender,
			    struct pollfd *fds, unsigned int nr, int timeout_ms)
{
	kprof_push_http_wait(sender->http, fds, nr,
			     milliseconds_to_wait(sender, timeout_ms));
	kprof_push_sender_step(sender);
}

bool kprof_push_sender_is_done(const struct kprof_push_sender *sender)
{
	return !sender->is_sending && !sender->queue->all.nr;
}

void kprof_push_sender_deinit(struct kprof_push_sender *sender)
{
	(void)keep_message(sender);
	/* Its body has to stay as long as the request. */
	kprof_push_http_destroy(sender->http);
	kprof_push_free_request(&sender->request);
}
