/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: stubs of procedure linkage tables, called name@plt.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_PLT_H
#define LIB_SYM_PLT_H

#include "lib/symbolize.h"

/* x86 and arm64. Linkers leave no symbols for stubs: to be asked last. */
extern const struct kprof_symbolizer_ops kprof_plt_ops;

#endif /* LIB_SYM_PLT_H */
