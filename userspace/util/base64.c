// SPDX-License-Identifier: GPL-2.0-only
/*
 * Base 64.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/base64.h"

#include <stdint.h>
#include <string.h>

#include "util/strbuf.h"

enum {
	GROUP_BYTES = 3,
	GROUP_DIGITS = 4,
	/* Groups that are appended at once. */
	PIECE_GROUPS = 256,
};

static const char digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	"abcdefghijklmnopqrstuvwxyz0123456789+/";

/* 1 to 3 bytes. */
static void encode_group(const unsigned char *bytes, size_t len,
			 char ret[GROUP_DIGITS])
{
	uint32_t bits = bytes[0] << 16;

	bits |= len > 1 ? bytes[1] << 8 : 0;
	bits |= len > 2 ? bytes[2] : 0;
	for (int i = 0; i < GROUP_DIGITS; i++)
		ret[i] = digits[bits >> (18 - 6 * i) & 63];
	for (size_t i = len + 1; i < GROUP_DIGITS; i++)
		ret[i] = '=';
}

void kprof_base64_append(struct kprof_strbuf *buf, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	char piece[PIECE_GROUPS * GROUP_DIGITS];
	size_t nr = 0;

	for (size_t i = 0; i < len; i += GROUP_BYTES) {
		encode_group(bytes + i,
			     len - i < GROUP_BYTES ? len - i : GROUP_BYTES,
			     piece + nr);
		nr += GROUP_DIGITS;
		if (nr == sizeof(piece) || i + GROUP_BYTES >= len) {
			kprof_strbuf_append(buf, piece, nr);
			nr = 0;
		}
	}
}

static int value_of(char digit)
{
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) : -1;
}

size_t kprof_base64_decode(const char *text, char *ret, size_t size)
{
	uint32_t bits = 0;
	size_t nr_bits = 0, len = 0;

	for (int value; (value = value_of(*text)) >= 0; text++) {
		bits = bits << 6 | (uint32_t)value;
		nr_bits += 6;
		if (nr_bits < 8)
			continue;
		nr_bits -= 8;
		if (len == size)
			return 0;
		ret[len++] = (char)(bits >> nr_bits);
	}
	return len;
}
