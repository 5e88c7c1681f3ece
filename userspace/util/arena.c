// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that is given back all at once, and of which there is a limit.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/arena.h"

#include <stdlib.h>

enum {
	BLOCK_BYTES = 64 * 1024,
};

struct kprof_arena_block {
	struct kprof_arena_block *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

static struct kprof_arena_block *add_block(struct kprof_arena *arena,
					   size_t size)
{
	struct kprof_arena_block *block;

	if (size < BLOCK_BYTES)
		size = BLOCK_BYTES;
	if (arena->bytes > arena->max_bytes ||
	    size > arena->max_bytes - arena->bytes)
		return NULL;
	block = malloc(sizeof(*block) + size);
	if (!block)
		return NULL;
	*block = (struct kprof_arena_block){arena->blocks, 0, size};
	arena->blocks = block;
	arena->bytes += size;
	return block;
}

void *kprof_arena_alloc(struct kprof_arena *arena, size_t size)
{
	struct kprof_arena_block *block = arena->blocks;
	size_t align = sizeof(max_align_t);
	void *data;

	if (size > arena->max_bytes)
		return NULL;
	size = (size + align - 1) / align * align;
	if (!block || block->size - block->used < size)
		block = add_block(arena, size);
	if (!block)
		return NULL;
	data = (char *)block->data + block->used;
	block->used += size;
	return data;
}

static void free_blocks(struct kprof_arena *arena,
			struct kprof_arena_block *kept)
{
	struct kprof_arena_block *block, *next;

	for (block = arena->blocks; block != kept; block = next) {
		next = block->next;
		arena->bytes -= block->size;
		free(block);
	}
	arena->blocks = kept;
}

void kprof_arena_reset(struct kprof_arena *arena)
{
	struct kprof_arena_block *oldest = arena->blocks;

	if (!oldest)
		return;
	while (oldest->next)
		oldest = oldest->next;
	free_blocks(arena, oldest);
	oldest->used = 0;
}

void kprof_arena_deinit(struct kprof_arena *arena)
{
	free_blocks(arena, NULL);
}
