/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Directories with symbol maps.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * In a directory the map of a build-id is ab/cdef.gsym, as in trees of debug
 * files, or abcdef.gsym; or that of /usr/bin/name is name.gsym. Whatever its
 * name, a map is used only if the build-id in it is right. It has room for 20
 * bytes: of a longer build-id these must be equal.
 */
#ifndef LIB_GSYM_STORE_H
#define LIB_GSYM_STORE_H

#include <stddef.h>

struct kprof_gsym;

/* The map of a binary in one of @dirs, or -ENOENT. */
int kprof_gsym_store_find(const char *const *dirs, size_t nr_dirs,
			  const char *build_id, const char *binary,
			  struct kprof_gsym **ret);

#endif /* LIB_GSYM_STORE_H */
