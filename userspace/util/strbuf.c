// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that grows.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/strbuf.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/vector.h"

void kprof_strbuf_deinit(struct kprof_strbuf *buf)
{
	free(buf->data);
	*buf = (struct kprof_strbuf){};
}

/* Room for @len more bytes and a NUL. */
static bool reserve(struct kprof_strbuf *buf, size_t len)
{
	size_t wanted;

	if (buf->err)
		return false;
	if (__builtin_add_overflow(buf->len, len, &wanted) ||
	    __builtin_add_overflow(wanted, 1, &wanted))
		buf->err = -ENOMEM;
	else
		buf->err = kprof_array_reserve(&buf->data, &buf->capacity,
					       wanted, 1);
	return !buf->err;
}

void kprof_strbuf_append(struct kprof_strbuf *buf, const void *data,
			 size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void kprof_strbuf_append_str(struct kprof_strbuf *buf, const char *str)
{
	kprof_strbuf_append(buf, str, strlen(str));
}

void kprof_strbuf_append_char(struct kprof_strbuf *buf, char c)
{
	kprof_strbuf_append(buf, &c, 1);
}

/* Into the room that there is; only what is longer is formatted twice. */
void kprof_strbuf_vappendf(struct kprof_strbuf *buf, const char *fmt,
			   va_list args)
{
	va_list again;
	size_t room;
	int len;

	if (!reserve(buf, 0))
		return;
	room = buf->capacity - buf->len;
	va_copy(again, args);
	len = vsnprintf(buf->data + buf->len, room, fmt, args);
	if (len < 0)
		buf->err = -ENOMEM;
	else if ((size_t)len >= room && reserve(buf, (size_t)len))
		vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
	if (buf->err)
		buf->data[buf->len] = '\0';
	else
		buf->len += (size_t)len;
	va_end(again);
}

void kprof_strbuf_appendf(struct kprof_strbuf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	kprof_strbuf_vappendf(buf, fmt, args);
	va_end(args);
}

void kprof_strbuf_reset(struct kprof_strbuf *buf)
{
	buf->len = 0;
	buf->err = 0;
	if (buf->data)
		buf->data[0] = '\0';
}

const char *kprof_strbuf_str(const struct kprof_strbuf *buf)
{
	return buf->data ?: "";
}

char *kprof_strbuf_steal(struct kprof_strbuf *buf)
{
	char *data;

	/* An empty text is a text. */
	kprof_strbuf_append(buf, "", 0);
	if (buf->err) {
		kprof_strbuf_deinit(buf);
		return NULL;
	}
	data = buf->data;
	*buf = (struct kprof_strbuf){};
	return data;
}
