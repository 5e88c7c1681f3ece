/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of several names of a function people would expect.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYMBOL_NAME_H
#define LIB_SYMBOL_NAME_H

#include <stdbool.h>

/*
 * .symtab has versions in its names: memcpy@@GLIBC_2.14. Go's names may have
 * an @ of their own, in the path of a package.
 */
void kprof_symbol_name_cut_version(char *name);

/*
 * Is @a a better name than @b? Ranks are enum kprof_symbol_rank; "" is the
 * worst name.
 */
bool kprof_symbol_name_is_better(const char *a, int a_rank, const char *b,
				 int b_rank);

#endif /* LIB_SYMBOL_NAME_H */
