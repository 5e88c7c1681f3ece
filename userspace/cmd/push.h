/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl push: where profiles are sent to, and what is sent.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A profile becomes one message, or several if it is too large for one. A
 * message is bytes that are sent, or wait on a disk until they can be.
 */
#ifndef CMD_PUSH_H
#define CMD_PUSH_H

#include <stddef.h>
#include <stdint.h>

#include "lib/kprof.h"
#include "util/vector.h"

/* What the other side speaks. */
enum kprof_push_protocol {
	/* Grafana Pyroscope's push.v1, Connect with JSON */
	KPROF_PUSH_PYROSCOPE,
	/* Pyroscope's older /ingest */
	KPROF_PUSH_INGEST,
	/* Parca's WriteRaw, over its HTTP gateway */
	KPROF_PUSH_PARCA,
};

/* A label of a series, for all profiles that are sent. */
struct kprof_push_label {
	char *name;
	char *value;
};

typedef vector(struct kprof_push_label) kprof_push_labels;

/**
 * kprof_push_add_label() - takes "name=value"
 * @labels: where to; a name that is there gets the new value
 * @text: what was given
 * @why_ret: what is wrong with it, in words
 *
 * Return: 0; -EINVAL for what no store takes; -ENOMEM.
 */
int kprof_push_add_label(kprof_push_labels *labels, const char *text,
			 const char **why_ret);
const char *kprof_push_label_value(const kprof_push_labels *labels,
				   const char *name);
void kprof_push_free_labels(kprof_push_labels *labels);

/* Messages */

enum {
	/* What Pyroscope takes by default: samples, and bytes uncompressed. */
	KPROF_PUSH_MAX_SAMPLES = 16000,
	KPROF_PUSH_MAX_BYTES = 4 << 20,
};

/**
 * struct kprof_push_message - a message, read
 * @labels: of the series
 * @from_ns: wall clock at the start of the profile
 * @until_ns: at its end
 * @profile: the profile, compressed; part of the message
 * @profile_bytes: of it
 */
struct kprof_push_message {
	kprof_push_labels labels;
	int64_t from_ns;
	int64_t until_ns;
	const char *profile;
	size_t profile_bytes;
};

/**
 * kprof_push_make_messages() - what to send of a profile
 * @profile: the profile
 * @labels: of the series
 * @max_samples: in a message
 * @max_bytes: in a message, of the profile without compression
 * @each: takes a message, at least one; 0 or -errno
 * @context: for @each
 *
 * The samples of all messages together are those of the profile.
 *
 * Return: 0; -EFBIG if a single sample is too large; -ENODATA if it has no
 * sample types; what @each returned; or another -errno.
 */
int kprof_push_make_messages(const struct kprof_profile *profile,
			     const kprof_push_labels *labels,
			     uint32_t max_samples, uint64_t max_bytes,
			     int (*each)(const void *message, size_t len,
					 void *context),
			     void *context);
/* Reads one. 0, -EBADMSG if it is damaged, or -ENOMEM. */
int kprof_push_read_message(const char *data, size_t len,
			    struct kprof_push_message *ret);
void kprof_push_free_message(struct kprof_push_message *message);

/* Requests */

/**
 * struct kprof_push_request - a POST
 * @url: where to
 * @content_type: of @body
 * @body: what
 * @len: bytes of it
 */
struct kprof_push_request {
	char *url;
	const char *content_type;
	char *body;
	size_t len;
};

/* For @base, the address of a store. 0, -EBADMSG or -ENOMEM. */
int kprof_push_make_request(enum kprof_push_protocol protocol, const char *base,
			    const char *message, size_t len,
			    struct kprof_push_request *ret);
void kprof_push_free_request(struct kprof_push_request *request);

#endif /* CMD_PUSH_H */
