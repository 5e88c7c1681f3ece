// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program's memory holds before it runs, read from its file.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Blocks that were read are kept: who looks names up in order reads the same
 * ones again and again. Linkers write relative relocations first and sorted,
 * so those of a block are found by a binary search. Go's own linker does not
 * say how many there are, but it writes the pointers themselves as well.
 */
#include "lib/elf_memory.h"

#include "lib/elf_file.h"

#include <endian.h>
#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_BYTES = 4096,
	NR_BLOCKS = 64,
	/* Linked programs have four to ten. */
	MAX_SEGMENTS = 64,
	/* Linked programs have about 30 entries in their dynamic section. */
	MAX_DYNAMIC = 512,
	/* Relocations that are read at once. */
	CHUNK = 64,
};

/**
 * struct block - a piece of a segment
 * @segment: its number plus one, 0 if there is nothing here
 * @number: its address divided by BLOCK_BYTES
 * @start: address of the first byte, greater where the segment starts later
 * @size: bytes
 * @data: they themselves
 */
struct block {
	size_t segment;
	uint64_t number;
	uint64_t start;
	size_t size;
	uint8_t data[BLOCK_BYTES];
};

/**
 * struct kprof_elf_memory - the memory of a program
 * @file: its file
 * @nr_segments: those that are looked at
 * @relocations: where in the file the relative ones are
 * @nr_relocations: how many
 * @relative: their type
 * @blocks: by their number
 */
struct kprof_elf_memory {
	const struct kprof_elf_file *file;
	size_t nr_segments;
	uint64_t relocations;
	uint64_t nr_relocations;
	uint32_t relative;
	struct block blocks[NR_BLOCKS];
};

/* Segments */

static bool holds(const struct kprof_elf_segment *segment, uint64_t address)
{
	return address >= segment->vaddr &&
	       address - segment->vaddr < segment->file_bytes;
}

static int find_segment(const struct kprof_elf_memory *memory, uint64_t address,
			size_t *ret)
{
	for (size_t i = 0; i < memory->nr_segments; i++) {
		if (holds(&memory->file->segments[i], address)) {
			*ret = i;
			return 0;
		}
	}
	return -ENOENT;
}

/* Relocations */

static uint32_t relative_type(unsigned int machine)
{
	switch (machine) {
	case EM_X86_64:
		return R_X86_64_RELATIVE;
	case EM_AARCH64:
		return R_AARCH64_RELATIVE;
	case EM_RISCV:
		return R_RISCV_RELATIVE;
	default:
		return 0;
	}
}

static uint64_t dynamic_value(const Elf64_Dyn *entries, size_t nr, int64_t tag)
{
	for (size_t i = 0; i < nr; i++)
		if ((int64_t)le64toh((uint64_t)entries[i].d_tag) == tag)
			return le64toh(entries[i].d_un.d_val);
	return 0;
}

static void note_relocations(struct kprof_elf_memory *memory,
			     const GElf_Phdr *dynamic)
{
	const struct kprof_elf_file *file = memory->file;
	Elf64_Dyn entries[MAX_DYNAMIC];
	uint64_t address, bytes, count;
	size_t size = sizeof(entries), nr, segment;

	if (size > dynamic->p_filesz)
		size = dynamic->p_filesz;
	nr = kprof_elf_file_read(file, dynamic->p_offset, entries, size) /
	     sizeof(*entries);
	address = dynamic_value(entries, nr, DT_RELA);
	bytes = dynamic_value(entries, nr, DT_RELASZ);
	count = dynamic_value(entries, nr, DT_RELACOUNT);
	if (find_segment(memory, address, &segment))
		return;
	if (count > bytes / sizeof(Elf64_Rela))
		count = bytes / sizeof(Elf64_Rela);
	memory->relocations = address - file->segments[segment].vaddr +
			      file->segments[segment].offset;
	memory->nr_relocations = count;
}

/* 32-bit machines have no addends in their relocations. */
static void find_relocations(struct kprof_elf_memory *memory)
{
	Elf *elf = memory->file->elf;
	size_t nr_phdrs;
	GElf_Phdr phdr;

	memory->relative = relative_type(memory->file->machine);
	if (!memory->relative || gelf_getclass(elf) != ELFCLASS64 ||
	    elf_getphdrnum(elf, &nr_phdrs))
		return;
	for (size_t i = 0; i < nr_phdrs; i++) {
		if (gelf_getphdr(elf, (int)i, &phdr) &&
		    phdr.p_type == PT_DYNAMIC) {
			note_relocations(memory, &phdr);
			return;
		}
	}
}

static size_t read_relocations(const struct kprof_elf_memory *memory,
			       uint64_t first, Elf64_Rela *ret, size_t nr)
{
	if (nr > memory->nr_relocations - first)
		nr = memory->nr_relocations - first;
	return kprof_elf_file_read(memory->file,
				   memory->relocations + first * sizeof(*ret),
				   ret, nr * sizeof(*ret)) /
	       sizeof(*ret);
}

/* The first one at or behind @address. */
static uint64_t first_relocation(const struct kprof_elf_memory *memory,
				 uint64_t address)
{
	uint64_t low = 0, high = memory->nr_relocations;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		Elf64_Rela rela;

		if (!read_relocations(memory, middle, &rela, 1))
			return memory->nr_relocations;
		if (le64toh(rela.r_offset) < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* False behind the end of the block. */
static bool relocate(const struct kprof_elf_memory *memory, struct block *block,
		     const Elf64_Rela *rela)
{
	uint64_t at = le64toh(rela->r_offset) - block->start;

	if (at >= block->size)
		return false;
	/* The bytes of an addend are in the file's order already. */
	if (ELF64_R_TYPE(le64toh(rela->r_info)) == memory->relative &&
	    block->size - at >= sizeof(rela->r_addend))
		memcpy(block->data + at, &rela->r_addend,
		       sizeof(rela->r_addend));
	return true;
}

static void relocate_block(const struct kprof_elf_memory *memory,
			   struct block *block)
{
	uint64_t first = first_relocation(memory, block->start);
	Elf64_Rela chunk[CHUNK];

	/* No more than fit into a block, whatever the file says. */
	for (size_t done = 0;
	     done < BLOCK_BYTES && first + done < memory->nr_relocations;) {
		size_t nr =
			read_relocations(memory, first + done, chunk, CHUNK);

		if (!nr)
			return;
		for (size_t i = 0; i < nr; i++)
			if (!relocate(memory, block, &chunk[i]))
				return;
		done += nr;
	}
}

/* Blocks */

static void load_block(const struct kprof_elf_memory *memory, size_t segment,
		       uint64_t number, struct block *ret)
{
	const struct kprof_elf_segment *from = &memory->file->segments[segment];
	uint64_t start = number * BLOCK_BYTES, skipped, size;

	if (start < from->vaddr)
		start = from->vaddr;
	skipped = start - from->vaddr;
	size = BLOCK_BYTES - start % BLOCK_BYTES;
	if (size > from->file_bytes - skipped)
		size = from->file_bytes - skipped;
	ret->segment = segment + 1;
	ret->number = number;
	ret->start = start;
	ret->size = 0;
	if (from->offset <= UINT64_MAX - skipped)
		ret->size = kprof_elf_file_read(
			memory->file, from->offset + skipped, ret->data, size);
	if (memory->nr_relocations)
		relocate_block(memory, ret);
}

static const struct block *get_block(struct kprof_elf_memory *memory,
				     uint64_t address)
{
	uint64_t number = address / BLOCK_BYTES;
	struct block *block = &memory->blocks[number % NR_BLOCKS];
	size_t segment;

	if (find_segment(memory, address, &segment))
		return NULL;
	if (block->segment != segment + 1 || block->number != number)
		load_block(memory, segment, number, block);
	return address - block->start < block->size ? block : NULL;
}

size_t kprof_elf_memory_read(struct kprof_elf_memory *memory, uint64_t address,
			     void *buf, size_t size)
{
	size_t done = 0, segment = 0;

	while (done < size) {
		const struct block *block = get_block(memory, address + done);
		size_t at, nr;

		if (!block || (done && block->segment != segment))
			break;
		segment = block->segment;
		at = address + done - block->start;
		nr = block->size - at;
		if (nr > size - done)
			nr = size - done;
		memcpy((char *)buf + done, block->data + at, nr);
		done += nr;
	}
	return done;
}

int kprof_elf_memory_create(const struct kprof_elf_file *file,
			    struct kprof_elf_memory **ret)
{
	struct kprof_elf_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	memory->file = file;
	memory->nr_segments = file->nr_segments < MAX_SEGMENTS
				      ? file->nr_segments
				      : MAX_SEGMENTS;
	find_relocations(memory);
	*ret = memory;
	return 0;
}

void kprof_elf_memory_destroy(struct kprof_elf_memory *memory)
{
	free(memory);
}
