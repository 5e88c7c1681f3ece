/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: symbol maps.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_GSYM_H
#define LIB_SYM_GSYM_H

#include "lib/symbolize.h"

extern const struct kprof_symbolizer_ops kprof_gsym_ops;

#endif /* LIB_SYM_GSYM_H */
