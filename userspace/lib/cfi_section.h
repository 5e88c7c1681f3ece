/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loads .eh_frame and .debug_frame.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_SECTION_H
#define LIB_CFI_SECTION_H

#include <libelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kprof_elf_file;

/**
 * struct kprof_cfi_section - call frame information of a file
 * @elf: the file
 * @ident: its e_ident
 * @data: the content, not compressed; behind it are zeros
 * @content: the same, owned
 * @vaddr: where it is in memory
 * @word_bytes: size of an address
 * @is_eh: it is .eh_frame
 */
struct kprof_cfi_section {
	const struct kprof_elf_file *elf;
	const unsigned char *ident;
	Elf_Data data;
	void *content;
	uint64_t vaddr;
	size_t word_bytes;
	bool is_eh;
};

/* -ENOENT if there is none, or it cannot be read, or -ENOMEM. */
int kprof_cfi_section_load(struct kprof_cfi_section *section,
			   const struct kprof_elf_file *elf, bool is_eh);
void kprof_cfi_section_deinit(struct kprof_cfi_section *section);

#endif /* LIB_CFI_SECTION_H */
