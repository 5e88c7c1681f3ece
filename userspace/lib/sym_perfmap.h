/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: perf-PID.map, in which programs name the code they make.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_PERFMAP_H
#define LIB_SYM_PERFMAP_H

#include "lib/symbolize.h"

extern const struct kprof_symbolizer_ops kprof_perfmap_ops;

#endif /* LIB_SYM_PERFMAP_H */
