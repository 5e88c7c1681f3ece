// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which bytes are UTF-8.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/utf8.h"

/* Bytes that a character takes which starts with @first, 0 if none does. */
static size_t bytes_after(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

size_t kprof_utf8_char_bytes(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t bytes = bytes_after(p[0]);

	if (bytes > len)
		return 0;
	for (size_t i = 1; i < bytes; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Too long forms, surrogates, and what is above U+10FFFF. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return bytes;
}

bool kprof_utf8_is_valid(const char *text, size_t len)
{
	size_t bytes;

	for (; len; text += bytes, len -= bytes) {
		bytes = kprof_utf8_char_bytes(text, len);
		if (!bytes)
			return false;
	}
	return true;
}

size_t kprof_utf8_length(const char *text, size_t len)
{
	size_t bytes, nr = 0;

	for (; len; text += bytes, len -= bytes, nr++)
		bytes = kprof_utf8_char_bytes(text, len) ?: 1;
	return nr;
}

void kprof_utf8_append_repaired(struct kprof_strbuf *buf, const char *text,
				size_t len)
{
	size_t bytes;

	for (; len; text += bytes, len -= bytes) {
		bytes = kprof_utf8_char_bytes(text, len);
		if (bytes && *text) {
			kprof_strbuf_append(buf, text, bytes);
		} else {
			kprof_strbuf_append_str(buf, KPROF_UTF8_REPLACEMENT);
			bytes = 1;
		}
	}
}

void kprof_utf8_replace_controls(char *text, size_t len)
{
	unsigned char *at = (unsigned char *)text;

	for (size_t i = 0; i < len; i++) {
		/* U+0080 to U+009F */
		bool is_c1 = at[i] == 0xc2 && i + 1 < len &&
			     at[i + 1] >= 0x80 && at[i + 1] <= 0x9f;

		if (at[i] < ' ' || at[i] == 0x7f || is_c1)
			at[i] = '?';
		if (is_c1)
			at[++i] = '?';
	}
}
