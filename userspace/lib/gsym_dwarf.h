/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: lines and inlined functions from DWARF.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_GSYM_DWARF_H
#define LIB_GSYM_DWARF_H

#include "lib/gsym_pieces.h"

struct kprof_symbol_binary;

#ifdef HAVE_LIBDW
/*
 * Adds those pieces to @writer of which the DWARF of @binary knows lines.
 * -ENOENT if it has none.
 */
int kprof_gsym_dwarf_add(const struct kprof_symbol_binary *binary,
			 struct kprof_gsym_pieces *pieces,
			 struct kprof_gsym_writer *writer);
#else
static inline int kprof_gsym_dwarf_add(const struct kprof_symbol_binary *binary,
				       struct kprof_gsym_pieces *pieces,
				       struct kprof_gsym_writer *writer)
{
	(void)binary;
	(void)pieces;
	(void)writer;
	return -ENOENT;
}
#endif

#endif /* LIB_GSYM_DWARF_H */
