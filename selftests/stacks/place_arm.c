// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions of 32-bit ARM files.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "place_arm.h"

#include <elfutils/libdwfl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

enum {
	CANNOT_UNWIND = 1,
	ENTRY_WORDS = 2,
};

struct place_arm {
	Dwarf_CFI *cfi;
	Elf_Data *frames;
	unsigned char ident[EI_NIDENT];
	/* .ARM.exidx */
	uint32_t vaddr;
	const char *entries;
	size_t nr_entries;
};

/* By the callbacks' path: ":" is where dwfl looks beside the file. */
static Dwarf *debug_file(const char *path)
{
	static char *search;
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
		.debuginfo_path = &search,
	};
	const char *folder = getenv("DEBUG_FILES");
	Dwarf_Addr bias;
	Dwfl_Module *module;
	Dwfl *dwfl;

	if (!search && asprintf(&search, ":.debug:%s",
				folder ? folder : "/nonexistent") < 0)
		return NULL;
	dwfl = dwfl_begin(&callbacks);
	module = dwfl ? dwfl_report_offline(dwfl, path, path, -1) : NULL;
	if (!module)
		return NULL;
	dwfl_report_end(dwfl, NULL, NULL);
	/* Lives as long as the process, as all files do. */
	return dwfl_module_getdwarf(module, &bias);
}

static Elf_Data *section_data(Elf *elf, const char *wanted)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return NULL;
	while ((section = elf_nextscn(elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, &shdr))
			continue;
		name = elf_strptr(elf, names, shdr.sh_name);
		if (name && !strcmp(name, wanted))
			return elf_getdata(section, NULL);
	}
	return NULL;
}

static void read_debug_frame(struct place_arm *arm, const char *path)
{
	Dwarf *dwarf = debug_file(path);

	if (!dwarf)
		return;
	arm->frames = section_data(dwarf_getelf(dwarf), ".debug_frame");
	if (arm->frames)
		arm->cfi = dwarf_getcfi(dwarf);
	memcpy(arm->ident, elf_getident(dwarf_getelf(dwarf), NULL), EI_NIDENT);
}

static void read_exidx(struct place_arm *arm, Elf *elf)
{
	size_t bytes;
	const char *data = elf_rawfile(elf, &bytes);
	GElf_Phdr phdr;

	for (int i = 0; gelf_getphdr(elf, i, &phdr); i++) {
		if (phdr.p_type != PT_ARM_EXIDX || phdr.p_offset > bytes ||
		    phdr.p_filesz > bytes - phdr.p_offset)
			continue;
		arm->vaddr = (uint32_t)phdr.p_vaddr;
		arm->entries = data + phdr.p_offset;
		arm->nr_entries =
			phdr.p_filesz / (ENTRY_WORDS * sizeof(uint32_t));
	}
}

struct place_arm *place_arm_open(const char *path, Elf *elf)
{
	struct place_arm *arm = calloc(1, sizeof(*arm));

	if (arm) {
		read_debug_frame(arm, path);
		read_exidx(arm, elf);
	}
	return arm;
}

Dwarf_CFI *place_arm_cfi(const struct place_arm *arm)
{
	return arm->cfi;
}

static uint32_t word(const struct place_arm *arm, size_t n)
{
	uint32_t value;

	memcpy(&value, arm->entries + n * sizeof(value), sizeof(value));
	return value;
}

/* Relative to its place, in 31 bits. */
static uint32_t entry_start(const struct place_arm *arm, size_t n)
{
	size_t at = n * ENTRY_WORDS;
	uint32_t distance = (uint32_t)((int32_t)(word(arm, at) << 1) >> 1);

	return arm->vaddr + (uint32_t)(at * sizeof(uint32_t)) + distance;
}

size_t place_arm_functions(const struct place_arm *arm, uint64_t **ret)
{
	size_t nr = arm->nr_entries, room;
	Dwarf_Off at = 0, next;
	Dwarf_CFI_Entry entry;
	uint32_t start;

	room = nr + (arm->frames ? arm->frames->d_size / 8 : 0);
	*ret = calloc(room + 1, sizeof(**ret));
	if (!*ret)
		return 0;
	for (size_t i = 0; i < nr; i++)
		(*ret)[i] = entry_start(arm, i);
	while (arm->frames && nr < room &&
	       dwarf_next_cfi(arm->ident, arm->frames, false, at, &next,
			      &entry) == 0) {
		if (!dwarf_cfi_cie_p(&entry)) {
			memcpy(&start, entry.fde.start, sizeof(start));
			(*ret)[nr++] = start;
		}
		at = next;
	}
	return nr;
}

bool place_arm_function(const struct place_arm *arm, uint64_t address,
			uint64_t *start_ret, uint64_t *end_ret)
{
	size_t low = 0, high = arm->nr_entries;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (entry_start(arm, middle) <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || word(arm, (low - 1) * ENTRY_WORDS + 1) == CANNOT_UNWIND)
		return false;
	*start_ret = entry_start(arm, low - 1);
	*end_ret = low < arm->nr_entries ? entry_start(arm, low) : UINT32_MAX;
	return true;
}
