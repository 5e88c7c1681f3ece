/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that a program was made of, as they were in its memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_IMAGE_H
#define SELFTESTS_STACKS_IMAGE_H

#include "stops.h"

struct image;

/* The file of that name, opened once; ends the program if it cannot be read. */
struct image *image_get(const char *path);

/* What was added to the file's addresses where @mapping is of it. */
uint64_t image_bias(const struct image *image,
		    const struct stops_mapping *mapping);

/* Where the file's first segment was loaded. */
uint64_t image_base(const struct image *image,
		    const struct stops_mapping *mapping);

/* Bytes of executable memory. Returns false where no file was mapped. */
bool image_read(const struct stops *stops, uint64_t address, void *to,
		size_t bytes);

#endif /* SELFTESTS_STACKS_IMAGE_H */
