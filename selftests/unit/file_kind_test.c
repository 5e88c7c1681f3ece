// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of lib/file_kind.c.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <zlib.h>

#include "test.h"

#define BYTES(text) (text), sizeof(text) - 1

struct example {
	const char *data;
	size_t size;
	const char *kind;
};

// clang-format off
static const struct example examples[] = {
	{ BYTES("go 1.19 trace\0\0\0more"), "a Go execution trace" },
	{ BYTES("PERFILE2\x68\0\0\0\0\0\0\0"), "a perf.data file" },
	{ BYTES("FLR\0\0\2"), "a Java Flight Recorder file" },
	{ BYTES("\x7f" "ELF\2\1\1"), "an ELF file" },
	{ BYTES("\x28\xb5\x2f\xfd____"), "a zstd-compressed file" },
	{ BYTES("\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	  "a gperftools CPU profile" },
	{ BYTES("heap profile: 1: 2 [3: 4] @ heapprofile\n"),
	  "a gperftools heap profile" },
	{ BYTES("goroutine profile: total 4\n"),
	  "a Go goroutine profile in text form" },
	{ BYTES("goroutine 1 [running]:\nmain.main()\n"),
	  "a Go goroutine dump" },
	{ BYTES("{\"meta\": {\"version\": 27}}"),
	  "a JSON file, perhaps a Firefox profile" },
	{ BYTES(" {\"$schema\":\"https://www.speedscope.app/file\"}"),
	  "a speedscope profile" },
	{ BYTES("{\"traceEvents\": []}"),
	  "a JSON file, perhaps a Chrome trace" },
	{ BYTES("main;work;leaf 12\nmain;other 3\n"),
	  "a file of folded stacks" },
	{ BYTES("demo  7 1.000: 1 cycles:\n"), "output of perf script" },
	{ BYTES("root:x:0:0:\n"), "a text file" },
};
// clang-format on

static void foreign_files_are_named(void **state)
{
	const char *kind;

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		kind = kprof_file_kind(examples[i].data, examples[i].size);
		if (!kind || strcmp(kind, examples[i].kind))
			fail_msg("expected %s, got %s", examples[i].kind,
				 kind ?: "nothing");
	}
}

static void compressed_files_are_looked_into(void **state)
{
	unsigned char packed[200];
	gzFile out;
	FILE *file = tmpfile();

	(void)state;
	out = gzdopen(dup(fileno(file)), "wb");
	gzwrite(out, "go 1.22 trace\0\0\0....", 20);
	gzclose(out);
	rewind(file);
	assert_string_equal(
		kprof_file_kind(packed, fread(packed, 1, 200, file)),
		"a Go execution trace");
	fclose(file);
}

static void profiles_and_noise_have_no_name(void **state)
{
	(void)state;
	assert_null(kprof_file_kind("", 0));
	/* A plain profile.proto starts with its first sample type. */
	assert_null(kprof_file_kind(BYTES("\x0a\x04\x08\x01\x10\x02")));
	assert_null(kprof_file_kind(BYTES("\x1f\x8b\x08\0\0")));
	assert_null(kprof_file_kind(BYTES("\x80\x01\x02\x03")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_files_are_named),
		cmocka_unit_test(compressed_files_are_looked_into),
		cmocka_unit_test(profiles_and_noise_have_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
