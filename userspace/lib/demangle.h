/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of C++ and Rust functions, for people.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DEMANGLE_H
#define LIB_DEMANGLE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef HAVE_LIBIBERTY
/*
 * Puts the name of @symbol into @ret, without parameters and return type, as
 * short as a row of a flame graph wants it; what the compiler appended stays
 * (.cold). A name that does not fit ends in "...". False if @symbol is not
 * mangled, or not demangled at a bearable price. Any string is safe.
 */
bool kprof_demangle(const char *symbol, char *ret, size_t size);
#else
static inline bool kprof_demangle(const char *symbol, char *ret, size_t size)
{
	(void)symbol;
	(void)ret;
	(void)size;
	return false;
}
#endif

#endif /* LIB_DEMANGLE_H */
