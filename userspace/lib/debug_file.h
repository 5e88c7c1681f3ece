/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Separate debug files, found by build-id.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DEBUG_FILE_H
#define LIB_DEBUG_FILE_H

#include <stdbool.h>

struct kprof_elf_file;

/* A build-id may come from a profile: it must not lead out of a directory. */
bool kprof_is_build_id(const char *text);

/*
 * The debug file of @build_id in a tree like /usr/lib/debug, by its name
 * .build-id/xx/yyyy.debug. A file that has another build-id is refused.
 * -ENOENT if there is none.
 */
int kprof_debug_file_open(const char *debug_dir, const char *build_id,
			  struct kprof_elf_file **ret);

#endif /* LIB_DEBUG_FILE_H */
