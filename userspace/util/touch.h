/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page faults, taken in advance.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_TOUCH_H
#define UTIL_TOUCH_H

#include <stddef.h>

/*
 * Makes the pages of @data present, its content stays. Volatile, because the
 * compiler takes memset() of new memory for calloc(), which touches nothing.
 */
static inline void kprof_touch(void *data, size_t bytes)
{
	/* No page is smaller. */
	const size_t page_bytes = 4096;
	volatile char *at = data;

	for (size_t i = 0; i < bytes; i += page_bytes)
		at[i] = at[i];
	if (bytes)
		at[bytes - 1] = at[bytes - 1];
}

#endif /* UTIL_TOUCH_H */
