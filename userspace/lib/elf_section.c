// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds a section of an ELF file by its name.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/elf_section.h"

#include "lib/elf_file.h"

#include <errno.h>
#include <string.h>

enum {
	/* The longest name that is looked for, with its NUL. */
	NAME_BYTES = 64,
};

static bool has_name(const struct kprof_elf_file *file, const GElf_Shdr *names,
		     const GElf_Shdr *shdr, const char *name)
{
	size_t size = strlen(name) + 1, left;
	char found[NAME_BYTES];

	if (size > sizeof(found) || shdr->sh_name >= names->sh_size)
		return false;
	left = names->sh_size - shdr->sh_name;
	return size <= left &&
	       kprof_elf_file_read(file, names->sh_offset + shdr->sh_name,
				   found, size) == size &&
	       !memcmp(found, name, size);
}

int kprof_elf_section_find(const struct kprof_elf_file *file, const char *name,
			   GElf_Shdr *ret)
{
	Elf_Scn *section = NULL;
	GElf_Shdr names;
	size_t index;

	if (elf_getshdrstrndx(file->elf, &index) ||
	    !gelf_getshdr(elf_getscn(file->elf, index), &names))
		return -ENOENT;
	while ((section = elf_nextscn(file->elf, section)))
		if (gelf_getshdr(section, ret) && ret->sh_type != SHT_NOBITS &&
		    ret->sh_type != SHT_NULL &&
		    !(ret->sh_flags & SHF_COMPRESSED) &&
		    has_name(file, &names, ret, name))
			return 0;
	return -ENOENT;
}

bool kprof_elf_section_has_code(const struct kprof_elf_file *file)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(file->elf, section)))
		if (gelf_getshdr(section, &shdr) &&
		    shdr.sh_type == SHT_PROGBITS &&
		    shdr.sh_flags & SHF_EXECINSTR)
			return true;
	return false;
}
