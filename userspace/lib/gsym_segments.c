// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: which address an offset in the binary has; see gsym.h.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* No machine has smaller pages. */
	PAGE_BYTES = 4096,
};

/* The string right behind the first, which is empty; NULL if it is another. */
static const char *segments_text(const struct kprof_gsym *gsym)
{
	const char *text = kprof_gsym_string(gsym, 1);
	size_t len = strlen(KPROF_GSYM_LOAD);

	if (gsym->strings[0] || !text || strncmp(text, KPROF_GSYM_LOAD, len) ||
	    text[len] != ' ')
		return NULL;
	return text + len;
}

/* "OFFSET:VADDR:BYTES" at *text, which moves behind it. */
static bool take_segment(const char **text, unsigned long long ret[static 3])
{
	for (size_t i = 0; i < 3; i++) {
		char *end;

		ret[i] = strtoull(*text, &end, 16);
		if (end == *text || (i < 2 && *end != ':'))
			return false;
		*text = end + (i < 2);
	}
	return true;
}

static int vaddr_by_segments(const char *text, uint64_t offset, uint64_t *ret)
{
	unsigned long long segment[3];

	while (take_segment(&text, segment)) {
		if (offset - segment[0] < segment[2]) {
			*ret = offset - segment[0] + segment[1];
			return 0;
		}
	}
	return -ENOENT;
}

/* As signed numbers: what is added to offsets may be negative. */
static int vaddr_by_fit(const struct kprof_gsym *gsym, uint64_t mapping_offset,
			uint64_t mapping_bytes, uint64_t offset, uint64_t *ret)
{
	struct kprof_gsym_function last;
	int64_t least, most, rest;
	uint64_t end;

	if (!gsym->header.nr_functions ||
	    kprof_gsym_function(gsym, gsym->header.nr_functions - 1, &last))
		return -ENOENT;
	end = last.start + last.size;
	least = (int64_t)(end - (mapping_offset + mapping_bytes));
	most = (int64_t)(kprof_gsym_start(gsym, 0) - mapping_offset);
	rest = least % PAGE_BYTES;
	if (least > INT64_MAX - PAGE_BYTES)
		return -ENOENT;
	if (rest)
		least += rest > 0 ? PAGE_BYTES - rest : -rest;
	if (least > most || (uint64_t)most - (uint64_t)least >= PAGE_BYTES)
		return -ENOENT;
	*ret = offset + (uint64_t)least;
	return 0;
}

int kprof_gsym_vaddr(const struct kprof_gsym *gsym, uint64_t mapping_offset,
		     uint64_t mapping_bytes, uint64_t offset, uint64_t *ret)
{
	const char *segments = segments_text(gsym);

	if (segments)
		return vaddr_by_segments(segments, offset, ret);
	return vaddr_by_fit(gsym, mapping_offset, mapping_bytes, offset, ret);
}

int kprof_gsym_kernel_start(const struct kprof_gsym *gsym, uint64_t *ret)
{
	const char *text = segments_text(gsym);
	unsigned long long start;

	text = text ? strstr(text, " " KPROF_GSYM_KERNEL) : NULL;
	if (!text ||
	    sscanf(text, " " KPROF_GSYM_KERNEL "%16llx", &start) != 1)
		return -ENOENT;
	*ret = start;
	return 0;
}

void kprof_gsym_info(const struct kprof_gsym *gsym, struct kprof_gsym_info *ret)
{
	static const char digits[] = "0123456789abcdef";
	const struct kprof_gsym_header *header = &gsym->header;
	const char *segments = segments_text(gsym);
	char *hex = ret->build_id;

	*ret = (struct kprof_gsym_info){
		.base_address = header->base_address,
		.nr_functions = header->nr_functions,
		/* File 0 is none. */
		.nr_files = gsym->nr_files ? gsym->nr_files - 1 : 0,
		.string_bytes = header->strings_bytes,
		.file_bytes = gsym->bytes.size,
		.segments = segments ? segments + 1 : NULL,
	};
	for (size_t i = 0; i < header->uuid_bytes; i++) {
		*hex++ = digits[header->uuid[i] >> 4];
		*hex++ = digits[header->uuid[i] & 15];
	}
}
