/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: lines and inlined functions from DWARF.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_GSYM_DWARF_H
#define LIB_GSYM_DWARF_H

#include "lib/gsym_pieces.h"

struct kprof_elf_file;

#ifdef HAVE_LIBDW
/*
 * Adds those pieces to @writer of which the DWARF in @file knows lines.
 * -ENOENT if it has none.
 */
int kprof_gsym_dwarf_add(const struct kprof_elf_file *file,
			 struct kprof_gsym_pieces *pieces,
			 struct kprof_gsym_writer *writer);
#else
static inline int kprof_gsym_dwarf_add(const struct kprof_elf_file *file,
				       struct kprof_gsym_pieces *pieces,
				       struct kprof_gsym_writer *writer)
{
	(void)file;
	(void)pieces;
	(void)writer;
	return -ENOENT;
}
#endif

#endif /* LIB_GSYM_DWARF_H */
