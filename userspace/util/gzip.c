// SPDX-License-Identifier: GPL-2.0-only
/*
 * gzip from memory to memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/gzip.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

#include "util/cleanup.h"
#include "util/vector.h"

enum {
	/* Of inflateInit2(): any window, with a gzip header. */
	GZIP_WINDOW_BITS = 15 + 16,
	STEP_BYTES = 64 * 1024,
};

bool kprof_gzip_is_gzip(const void *data, size_t len)
{
	return len >= 2 && !memcmp(data, "\x1f\x8b", 2);
}

/* zlib counts in 32 bits. */
static unsigned int clamp(size_t len)
{
	return len < UINT_MAX ? len : UINT_MAX;
}

struct input {
	const unsigned char *data;
	size_t len;
};

/* One call of inflate(); moves @input on, returns what came out. */
static int step(z_stream *stream, struct input *input, void *out,
		size_t out_len, size_t *ret)
{
	unsigned int given = clamp(input->len);
	int status;

	stream->next_in = (Bytef *)input->data;
	stream->avail_in = given;
	stream->next_out = out;
	stream->avail_out = clamp(out_len);
	status = inflate(stream, Z_NO_FLUSH);
	input->data += given - stream->avail_in;
	input->len -= given - stream->avail_in;
	*ret = stream->next_out - (unsigned char *)out;
	return status;
}

/* What a status means for the loop: 0 to go on, 1 at the end, or -errno. */
static int judge(z_stream *stream, int status, const struct input *input)
{
	switch (status) {
	case Z_OK:
		return 0;
	case Z_STREAM_END:
		if (!input->len)
			return 1;
		return inflateReset(stream) == Z_OK ? 0 : -EINVAL;
	case Z_BUF_ERROR:
		return -EPIPE;
	case Z_MEM_ERROR:
		return -ENOMEM;
	default:
		return -EINVAL;
	}
}

static int inflate_all(z_stream *stream, struct input *input, size_t max_bytes,
		       char **ret, size_t *len_ret)
{
	_cleanup_free_ char *data = NULL;
	size_t capacity = 0, len = 0, nr;
	int err = 0;

	while (!err) {
		if (kprof_array_reserve(&data, &capacity, len + STEP_BYTES, 1))
			return -ENOMEM;
		err = judge(
			stream,
			step(stream, input, data + len, capacity - len, &nr),
			input);
		len += nr;
		if (len > max_bytes)
			return -EFBIG;
	}
	if (err < 0)
		return err;
	*ret = no_cleanup_ptr(data);
	*len_ret = len;
	return 0;
}

int kprof_gzip_inflate(const void *data, size_t len, size_t max_bytes,
		       char **ret, size_t *len_ret)
{
	struct input input = {data, len};
	z_stream stream = {};
	int err;

	if (inflateInit2(&stream, GZIP_WINDOW_BITS) != Z_OK)
		return -ENOMEM;
	err = inflate_all(&stream, &input, max_bytes, ret, len_ret);
	inflateEnd(&stream);
	return err;
}

size_t kprof_gzip_inflate_prefix(const void *data, size_t len, void *out,
				 size_t out_len)
{
	struct input input = {data, len};
	z_stream stream = {};
	size_t nr;

	if (inflateInit2(&stream, GZIP_WINDOW_BITS) != Z_OK)
		return 0;
	step(&stream, &input, out, out_len, &nr);
	inflateEnd(&stream);
	return nr;
}
