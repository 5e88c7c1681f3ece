// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is wrong with ELF files, in words.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/elf_check.h"

#include "lib/elf_file.h"
#include "util/log.h"
#include "util/vector.h"

#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_beyond(const struct kprof_elf_file *file, uint64_t offset,
		      uint64_t size)
{
	return offset > file->size || size > file->size - offset;
}

/* Where there are none libelf sees none, and it does not say why. */
static const char *check_headers(const struct kprof_elf_file *file)
{
	GElf_Ehdr ehdr;

	if (!gelf_getehdr(file->elf, &ehdr))
		return NULL;
	if (ehdr.e_shoff &&
	    is_beyond(file, ehdr.e_shoff,
		      (uint64_t)ehdr.e_shnum * ehdr.e_shentsize))
		return "its section headers lie beyond its end";
	if (is_beyond(file, ehdr.e_phoff,
		      (uint64_t)ehdr.e_phnum * ehdr.e_phentsize))
		return "its program headers lie beyond its end";
	return NULL;
}

struct extent {
	uint64_t start;
	uint64_t size;
};

static int compare_extents(const void *a, const void *b)
{
	const struct extent *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static bool have_overlap(struct extent *extents, size_t nr)
{
	if (nr)
		qsort(extents, nr, sizeof(*extents), compare_extents);
	for (size_t i = 1; i < nr; i++)
		if (extents[i].start - extents[i - 1].start <
		    extents[i - 1].size)
			return true;
	return false;
}

static const char *check_section(const struct kprof_elf_file *file,
				 const GElf_Shdr *shdr)
{
	if (is_beyond(file, shdr->sh_offset, shdr->sh_size))
		return "it has a section that lies beyond its end";
	if (kprof_elf_file_is_hollow(file, shdr->sh_offset, shdr->sh_size))
		return "it has a large section that was never written";
	return NULL;
}

static const char *check_sections(const struct kprof_elf_file *file)
{
	vector(struct extent) extents = {};
	const char *damage = NULL;
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while (!damage && (section = elf_nextscn(file->elf, section))) {
		if (!gelf_getshdr(section, &shdr)) {
			damage = "it has a section without a header";
		} else if (shdr.sh_type != SHT_NOBITS &&
			   shdr.sh_type != SHT_NULL && shdr.sh_size) {
			damage = check_section(file, &shdr);
			/* Without memory there is no last check. */
			(void)!vector_push(
				&extents,
				(struct extent){shdr.sh_offset, shdr.sh_size});
		}
	}
	if (!damage && have_overlap(extents.data, extents.nr))
		damage = "its sections lie over each other";
	vector_free(&extents);
	return damage;
}

/* Those of a debug file describe another file. */
static const char *check_segments(const struct kprof_elf_file *file)
{
	for (size_t i = 0; i < file->nr_segments; i++)
		if (is_beyond(file, file->segments[i].offset,
			      file->segments[i].file_bytes))
			return "it is cut off: a segment lies beyond its end";
	return NULL;
}

const char *kprof_elf_file_damage(const struct kprof_elf_file *file)
{
	const char *damage = check_headers(file);

	damage = damage ?: check_sections(file);
	if (!damage && kprof_elf_file_has_code(file))
		damage = check_segments(file);
	return damage;
}

void kprof_elf_file_warn(const struct kprof_elf_file *file, const char *path)
{
	const char *damage = kprof_elf_file_damage(file);

	if (damage)
		log_warning("%s is damaged: %s", path, damage);
}

const char *kprof_elf_file_reason(int err)
{
	switch (err) {
	case -ENOEXEC:
		return "it is no ELF program or library, or a damaged one";
	case -EINVAL:
		return "it is no regular file";
	default:
		return strerror(-err);
	}
}
