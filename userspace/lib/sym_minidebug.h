/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: MiniDebugInfo, a small symbol table inside of stripped files.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_MINIDEBUG_H
#define LIB_SYM_MINIDEBUG_H

#include "lib/symbolize.h"

#include <stddef.h>

struct kprof_elf_file;

extern const struct kprof_symbolizer_ops kprof_minidebug_ops;

/*
 * The ELF file that is compressed in section .gnu_debugdata of @file: its bytes
 * for the caller to free, after the file made of them is closed. It has the
 * functions that .dynsym of @file does not have. -ENOENT if there is none.
 */
int kprof_minidebug_open(const struct kprof_elf_file *file, char **data_ret,
			 struct kprof_elf_file **ret);

#endif /* LIB_SYM_MINIDEBUG_H */
