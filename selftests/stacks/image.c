// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files that a program was made of, as they were in its memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "image.h"

#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

struct image {
	struct image *next;
	char *path;
	Elf *elf;
	const char *bytes;
	size_t size;
};

static struct image *open_image(const char *path)
{
	struct image *image = calloc(1, sizeof(*image));
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	elf_version(EV_CURRENT);
	image->path = strdup(path);
	image->elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	image->bytes = elf_rawfile(image->elf, &image->size);
	if (!image->bytes) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	return image;
}

struct image *image_get(const char *path)
{
	static struct image *images;
	struct image *image;

	for (image = images; image; image = image->next)
		if (!strcmp(image->path, path))
			return image;
	image = open_image(path);
	image->next = images;
	images = image;
	return image;
}

/* The executable segment that @offset is in, or the first one if @offset < 0.
 */
static GElf_Phdr segment(const struct image *image, int64_t offset)
{
	GElf_Phdr phdr;

	for (int i = 0; gelf_getphdr(image->elf, i, &phdr); i++) {
		uint64_t start = phdr.p_offset & ~(phdr.p_align - 1);

		if (phdr.p_type != PT_LOAD)
			continue;
		if (offset < 0 ||
		    ((phdr.p_flags & PF_X) && (uint64_t)offset >= start &&
		     (uint64_t)offset < phdr.p_offset + phdr.p_filesz))
			return phdr;
	}
	fprintf(stderr, "%s: nothing is loaded from there\n", image->path);
	exit(1);
}

uint64_t image_bias(const struct image *image,
		    const struct stops_mapping *mapping)
{
	GElf_Phdr phdr = segment(image, (int64_t)mapping->offset);

	return mapping->start - mapping->offset + phdr.p_offset - phdr.p_vaddr;
}

uint64_t image_base(const struct image *image,
		    const struct stops_mapping *mapping)
{
	GElf_Phdr first = segment(image, -1);

	return image_bias(image, mapping) +
	       (first.p_vaddr & ~(first.p_align - 1));
}

bool image_read(const struct stops *stops, uint64_t address, void *to,
		size_t bytes)
{
	const struct stops_mapping *mapping = stops_mapping_of(stops, address);
	const struct image *image;
	uint64_t offset;

	if (!mapping)
		return false;
	image = image_get(mapping->path);
	offset = address - mapping->start + mapping->offset;
	if (offset > image->size || image->size - offset < bytes)
		return false;
	memcpy(to, image->bytes + offset, bytes);
	return true;
}
