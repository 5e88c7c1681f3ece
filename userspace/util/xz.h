/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xz from memory to memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_XZ_H
#define UTIL_XZ_H

#include <errno.h>
#include <stddef.h>

#ifdef HAVE_LZMA
/**
 * kprof_xz_inflate() - decompresses a whole file
 * @data: its bytes; any bytes are safe
 * @len: how many
 * @max_bytes: a result longer than this is -EFBIG
 * @ret: the result, for the caller to free
 * @len_ret: its bytes
 *
 * Return: 0, -EINVAL if it is no xz or is damaged or wants a window of more
 * than 64 MiB, -EPIPE if it ends too early, -EFBIG, -ENOMEM, or -ENOTSUP if
 * liblzma was left out.
 */
int kprof_xz_inflate(const void *data, size_t len, size_t max_bytes, char **ret,
		     size_t *len_ret);
#else
static inline int kprof_xz_inflate(const void *data, size_t len,
				   size_t max_bytes, char **ret,
				   size_t *len_ret)
{
	(void)data;
	(void)len;
	(void)max_bytes;
	(void)ret;
	(void)len_ret;
	return -ENOTSUP;
}
#endif

#endif /* UTIL_XZ_H */
