/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: jit-PID.dump, in which programs describe the code they make.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_JITDUMP_H
#define LIB_SYM_JITDUMP_H

#include "lib/symbolize.h"

#include <stdbool.h>

/* Does the file begin as a dump does? */
bool kprof_jitdump_is_dump(int fd);

extern const struct kprof_symbolizer_ops kprof_jitdump_ops;

#endif /* LIB_SYM_JITDUMP_H */
