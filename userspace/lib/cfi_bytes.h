/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads numbers from bytes, never beyond their end.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * What lies behind the end is 0, and the reader remembers that it was asked
 * for. All machines whose stacks are unwound are little-endian.
 */
#ifndef LIB_CFI_BYTES_H
#define LIB_CFI_BYTES_H

#include "util/le.h"

#include <stdbool.h>

/**
 * struct kprof_cfi_bytes - bytes being read
 * @at: the next one
 * @end: behind the last
 * @is_short: more was asked for than there is
 */
struct kprof_cfi_bytes {
	const uint8_t *at;
	const uint8_t *end;
	bool is_short;
};

/* Goes over @size bytes and returns where they are; NULL if they are not. */
static inline const uint8_t *cfi_skip(struct kprof_cfi_bytes *bytes,
				      uint64_t size)
{
	const uint8_t *at = bytes->at;

	if (size > (uint64_t)(bytes->end - at)) {
		bytes->is_short = true;
		bytes->at = bytes->end;
		return NULL;
	}
	bytes->at += size;
	return at;
}

/* @size is at most 8. */
static inline uint64_t cfi_unsigned(struct kprof_cfi_bytes *bytes, size_t size)
{
	const uint8_t *at = cfi_skip(bytes, size);
	uint64_t value = 0;

	if (at)
		memcpy(&value, at, size);
	return le64toh(value);
}

static inline int64_t cfi_signed(struct kprof_cfi_bytes *bytes, size_t size)
{
	unsigned int unused = 64 - 8 * (unsigned int)size;

	return (int64_t)(cfi_unsigned(bytes, size) << unused) >> unused;
}

static inline uint8_t cfi_u8(struct kprof_cfi_bytes *bytes)
{
	if (bytes->at == bytes->end) {
		bytes->is_short = true;
		return 0;
	}
	return *bytes->at++;
}

/* Bits beyond 64 are dropped. @shift_ret: bits that were written. */
static inline uint64_t cfi_leb128(struct kprof_cfi_bytes *bytes,
				  unsigned int *shift_ret, uint8_t *last_ret)
{
	unsigned int shift = 0;
	uint64_t value = 0;
	uint8_t byte;

	do {
		byte = cfi_u8(bytes);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	*shift_ret = shift;
	*last_ret = byte;
	return value;
}

static inline uint64_t cfi_uleb128(struct kprof_cfi_bytes *bytes)
{
	unsigned int shift;
	uint8_t last;

	return cfi_leb128(bytes, &shift, &last);
}

static inline int64_t cfi_sleb128(struct kprof_cfi_bytes *bytes)
{
	unsigned int shift;
	uint8_t last;
	uint64_t value = cfi_leb128(bytes, &shift, &last);

	if (last & 0x40 && shift < 64)
		value |= ~0ULL << shift;
	return (int64_t)value;
}

#endif /* LIB_CFI_BYTES_H */
