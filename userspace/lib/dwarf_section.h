/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sections of debug information, loaded and decompressed for libdw.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * libelf could do it, but not zstd before 0.189, and libdw reads strings and
 * numbers at the very end of a section to wherever they end. So a section is
 * given to it with zeros behind it.
 */
#ifndef LIB_DWARF_SECTION_H
#define LIB_DWARF_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <gelf.h>

struct kprof_elf_file;

/**
 * struct kprof_dwarf_section - a section of debug information
 * @elf: its file, which libdw alone uses
 * @section: of libelf's
 * @shdr: its header
 * @name: behind .debug_
 * @is_old: compressed as it was before ELF had a flag for it: .zdebug_
 */
struct kprof_dwarf_section {
	const struct kprof_elf_file *elf;
	Elf_Scn *section;
	GElf_Shdr shdr;
	const char *name;
	bool is_old;
};

/* -ENOENT if @section is no section of debug information with content. */
int kprof_dwarf_section_init(struct kprof_dwarf_section *section,
			     const struct kprof_elf_file *elf, Elf_Scn *scn,
			     size_t names);
/* How much memory it takes to load it, UINT64_MAX for too much. */
uint64_t kprof_dwarf_section_bytes(const struct kprof_dwarf_section *section);
/* Hides it from libdw. */
void kprof_dwarf_section_hide(struct kprof_dwarf_section *section);
/*
 * Its content, decompressed, for the caller to free; behind it are zeros.
 * Errors as below.
 */
int kprof_dwarf_section_read(const struct kprof_dwarf_section *section,
			     void **ret, size_t *bytes_ret);
/*
 * Gives it to libdw; the caller frees @ret after the file. -EINVAL if it is
 * damaged, -ENOTSUP if it is compressed in a way that was not built in.
 */
int kprof_dwarf_section_load(struct kprof_dwarf_section *section, void **ret);

#endif /* LIB_DWARF_SECTION_H */
