/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the server may ask the keeper to have done, and what comes back.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A request is one message with a socket for the reply and, if it has one, a
 * file as input. The worker that does it sends one message back, with a file as
 * output; if it dies the socket closes. Closing the server's end calls it off.
 */
#ifndef CMD_SERVE_JOB_H
#define CMD_SERVE_JOB_H

#include "cmd/serve.h"
#include "cmd/serve_query.h"
#include "lib/kprof.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum kprof_job_kind {
	/* A collection: the profile */
	KPROF_JOB_PROFILE,
	/* The input is a profile: a table as text, or what the page draws */
	KPROF_JOB_TEXT,
	KPROF_JOB_PAGE,
	/* The input is the last answer, or nothing: a profile without samples
	 */
	KPROF_JOB_MAPPINGS,
	/* The input is the last KPROF_JOB_MAPPINGS: names of addresses */
	KPROF_JOB_SYMBOL,
	/* Processes as JSON */
	KPROF_JOB_PROCESSES,
	/* A file of the store of symbols */
	KPROF_JOB_DEBUGINFO,
	KPROF_JOB_EXECUTABLE,
	/* The token, as it is now */
	KPROF_JOB_TOKEN,
	KPROF_JOB_NR,
};

enum {
	/* Of one job; a client with more asks again. */
	KPROF_JOB_MAX_ADDRESSES = 131072,
	KPROF_JOB_MESSAGE_BYTES = 512,
};

/**
 * struct kprof_job_request - what is to be done
 * @kind: KPROF_JOB_*
 * @nr_addresses: for KPROF_JOB_SYMBOL: of those at the start of the input
 * @epoch: for KPROF_JOB_MAPPINGS: where new mappings go
 * @window: of a collection
 * @build_id: of a file
 */
struct kprof_job_request {
	uint32_t kind;
	uint32_t nr_addresses;
	uint64_t epoch;
	struct kprof_serve_window window;
	char build_id[KPROF_BUILD_ID_SIZE];
};

enum kprof_job_status {
	KPROF_JOB_DONE,
	/* What was asked for is not there. */
	KPROF_JOB_ABSENT,
	KPROF_JOB_FAILED,
};

/**
 * struct kprof_job_reply - what came of it
 * @status: enum kprof_job_status
 * @samples: of a collection, in the profile
 * @lost: samples that were taken, and lost
 * @missed: periods that nobody knows whose they are
 * @handler_ns: that its interrupts took
 * @is_throttled: the module's limit was reached
 * @message: why it failed
 */
struct kprof_job_reply {
	uint32_t status;
	uint32_t is_throttled;
	uint64_t samples;
	uint64_t lost;
	uint64_t missed;
	uint64_t handler_ns;
	char message[KPROF_JOB_MESSAGE_BYTES];
};

/**
 * struct kprof_job - for the worker: one that it does
 * @request: what
 * @options: of the server
 * @input: file, -1 for none
 * @reply_fd: readable when it is called off
 * @out: the output goes here
 * @out_fd: the same file; a worker may put another in its place
 * @reply: to be filled
 */
struct kprof_job {
	const struct kprof_job_request *request;
	const struct kprof_serve_options *options;
	int input;
	int reply_fd;
	FILE *out;
	int out_fd;
	struct kprof_job_reply *reply;
};

/*
 * Workers: each is 0, KPROF_EXIT_FAILED after it has said why on stderr, or
 * KPROF_EXIT_USAGE after it has said what is not there.
 */
int kprof_job_profile(struct kprof_job *job);
int kprof_job_text(struct kprof_job *job);
int kprof_job_page(struct kprof_job *job);
int kprof_job_mappings(struct kprof_job *job);
int kprof_job_symbol(struct kprof_job *job);
int kprof_job_processes(struct kprof_job *job);
int kprof_job_file(struct kprof_job *job);
int kprof_job_token(struct kprof_job *job);

/* How a worker symbolizes. */
void kprof_job_names(const struct kprof_job *job,
		     struct kprof_symbolize_options *ret);

/* The profile that starts at @offset of the input. 0 or -errno. */
int kprof_job_read_profile(const struct kprof_job *job, size_t offset,
			   struct kprof_profile **ret);

#endif /* CMD_SERVE_JOB_H */
