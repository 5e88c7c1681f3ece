/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scheduler's tracepoints, where the kernel has them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_HOOKS_H
#define KPROF_HOOKS_H

#include <linux/types.h>

#ifdef CONFIG_TRACEPOINTS

/* Module load: looks for the tracepoints, attaches to none. */
void kprof_hooks_find(void);
/* Whether all that is needed was found. */
bool kprof_hooks_available(void);
/* Process context; may sleep. Attached from the first get to the last put. */
int kprof_hooks_get(void);
/* When the last put returns no probe runs. */
void kprof_hooks_put(void);

#else

static inline void kprof_hooks_find(void)
{
}

static inline bool kprof_hooks_available(void)
{
	return false;
}

static inline int kprof_hooks_get(void)
{
	return 0;
}

static inline void kprof_hooks_put(void)
{
}

#endif

#endif /* KPROF_HOOKS_H */
