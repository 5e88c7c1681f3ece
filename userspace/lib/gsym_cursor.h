/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads numbers from a span of a symbol map, and never beyond it.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A read that fails gives 0 and is remembered: look at it once, at the end.
 */
#ifndef LIB_GSYM_CURSOR_H
#define LIB_GSYM_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * struct kprof_gsym_span - some bytes of the map
 * @data: NULL if there are none
 * @size: how many
 */
struct kprof_gsym_span {
	const uint8_t *data;
	size_t size;
};

/**
 * struct kprof_gsym_cursor - a place in a span
 * @at: next byte
 * @end: first byte after the span
 * @has_failed: something was to be read beyond @end, or was no number
 */
struct kprof_gsym_cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool has_failed;
};

static inline struct kprof_gsym_cursor
kprof_gsym_cursor(struct kprof_gsym_span span)
{
	return (struct kprof_gsym_cursor){span.data, span.data + span.size,
					  false};
}

/* @size bytes of this machine's byte order. */
static inline bool kprof_gsym_take(struct kprof_gsym_cursor *cursor, void *ret,
				   size_t size)
{
	if ((size_t)(cursor->end - cursor->at) < size) {
		cursor->has_failed = true;
		cursor->at = cursor->end;
		return false;
	}
	memcpy(ret, cursor->at, size);
	cursor->at += size;
	return true;
}

static inline uint8_t kprof_gsym_u8(struct kprof_gsym_cursor *cursor)
{
	uint8_t value = 0;

	kprof_gsym_take(cursor, &value, sizeof(value));
	return value;
}

static inline uint32_t kprof_gsym_u32(struct kprof_gsym_cursor *cursor)
{
	uint32_t value = 0;

	kprof_gsym_take(cursor, &value, sizeof(value));
	return value;
}

/*
 * LEB128: seven bits a byte, the lowest first. @bits_ret is for the sign. Most
 * look-ups spend most of their time here.
 */
static inline uint64_t kprof_gsym_leb(struct kprof_gsym_cursor *cursor,
				      unsigned int *bits_ret)
{
	const uint8_t *at = cursor->at;
	unsigned int bits = 0;
	uint64_t value = 0;

	/* Nearly all have one byte or two. */
	if (__builtin_expect(cursor->end - at >= 2, 1)) {
		if (at[0] < 0x80) {
			cursor->at = at + 1;
			*bits_ret = 7;
			return at[0];
		}
		if (at[1] < 0x80) {
			cursor->at = at + 2;
			*bits_ret = 14;
			return (at[0] & 0x7fU) | (uint64_t)at[1] << 7;
		}
	}
	while (at < cursor->end && bits < 64) {
		uint8_t byte = *at++;

		value |= (uint64_t)(byte & 0x7f) << bits;
		bits += 7;
		if (byte < 0x80) {
			cursor->at = at;
			*bits_ret = bits;
			return value;
		}
	}
	cursor->has_failed = true;
	cursor->at = cursor->end;
	*bits_ret = 64;
	return 0;
}

static inline uint64_t kprof_gsym_uleb(struct kprof_gsym_cursor *cursor)
{
	unsigned int bits;

	return kprof_gsym_leb(cursor, &bits);
}

/* The highest bit that is there is the sign. */
static inline int64_t kprof_gsym_sleb(struct kprof_gsym_cursor *cursor)
{
	unsigned int bits;
	uint64_t value = kprof_gsym_leb(cursor, &bits);

	if (bits < 64 && value >> (bits - 1))
		value |= UINT64_MAX << bits;
	return (int64_t)value;
}

#endif /* LIB_GSYM_CURSOR_H */
