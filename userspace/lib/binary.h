/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files behind mappings, each once, and kept open.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A file is known by its build-id, and without one by device, inode and path.
 * What is mapped without a file is one "file" per address space, so that code
 * of different processes is never mixed up; but for what the kernel maps into
 * each of them, like [vdso]. The same goes for files that are only memory by
 * another name.
 */
#ifndef LIB_BINARY_H
#define LIB_BINARY_H

#include "lib/record.h"
#include "util/hash.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct kprof_binary - a file, or what stands for one
 * @path: as its first user saw it; [vdso] and the like, //anon
 * @build_id: lower-case hexadecimal; may be empty
 * @is_known_by_path: @build_id came from the content, not from the kernel
 * @inode: number of it
 * @dev_major: device of its file system
 * @dev_minor: likewise
 * @space_id: that it belongs to, 0 for what is shared
 * @is_file: it has content that could be opened
 * @is_jitdump: its content, which is open, is no program but a jitdump
 * @fd: its content, -1 as long as nobody could open it
 */
struct kprof_binary {
	char *path;
	char build_id[2 * KPROF_EVENT_BUILD_ID_MAX + 1];
	uint64_t inode;
	uint32_t dev_major;
	uint32_t dev_minor;
	uint32_t space_id;
	bool is_known_by_path;
	bool is_file;
	bool is_jitdump;
	int fd;
};

/**
 * struct kprof_binaries - all of them; {} is none
 * @all: the table
 * @index: over it
 * @nr_open: file descriptors that it holds
 * @max_open: most that it may hold, 0 before it was looked up
 */
struct kprof_binaries {
	vector(struct kprof_binary) all;
	struct kprof_index index;
	size_t nr_open;
	size_t max_open;
};

void kprof_binaries_deinit(struct kprof_binaries *binaries);

/* The vdso that this process has too. */
bool kprof_binary_is_own_vdso(const struct kprof_binary *binary);

/* Counts descriptors of somebody else; false if there are too many. */
bool kprof_binaries_take_descriptors(struct kprof_binaries *binaries,
				     size_t nr);

/* The one that @mmap shows: found or made. */
int kprof_binaries_add(struct kprof_binaries *binaries,
		       const struct kprof_event_mmap *mmap, uint32_t *ret);

/**
 * struct kprof_binary_hint - where a binary may be found now
 * @pid: a process that maps it, 0 if none is known
 * @start: where it does, first address
 * @end: first address after it
 * @is_deleted: nothing is at its path any more
 */
struct kprof_binary_hint {
	int32_t pid;
	uint64_t start;
	uint64_t end;
	bool is_deleted;
};

/*
 * Opens the content of a binary unless it is open: by its path if that still
 * is the same file, else through the process. That it cannot be done is no
 * error: the next process that maps it may help.
 */
void kprof_binaries_open(struct kprof_binaries *binaries, uint32_t binary,
			 const struct kprof_binary_hint *hint);

#endif /* LIB_BINARY_H */
