/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stubs of procedure linkage tables that no unwind information describes.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_PLT_H
#define LIB_CFI_PLT_H

#include <stddef.h>
#include <stdint.h>

struct kprof_cfi_builder;
struct kprof_cfi_machine;
struct kprof_elf_file;

enum { KPROF_CFI_PLT_SECTIONS = 4 };

/**
 * struct kprof_cfi_plt - where the stubs of a file are
 * @machine: its machine
 * @sections: offsets in the file, ascending
 * @nr: sections
 */
struct kprof_cfi_plt {
	const struct kprof_cfi_machine *machine;
	struct kprof_cfi_plt_section {
		uint64_t from;
		uint64_t to;
		/* A stub resolves its function the first time it is called. */
		uint8_t header_bytes;
		/* Of the header, up to where it has pushed a word. */
		uint8_t pushes_at;
		/* Of a stub, the same; 0 if none does. */
		uint8_t stub_pushes_at;
	} sections[KPROF_CFI_PLT_SECTIONS];
	size_t nr;
};

/* None are found in a file without section headers. */
void kprof_cfi_plt_init(struct kprof_cfi_plt *plt,
			const struct kprof_cfi_machine *machine,
			const struct kprof_elf_file *file);

/* Adds the rules of the bytes [@from, @to) of a section. */
void kprof_cfi_plt_add(const struct kprof_cfi_plt *plt,
		       const struct kprof_cfi_plt_section *section,
		       struct kprof_cfi_builder *builder, uint64_t from,
		       uint64_t to);

#endif /* LIB_CFI_PLT_H */
