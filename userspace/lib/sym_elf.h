/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: the symbol tables of ELF files.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_ELF_H
#define LIB_SYM_ELF_H

#include "lib/symbolize.h"

/* .symtab of the file itself. */
extern const struct kprof_symbolizer_ops kprof_symtab_ops;
/* .symtab of its separate debug file. */
extern const struct kprof_symbolizer_ops kprof_debug_symtab_ops;
/* .dynsym, which stripped files keep: only what is exported. */
extern const struct kprof_symbolizer_ops kprof_dynsym_ops;

#endif /* LIB_SYM_ELF_H */
