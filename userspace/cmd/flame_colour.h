/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Colours of frames: the kind of binary gives the hue, binary and name the
 * shade.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_FLAME_COLOUR_H
#define CMD_FLAME_COLOUR_H

#include <stdint.h>

struct kprof_frame;

enum kprof_flame_kind {
	KPROF_FLAME_KERNEL,
	KPROF_FLAME_PROGRAM,
	KPROF_FLAME_LIBRARY,
	KPROF_FLAME_OTHER,
	KPROF_FLAME_NR_KINDS,
};

enum kprof_flame_kind kprof_flame_kind(const struct kprof_frame *frame);
const char *kprof_flame_kind_name(enum kprof_flame_kind kind);
/* The lightest of a kind, and that of a frame: 0xrrggbb. */
uint32_t kprof_flame_kind_colour(enum kprof_flame_kind kind);
uint32_t kprof_flame_colour(const struct kprof_frame *frame);

#endif /* CMD_FLAME_COLOUR_H */
