/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps in memory, for tests.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UNIT_GSYM_IMAGE_H
#define UNIT_GSYM_IMAGE_H

#include "lib/gsym_write.h"
#include "test.h"
#include "util/io.h"

#include <fcntl.h>

enum {
	GSYM_IMAGE_MAX_BYTES = 1 << 24,
};

struct gsym_image {
	char *data;
	size_t size;
};

static inline void gsym_image_load(struct gsym_image *image, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_ok(kprof_io_read_all(fd, GSYM_IMAGE_MAX_BYTES, &image->data,
				    &image->size));
	close(fd);
}

/* What @writer writes; it is destroyed. */
static inline void gsym_image_save(struct gsym_image *image,
				   struct kprof_gsym_writer *writer)
{
	char dir[64], path[80];

	test_make_directory(dir);
	snprintf(path, sizeof(path), "%s/map.gsym", dir);
	assert_ok(kprof_gsym_writer_save(writer, path));
	kprof_gsym_writer_destroy(writer);
	gsym_image_load(image, path);
	test_remove_directory(dir);
}

static inline struct kprof_gsym *gsym_image_open(const struct gsym_image *image)
{
	struct kprof_gsym *gsym;

	assert_ok(kprof_gsym_open_memory(image->data, image->size, &gsym));
	return gsym;
}

static inline struct kprof_gsym_writer *gsym_image_begin(const char *build_id,
							 const char *segments)
{
	struct kprof_gsym_writer *writer;

	assert_ok(kprof_gsym_writer_create(build_id, segments, &writer));
	return writer;
}

static inline void gsym_image_add(struct kprof_gsym_writer *writer,
				  const char *name, uint64_t start,
				  uint64_t size,
				  const struct kprof_gsym_body *body)
{
	uint32_t number;

	assert_ok(kprof_gsym_writer_string(writer, name, &number));
	assert_ok(kprof_gsym_writer_add(writer, number, start, size, body));
}

#endif /* UNIT_GSYM_IMAGE_H */
