/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is given back all at once, and of which there is a limit.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stddef.h>

struct kprof_arena_block;

/**
 * struct kprof_arena - {.max_bytes = N} is an empty one
 * @blocks: the newest first
 * @bytes: in all blocks
 * @max_bytes: an allocation that would go beyond it fails
 */
struct kprof_arena {
	struct kprof_arena_block *blocks;
	size_t bytes;
	size_t max_bytes;
};

/* Aligned for anything; NULL if there is no memory or the limit is reached. */
void *kprof_arena_alloc(struct kprof_arena *arena, size_t size);
/* Gives back everything but one block. */
void kprof_arena_reset(struct kprof_arena *arena);
void kprof_arena_deinit(struct kprof_arena *arena);

#endif /* UTIL_ARENA_H */
