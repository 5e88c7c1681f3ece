/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The build-id of a mapped ELF file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_BUILD_ID_H
#define KPROF_BUILD_ID_H

#include <linux/kprof.h>
#include <linux/types.h>

struct file;

/*
 * Process context, may sleep; no lock of an address space held. Fills
 * @build_id and returns its length in @bytes. Returns KPROF_BUILD_ID_*.
 *
 * What the page cache has is used without I/O. The rest is read, but only
 * from regular files of file systems that answer by themselves: a block
 * device, or memory. A FUSE daemon or a network may hang for ever.
 */
u32 kprof_build_id_read(struct file *file, u8 build_id[KPROF_BUILD_ID_MAX],
			u32 *bytes);

#endif /* KPROF_BUILD_ID_H */
