// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: symbol maps.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The map belongs to the binary, which needs it for addresses, too.
 */
#include "lib/sym_gsym.h"

#include "lib/gsym.h"

#include <errno.h>

static int gsym_open(const struct kprof_symbol_binary *binary, void **ret)
{
	if (!binary->map)
		return -ENOENT;
	*ret = binary->map;
	return 0;
}

/* A function that is damaged is one that the map does not know. */
static int gsym_find(void *opaque, uint64_t address, struct kprof_symbol *ret)
{
	const struct kprof_symbol_frame *frames;
	struct kprof_gsym_function function;
	uint32_t nr_frames;

	if (kprof_gsym_frames(opaque, address, &function, &frames, &nr_frames))
		return -ENOENT;
	*ret = (struct kprof_symbol){
		.name = function.name,
		.start = function.start,
		.end = function.start + (function.size ?: 1),
		.frames = frames,
		.nr_frames = function.has_lines ? nr_frames : 0,
	};
	return 0;
}

static void gsym_close(void *opaque)
{
	(void)opaque;
}

const struct kprof_symbolizer_ops kprof_gsym_ops = {
	.name = "symbol map",
	.open = gsym_open,
	.find = gsym_find,
	.close = gsym_close,
};
