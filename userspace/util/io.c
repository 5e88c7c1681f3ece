// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole reads and writes of file descriptors.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/io.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/vector.h"

int kprof_io_write(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= n;
	}
	return 0;
}

/* Bytes to ask for first: the size of a file spares growing. */
static size_t first_guess(int fd, size_t max_bytes)
{
	struct stat st;
	size_t guess = 64 * 1024;

	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size >= 0)
		guess = st.st_size;
	return guess < max_bytes ? guess : max_bytes;
}

int kprof_io_read_all(int fd, size_t max_bytes, char **ret, size_t *len_ret)
{
	size_t capacity = 0, len = 0;
	_cleanup_free_ char *data = NULL;
	ssize_t n;
	int err;

	/* One for the NUL, one to see the end of a file of the size guessed. */
	err = kprof_array_reserve(&data, &capacity,
				  first_guess(fd, max_bytes) + 2, 1);
	while (!err) {
		n = read(fd, data + len, capacity - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += n;
		if (len > max_bytes)
			return -EFBIG;
		if (capacity - len < 2)
			err = kprof_array_reserve(&data, &capacity,
						  capacity + 1, 1);
	}
	if (err)
		return err;
	data[len] = '\0';
	*ret = no_cleanup_ptr(data);
	*len_ret = len;
	return 0;
}

size_t kprof_io_read_at(int fd, uint64_t offset, void *buf, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = pread(fd, (char *)buf + done, size - done, offset + done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += n;
	}
	return done;
}
