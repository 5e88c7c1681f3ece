// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of library code to whoever wants them; silence by default.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static kprof_log_sink *log_sink;
static void *log_context;

void kprof_log_set_sink(kprof_log_sink *sink, void *context)
{
	log_sink = sink;
	log_context = context;
}

void kprof_log_write(int level, const char *fmt, ...)
{
	int saved_errno = errno;
	char message[1024];
	va_list args;

	if (!log_sink)
		return;
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	log_sink(level, message, log_context);
	errno = saved_errno;
}
