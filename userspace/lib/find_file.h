/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds the file of a mapping: where it was mapped from, or in directories
 * with files for symbols.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_FIND_FILE_H
#define LIB_FIND_FILE_H

#include <stddef.h>

struct kprof_elf_file;
struct kprof_mapping;

/**
 * struct kprof_found_file - what was found of a mapping's file; {} is nothing
 * @elf: the file; NULL if it is not at hand
 * @debug: without @elf: a file with nothing but debug information of it
 * @path: where, "" if nowhere; owned
 */
struct kprof_found_file {
	struct kprof_elf_file *elf;
	struct kprof_elf_file *debug;
	char *path;
};

/*
 * By the mapping's descriptor or path, and then below each directory: by its
 * whole path and by its name, and by both in a directory that has the build-id
 * as its name. A file with another build-id is refused; it is said if nothing
 * else is found. 0 or -ENOMEM.
 */
int kprof_find_file(const struct kprof_mapping *mapping,
		    const char *const *symbol_dirs, size_t nr_symbol_dirs,
		    struct kprof_found_file *ret);

#endif /* LIB_FIND_FILE_H */
