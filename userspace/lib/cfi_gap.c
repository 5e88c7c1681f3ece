// SPDX-License-Identifier: GPL-2.0-only
/*
 * Code that no unwind information describes: some of it can be recognised.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi_gap.h"

#include "lib/cfi_builder.h"
#include "lib/cfi_machine.h"
#include "lib/elf_file.h"

#include <gelf.h>

void kprof_cfi_gap_init(struct kprof_cfi_gap *gap,
			const struct kprof_cfi_machine *machine,
			const struct kprof_elf_file *file)
{
	GElf_Ehdr ehdr;

	gap->machine = machine;
	gap->entry = 0;
	kprof_cfi_plt_init(&gap->plt, machine, file);
	gap->window.file = file;
	if (!gelf_getehdr(file->elf, &ehdr))
		return;
	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &file->segments[i];

		if (segment->is_executable && ehdr.e_entry >= segment->vaddr &&
		    ehdr.e_entry - segment->vaddr < segment->file_bytes)
			gap->entry = segment->offset +
				     (ehdr.e_entry - segment->vaddr);
	}
}

static void add(struct kprof_cfi_builder *builder, uint64_t from, uint64_t to,
		const struct kprof_unwind_rule *rule)
{
	builder->source = KPROF_UNWIND_CODE;
	builder->is_described = false;
	kprof_cfi_builder_add(builder, from, to, rule);
}

/* Nothing calls a trampoline: what returns to it is looked up a byte before. */
static size_t is_returned_to(const struct kprof_unwind_rule *rule, size_t skip)
{
	return skip > 0 && rule->cfa != KPROF_CFA_REGISTER;
}

static void add_known(struct kprof_cfi_gap *gap,
		      struct kprof_cfi_builder *builder, uint64_t from,
		      uint64_t to)
{
	struct kprof_unwind_rule rule;
	size_t size, skip, bytes;

	while (from < to) {
		const uint8_t *code =
			kprof_cfi_look(&gap->window, from, to, &size);

		if (kprof_cfi_known_code(gap->machine, code, size, &skip,
					 &bytes, &rule)) {
			add(builder, from + skip - is_returned_to(&rule, skip),
			    from + skip + bytes, &rule);
			from += skip + bytes;
			continue;
		}
		/* The next look begins where code may begin that ends later. */
		if (size <= KPROF_CFI_KNOWN_CODE_BYTES || from + size == to)
			break;
		from += size - KPROF_CFI_KNOWN_CODE_BYTES;
	}
}

static uint64_t add_entry(struct kprof_cfi_gap *gap,
			  struct kprof_cfi_builder *builder, uint64_t to)
{
	const struct kprof_unwind_rule outermost = {
		.cfa = KPROF_CFA_OUTERMOST,
	};
	size_t size;
	const uint8_t *code =
		kprof_cfi_look(&gap->window, gap->entry, to, &size);

	if (size > KPROF_CFI_ENTRY_CODE_BYTES)
		size = KPROF_CFI_ENTRY_CODE_BYTES;
	size = kprof_cfi_entry_code(gap->machine, code, size);
	add(builder, gap->entry, gap->entry + size, &outermost);
	return gap->entry + size;
}

static void add_code(struct kprof_cfi_gap *gap,
		     struct kprof_cfi_builder *builder, uint64_t from,
		     uint64_t to)
{
	const struct kprof_unwind_rule unknown = {};

	if (gap->entry >= from && gap->entry < to) {
		add_known(gap, builder, from, gap->entry);
		from = add_entry(gap, builder, to);
	}
	add_known(gap, builder, from, to);
	add(builder, from, to, &unknown);
}

void kprof_cfi_gap_add(struct kprof_cfi_gap *gap,
		       struct kprof_cfi_builder *builder, uint64_t from,
		       uint64_t to)
{
	for (size_t i = 0; i < gap->plt.nr; i++) {
		const struct kprof_cfi_plt_section *section =
			&gap->plt.sections[i];
		uint64_t start = section->from > from ? section->from : from;
		uint64_t end = section->to < to ? section->to : to;

		if (start >= end)
			continue;
		if (from < start)
			add_code(gap, builder, from, start);
		kprof_cfi_plt_add(&gap->plt, section, builder, start, end);
		from = end;
	}
	if (from < to)
		add_code(gap, builder, from, to);
}
