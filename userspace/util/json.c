// SPDX-License-Identifier: GPL-2.0-only
/*
 * A streaming JSON writer.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "util/utf8.h"

enum {
	/* Deeper than this, everything stays on one line. */
	MAX_LINE_DEPTH = 2,
};

void kprof_json_init(struct kprof_json *json, FILE *out)
{
	*json = (struct kprof_json){.out = out, .is_first = true};
}

static void new_line(struct kprof_json *json)
{
	if (!json->depth || json->depth > MAX_LINE_DEPTH)
		return;
	fputc('\n', json->out);
	for (unsigned int i = 0; i < json->depth; i++)
		fputc('\t', json->out);
}

/* What comes between two values, or a key and its value. */
static void separate(struct kprof_json *json)
{
	if (json->follows_key) {
		json->follows_key = false;
		return;
	}
	if (!json->is_first)
		fputs(json->depth > MAX_LINE_DEPTH ? ", " : ",", json->out);
	new_line(json);
	json->is_first = false;
}

static void begin(struct kprof_json *json, char bracket)
{
	separate(json);
	fputc(bracket, json->out);
	json->depth++;
	json->is_first = true;
}

static void end(struct kprof_json *json, char bracket)
{
	bool was_empty = json->is_first;

	json->depth--;
	if (!was_empty && json->depth < MAX_LINE_DEPTH) {
		if (json->depth)
			new_line(json);
		else
			fputc('\n', json->out);
	}
	fputc(bracket, json->out);
	json->is_first = false;
}

void kprof_json_begin_object(struct kprof_json *json)
{
	begin(json, '{');
}

void kprof_json_end_object(struct kprof_json *json)
{
	end(json, '}');
}

void kprof_json_begin_array(struct kprof_json *json)
{
	begin(json, '[');
}

void kprof_json_end_array(struct kprof_json *json)
{
	end(json, ']');
}

/* A control character; the others need no escape but for quote and backslash.
 */
static void write_control(FILE *out, char c)
{
	static const char letters[] = {
		['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',
		['\r'] = 'r', ['\t'] = 't',
	};

	if ((size_t)c < sizeof(letters) && letters[(size_t)c])
		fprintf(out, "\\%c", letters[(size_t)c]);
	else
		fprintf(out, "\\u%04x", (unsigned int)c);
}

/* Writes the character at @text, returns its bytes. */
static size_t write_char(FILE *out, const char *text, size_t len)
{
	size_t bytes = kprof_utf8_char_bytes(text, len);

	if (!bytes) {
		fputs(KPROF_UTF8_REPLACEMENT, out);
		return 1;
	}
	if (*text == '"' || *text == '\\')
		fprintf(out, "\\%c", *text);
	else if (*text == 0x7f || (bytes == 1 && *text < 0x20))
		write_control(out, *text);
	else
		fwrite(text, 1, bytes, out);
	return bytes;
}

/* Bytes at the start of @text that stand for themselves. */
static size_t plain_bytes(const char *text, size_t len, char special)
{
	size_t nr = 0;

	while (nr < len && text[nr] >= 0x20 && text[nr] < 0x7f &&
	       text[nr] != '"' && text[nr] != '\\' && text[nr] != special)
		nr++;
	return nr;
}

static void write_string(const struct kprof_json *json, const char *text)
{
	/* Nothing that starts with it may end the script around. */
	char special = json->is_in_html ? '<' : '"';
	FILE *out = json->out;
	size_t len = strlen(text);
	size_t bytes;

	fputc('"', out);
	for (; len; text += bytes, len -= bytes) {
		bytes = plain_bytes(text, len, special);
		if (bytes) {
			fwrite(text, 1, bytes, out);
		} else if (*text == '<') {
			fputs("\\u003c", out);
			bytes = 1;
		} else {
			bytes = write_char(out, text, len);
		}
	}
	fputc('"', out);
}

void kprof_json_key(struct kprof_json *json, const char *key)
{
	separate(json);
	write_string(json, key);
	fputs(": ", json->out);
	json->follows_key = true;
}

void kprof_json_string(struct kprof_json *json, const char *value)
{
	separate(json);
	write_string(json, value);
}

void kprof_json_int(struct kprof_json *json, int64_t value)
{
	separate(json);
	fprintf(json->out, "%" PRId64, value);
}

void kprof_json_uint(struct kprof_json *json, uint64_t value)
{
	separate(json);
	fprintf(json->out, "%" PRIu64, value);
}

void kprof_json_bool(struct kprof_json *json, bool value)
{
	separate(json);
	fputs(value ? "true" : "false", json->out);
}

void kprof_json_null(struct kprof_json *json)
{
	separate(json);
	fputs("null", json->out);
}

int kprof_json_finish(struct kprof_json *json)
{
	errno = 0;
	fputc('\n', json->out);
	if (fflush(json->out) || ferror(json->out))
		return errno ? -errno : -EIO;
	return 0;
}

void kprof_json_member_string(struct kprof_json *json, const char *key,
			      const char *value)
{
	kprof_json_key(json, key);
	kprof_json_string(json, value);
}

void kprof_json_member_int(struct kprof_json *json, const char *key,
			   int64_t value)
{
	kprof_json_key(json, key);
	kprof_json_int(json, value);
}

void kprof_json_member_uint(struct kprof_json *json, const char *key,
			    uint64_t value)
{
	kprof_json_key(json, key);
	kprof_json_uint(json, value);
}

void kprof_json_member_bool(struct kprof_json *json, const char *key,
			    bool value)
{
	kprof_json_key(json, key);
	kprof_json_bool(json, value);
}
