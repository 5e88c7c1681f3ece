/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unwind maps: unwind tables on disk.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A file is a struct kprof_unwind_map and then the table, as it is in memory;
 * both are in the byte order of the machine, which the magic tells.
 */
#ifndef LIB_UNWIND_MAP_H
#define LIB_UNWIND_MAP_H

#include "lib/kprof.h"

enum {
	/* "kuw1", lowest byte first */
	KPROF_UNWIND_MAP_MAGIC = 0x3177756b,
	/*
	 * Of the compiler: higher where it says more, or says it better. What
	 * is in the cache from before is compiled anew.
	 */
	KPROF_UNWIND_MAP_REVISION = 2,
};

/**
 * struct kprof_unwind_map - how an unwind map starts
 * @magic: KPROF_UNWIND_MAP_MAGIC
 * @header_bytes: of this; another number is another version
 * @table_bytes: of the table, which ends the file
 * @checksum: CRC-32 of all that follows it, the table included
 * @revision: KPROF_UNWIND_MAP_REVISION of who wrote it
 * @machine: of the table
 * @pad: 0
 * @stats: of the compilation
 * @build_id: of the file, in hexadecimal, zeros behind it
 * @pad2: 0
 */
struct kprof_unwind_map {
	uint32_t magic;
	uint32_t header_bytes;
	uint32_t table_bytes;
	uint32_t checksum;
	uint32_t revision;
	uint16_t machine;
	uint16_t pad;
	struct kprof_unwind_stats stats;
	char build_id[KPROF_BUILD_ID_SIZE];
	char pad2[7];
};

/*
 * The same as kprof_unwind_map_open() for bytes in memory, aligned to 8; the
 * table stays where it is in them, and @ret does not own it.
 */
int kprof_unwind_map_parse(const void *data, size_t size,
			   struct kprof_unwind_image *ret);
/* Also says which revision of the compiler wrote it. */
int kprof_unwind_map_read(const char *path, struct kprof_unwind_image *ret,
			  uint32_t *revision_ret);

#endif /* LIB_UNWIND_MAP_H */
