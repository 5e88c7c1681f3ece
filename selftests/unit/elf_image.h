/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes small ELF files in memory, with exactly the symbols a test wants.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UNIT_ELF_IMAGE_H
#define UNIT_ELF_IMAGE_H

#include <assert.h>
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	IMAGE_TEXT_OFFSET = 0x1000,
	IMAGE_TEXT_VADDR = 0x401000,
	IMAGE_TEXT_BYTES = 0x800,
	IMAGE_MAX_SYMBOLS = 32,

	/* Section numbers. */
	IMAGE_TEXT = 1,
	IMAGE_DATA,
	IMAGE_NOTE,
	IMAGE_SYMBOLS,
	IMAGE_NAMES,
	IMAGE_NR_SECTIONS,
};

struct image_note {
	Elf64_Nhdr header;
	char name[4];
	uint8_t build_id[8];
};

struct elf_image {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[2];
	Elf64_Shdr shdr[IMAGE_NR_SECTIONS];
	struct image_note note;
	Elf64_Sym symbols[IMAGE_MAX_SYMBOLS];
	char names[1024];
	uint8_t text[IMAGE_TEXT_BYTES] __attribute__((aligned(0x1000)));
};

static_assert(offsetof(struct elf_image, text) == IMAGE_TEXT_OFFSET,
	      "the text is on the second page");

struct image_symbol {
	const char *name;
	uint64_t value;
	uint64_t size;
	uint8_t info;
	uint16_t section;
};

#define GLOBAL_FUNC ELF64_ST_INFO(STB_GLOBAL, STT_FUNC)
#define WEAK_FUNC   ELF64_ST_INFO(STB_WEAK, STT_FUNC)
#define LOCAL_FUNC  ELF64_ST_INFO(STB_LOCAL, STT_FUNC)
#define LOCAL_LABEL ELF64_ST_INFO(STB_LOCAL, STT_NOTYPE)

/* The build-id of every image; 16 digits. */
static const char image_build_id[] = "0123456789abcdef";

static inline void image_set_names(struct elf_image *image,
				   const struct image_symbol *symbols,
				   size_t nr)
{
	size_t used = 1;

	assert(nr < IMAGE_MAX_SYMBOLS);
	for (size_t i = 0; i < nr; i++) {
		size_t len = strlen(symbols[i].name) + 1;

		assert(used + len <= sizeof(image->names));
		memcpy(image->names + used, symbols[i].name, len);
		image->symbols[i + 1] = (Elf64_Sym){
			.st_name = (uint32_t)used,
			.st_info = symbols[i].info,
			.st_shndx = symbols[i].section ? symbols[i].section
						       : IMAGE_TEXT,
			.st_value = symbols[i].value,
			.st_size = symbols[i].size,
		};
		used += len;
	}
	image->shdr[IMAGE_SYMBOLS].sh_size = (nr + 1) * sizeof(Elf64_Sym);
}

static inline void image_set_headers(struct elf_image *image, uint32_t type)
{
	image->ehdr = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			    ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phoff = offsetof(struct elf_image, phdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 2,
		.e_shoff = offsetof(struct elf_image, shdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = IMAGE_NR_SECTIONS,
	};
	image->phdr[0] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R,
		.p_vaddr = 0x400000,
		.p_filesz = IMAGE_TEXT_OFFSET + 16,
		.p_memsz = IMAGE_TEXT_OFFSET + 16,
	};
	image->phdr[1] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_offset = IMAGE_TEXT_OFFSET,
		.p_vaddr = IMAGE_TEXT_VADDR,
		.p_filesz = IMAGE_TEXT_BYTES,
		.p_memsz = IMAGE_TEXT_BYTES,
	};
	image->shdr[IMAGE_TEXT] = (Elf64_Shdr){
		.sh_type = SHT_PROGBITS,
		.sh_flags = SHF_ALLOC | SHF_EXECINSTR,
		.sh_addr = IMAGE_TEXT_VADDR,
		.sh_offset = IMAGE_TEXT_OFFSET,
		.sh_size = IMAGE_TEXT_BYTES,
	};
	image->shdr[IMAGE_DATA] = (Elf64_Shdr){
		.sh_type = SHT_NOBITS,
		.sh_flags = SHF_ALLOC | SHF_WRITE,
		.sh_addr = IMAGE_TEXT_VADDR,
		.sh_size = IMAGE_TEXT_BYTES,
	};
	image->shdr[IMAGE_NOTE] = (Elf64_Shdr){
		.sh_type = SHT_NOTE,
		.sh_offset = offsetof(struct elf_image, note),
		.sh_size = sizeof(struct image_note),
		.sh_addralign = 4,
	};
	image->shdr[IMAGE_SYMBOLS] = (Elf64_Shdr){
		.sh_type = type,
		.sh_offset = offsetof(struct elf_image, symbols),
		.sh_link = IMAGE_NAMES,
		.sh_entsize = sizeof(Elf64_Sym),
	};
	image->shdr[IMAGE_NAMES] = (Elf64_Shdr){
		.sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct elf_image, names),
		.sh_size = sizeof(image->names),
	};
}

/* @type is SHT_SYMTAB or SHT_DYNSYM. */
static inline void image_init(struct elf_image *image, uint32_t type,
			      const struct image_symbol *symbols, size_t nr)
{
	memset(image, 0, sizeof(*image));
	image_set_headers(image, type);
	image_set_names(image, symbols, nr);
	image->note = (struct image_note){
		.header = {.n_namesz = 4,
			   .n_descsz = 8,
			   .n_type = NT_GNU_BUILD_ID},
		.name = "GNU",
		.build_id = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef},
	};
}

#endif /* UNIT_ELF_IMAGE_H */
