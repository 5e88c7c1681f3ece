/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Code that no unwind information describes: some of it can be recognised.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_GAP_H
#define LIB_CFI_GAP_H

#include "lib/cfi_plt.h"
#include "lib/cfi_window.h"

struct kprof_cfi_builder;
struct kprof_cfi_machine;
struct kprof_elf_file;

/**
 * struct kprof_cfi_gap - the code of a file, as much as is looked at
 * @machine: its machine
 * @entry: where it is entered, in the file; 0 if nowhere
 * @plt: its stubs
 * @window: of the file
 */
struct kprof_cfi_gap {
	const struct kprof_cfi_machine *machine;
	uint64_t entry;
	struct kprof_cfi_plt plt;
	struct kprof_cfi_window window;
};

void kprof_cfi_gap_init(struct kprof_cfi_gap *gap,
			const struct kprof_cfi_machine *machine,
			const struct kprof_elf_file *file);
/* Adds what is known of the bytes [@from, @to) of the file. */
void kprof_cfi_gap_add(struct kprof_cfi_gap *gap,
		       struct kprof_cfi_builder *builder, uint64_t from,
		       uint64_t to);

#endif /* LIB_CFI_GAP_H */
