/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A streaming JSON writer.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Commas, quotes and escapes are its business; that every object gets keys
 * and every begin its end is the caller's. What is no UTF-8 becomes U+FFFD.
 */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct kprof_json - a document being written
 * @out: where to
 * @depth: open objects and arrays
 * @is_first: nothing was written yet at this depth
 * @is_in_html: it will stand in a script of a page: "<" is escaped; to be set
 *	after kprof_json_init()
 * @follows_key: the next value belongs to the key just written
 */
struct kprof_json {
	FILE *out;
	unsigned int depth;
	bool is_first;
	bool is_in_html;
	bool follows_key;
};

void kprof_json_init(struct kprof_json *json, FILE *out);
void kprof_json_begin_object(struct kprof_json *json);
void kprof_json_end_object(struct kprof_json *json);
void kprof_json_begin_array(struct kprof_json *json);
void kprof_json_end_array(struct kprof_json *json);
void kprof_json_key(struct kprof_json *json, const char *key);
void kprof_json_string(struct kprof_json *json, const char *value);
void kprof_json_int(struct kprof_json *json, int64_t value);
void kprof_json_uint(struct kprof_json *json, uint64_t value);
void kprof_json_bool(struct kprof_json *json, bool value);
void kprof_json_null(struct kprof_json *json);
/* Ends the document with a newline. 0 or -errno if anything failed. */
int kprof_json_finish(struct kprof_json *json);

/* Key and value at once. */
void kprof_json_member_string(struct kprof_json *json, const char *key,
			      const char *value);
void kprof_json_member_int(struct kprof_json *json, const char *key,
			   int64_t value);
void kprof_json_member_uint(struct kprof_json *json, const char *key,
			    uint64_t value);
void kprof_json_member_bool(struct kprof_json *json, const char *key,
			    bool value);

#endif /* UTIL_JSON_H */
