/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gzip from memory to memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_GZIP_H
#define UTIL_GZIP_H

#include <stdbool.h>
#include <stddef.h>

bool kprof_gzip_is_gzip(const void *data, size_t len);

/**
 * kprof_gzip_inflate() - decompresses a whole file
 * @data: its bytes; any bytes are safe
 * @len: how many
 * @max_bytes: a result longer than this is -EFBIG
 * @ret: the result, for the caller to free
 * @len_ret: its bytes
 *
 * Several compressed files in a row are one, as gunzip has it.
 *
 * Return: 0, -EINVAL if it is no gzip or is damaged, -EPIPE if it ends too
 * early, -EFBIG or -ENOMEM.
 */
int kprof_gzip_inflate(const void *data, size_t len, size_t max_bytes,
		       char **ret, size_t *len_ret);

/* As many bytes as come out first; for looking at what is inside. */
size_t kprof_gzip_inflate_prefix(const void *data, size_t len, void *out,
				 size_t out_len);

#endif /* UTIL_GZIP_H */
