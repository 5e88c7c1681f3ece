// SPDX-License-Identifier: GPL-2.0-only
/*
 * Colours of frames: the kind of binary gives the hue, binary and name the
 * shade.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "flame_colour.h"

#include <string.h>

#include "report.h"
#include "report_frames.h"
#include "util/hash.h"

struct colour {
	const char *kind;
	unsigned char base[3];
	unsigned char range[3];
};

// clang-format off
static const struct colour colours[KPROF_FLAME_NR_KINDS] = {
	[KPROF_FLAME_KERNEL]  = { "kernel",  { 235, 120,  80 }, { 20, 75, 45 } },
	[KPROF_FLAME_PROGRAM] = { "program", { 125, 190,  90 }, { 80, 45, 60 } },
	[KPROF_FLAME_LIBRARY] = { "library", { 115, 165, 220 }, { 55, 60, 35 } },
	[KPROF_FLAME_OTHER]   = { "other",   { 195, 190, 200 }, { 25, 20, 25 } },
};
// clang-format on

enum kprof_flame_kind kprof_flame_kind(const struct kprof_frame *frame)
{
	const char *base = kprof_report_basename(frame->binary);

	if (frame->in_kernel)
		return KPROF_FLAME_KERNEL;
	if (strstr(base, ".so") || !strcmp(base, "[vdso]"))
		return KPROF_FLAME_LIBRARY;
	if (*frame->binary == '/' && strncmp(frame->binary, "//", 2))
		return KPROF_FLAME_PROGRAM;
	return KPROF_FLAME_OTHER;
}

const char *kprof_flame_kind_name(enum kprof_flame_kind kind)
{
	return colours[kind].kind;
}

uint32_t kprof_flame_kind_colour(enum kprof_flame_kind kind)
{
	const unsigned char *base = colours[kind].base;

	return base[0] << 16 | base[1] << 8 | base[2];
}

uint32_t kprof_flame_colour(const struct kprof_frame *frame)
{
	const struct colour *colour = &colours[kprof_flame_kind(frame)];
	uint32_t binary =
		kprof_hash_bytes(frame->binary, strlen(frame->binary)) % 256;
	uint32_t name =
		kprof_hash_bytes(frame->name, strlen(frame->name)) % 256;
	uint32_t shade, rgb = 0;

	for (int i = 0; i < 3; i++) {
		shade = i != 0 ? (binary + 3 * name) / 4
			       : (3 * binary + name) / 4;
		rgb = rgb << 8 |
		      (colour->base[i] + colour->range[i] * shade / 255);
	}
	return rgb;
}
