// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of util/gzip.c, util/io.c and util/arena.c: what limits memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/gzip.h"

#include <zlib.h>

#include "test.h"
#include "util/arena.h"
#include "util/io.h"

static size_t compress_to(const void *data, size_t len, void *out,
			  size_t out_len)
{
	z_stream stream = {};

	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	stream.next_in = (Bytef *)data;
	stream.avail_in = len;
	stream.next_out = out;
	stream.avail_out = out_len;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out_len -= stream.avail_out;
	deflateEnd(&stream);
	return out_len;
}

static void files_in_a_row_are_one(void **state)
{
	char packed[200], *text;
	size_t len, nr;

	(void)state;
	nr = compress_to("hello ", 6, packed, sizeof(packed));
	nr += compress_to("world", 5, packed + nr, sizeof(packed) - nr);
	assert_ok(kprof_gzip_inflate(packed, nr, 100, &text, &len));
	assert_int_equal(len, 11);
	assert_memory_equal(text, "hello world", 11);
	free(text);
}

static void every_cut_is_noticed(void **state)
{
	char packed[200], *text;
	size_t len, nr;

	(void)state;
	nr = compress_to("hello hello hello", 17, packed, sizeof(packed));
	for (size_t cut = 2; cut < nr; cut++)
		assert_errno(kprof_gzip_inflate(packed, cut, 100, &text, &len),
			     -EPIPE);
	packed[nr - 6] ^= 1;
	assert_errno(kprof_gzip_inflate(packed, nr, 100, &text, &len), -EINVAL);
}

static void trailing_garbage_is_refused(void **state)
{
	char packed[200] = {}, *text;
	size_t len, nr;

	(void)state;
	nr = compress_to("hello", 5, packed, sizeof(packed));
	assert_errno(kprof_gzip_inflate(packed, nr + 10, 100, &text, &len),
		     -EINVAL);
}

static void bomb_is_refused(void **state)
{
	size_t size = 64 << 20, len, nr;
	char *zeros = calloc(1, size);
	char *packed = malloc(size);
	char *text;

	(void)state;
	nr = compress_to(zeros, size, packed, size);
	assert_in_range(nr, 1, 100000);
	assert_errno(kprof_gzip_inflate(packed, nr, 1 << 20, &text, &len),
		     -EFBIG);
	assert_ok(kprof_gzip_inflate(packed, nr, size, &text, &len));
	assert_int_equal(len, size);
	free(text);
	free(packed);
	free(zeros);
}

static void prefix_is_what_comes_first(void **state)
{
	char packed[200], out[5];
	size_t nr;

	(void)state;
	nr = compress_to("hello world", 11, packed, sizeof(packed));
	assert_int_equal(kprof_gzip_inflate_prefix(packed, nr, out, 5), 5);
	assert_memory_equal(out, "hello", 5);
	assert_int_equal(kprof_gzip_inflate_prefix("\x1f\x8bxxxx", 6, out, 5),
			 0);
}

static void pipe_is_read_to_its_end(void **state)
{
	char *text;
	size_t len;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_ok(kprof_io_write(fds[1], "some text", 9));
	close(fds[1]);
	assert_ok(kprof_io_read_all(fds[0], 9, &text, &len));
	assert_int_equal(len, 9);
	assert_string_equal(text, "some text");
	free(text);
	close(fds[0]);
}

static void endless_file_is_refused(void **state)
{
	FILE *zero = fopen("/dev/zero", "r");
	char *text;
	size_t len;

	(void)state;
	assert_non_null(zero);
	assert_errno(kprof_io_read_all(fileno(zero), 1 << 20, &text, &len),
		     -EFBIG);
	fclose(zero);
}

static void arena_stops_at_its_limit(void **state)
{
	struct kprof_arena arena = {.max_bytes = 1 << 20};
	size_t nr = 0;

	(void)state;
	assert_null(kprof_arena_alloc(&arena, SIZE_MAX));
	for (int round = 0; round < 3; round++) {
		for (nr = 0; kprof_arena_alloc(&arena, 1000); nr++)
			;
		assert_in_range(nr, 900, 1048);
		kprof_arena_reset(&arena);
	}
	memset(kprof_arena_alloc(&arena, 500000), 1, 500000);
	kprof_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_in_a_row_are_one),
		cmocka_unit_test(every_cut_is_noticed),
		cmocka_unit_test(trailing_garbage_is_refused),
		cmocka_unit_test(bomb_is_refused),
		cmocka_unit_test(prefix_is_what_comes_first),
		cmocka_unit_test(pipe_is_read_to_its_end),
		cmocka_unit_test(endless_file_is_refused),
		cmocka_unit_test(arena_stops_at_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
