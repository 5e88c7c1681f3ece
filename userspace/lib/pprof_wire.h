/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The outermost level of a pprof file: fields of a Profile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Both work message by message: a whole Profile as protobuf-c objects would
 * take ten times the memory of the file, and a hostile one a thousand times.
 */
#ifndef LIB_PPROF_WIRE_H
#define LIB_PPROF_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* Field numbers of perftools.profiles.Profile, see proto/profile.proto. */
enum {
	PPROF_SAMPLE_TYPE = 1,
	PPROF_SAMPLE = 2,
	PPROF_MAPPING = 3,
	PPROF_LOCATION = 4,
	PPROF_FUNCTION = 5,
	PPROF_STRING_TABLE = 6,
	PPROF_DROP_FRAMES = 7,
	PPROF_KEEP_FRAMES = 8,
	PPROF_TIME_NANOS = 9,
	PPROF_DURATION_NANOS = 10,
	PPROF_PERIOD_TYPE = 11,
	PPROF_PERIOD = 12,
	PPROF_COMMENT = 13,
	PPROF_DEFAULT_SAMPLE_TYPE = 14,
	PPROF_DOC_URL = 15,
};

/* Wire types: the low three bits of a tag. */
enum {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_LENGTH = 2,
	WIRE_FIXED32 = 5,
};

/**
 * struct kprof_pprof_field - a field as it stands in the file
 * @number: PPROF_*, or one that we do not know
 * @wire_type: WIRE_*
 * @value: of WIRE_VARINT
 * @data: of WIRE_LENGTH; points into the file
 * @len: bytes of @data
 */
struct kprof_pprof_field {
	uint32_t number;
	uint32_t wire_type;
	uint64_t value;
	const uint8_t *data;
	size_t len;
};

/* Bytes that are left to read. */
struct kprof_pprof_cursor {
	const uint8_t *data;
	size_t len;
};

/* 1 and the next field, 0 at the end, or -EINVAL; moves @cursor on. */
int kprof_pprof_next_field(struct kprof_pprof_cursor *cursor,
			   struct kprof_pprof_field *ret);
/* 1 and the next varint, 0 at the end, or -EINVAL; moves @cursor on. */
int kprof_pprof_next_varint(struct kprof_pprof_cursor *cursor, uint64_t *ret);

#endif /* LIB_PPROF_WIRE_H */
