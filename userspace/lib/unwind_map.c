// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unwind maps: unwind tables on disk.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * They come from caches and from whoever hands out maps: nothing is used
 * before all of it is checked.
 */
#include "lib/unwind_map.h"

#include "kmod/unwind_table.h"
#include "lib/debug_file.h"
#include "util/cleanup.h"
#include "util/io.h"
#include "util/outfile.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
	/* No file that can be unwound has more rows than that. */
	MAX_BYTES = 1 << 30,
	CHECKED_FROM =
		offsetof(struct kprof_unwind_map, checksum) + sizeof(uint32_t),
};

static uint32_t checksum(const struct kprof_unwind_map *map, const void *table,
			 size_t table_bytes)
{
	uLong crc = crc32(0, (const Bytef *)map + CHECKED_FROM,
			  sizeof(*map) - CHECKED_FROM);

	return (uint32_t)crc32_z(crc, table, table_bytes);
}

static bool all_zero(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static bool build_id_is_sound(const struct kprof_unwind_map *map)
{
	size_t len = strnlen(map->build_id, sizeof(map->build_id));

	return len < sizeof(map->build_id) &&
	       all_zero(map->build_id + len, sizeof(map->build_id) - len) &&
	       (!len || kprof_is_build_id(map->build_id));
}

static int check_map(const struct kprof_unwind_map *map, const void *table,
		     size_t table_bytes)
{
	if (map->table_bytes != table_bytes || map->pad ||
	    !all_zero(map->pad2, sizeof(map->pad2)) ||
	    map->checksum != checksum(map, table, table_bytes) ||
	    !build_id_is_sound(map))
		return -EBADMSG;
	return kprof_unwind_table_validate(table, table_bytes, map->machine)
		       ? -EBADMSG
		       : 0;
}

int kprof_unwind_map_parse(const void *data, size_t size,
			   struct kprof_unwind_image *ret)
{
	const struct kprof_unwind_map *map = data;
	size_t table_bytes = size - sizeof(*map);
	const char *table = (const char *)data + sizeof(*map);
	int err;

	*ret = (struct kprof_unwind_image){};
	if (size < sizeof(map->magic) || map->magic != KPROF_UNWIND_MAP_MAGIC)
		return -ENOEXEC;
	if (size < sizeof(*map))
		return -EBADMSG;
	if (map->header_bytes != sizeof(*map))
		return -EPROTONOSUPPORT;
	err = check_map(map, table, table_bytes);
	if (err)
		return err;
	*ret = (struct kprof_unwind_image){
		.table = (void *)(uintptr_t)table,
		.bytes = table_bytes,
		.stats = map->stats,
		.origin = KPROF_UNWIND_FROM_MAP,
	};
	strcpy(ret->build_id, map->build_id);
	return 0;
}

static int open_regular(const char *path, int *ret)
{
	_cleanup_close_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	*ret = no_cleanup_fd(fd);
	return 0;
}

int kprof_unwind_map_read(const char *path, struct kprof_unwind_image *ret,
			  uint32_t *revision_ret)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *data = NULL;
	size_t size;
	int err;

	*ret = (struct kprof_unwind_image){};
	err = open_regular(path, &fd);
	err = err ?: kprof_io_read_all(fd, MAX_BYTES, &data, &size);
	err = err ?: kprof_unwind_map_parse(data, size, ret);
	if (err)
		return err;
	*revision_ret = ((const struct kprof_unwind_map *)data)->revision;
	ret->memory = no_cleanup_ptr(data);
	return 0;
}

int kprof_unwind_map_open(const char *path, struct kprof_unwind_image *ret)
{
	uint32_t revision;

	return kprof_unwind_map_read(path, ret, &revision);
}

int kprof_unwind_map_save(const struct kprof_unwind_image *image,
			  const char *path)
{
	_cleanup_outfile_ struct kprof_outfile out = KPROF_OUTFILE_INIT;
	struct kprof_unwind_map map = {
		.magic = KPROF_UNWIND_MAP_MAGIC,
		.header_bytes = sizeof(map),
		.table_bytes = (uint32_t)image->bytes,
		.revision = KPROF_UNWIND_MAP_REVISION,
		.machine = image->table->machine,
		.stats = image->stats,
	};
	int err;

	static_assert(sizeof(map) % 8 == 0, "the table is aligned");
	strcpy(map.build_id, image->build_id);
	map.checksum = checksum(&map, image->table, image->bytes);
	err = kprof_outfile_open(&out, path);
	err = err ?: kprof_io_write(out.fd, &map, sizeof(map));
	err = err ?: kprof_io_write(out.fd, image->table, image->bytes);
	return err ?: kprof_outfile_commit(&out);
}
