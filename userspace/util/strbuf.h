/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that grows.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The first failed append is remembered in err and makes the others do
 * nothing: append freely, look at err once at the end.
 */
#ifndef UTIL_STRBUF_H
#define UTIL_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

/**
 * struct kprof_strbuf - text that grows; {} is an empty one
 * @data: the text with a NUL after it; NULL as long as nothing was appended
 * @len: bytes of it, without the NUL
 * @capacity: bytes allocated
 * @err: 0 or -ENOMEM
 */
struct kprof_strbuf {
	char *data;
	size_t len;
	size_t capacity;
	int err;
};

void kprof_strbuf_deinit(struct kprof_strbuf *buf);
void kprof_strbuf_append(struct kprof_strbuf *buf, const void *data,
			 size_t len);
void kprof_strbuf_append_str(struct kprof_strbuf *buf, const char *str);
void kprof_strbuf_append_char(struct kprof_strbuf *buf, char c);
void kprof_strbuf_appendf(struct kprof_strbuf *buf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void kprof_strbuf_vappendf(struct kprof_strbuf *buf, const char *fmt,
			   va_list args) __attribute__((format(printf, 2, 0)));
/* Empties it, but keeps its memory. */
void kprof_strbuf_reset(struct kprof_strbuf *buf);
/* The text, "" if there is none. */
const char *kprof_strbuf_str(const struct kprof_strbuf *buf);
/* The text for the caller to free, NULL if an append failed; @buf is empty. */
char *kprof_strbuf_steal(struct kprof_strbuf *buf);

#define _cleanup_strbuf_ __attribute__((__cleanup__(kprof_strbuf_deinit)))

#endif /* UTIL_STRBUF_H */
