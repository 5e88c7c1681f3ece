// SPDX-License-Identifier: GPL-2.0-only
/*
 * The outermost level of a pprof file: fields of a Profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "pprof_wire.h"

#include <errno.h>

#include "util/log.h"

static int malformed(const char *what)
{
	log_error("it is not a protobuf message: %s", what);
	return -EINVAL;
}

int kprof_pprof_next_varint(struct kprof_pprof_cursor *cursor, uint64_t *ret)
{
	uint64_t value = 0;
	uint8_t byte;

	if (!cursor->len)
		return 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (!cursor->len)
			return malformed("a number is cut off");
		byte = *cursor->data;
		cursor->data++;
		cursor->len--;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret = value;
			return 1;
		}
	}
	return malformed("a number has more than 64 bits");
}

static int take(struct kprof_pprof_cursor *cursor, uint64_t len,
		struct kprof_pprof_field *field)
{
	if (len > cursor->len)
		return malformed("a field is cut off");
	field->data = cursor->data;
	field->len = len;
	cursor->data += len;
	cursor->len -= len;
	return 1;
}

int kprof_pprof_next_field(struct kprof_pprof_cursor *cursor,
			   struct kprof_pprof_field *ret)
{
	uint64_t tag, len = 0;
	int status = kprof_pprof_next_varint(cursor, &tag);

	if (status <= 0)
		return status;
	if (!(tag >> 3) || tag > UINT32_MAX)
		return malformed("a field number cannot be");
	*ret = (struct kprof_pprof_field){
		.number = tag >> 3,
		.wire_type = tag & 7,
	};
	switch (ret->wire_type) {
	case WIRE_VARINT:
		status = kprof_pprof_next_varint(cursor, &ret->value);
		break;
	case WIRE_LENGTH:
		status = kprof_pprof_next_varint(cursor, &len);
		break;
	case WIRE_FIXED64:
		return take(cursor, 8, ret);
	case WIRE_FIXED32:
		return take(cursor, 4, ret);
	default:
		return malformed("a field has no known type");
	}
	if (!status)
		return malformed("a field is cut off");
	if (status < 0 || ret->wire_type == WIRE_VARINT)
		return status;
	return take(cursor, len, ret);
}
