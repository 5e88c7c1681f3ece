/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which bytes are UTF-8.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "util/strbuf.h"

/* U+FFFD, which stands for what is no character. */
#define KPROF_UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Bytes of the character at the start of @text, 0 if it is none. @len > 0. */
size_t kprof_utf8_char_bytes(const char *text, size_t len);
bool kprof_utf8_is_valid(const char *text, size_t len);
/* Characters; each wrong byte counts as one. */
size_t kprof_utf8_length(const char *text, size_t len);
/* Appends @text; each wrong byte and each NUL becomes U+FFFD. */
void kprof_utf8_append_repaired(struct kprof_strbuf *buf, const char *text,
				size_t len);
/* Each byte of a control character becomes '?': a terminal would obey it. */
void kprof_utf8_replace_controls(char *text, size_t len);

#endif /* UTIL_UTF8_H */
