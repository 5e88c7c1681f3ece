// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes unwind maps, and the checks and the look-up that the module has of
 * tables: any bytes as a file, with the checksum made right.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kmod/unwind_table.h"
#include "lib/unwind_map.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CHECKED_FROM = offsetof(struct kprof_unwind_map, revision),
};

/* Rules that are found are read whole. */
static uint64_t look_up(const struct kprof_unwind_table *table)
{
	uint64_t start = (uint64_t)table->first_page << KPROF_UNWIND_PAGE_BITS;
	uint64_t bytes = (uint64_t)table->nr_pages << KPROF_UNWIND_PAGE_BITS;
	uint64_t step = bytes / 512 | 1, sum = 0;

	for (uint64_t at = 0; at < bytes + step; at += step) {
		const struct kprof_unwind_rule *rule =
			kprof_unwind_table_find(table, start + at);

		if (!rule)
			continue;
		if (rule->cfa > KPROF_CFA_SIGNAL)
			__builtin_trap();
		sum += (uint64_t)rule->cfa_offset + (uint64_t)rule->fp1_offset;
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kprof_unwind_image image;
	struct kprof_unwind_map *map;
	uint8_t *copy = malloc(size + 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	map = (void *)copy;
	if (size >= sizeof(*map))
		map->checksum = (uint32_t)crc32_z(0, copy + CHECKED_FROM,
						  size - CHECKED_FROM);
	if (!kprof_unwind_map_parse(copy, size, &image)) {
		if (look_up(image.table) == UINT64_MAX)
			__builtin_trap();
		kprof_unwind_image_deinit(&image);
	}
	free(copy);
	return 0;
}
