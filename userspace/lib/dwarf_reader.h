/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the libdw in use can do; words about it are kprof_dwarf_reader().
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DWARF_READER_H
#define LIB_DWARF_READER_H

#include <stdbool.h>

/* Does it read packages of split units (.dwp)? */
bool kprof_dwarf_reads_packages(void);

#endif /* LIB_DWARF_READER_H */
