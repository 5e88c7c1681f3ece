// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells whether an address is in a prologue, an epilogue or a linkage stub.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A row of the unwind information is of a prologue or an epilogue if the frame
 * is found by the stack pointer there and is smaller than elsewhere in the same
 * function. Only short rows count: in a function that sets up its frame late
 * the code before is a long row, where stops tell nothing about prologues.
 */
#include "place.h"

#include "place_arm.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_ROW_BYTES = 16,
	/* A push, another one of vector registers, and what moves sp */
	ARM_PROLOGUE_BYTES = 10,
	MAX_BUILD_ID = 64,
	/* version, encodings: pc-relative, count and table of 4 bytes */
	EH_FRAME_HDR_USUAL = 0x3b031b01,
	/* no frame is found by another register than the stack pointer */
	FRAME_BY_REGISTER = INT_MAX,
};

struct row {
	uint64_t start;
	uint64_t end;
	/* of the CFA above the stack pointer */
	int cfa;
};

/* cfa: the largest one, 0 if not known yet */
struct function {
	uint64_t start;
	int cfa;
};

struct place_file {
	struct place_file *next;
	char *path;
	char build_id[2 * MAX_BUILD_ID + 1];
	Elf *elf;
	Dwarf_CFI *cfi;
	struct place_arm *arm;
	unsigned int sp;
	struct function *functions;
	size_t nr_functions;
	struct row last;
};

static void read_build_id(struct place_file *file)
{
	const unsigned char *bytes;
	ssize_t nr = dwelf_elf_gnu_build_id(file->elf, (const void **)&bytes);

	strcpy(file->build_id, "-");
	for (ssize_t i = 0; i < nr && i < MAX_BUILD_ID; i++)
		sprintf(file->build_id + 2 * i, "%02x", bytes[i]);
}

/* The segment that @offset is loaded by. */
static bool segment_of(const struct place_file *file, uint64_t offset,
		       GElf_Phdr *phdr)
{
	for (int i = 0; gelf_getphdr(file->elf, i, phdr); i++)
		if (phdr->p_type == PT_LOAD && offset >= phdr->p_offset &&
		    offset - phdr->p_offset < phdr->p_filesz)
			return true;
	return false;
}

/* Starts of all functions from the sorted table of .eh_frame_hdr. */
static void read_functions(struct place_file *file)
{
	GElf_Phdr phdr;
	const char *data;
	size_t bytes;
	uint32_t usual, nr;
	int32_t start;

	for (int i = 0; gelf_getphdr(file->elf, i, &phdr); i++)
		if (phdr.p_type == PT_GNU_EH_FRAME)
			break;
	data = elf_rawfile(file->elf, &bytes);
	if (phdr.p_type != PT_GNU_EH_FRAME || phdr.p_filesz < 12 ||
	    phdr.p_offset + phdr.p_filesz > bytes)
		return;
	data += phdr.p_offset;
	memcpy(&usual, data, sizeof(usual));
	memcpy(&nr, data + 8, sizeof(nr));
	if (usual != EH_FRAME_HDR_USUAL || nr > (phdr.p_filesz - 12) / 8)
		return;
	file->functions = calloc(nr, sizeof(*file->functions));
	for (file->nr_functions = 0; file->functions && file->nr_functions < nr;
	     file->nr_functions++) {
		memcpy(&start, data + 12 + 8 * file->nr_functions,
		       sizeof(start));
		file->functions[file->nr_functions].start =
			phdr.p_vaddr + (uint64_t)(int64_t)start;
	}
}

static int compare_functions(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

	return (a->start > b->start) - (a->start < b->start);
}

static void list_functions(struct place_file *file)
{
	uint64_t *starts = NULL;
	size_t nr = place_arm_functions(file->arm, &starts);

	file->functions = calloc(nr + 1, sizeof(*file->functions));
	if (!file->functions)
		nr = 0;
	for (size_t i = 0; i < nr; i++)
		file->functions[i].start = starts[i];
	file->nr_functions = nr;
	if (nr)
		qsort(file->functions, nr, sizeof(*file->functions),
		      compare_functions);
	free(starts);
}

static struct place_file *open_file(const char *path)
{
	struct place_file *file = calloc(1, sizeof(*file));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	GElf_Ehdr ehdr;

	elf_version(EV_CURRENT);
	file->elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	file->path = strdup(path);
	if (!gelf_getehdr(file->elf, &ehdr)) {
		file->elf = NULL;
		return file;
	}
	file->sp = stops_sp(ehdr.e_machine);
	read_build_id(file);
	if (ehdr.e_machine == EM_ARM) {
		file->arm = place_arm_open(path, file->elf);
		file->cfi = place_arm_cfi(file->arm);
		list_functions(file);
	} else {
		file->cfi = dwarf_getcfi_elf(file->elf);
		read_functions(file);
	}
	return file;
}

struct place_file *place_file_get(const char *path)
{
	static struct place_file *files;
	struct place_file *file;

	for (file = files; file; file = file->next)
		if (!strcmp(file->path, path))
			return file->elf ? file : NULL;
	file = open_file(path);
	file->next = files;
	files = file;
	return file->elf ? file : NULL;
}

const char *place_build_id(const struct place_file *file)
{
	return file->build_id;
}

static bool is_plt(const struct place_file *file, uint64_t address)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;
	size_t names;

	if (elf_getshdrstrndx(file->elf, &names))
		return false;
	while ((section = elf_nextscn(file->elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, &shdr) || address < shdr.sh_addr ||
		    address - shdr.sh_addr >= shdr.sh_size)
			continue;
		name = elf_strptr(file->elf, names, shdr.sh_name);
		if (name && !strncmp(name, ".plt", 4))
			return true;
	}
	return false;
}

static bool read_row(const struct place_file *file, uint64_t address,
		     struct row *row)
{
	Dwarf_Frame *frame;
	Dwarf_Op *ops;
	size_t nr;
	bool is_signal, by_sp;

	if (dwarf_cfi_addrframe(file->cfi, address, &frame))
		return false;
	dwarf_frame_info(frame, &row->start, &row->end, &is_signal);
	by_sp = !dwarf_frame_cfa(frame, &ops, &nr) && nr == 1 &&
		ops->atom == DW_OP_bregx && ops->number == file->sp;
	row->cfa = by_sp ? (int)ops->number2 : FRAME_BY_REGISTER;
	free(frame);
	return true;
}

/* It has one rule for the whole function, but not for its prologue. */
static bool read_exidx_row(const struct place_file *file, uint64_t address,
			   struct row *row)
{
	bool is_prologue;

	if (!place_arm_function(file->arm, address, &row->start, &row->end))
		return false;
	is_prologue = address - row->start < ARM_PROLOGUE_BYTES;
	row->cfa = is_prologue ? 0 : FRAME_BY_REGISTER;
	if (is_prologue)
		row->end = row->start + ARM_PROLOGUE_BYTES;
	else
		row->start += ARM_PROLOGUE_BYTES;
	return true;
}

static bool find_row(const struct place_file *file, uint64_t address,
		     struct row *row)
{
	if (file->cfi && read_row(file, address, row))
		return true;
	return file->arm && read_exidx_row(file, address, row);
}

static struct function *function_of(const struct place_file *file,
				    uint64_t address)
{
	size_t low = 0, high = file->nr_functions;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (file->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &file->functions[low - 1] : NULL;
}

static int largest_cfa(const struct place_file *file, struct function *function)
{
	uint64_t end = function + 1 < file->functions + file->nr_functions
			       ? function[1].start
			       : UINT64_MAX;
	struct row row = {.end = function->start};

	if (function->cfa)
		return function->cfa;
	while (row.end < end && find_row(file, row.end, &row))
		if (row.cfa > function->cfa)
			function->cfa = row.cfa;
	return function->cfa;
}

static bool is_partial(const struct place_file *file, uint64_t address,
		       const struct row *row)
{
	struct function *function = function_of(file, address);

	if (!function || row->cfa >= largest_cfa(file, function))
		return false;
	return row->end - row->start <= MAX_ROW_BYTES ||
	       address - function->start < MAX_ROW_BYTES;
}

enum stops_place place_of(struct place_file *file, uint64_t offset)
{
	uint64_t address;
	GElf_Phdr phdr;

	if (!segment_of(file, offset, &phdr))
		return PLACE_UNKNOWN;
	address = offset - phdr.p_offset + phdr.p_vaddr;
	if (is_plt(file, address))
		return PLACE_PLT;
	if (address < file->last.start || address >= file->last.end)
		if (!find_row(file, address, &file->last)) {
			file->last = (struct row){0};
			return PLACE_UNKNOWN;
		}
	return is_partial(file, address, &file->last) ? PLACE_PARTIAL
						      : PLACE_BODY;
}
