// SPDX-License-Identifier: GPL-2.0-only
/*
 * .ARM.exidx and .ARM.extab as a layer of unwind information.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * One entry has one rule for a whole function, which is right where it calls;
 * cfi_arm.c makes of it what is right in between. Linkers join entries of
 * functions that are alike, and say "cannot unwind" of all code of which the
 * compiler said nothing: that is no information, not the end of a stack.
 */
#include "lib/cfi_arm.h"
#include "lib/cfi_builder.h"
#include "lib/cfi_bytes.h"
#include "lib/cfi_ehabi.h"
#include "lib/cfi_layer.h"
#include "lib/cfi_machine.h"
#include "lib/cfi_window.h"
#include "lib/elf_file.h"
#include "util/cleanup.h"

#include <elf.h>
#include <errno.h>
#include <gelf.h>
#include <stdlib.h>

enum {
	ENTRY_BYTES = 8,
	CANNOT_UNWIND = 1,
	/* A word, and as many more as one byte can say. */
	MAX_CODE_BYTES = 4 * 257,
};

#define COMPACT (1U << 31)

struct exidx {
	const struct kprof_elf_file *file;
	/* The section */
	uint64_t vaddr;
	size_t size;
	uint8_t *data;
	/* Behind it, and the code */
	struct kprof_cfi_window extab;
	struct kprof_cfi_window code;
};

/* An address that is written as its distance in 31 bits. */
static uint32_t prel31(uint32_t word, uint32_t place)
{
	return place + (uint32_t)((int32_t)(word << 1) >> 1);
}

static uint32_t word_at(const struct exidx *exidx, size_t at)
{
	return le_get32(exidx->data + at);
}

static uint32_t function_start(const struct exidx *exidx, size_t at)
{
	uint32_t vaddr = (uint32_t)exidx->vaddr + (uint32_t)at;

	return prel31(word_at(exidx, at), vaddr) & ~1U;
}

/* Instructions */

/* The bytes of a word come highest first. */
static size_t put_word(uint8_t *code, uint32_t word, unsigned int nr_bytes)
{
	for (unsigned int i = 0; i < nr_bytes; i++)
		code[i] = (uint8_t)(word >> 8 * (nr_bytes - 1 - i));
	return nr_bytes;
}

static bool read_extab(struct exidx *exidx, uint64_t vaddr, uint64_t words,
		       const uint8_t **ret)
{
	const struct kprof_elf_file *file = exidx->file;
	uint64_t offset, bytes = words * 4;
	size_t size;

	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &file->segments[i];

		if (vaddr < segment->vaddr ||
		    vaddr - segment->vaddr >= segment->file_bytes)
			continue;
		offset = segment->offset + (vaddr - segment->vaddr);
		*ret = kprof_cfi_look(&exidx->extab, offset, offset + bytes,
				      &size);
		return size == bytes;
	}
	return false;
}

/*
 * One of the ABI's own personality routines, the short one and two that are
 * told how many words follow, or any other, behind whose address such a word
 * comes.
 */
static bool read_table(struct exidx *exidx, uint32_t vaddr, uint8_t *code,
		       size_t *size_ret)
{
	uint32_t word, nr_more, bytes = 2;
	const uint8_t *table;

	if (!read_extab(exidx, vaddr, 1, &table))
		return false;
	word = le_get32(table);
	if (!(word & COMPACT)) {
		vaddr += 4;
		if (!read_extab(exidx, vaddr, 1, &table))
			return false;
		word = le_get32(table);
		nr_more = word >> 24;
		bytes = 3;
	} else if ((word >> 24 & 15) == 0) {
		*size_ret = put_word(code, word, 3);
		return true;
	} else {
		nr_more = word >> 16 & 0xff;
	}
	*size_ret = put_word(code, word, bytes);
	if (!read_extab(exidx, vaddr, 1 + nr_more, &table))
		return false;
	for (uint32_t i = 1; i <= nr_more; i++)
		*size_ret +=
			put_word(code + *size_ret, le_get32(table + 4 * i), 4);
	return true;
}

/* False for what cannot be unwound, or not by a rule. */
static bool read_rule(struct exidx *exidx, size_t at,
		      struct kprof_unwind_rule *ret)
{
	uint32_t word = word_at(exidx, at + 4);
	uint8_t code[MAX_CODE_BYTES];
	size_t size;

	if (word == CANNOT_UNWIND)
		return false;
	if (word & COMPACT)
		size = put_word(code, word, 3);
	else if (!read_table(exidx,
			     prel31(word, (uint32_t)(exidx->vaddr + at + 4)),
			     code, &size))
		return false;
	return kprof_cfi_ehabi(code, size, ret);
}

/* The layer */

static int list_functions(struct exidx *exidx, struct kprof_cfi_layer *layer)
{
	struct kprof_unwind_rule rule;
	uint32_t start, end;
	int err = 0;

	for (size_t at = 0; !err && at + ENTRY_BYTES <= exidx->size;
	     at += ENTRY_BYTES) {
		start = function_start(exidx, at);
		end = at + 2 * ENTRY_BYTES <= exidx->size
			      ? function_start(exidx, at + ENTRY_BYTES)
			      : UINT32_MAX;
		if (end > start && read_rule(exidx, at, &rule))
			err = kprof_cfi_layer_add(layer, exidx->file, start,
						  end - start, (uint32_t)at);
	}
	return err;
}

static void run_function(struct kprof_cfi_layer *layer,
			 const struct kprof_cfi_span *span, uint64_t from,
			 uint64_t to, struct kprof_cfi_builder *builder)
{
	struct exidx *exidx = layer->context;
	struct kprof_unwind_rule rule;
	const uint8_t *code;
	size_t size;

	if (!read_rule(exidx, span->entry, &rule))
		return;
	/* Where another source has the start, its end is not looked into. */
	code = kprof_cfi_look(&exidx->code, span->offset, to, &size);
	if (from != span->offset || size != to - from ||
	    !kprof_cfi_arm_add(builder, from, code, size, &rule))
		kprof_cfi_builder_add(builder, from, to, &rule);
}

static void destroy(void *context)
{
	struct exidx *exidx = context;

	free(exidx->data);
	free(exidx);
}

static bool find_segment(const struct kprof_elf_file *file, GElf_Phdr *ret)
{
	size_t nr = 0;

	elf_getphdrnum(file->elf, &nr);
	for (size_t i = 0; i < nr; i++)
		if (gelf_getphdr(file->elf, (int)i, ret) &&
		    ret->p_type == PT_ARM_EXIDX && ret->p_offset < file->size &&
		    ret->p_filesz <= file->size - ret->p_offset)
			return true;
	return false;
}

static int read_section(struct exidx *exidx)
{
	GElf_Phdr phdr;

	if (!find_segment(exidx->file, &phdr) || !phdr.p_filesz)
		return -ENOENT;
	exidx->vaddr = phdr.p_vaddr;
	exidx->size = phdr.p_filesz;
	exidx->data = malloc(exidx->size);
	if (!exidx->data)
		return -ENOMEM;
	return kprof_elf_file_read(exidx->file, phdr.p_offset, exidx->data,
				   exidx->size) == exidx->size
		       ? 0
		       : -ENOENT;
}

int kprof_cfi_exidx(const struct kprof_cfi_machine *machine,
		    const struct kprof_elf_file *elf,
		    const struct kprof_elf_file *file,
		    struct kprof_cfi_layer *ret)
{
	struct exidx *exidx;
	int err;

	if (machine->machine != EM_ARM)
		return -ENOENT;
	exidx = calloc(1, sizeof(*exidx));
	if (!exidx)
		return -ENOMEM;
	*ret = (struct kprof_cfi_layer){
		.may_be_cut = true,
		.run = run_function,
		.destroy = destroy,
		.context = exidx,
	};
	exidx->file = elf;
	exidx->extab.file = file;
	exidx->code.file = file;
	err = read_section(exidx);
	err = err ?: list_functions(exidx, ret);
	if (!err && !ret->spans.nr)
		err = -ENOENT;
	if (err) {
		kprof_cfi_layer_deinit(ret);
		return err;
	}
	ret->unwind_bytes = exidx->size;
	kprof_cfi_layer_sort(ret);
	return 0;
}
