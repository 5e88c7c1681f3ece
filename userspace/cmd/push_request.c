// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl push: messages to what each store wants to be posted.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "push.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "util/base64.h"
#include "util/cleanup.h"
#include "util/json.h"
#include "util/strbuf.h"

/* The series' kind; stores make the rest of its type from the profile. */
static const char metric[] = "process_cpu";

enum {
	NSEC_PER_SEC = 1000000000,
	UUID_BYTES = 16,
};

/* @path below the address of the store, whether that ends in a slash or not. */
static void append_url(struct kprof_strbuf *url, const char *base,
		       const char *path)
{
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	kprof_strbuf_append(url, base, len);
	kprof_strbuf_append_str(url, path);
}

/* JSON */

static void json_label(struct kprof_json *json, const char *name,
		       const char *value)
{
	kprof_json_begin_object(json);
	kprof_json_member_string(json, "name", name);
	kprof_json_member_string(json, "value", value);
	kprof_json_end_object(json);
}

static void json_labels(struct kprof_json *json,
			const kprof_push_labels *labels)
{
	kprof_json_key(json, "labels");
	kprof_json_begin_array(json);
	json_label(json, "__name__", metric);
	vector_for_each (labels, label)
		json_label(json, label->name, label->value);
	kprof_json_end_array(json);
}

/* A random UUID, as RFC 9562 has it. */
static int make_uuid(char ret[37])
{
	unsigned char bytes[UUID_BYTES];
	char *at = ret;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (int i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		at += sprintf(at, "%02x", bytes[i]);
	}
	return 0;
}

static int json_samples(struct kprof_json *json,
			enum kprof_push_protocol protocol,
			const struct kprof_push_message *message)
{
	_cleanup_strbuf_ struct kprof_strbuf profile = {};
	char uuid[37];
	int err = make_uuid(uuid);

	if (err)
		return err;
	kprof_base64_append(&profile, message->profile, message->profile_bytes);
	kprof_json_key(json, "samples");
	kprof_json_begin_array(json);
	kprof_json_begin_object(json);
	if (protocol == KPROF_PUSH_PYROSCOPE)
		kprof_json_member_string(json, "ID", uuid);
	kprof_json_member_string(json,
				 protocol == KPROF_PUSH_PARCA ? "raw_profile"
							      : "rawProfile",
				 kprof_strbuf_str(&profile));
	kprof_json_end_object(json);
	kprof_json_end_array(json);
	return profile.err;
}

/* {"series": [{"labels": ..., "samples": [...]}]} */
static int write_series(FILE *out, enum kprof_push_protocol protocol,
			const struct kprof_push_message *message)
{
	struct kprof_json json;
	int err;

	kprof_json_init(&json, out);
	kprof_json_begin_object(&json);
	kprof_json_key(&json, "series");
	kprof_json_begin_array(&json);
	kprof_json_begin_object(&json);
	/* Parca has a message around the list. */
	if (protocol == KPROF_PUSH_PARCA) {
		kprof_json_key(&json, "labels");
		kprof_json_begin_object(&json);
	}
	json_labels(&json, &message->labels);
	if (protocol == KPROF_PUSH_PARCA)
		kprof_json_end_object(&json);
	err = json_samples(&json, protocol, message);
	kprof_json_end_object(&json);
	kprof_json_end_array(&json);
	kprof_json_end_object(&json);
	return kprof_json_finish(&json) ?: err;
}

static int make_json(enum kprof_push_protocol protocol, const char *base,
		     const struct kprof_push_message *message,
		     struct kprof_push_request *ret)
{
	_cleanup_strbuf_ struct kprof_strbuf url = {};
	FILE *out = open_memstream(&ret->body, &ret->len);
	int err;

	if (!out)
		return -ENOMEM;
	err = write_series(out, protocol, message);
	if (fclose(out) && !err)
		err = -ENOMEM;
	append_url(&url, base,
		   protocol == KPROF_PUSH_PARCA
			   ? "/profiles/writeraw"
			   : "/push.v1.PusherService/Push");
	ret->url = kprof_strbuf_steal(&url);
	ret->content_type = "application/json";
	return err ?: ret->url ? 0 : -ENOMEM;
}

/* /ingest */

static void append_escaped(struct kprof_strbuf *url, const char *text)
{
	for (; *text; text++)
		if (isalnum((unsigned char)*text) || strchr("-_.~", *text))
			kprof_strbuf_append_char(url, *text);
		else
			kprof_strbuf_appendf(url, "%%%02X",
					     (unsigned char)*text);
}

/* "service{name=value,...}" */
static void append_series(struct kprof_strbuf *url,
			  const kprof_push_labels *labels)
{
	const char *service = kprof_push_label_value(labels, "service_name");
	const char *before = "{";

	append_escaped(url, service ?: "kprof");
	vector_for_each (labels, label) {
		if (!strcmp(label->name, "service_name"))
			continue;
		append_escaped(url, before);
		append_escaped(url, label->name);
		append_escaped(url, "=");
		append_escaped(url, label->value);
		before = ",";
	}
	append_escaped(url, *before == ',' ? "}" : "{}");
}

static int make_ingest(const char *base,
		       const struct kprof_push_message *message,
		       struct kprof_push_request *ret)
{
	_cleanup_strbuf_ struct kprof_strbuf url = {};

	append_url(&url, base, "/ingest?name=");
	append_series(&url, &message->labels);
	kprof_strbuf_appendf(&url,
			     "&from=%" PRId64 "&until=%" PRId64
			     "&format=pprof&spyName=kprof",
			     message->from_ns / NSEC_PER_SEC,
			     message->until_ns / NSEC_PER_SEC);
	ret->content_type = "application/octet-stream";
	ret->body = malloc(message->profile_bytes + 1);
	ret->url = kprof_strbuf_steal(&url);
	if (!ret->body || !ret->url)
		return -ENOMEM;
	memcpy(ret->body, message->profile, message->profile_bytes);
	ret->len = message->profile_bytes;
	return 0;
}

int kprof_push_make_request(enum kprof_push_protocol protocol, const char *base,
			    const char *message, size_t len,
			    struct kprof_push_request *ret)
{
	struct kprof_push_message content;
	int err = kprof_push_read_message(message, len, &content);

	*ret = (struct kprof_push_request){};
	if (err)
		return err;
	err = protocol == KPROF_PUSH_INGEST
		      ? make_ingest(base, &content, ret)
		      : make_json(protocol, base, &content, ret);
	kprof_push_free_message(&content);
	if (err)
		kprof_push_free_request(ret);
	return err;
}

void kprof_push_free_request(struct kprof_push_request *request)
{
	free(request->url);
	free(request->body);
	*request = (struct kprof_push_request){};
}
