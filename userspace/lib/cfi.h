/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiles the unwind information of an ELF file to an unwind table, as
 * <linux/kprof_unwind.h> describes it.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Sources, each filling what the ones before leave open: .eh_frame of the file,
 * .debug_frame of the file, .debug_frame and .eh_frame of its debug file, and
 * on arm .ARM.exidx. Signal trampolines and the start of programs are also
 * recognised by their code, where no source has anything to say.
 *
 * What a rule cannot say has the rule KPROF_CFA_UNKNOWN, as code has that no
 * source knows.
 */
#ifndef LIB_CFI_H
#define LIB_CFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kprof_unwind.h>

struct kprof_elf_file;

enum kprof_cfi_source {
	KPROF_CFI_EH_FRAME,
	KPROF_CFI_DEBUG_FRAME,
	/* Of a separate debug file */
	KPROF_CFI_DEBUG_FILE,
	KPROF_CFI_EXIDX,
	/* Code that was recognised */
	KPROF_CFI_CODE,
	KPROF_CFI_NR_SOURCES,
};

/**
 * struct kprof_cfi_stats - what became of a file's unwind information
 * @text_bytes: of code in the file: executable sections, or segments where
 *	there are no section headers
 * @source_bytes: of code that has a rule which says something, by its source
 * @unsupported_bytes: of code that a source describes, and no rule can
 * @nr_unsupported: rows that would say so
 * @unwind_bytes: size of the unwind information that was read
 */
struct kprof_cfi_stats {
	uint64_t text_bytes;
	uint64_t source_bytes[KPROF_CFI_NR_SOURCES];
	uint64_t unsupported_bytes;
	uint64_t nr_unsupported;
	uint64_t unwind_bytes;
};

/**
 * struct kprof_unwind_image - an unwind table in memory; {} is none
 * @table: sound, see kprof_unwind_table_validate()
 * @bytes: of it; equal to table->bytes
 * @stats: all 0 if the table was not compiled in this process
 */
struct kprof_unwind_image {
	struct kprof_unwind_table *table;
	size_t bytes;
	struct kprof_cfi_stats stats;
};

/**
 * kprof_cfi_compile() - the unwind table of a file
 * @file: what is mapped: its program headers say which bytes are code
 * @debug: its separate debug file, or NULL
 * @ret: kprof_unwind_image_deinit() it
 *
 * Any bytes are safe. Takes time and memory in proportion to the unwind
 * information (at most three times its size) and reads code only where none
 * describes it.
 *
 * Return: 0; -ENOENT if nothing at all is known about any code of the file;
 * -ENOTSUP for a machine whose stacks kprof cannot unwind, or if libdw was not
 * built in; -EFBIG for more than 4 GiB; -ENOMEM.
 */
int kprof_cfi_compile(const struct kprof_elf_file *file,
		      const struct kprof_elf_file *debug,
		      struct kprof_unwind_image *ret);

void kprof_unwind_image_deinit(struct kprof_unwind_image *image);

#endif /* LIB_CFI_H */
