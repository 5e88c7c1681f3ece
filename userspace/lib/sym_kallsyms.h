/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: /proc/kallsyms, the kernel's own list of its functions.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_KALLSYMS_H
#define LIB_SYM_KALLSYMS_H

#include <stddef.h>

#include "lib/symbolize.h"

extern const struct kprof_symbolizer_ops kprof_kallsyms_ops;

/*
 * The same from memory, for kprof_kallsyms_ops to find in and to close. Any
 * bytes are safe. -ENOENT if no function in them has an address.
 */
int kprof_kallsyms_parse(const char *text, size_t size, void **ret);

#endif /* LIB_SYM_KALLSYMS_H */
