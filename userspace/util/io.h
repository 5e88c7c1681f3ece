/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole reads and writes of file descriptors.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UTIL_IO_H
#define UTIL_IO_H

#include <stddef.h>
#include <stdint.h>

/* Writes everything. 0 or -errno. */
int kprof_io_write(int fd, const void *data, size_t len);

/**
 * kprof_io_read_all() - everything that is left in a file or pipe
 * @fd: file descriptor
 * @max_bytes: more than this is -EFBIG
 * @ret: the bytes and a NUL after them, for the caller to free
 * @len_ret: how many bytes, without the NUL
 *
 * Return: 0 or -errno.
 */
int kprof_io_read_all(int fd, size_t max_bytes, char **ret, size_t *len_ret);

/*
 * Bytes at @offset of a file; returns how many, fewer only where it ends or
 * cannot be read.
 */
size_t kprof_io_read_at(int fd, uint64_t offset, void *buf, size_t size);

#endif /* UTIL_IO_H */
