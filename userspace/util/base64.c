// SPDX-License-Identifier: GPL-2.0-only
/*
 * Base 64.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/base64.h"

#include <stdint.h>

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
