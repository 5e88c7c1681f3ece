/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Base 64.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_BASE64_H
#define UTIL_BASE64_H

#include <stddef.h>

struct kprof_strbuf;

/* Appends @data as RFC 4648 has it, padded. */
void kprof_base64_append(struct kprof_strbuf *buf, const void *data,
			 size_t len);
/*
 * Returns the number of bytes, 0 if they are more than @size. What follows the
 * first character that is no digit is not taken.
 */
size_t kprof_base64_decode(const char *text, char *ret, size_t size);

#endif /* UTIL_BASE64_H */
