/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One source of unwind information: which code it describes, and how.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_LAYER_H
#define LIB_CFI_LAYER_H

#include "lib/cfi.h"
#include "util/vector.h"

struct kprof_cfi_builder;
struct kprof_cfi_layer;
struct kprof_cfi_machine;
struct kprof_elf_file;

/**
 * struct kprof_cfi_span - code that one entry describes
 * @offset: in the file
 * @bytes: how much, within one segment
 * @entry: where the entry is in its section
 */
struct kprof_cfi_span {
	uint32_t offset;
	uint32_t bytes;
	uint32_t entry;
};

/**
 * struct kprof_cfi_layer - a source; {} is an empty one
 * @source: which
 * @spans: sorted by offset; where two overlap, the later one holds
 * @may_be_cut: spans also hold for a part that does not have their start
 * @run: adds the rows of [@from, @to), within @span, to the builder
 * @destroy: frees @context
 * @context: of these
 * @unwind_bytes: size of the section
 */
struct kprof_cfi_layer {
	enum kprof_unwind_source source;
	vector(struct kprof_cfi_span) spans;
	bool may_be_cut;
	void (*run)(struct kprof_cfi_layer *layer,
		    const struct kprof_cfi_span *span, uint64_t from,
		    uint64_t to, struct kprof_cfi_builder *builder);
	void (*destroy)(void *context);
	void *context;
	uint64_t unwind_bytes;
};

/**
 * kprof_cfi_layer_add() - code that an entry describes
 * @layer: its source
 * @file: what is mapped
 * @vaddr: where it starts
 * @bytes: how much
 * @entry: where the entry is
 *
 * What is no code of the file is left out.
 *
 * Return: 0 or -ENOMEM.
 */
int kprof_cfi_layer_add(struct kprof_cfi_layer *layer,
			const struct kprof_elf_file *file, uint64_t vaddr,
			uint64_t bytes, uint32_t entry);
/* All have been added. */
void kprof_cfi_layer_sort(struct kprof_cfi_layer *layer);
void kprof_cfi_layer_deinit(struct kprof_cfi_layer *layer);

/*
 * The layers of a file: 0, -ENOENT if it has no such unwind information or it
 * is of no use, or -ENOMEM. @elf has it and @file is what is mapped.
 */
int kprof_cfi_eh_frame(const struct kprof_cfi_machine *machine,
		       const struct kprof_elf_file *elf,
		       const struct kprof_elf_file *file,
		       struct kprof_cfi_layer *ret);
int kprof_cfi_debug_frame(const struct kprof_cfi_machine *machine,
			  const struct kprof_elf_file *elf,
			  const struct kprof_elf_file *file,
			  struct kprof_cfi_layer *ret);

/* Only of @file itself, which @elf is. */
int kprof_cfi_exidx(const struct kprof_cfi_machine *machine,
		    const struct kprof_elf_file *elf,
		    const struct kprof_elf_file *file,
		    struct kprof_cfi_layer *ret);

#endif /* LIB_CFI_LAYER_H */
