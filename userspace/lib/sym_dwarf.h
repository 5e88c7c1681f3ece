/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: lines and inlined functions, from DWARF.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_DWARF_H
#define LIB_SYM_DWARF_H

#include "lib/symbolize.h"

/* Has nothing for anybody if it was built without libdw. */
extern const struct kprof_symbolizer_ops kprof_dwarf_ops;

#endif /* LIB_SYM_DWARF_H */
