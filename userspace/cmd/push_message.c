// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl push: profiles to messages, and back.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A message is a head of lines, an empty line, and a profile as in a file:
 *
 *	kprof-push 1
 *	from 1700000000000000000
 *	until 1700000010000000000
 *	label service_name=shop
 */
#include "push.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/io.h"
#include "util/le.h"
#include "util/strbuf.h"

static const char first_line[] = "kprof-push 1\n";

enum {
	/* Compressed it is smaller than what is allowed without. */
	MAX_FILE_BYTES = 1 << 30,
	/* The number of bytes at the end of a gzip file. */
	GZIP_SIZE_BYTES = 4,
};

/* Writing */

/**
 * struct maker - messages being made
 * @labels: of the series
 * @max_samples: in each
 * @max_bytes: of the profile in each, without compression
 * @each: takes them
 * @context: for it
 */
struct maker {
	const kprof_push_labels *labels;
	uint32_t max_samples;
	uint64_t max_bytes;
	int (*each)(const void *message, size_t len, void *context);
	void *context;
};

define_cleanup(cleanup_merger, struct kprof_merger *, kprof_merger_destroy)
define_cleanup(cleanup_profile, struct kprof_profile *, kprof_profile_destroy)

/* A file as kprofctl writes it, in memory. */
static int encode(const struct kprof_profile *profile, char **ret,
		  size_t *len_ret)
{
	_cleanup_close_ int fd = memfd_create("kprof-push", MFD_CLOEXEC);
	int err = fd < 0 ? -errno : kprof_pprof_write(profile, fd);

	if (err)
		return err;
	if (lseek(fd, 0, SEEK_SET))
		return -errno;
	return kprof_io_read_all(fd, MAX_FILE_BYTES, ret, len_ret);
}

/* gzip says at the end of a file how long it was. */
static uint64_t plain_bytes(const char *file, size_t len)
{
	return le_get32((const uint8_t *)file + len - GZIP_SIZE_BYTES);
}

static int hand_over(const struct maker *maker,
		     const struct kprof_profile *profile, const char *file,
		     size_t len)
{
	_cleanup_strbuf_ struct kprof_strbuf message = {};

	kprof_strbuf_appendf(&message,
			     "%sfrom %" PRId64 "\nuntil %" PRId64 "\n",
			     first_line, profile->time_nanos,
			     profile->time_nanos + profile->duration_nanos);
	vector_for_each (maker->labels, label)
		kprof_strbuf_appendf(&message, "label %s=%s\n", label->name,
				     label->value);
	kprof_strbuf_append_char(&message, '\n');
	kprof_strbuf_append(&message, file, len);
	if (message.err)
		return message.err;
	return maker->each(message.data, message.len, maker->context);
}

/* A profile of its own with @nr of the samples, and what they refer to. */
static int cut_out(const struct kprof_profile *profile, uint32_t first,
		   uint32_t nr, struct kprof_profile **ret)
{
	_cleanup_(cleanup_merger) struct kprof_merger *merger = NULL;
	struct kprof_profile view = *profile;
	int err = kprof_merger_create(&merger);

	view.samples += first;
	view.nr_samples = nr;
	if (!err)
		err = kprof_merger_add(merger, &view);
	return err ?: kprof_merger_finish(merger, ret);
}

static int make(const struct maker *maker, const struct kprof_profile *profile);

static int make_of_part(const struct maker *maker,
			const struct kprof_profile *profile, uint32_t first,
			uint32_t nr)
{
	_cleanup_(cleanup_profile) struct kprof_profile *part = NULL;
	int err = cut_out(profile, first, nr, &part);

	return err ?: make(maker, part);
}

static int make_of_halves(const struct maker *maker,
			  const struct kprof_profile *profile)
{
	uint32_t half = profile->nr_samples / 2;
	int err;

	if (!half)
		return -EFBIG;
	err = make_of_part(maker, profile, 0, half);
	return err
		       ?: make_of_part(maker, profile, half,
				       profile->nr_samples - half);
}

/* Each half is made smaller until it fits. */
static int make(const struct maker *maker, const struct kprof_profile *profile)
{
	_cleanup_free_ char *file = NULL;
	size_t len;
	int err;

	if (profile->nr_samples > maker->max_samples)
		return make_of_halves(maker, profile);
	err = encode(profile, &file, &len);
	if (err)
		return err;
	if (plain_bytes(file, len) > maker->max_bytes)
		return make_of_halves(maker, profile);
	return hand_over(maker, profile, file, len);
}

int kprof_push_make_messages(const struct kprof_profile *profile,
			     const kprof_push_labels *labels,
			     uint32_t max_samples, uint64_t max_bytes,
			     int (*each)(const void *message, size_t len,
					 void *context),
			     void *context)
{
	const struct maker maker = {labels, max_samples, max_bytes, each,
				    context};

	if (!profile->nr_sample_types)
		return -ENODATA;
	return make(&maker, profile);
}

/* Reading */

static int read_line(const char *line, struct kprof_push_message *ret)
{
	const char *why;

	if (sscanf(line, "from %" SCNd64, &ret->from_ns) == 1 ||
	    sscanf(line, "until %" SCNd64, &ret->until_ns) == 1)
		return 0;
	if (!strncmp(line, "label ", 6))
		return kprof_push_add_label(&ret->labels, line + 6, &why);
	/* Of a later version, perhaps. */
	return 0;
}

static int read_head(const char *head, size_t len,
		     struct kprof_push_message *ret)
{
	_cleanup_free_ char *copy = strndup(head, len);
	char *rest = copy, *line;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (line = strsep(&rest, "\n")))
		err = read_line(line, ret);
	return err == -EINVAL ? -EBADMSG : err;
}

int kprof_push_read_message(const char *data, size_t len,
			    struct kprof_push_message *ret)
{
	const char *end = memmem(data, len, "\n\n", 2);
	int err;

	*ret = (struct kprof_push_message){};
	if (!end || len < sizeof(first_line) ||
	    memcmp(data, first_line, strlen(first_line)))
		return -EBADMSG;
	ret->profile = end + 2;
	ret->profile_bytes = data + len - ret->profile;
	err = read_head(data, end - data, ret);
	if (err)
		kprof_push_free_message(ret);
	return err;
}

void kprof_push_free_message(struct kprof_push_message *message)
{
	kprof_push_free_labels(&message->labels);
}
