/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unwind tables that a session has loaded.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_LOAD_H
#define KPROF_LOAD_H

#include <linux/types.h>

struct kprof_image;
struct kprof_image_scope;
struct kprof_load_args;

/**
 * struct kprof_loads - the images that a session keeps alive
 * @images: with tables that it has loaded
 * @nr: of them
 * @room: in @images
 */
struct kprof_loads {
	struct kprof_image **images;
	u32 nr;
	u32 room;
};

/*
 * Process context; may sleep; one at a time for each session. See struct
 * kprof_load_args.
 */
int kprof_load(struct kprof_loads *loads, const struct kprof_image_scope *scope,
	       const struct kprof_load_args *args);
/* No interrupt of the session runs any more. */
void kprof_loads_deinit(struct kprof_loads *loads);

#endif /* KPROF_LOAD_H */
