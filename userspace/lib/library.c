// SPDX-License-Identifier: GPL-2.0-only
/*
 * What concerns the library as a whole: where its messages go.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kprof.h"

#include "util/log.h"

static kprof_log_fn *user_log;

_Static_assert((int)KPROF_LOG_ERROR == LOG_LEVEL_ERROR &&
		       (int)KPROF_LOG_WARNING == LOG_LEVEL_WARNING &&
		       (int)KPROF_LOG_INFO == LOG_LEVEL_INFO &&
		       (int)KPROF_LOG_DEBUG == LOG_LEVEL_DEBUG,
	       "the library's levels are those of util/log.h");

static void pass_on(int level, const char *message, void *context)
{
	user_log((enum kprof_log_level)level, message, context);
}

void kprof_set_log(kprof_log_fn *log, void *context)
{
	user_log = log;
	kprof_log_set_sink(log ? pass_on : NULL, context);
}
