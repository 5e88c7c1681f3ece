// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stubs of procedure linkage tables that no unwind information describes: all
 * of them but those that GNU ld writes for x86-64.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A stub jumps to a function and leaves stack and link register as its caller
 * has made them. The header of .plt, which stubs go to that are not resolved
 * yet, pushes a word; on x86-64 so does such a stub before. arm has its own
 * unwind information for all code, and its header overwrites the link register
 * after it has pushed that.
 */
#include "lib/cfi_plt.h"

#include "lib/cfi_builder.h"
#include "lib/cfi_machine.h"
#include "lib/elf_file.h"
#include "lib/elf_section.h"

#include <elf.h>
#include <string.h>

enum {
	X86_STUB_BYTES = 16,
	/* push GOT(%rip) */
	X86_HEADER_PUSH_BYTES = 6,
	ARM64_HEADER_BYTES = 32,
	CODE_BYTES = 8,
};

static uint32_t word_at(const uint8_t *code, size_t at)
{
	uint32_t word;

	memcpy(&word, code + at, sizeof(word));
	return word;
}

/* push GOT(%rip) begins a header; endbr64 a stub that has it: 5 bytes more. */
static void look_at_x86(const uint8_t *code, const uint8_t *stub,
			struct kprof_cfi_plt_section *section)
{
	if (code[0] != 0xff || code[1] != 0x35)
		return;
	section->header_bytes = X86_STUB_BYTES;
	section->pushes_at = X86_HEADER_PUSH_BYTES;
	section->stub_pushes_at = word_at(stub, 0) == 0xfa1e0ff3 ? 9 : 11;
}

/* stp x16, x30, [sp, #-16]!, perhaps behind bti c */
static void look_at_arm64(const uint8_t *code,
			  struct kprof_cfi_plt_section *section)
{
	for (int at = 0; at < CODE_BYTES; at += 4)
		if (word_at(code, at) == 0xa9bf7bf0) {
			section->header_bytes = ARM64_HEADER_BYTES;
			section->pushes_at = (uint8_t)(at + 4);
			return;
		}
}

static void add_section(struct kprof_cfi_plt *plt,
			const struct kprof_elf_file *file, const char *name)
{
	struct kprof_cfi_plt_section *section = &plt->sections[plt->nr];
	uint8_t code[CODE_BYTES] = {0}, stub[CODE_BYTES] = {0};
	GElf_Shdr shdr;

	if (kprof_elf_section_find(file, name, &shdr) ||
	    shdr.sh_type == SHT_NOBITS || !(shdr.sh_flags & SHF_EXECINSTR) ||
	    shdr.sh_size > file->size ||
	    shdr.sh_offset > file->size - shdr.sh_size)
		return;
	*section = (struct kprof_cfi_plt_section){
		.from = shdr.sh_offset,
		.to = shdr.sh_offset + shdr.sh_size,
	};
	kprof_elf_file_read(file, section->from, code, sizeof(code));
	kprof_elf_file_read(file, section->from + X86_STUB_BYTES, stub,
			    sizeof(stub));
	if (plt->machine->machine == EM_X86_64)
		look_at_x86(code, stub, section);
	if (plt->machine->machine == EM_AARCH64)
		look_at_arm64(code, section);
	plt->nr++;
}

static void sort(struct kprof_cfi_plt *plt)
{
	for (size_t i = 1; i < plt->nr; i++)
		for (size_t j = i;
		     j > 0 && plt->sections[j].from < plt->sections[j - 1].from;
		     j--) {
			struct kprof_cfi_plt_section swap = plt->sections[j];

			plt->sections[j] = plt->sections[j - 1];
			plt->sections[j - 1] = swap;
		}
}

void kprof_cfi_plt_init(struct kprof_cfi_plt *plt,
			const struct kprof_cfi_machine *machine,
			const struct kprof_elf_file *file)
{
	static const char *const names[KPROF_CFI_PLT_SECTIONS] = {
		".plt",
		".plt.sec",
		".plt.got",
		".iplt",
	};

	plt->machine = machine;
	plt->nr = 0;
	if (machine->machine == EM_ARM)
		return;
	for (size_t i = 0; i < KPROF_CFI_PLT_SECTIONS; i++)
		add_section(plt, file, names[i]);
	sort(plt);
}

/* The return address is on top of the stack, or in the link register. */
static struct kprof_unwind_rule stub_rule(const struct kprof_cfi_plt *plt)
{
	const struct kprof_cfi_machine *machine = plt->machine;
	struct kprof_unwind_rule rule = {
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = machine->sp,
	};

	if (machine->link == KPROF_CFI_NONE) {
		rule.cfa_offset = machine->word_bytes;
		rule.ra_offset = (int16_t)-machine->word_bytes;
	} else {
		rule.ra = KPROF_RA_REGISTER;
		rule.ra_offset = machine->link;
	}
	return rule;
}

/* What of [@from, @to) is in [@start, @end). */
static void add_part(struct kprof_cfi_builder *builder, uint64_t from,
		     uint64_t to, uint64_t start, uint64_t end,
		     const struct kprof_unwind_rule *rule)
{
	if (from < start)
		from = start;
	if (to > end)
		to = end;
	if (from < to)
		kprof_cfi_builder_add(builder, from, to, rule);
}

void kprof_cfi_plt_add(const struct kprof_cfi_plt *plt,
		       const struct kprof_cfi_plt_section *section,
		       struct kprof_cfi_builder *builder, uint64_t from,
		       uint64_t to)
{
	struct kprof_unwind_rule header = stub_rule(plt), stub = header;
	uint64_t pushed = section->from + section->pushes_at;
	uint64_t stubs = section->from + section->header_bytes;
	/* On x86-64 the stub has pushed one before the header does. */
	int words = plt->machine->machine == EM_X86_64;

	builder->source = KPROF_UNWIND_CODE;
	builder->is_described = false;
	header.cfa_offset += words * plt->machine->word_bytes;
	add_part(builder, from, to, section->from, pushed, &header);
	header.cfa_offset += words ? 8 : 16;
	add_part(builder, from, to, pushed, stubs, &header);
	if (section->stub_pushes_at) {
		stub.cfa = KPROF_CFA_PLT;
		stub.cfa_register = 0;
		stub.cfa_add = section->stub_pushes_at;
	}
	add_part(builder, from, to, stubs, section->to, &stub);
}
