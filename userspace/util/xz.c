// SPDX-License-Identifier: GPL-2.0-only
/*
 * xz from memory to memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/xz.h"

#ifdef HAVE_LZMA

#include <lzma.h>
#include <stdint.h>

#include "util/cleanup.h"
#include "util/vector.h"

enum {
	/* xz -9 has a window of 64 MiB; the decoder itself needs little. */
	MAX_DECODER_BYTES = 66 << 20,
	STEP_BYTES = 64 * 1024,
};

/* What a status means for the loop: 0 to go on, 1 at the end, or -errno. */
static int judge(lzma_ret status)
{
	switch (status) {
	case LZMA_OK:
		return 0;
	case LZMA_STREAM_END:
		return 1;
	case LZMA_BUF_ERROR:
		return -EPIPE;
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	default:
		return -EINVAL;
	}
}

static int inflate_all(lzma_stream *stream, size_t max_bytes, char **ret,
		       size_t *len_ret)
{
	_cleanup_free_ char *data = NULL;
	size_t capacity = 0, len = 0;
	int err = 0;

	while (!err) {
		size_t room;

		err = kprof_array_reserve(&data, &capacity, len + STEP_BYTES,
					  1);
		if (err)
			return err;
		room = capacity - len;
		stream->next_out = (uint8_t *)data + len;
		stream->avail_out = room;
		err = judge(lzma_code(stream, LZMA_FINISH));
		len += room - stream->avail_out;
		if (err >= 0 && len > max_bytes)
			return -EFBIG;
	}
	if (err < 0)
		return err;
	*ret = no_cleanup_ptr(data);
	*len_ret = len;
	return 0;
}

int kprof_xz_inflate(const void *data, size_t len, size_t max_bytes, char **ret,
		     size_t *len_ret)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	int err;

	if (lzma_stream_decoder(&stream, MAX_DECODER_BYTES,
				LZMA_CONCATENATED) != LZMA_OK)
		return -ENOMEM;
	stream.next_in = data;
	stream.avail_in = len;
	err = inflate_all(&stream, max_bytes, ret, len_ret);
	lzma_end(&stream);
	return err;
}

#else
/* ISO C wants something in a file. */
typedef int kprof_no_xz;
#endif
