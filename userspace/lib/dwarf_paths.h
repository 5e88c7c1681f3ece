/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Paths of source files, from the way compilers write them to the way people
 * do.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DWARF_PATHS_H
#define LIB_DWARF_PATHS_H

#include "util/arena.h"
#include "util/hash.h"

/**
 * struct kprof_dwarf_paths - those that were asked for; {} is none
 * @by_address: of the raw name
 * @arena: where they live
 */
struct kprof_dwarf_paths {
	struct kprof_map by_address;
	struct kprof_arena arena;
};

void kprof_dwarf_paths_deinit(struct kprof_dwarf_paths *paths);
/* To be called when the raw names are gone. */
void kprof_dwarf_paths_reset(struct kprof_dwarf_paths *paths);

/*
 * @raw without what says nothing: "./" within it, and @comp_dir twice, which
 * is what readers of DWARF 5 make of a relative one. "" for NULL. The result is
 * kept by the address of @raw, which therefore must stay.
 */
const char *kprof_dwarf_paths_get(struct kprof_dwarf_paths *paths,
				  const char *comp_dir, const char *raw);

#endif /* LIB_DWARF_PATHS_H */
