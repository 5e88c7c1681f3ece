/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Split DWARF: what a unit has in another file (.dwo) or in a package of many
 * (.dwp).
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DWARF_SPLIT_H
#define LIB_DWARF_SPLIT_H

#include <stdbool.h>
#include <elfutils/libdw.h>

struct kprof_dwarf_file;

/*
 * The unit with the functions of @cu: itself, or the one in another file that
 * it is the skeleton of. False if that file is not there.
 */
bool kprof_dwarf_file_code_unit(struct kprof_dwarf_file *file, Dwarf_Die *cu,
				Dwarf_Die *ret);

#endif /* LIB_DWARF_SPLIT_H */
