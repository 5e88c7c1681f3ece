/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiled unwind tables, kept on disk by build-id.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A convenience that is never needed: whatever is wrong with it, a table is
 * compiled instead. It is used only if it belongs to the user that we are.
 */
#ifndef LIB_UNWIND_CACHE_H
#define LIB_UNWIND_CACHE_H

#include <stdint.h>

struct kprof_unwind_image;

enum {
	/* What it may take of the disk; the longest unused goes first. */
	KPROF_UNWIND_CACHE_BYTES = 256 << 20,
};

/* 0, or -ENOENT for any reason, or -ENOMEM. */
int kprof_unwind_cache_get(const char *build_id,
			   struct kprof_unwind_image *ret);
/* Puts it in; says at most why it could not. */
void kprof_unwind_cache_put(const struct kprof_unwind_image *image);

/* Deletes files of @directory, the longest unused first, down to @max_bytes. */
void kprof_unwind_cache_prune(const char *directory, uint64_t max_bytes);

#endif /* LIB_UNWIND_CACHE_H */
