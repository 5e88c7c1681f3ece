/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finds a section of an ELF file by its name.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_ELF_SECTION_H
#define LIB_ELF_SECTION_H

#include <gelf.h>
#include <stdbool.h>

struct kprof_elf_file;

/*
 * The first section of that name whose bytes are in the file as they are, not
 * compressed; -ENOENT if there is none. Offset and size are as the file says.
 */
int kprof_elf_section_find(const struct kprof_elf_file *file, const char *name,
			   GElf_Shdr *ret);
/* Does any section hold code? If not, somebody took the section headers out. */
bool kprof_elf_section_has_code(const struct kprof_elf_file *file);

#endif /* LIB_ELF_SECTION_H */
