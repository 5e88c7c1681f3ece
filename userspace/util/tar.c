// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes tar files.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/tar.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"
#include "util/io.h"
#include "util/strbuf.h"

enum {
	BLOCK_BYTES = 512,
	COPY_BYTES = 65536,
	/* Types of a member. */
	PLAIN_FILE = '0',
	PAX_HEADER = 'x',
};

/* Eleven octal digits. */
static const uint64_t max_size = 077777777777;

/* A block; numbers are octal digits. */
struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link_name[100];
	char magic[6];
	char version[2];
	char user[32];
	char group[32];
	char dev_major[8];
	char dev_minor[8];
	char prefix[155];
	char pad[12];
};

_Static_assert(sizeof(struct tar_header) == BLOCK_BYTES, "a block");

/* The sum of all bytes, those of the sum itself taken for spaces. */
static unsigned int checksum(const struct tar_header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	unsigned int sum = sizeof(header->checksum) * ' ';

	for (size_t i = 0; i < sizeof(*header); i++)
		sum += bytes[i];
	return sum;
}

static int write_header(int fd, char type, const char *name, uint64_t size,
			const struct stat *st)
{
	struct tar_header header = {
		.mode = "0000644",
		.uid = "0000000",
		.gid = "0000000",
		.type = type,
		.magic = "ustar",
		.version = {'0', '0'},
	};
	uint64_t mtime = st->st_mtime > 0 ? (uint64_t)st->st_mtime : 0;

	memcpy(header.name, name, strnlen(name, sizeof(header.name)));
	snprintf(header.size, sizeof(header.size), "%011llo",
		 (unsigned long long)size);
	snprintf(header.mtime, sizeof(header.mtime), "%011llo",
		 (unsigned long long)(mtime & max_size));
	snprintf(header.checksum, sizeof(header.checksum), "%06o",
		 checksum(&header));
	return kprof_io_write(fd, &header, sizeof(header));
}

static int pad(int fd, uint64_t size)
{
	static const char zeros[BLOCK_BYTES];
	size_t rest = size % BLOCK_BYTES;

	return rest ? kprof_io_write(fd, zeros, BLOCK_BYTES - rest) : 0;
}

/* A record of a pax header is "length key=value\n", its length included. */
static size_t record_bytes(size_t bytes)
{
	char digits[24];
	size_t all = bytes;

	while (bytes + snprintf(digits, sizeof(digits), "%zu", all) != all)
		all = bytes + strlen(digits);
	return all;
}

static int write_long_name(int fd, const char *name, const struct stat *st)
{
	_cleanup_strbuf_ struct kprof_strbuf record = {};
	size_t bytes = record_bytes(strlen(" path=\n") + strlen(name));
	int err;

	kprof_strbuf_appendf(&record, "%zu path=%s\n", bytes, name);
	if (record.err)
		return record.err;
	err = write_header(fd, PAX_HEADER, "long-name", record.len, st);
	err = err ?: kprof_io_write(fd, record.data, record.len);
	return err ?: pad(fd, record.len);
}

static int copy(int fd, int from, uint64_t size)
{
	_cleanup_free_ char *buf = malloc(COPY_BYTES);
	uint64_t done = 0;
	int err = 0;

	if (!buf)
		return -ENOMEM;
	while (!err && done < size) {
		size_t wanted =
			size - done < COPY_BYTES ? size - done : COPY_BYTES;

		if (kprof_io_read_at(from, done, buf, wanted) != wanted)
			return -EIO;
		err = kprof_io_write(fd, buf, wanted);
		done += wanted;
	}
	return err ?: pad(fd, size);
}

int kprof_tar_add(int fd, const char *name, int from)
{
	uint64_t size;
	struct stat st;
	int err = 0;

	if (fstat(from, &st))
		return -errno;
	size = (uint64_t)st.st_size;
	if (size > max_size)
		return -EFBIG;
	if (strlen(name) > sizeof(((struct tar_header *)0)->name))
		err = write_long_name(fd, name, &st);
	err = err ?: write_header(fd, PLAIN_FILE, name, size, &st);
	return err ?: copy(fd, from, size);
}

int kprof_tar_finish(int fd)
{
	static const char end[2 * BLOCK_BYTES];

	return kprof_io_write(fd, end, sizeof(end));
}
