/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol source: the table of functions in every Go program.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_GO_H
#define LIB_SYM_GO_H

#include "lib/symbolize.h"

/* Knows names and lines and what is inlined, also of stripped programs. */
extern const struct kprof_symbolizer_ops kprof_go_ops;
/* The same as a source of lines, for programs that still have a .symtab. */
extern const struct kprof_symbolizer_ops kprof_go_lines_ops;

#endif /* LIB_SYM_GO_H */
