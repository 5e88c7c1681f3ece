// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a file is that was taken for a pprof profile, from how it begins.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kprof.h"

#include <ctype.h>
#include <string.h>

#include "util/gzip.h"

enum {
	/* Of a compressed file, to see what is in it. */
	PREFIX_BYTES = 4096,
};

struct magic {
	const char *bytes;
	size_t len;
	const char *kind;
};

#define MAGIC(bytes, kind)                     \
	{                                      \
		bytes, sizeof(bytes) - 1, kind \
	}

// clang-format off
static const struct magic magics[] = {
	MAGIC("PERFILE2", "a perf.data file"),
	MAGIC("2ELIFREP", "a perf.data file of the other byte order"),
	MAGIC("PERFFILE", "an old perf.data file"),
	MAGIC("FLR\0", "a Java Flight Recorder file"),
	MAGIC("\x7f" "ELF", "an ELF file"),
	MAGIC("\x28\xb5\x2f\xfd", "a zstd-compressed file"),
	MAGIC("\xfd" "7zXZ\0", "an xz-compressed file"),
	MAGIC("BZh", "a bzip2-compressed file"),
	MAGIC("PK\x03\x04", "a zip archive"),
	MAGIC("\x04\x22\x4d\x18", "an lz4-compressed file"),
	MAGIC("MYSG", "a GSYM symbol map"),
	MAGIC("GSYM", "a GSYM symbol map of the other byte order"),
	MAGIC("JiTD", "a jitdump file"),
	MAGIC("DTiJ", "a jitdump file"),
	MAGIC("gmon", "a gprof file"),
	MAGIC("heap profile: ", "a gperftools heap profile"),
	MAGIC("heap_v2/", "a jemalloc heap profile"),
	MAGIC("goroutine profile: total ", "a Go goroutine profile in text form"),
	MAGIC("threadcreate profile: total ", "a Go thread profile in text form"),
	MAGIC("--- contention", "a contention profile in text form"),
	MAGIC("--- mutex", "a Go mutex profile in text form"),
	MAGIC("<svg", "an SVG picture"),
	MAGIC("<?xml", "an XML file"),
	MAGIC("<!DOCTYPE html", "an HTML page"),
	MAGIC("<!doctype html", "an HTML page"),
	MAGIC("<html", "an HTML page"),
	MAGIC("\x89PNG", "a PNG picture"),
	MAGIC("# callgrind format", "a callgrind file"),
	MAGIC("version: 1\ncreator: callgrind", "a callgrind file"),
	MAGIC("# ========", "output of perf script or perf report"),
};

/* Gperftools: five machine words, 0 3 VERSION PERIOD 0. */
static const struct magic word_magics[] = {
	MAGIC("\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0",
	      "a gperftools CPU profile"),
	MAGIC("\0\0\0\0\3\0\0\0", "a gperftools CPU profile"),
};
// clang-format on

static const char *find_magic(const struct magic *table, size_t nr,
			      const char *data, size_t size)
{
	for (size_t i = 0; i < nr; i++)
		if (size >= table[i].len &&
		    !memcmp(data, table[i].bytes, table[i].len))
			return table[i].kind;
	return NULL;
}

static bool contains(const char *data, size_t size, const char *part)
{
	return memmem(data, size, part, strlen(part));
}

static bool starts_with(const char *data, size_t size, const char *part)
{
	size_t len = strlen(part);

	return size >= len && !memcmp(data, part, len);
}

/* "go 1.21 trace", padded with NULs to 16 bytes. */
static bool is_go_trace(const char *data, size_t size)
{
	return size >= 16 && starts_with(data, size, "go 1.") &&
	       contains(data, 16, " trace");
}

static const char *kind_of_json(const char *data, size_t size)
{
	if (contains(data, size, "speedscope"))
		return "a speedscope profile";
	if (contains(data, size, "\"traceEvents\"") || data[0] == '[')
		return "a JSON file, perhaps a Chrome trace";
	if (contains(data, size, "\"meta\""))
		return "a JSON file, perhaps a Firefox profile";
	if (contains(data, size, "\"nodes\""))
		return "a JSON file, perhaps a Chrome CPU profile";
	return "a JSON file";
}

/* Text as far as it is there; a character may be cut off at its end. */
static bool is_text(const char *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!data[i] || (iscntrl((unsigned char)data[i]) &&
				 !isspace((unsigned char)data[i])))
			return false;
	return size;
}

/* "frame;frame;frame 12" */
static bool is_folded_line(const char *line, size_t len)
{
	size_t digits = 0;

	while (digits < len && isdigit((unsigned char)line[len - 1 - digits]))
		digits++;
	return digits && digits + 1 < len && line[len - 1 - digits] == ' ' &&
	       !isspace((unsigned char)line[0]) && memchr(line, ';', len);
}

static const char *kind_of_text(const char *data, size_t size)
{
	const char *end = memchr(data, '\n', size);
	size_t len = end ? (size_t)(end - data) : size;

	if (starts_with(data, size, "goroutine ") && memchr(data, '[', len))
		return "a Go goroutine dump";
	if (is_folded_line(data, len))
		return "a file of folded stacks";
	if (contains(data, len, " cycles") || contains(data, len, "-clock:"))
		return "output of perf script";
	return "a text file";
}

static const char *kind_of_plain(const char *data, size_t size)
{
	const char *kind = find_magic(
		magics, sizeof(magics) / sizeof(magics[0]), data, size);
	size_t start = 0;

	if (!kind && size >= 20)
		kind = find_magic(word_magics,
				  sizeof(word_magics) / sizeof(word_magics[0]),
				  data, size);
	if (kind)
		return kind;
	if (is_go_trace(data, size))
		return "a Go execution trace";
	if (!is_text(data, size))
		return NULL;
	while (start < size && isspace((unsigned char)data[start]))
		start++;
	if (start < size && (data[start] == '{' || data[start] == '['))
		return kind_of_json(data + start, size - start);
	return kind_of_text(data, size);
}

const char *kprof_file_kind(const void *data, size_t size)
{
	char prefix[PREFIX_BYTES];
	size_t nr;

	if (!kprof_gzip_is_gzip(data, size))
		return kind_of_plain(data, size);
	nr = kprof_gzip_inflate_prefix(data, size, prefix, sizeof(prefix));
	return kind_of_plain(prefix, nr);
}
