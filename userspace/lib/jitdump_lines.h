/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines of a function in a jitdump.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_JITDUMP_LINES_H
#define LIB_JITDUMP_LINES_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct kprof_jitdump_lines - where they are in the file; {} is none
 * @offset: of the first entry
 * @end: of the record
 * @nr: entries
 * @address: of the function when it was loaded
 * @code_bytes: its size
 */
struct kprof_jitdump_lines {
	uint64_t offset;
	uint64_t end;
	uint64_t nr;
	uint64_t address;
	uint64_t code_bytes;
};

/*
 * File and line at @address. -ENOENT if they are not known, or if not all
 * entries are of the function: then none is believed.
 */
int kprof_jitdump_lines_find(const struct kprof_jitdump_lines *lines, int fd,
			     uint64_t address, char *file_ret, size_t file_size,
			     uint32_t *line_ret);

#endif /* LIB_JITDUMP_LINES_H */
