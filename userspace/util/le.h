/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Little-endian numbers at any place in memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_LE_H
#define UTIL_LE_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t le_get32(const uint8_t *bytes)
{
	uint32_t ret;

	memcpy(&ret, bytes, sizeof(ret));
	return le32toh(ret);
}

static inline uint64_t le_get64(const uint8_t *bytes)
{
	uint64_t ret;

	memcpy(&ret, bytes, sizeof(ret));
	return le64toh(ret);
}

/* Of 4 or 8 bytes. */
static inline uint64_t le_get(const uint8_t *bytes, size_t size)
{
	return size == 4 ? le_get32(bytes) : le_get64(bytes);
}

#endif /* UTIL_LE_H */
