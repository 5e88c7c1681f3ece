/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages of library code to whoever wants them; silence by default.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

enum {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

typedef void kprof_log_sink(int level, const char *message, void *context);

/* One for the process; NULL is silence. */
void kprof_log_set_sink(kprof_log_sink *sink, void *context);
/* One message, without a newline at its end. Keeps errno. */
void kprof_log_write(int level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...) kprof_log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) kprof_log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) kprof_log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) kprof_log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif /* UTIL_LOG_H */
