/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's names for the orderings that reader.c needs, over C11 atomics.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The words lie in memory shared with the kernel and are plain there, so the
 * compiler's builtins are used, which take plain objects.
 */
#ifndef LIB_BARRIER_H
#define LIB_BARRIER_H

#include <stdint.h>

static inline uint32_t smp_load_acquire_u32(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void smp_store_release_u32(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* One load, no ordering: a value that must not change between two uses. */
static inline uint32_t read_once_u32(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

#endif /* LIB_BARRIER_H */
