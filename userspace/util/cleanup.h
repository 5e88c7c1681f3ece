/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cleanup by scope: a variable gives back what it holds where it ends.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_CLEANUP_H
#define UTIL_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(fn) __attribute__((__cleanup__(fn)))

static inline void kprof_cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void kprof_cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void kprof_cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void kprof_cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* free() at the end of the scope. */
#define _cleanup_free_ _cleanup_(kprof_cleanup_free)
/* close() unless negative. */
#define _cleanup_close_ _cleanup_(kprof_cleanup_close)
#define _cleanup_fclose_ _cleanup_(kprof_cleanup_fclose)
#define _cleanup_closedir_ _cleanup_(kprof_cleanup_closedir)

/* Defines @name, the cleanup function of a pointer that @destroy takes. */
#define define_cleanup(name, type, destroy) \
	static inline void name(type *p)    \
	{                                   \
		if (*p)                     \
			destroy(*p);        \
	}

/* The value of a cleanup variable, which no longer owns it. */
#define no_cleanup_ptr(p)               \
	({                              \
		__typeof__(p) __p = (p);\
		(p) = NULL;             \
		__p;                    \
	})
#define no_cleanup_fd(fd)    \
	({                   \
		int __f = (fd);\
		(fd) = -1;   \
		__f;         \
	})

#endif /* UTIL_CLEANUP_H */
