/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes ELF files in memory that have unwind information and code.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UNIT_CFI_IMAGE_H
#define UNIT_CFI_IMAGE_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	CFI_IMAGE_MAX = 1 << 14,
	/* Where the content is, in the file and in memory; it is all code. */
	CFI_IMAGE_AT = 0x1000,
	CFI_IMAGE_ENTRY = CFI_IMAGE_AT + 64,
};

/* What the content begins with. */
enum cfi_image_kind {
	CFI_IMAGE_EH_FRAME,
	CFI_IMAGE_DEBUG_FRAME,
	/* .eh_frame_hdr, and no section headers that lead elsewhere */
	CFI_IMAGE_HEADER,
	CFI_IMAGE_EXIDX,
};

struct cfi_image_wide {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[2];
	Elf64_Shdr shdr[3];
	char names[32];
};

struct cfi_image_narrow {
	Elf32_Ehdr ehdr;
	Elf32_Phdr phdr[2];
	Elf32_Shdr shdr[3];
	char names[32];
};

#define CFI_IMAGE_FILL(at, class_, machine_, kind, size)                       \
	do {                                                                   \
		static const char names_[] = "\0.eh_frame\0.debug_frame";      \
		static const uint32_t sections_[] = {1, 11, 0, 0};             \
		static const uint32_t programs_[] = {                          \
			PT_NULL, PT_NULL, PT_GNU_EH_FRAME, PT_ARM_EXIDX};      \
		memset(at, 0, sizeof(*at));                                    \
		memcpy(at->ehdr.e_ident, ELFMAG, SELFMAG);                     \
		at->ehdr.e_ident[EI_CLASS] = class_;                           \
		at->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;                       \
		at->ehdr.e_ident[EI_VERSION] = EV_CURRENT;                     \
		at->ehdr.e_type = ET_DYN;                                      \
		at->ehdr.e_machine = machine_;                                 \
		at->ehdr.e_version = EV_CURRENT;                               \
		at->ehdr.e_entry = CFI_IMAGE_ENTRY;                            \
		at->ehdr.e_ehsize = sizeof(at->ehdr);                          \
		at->ehdr.e_phoff = offsetof(__typeof__(*at), phdr);            \
		at->ehdr.e_phentsize = sizeof(at->phdr[0]);                    \
		at->ehdr.e_phnum = 2;                                          \
		at->ehdr.e_shoff = offsetof(__typeof__(*at), shdr);            \
		at->ehdr.e_shentsize = sizeof(at->shdr[0]);                    \
		at->ehdr.e_shnum = 3;                                          \
		at->ehdr.e_shstrndx = 2;                                       \
		at->phdr[0].p_type = PT_LOAD;                                  \
		at->phdr[0].p_flags = PF_R | PF_X;                             \
		at->phdr[0].p_filesz = CFI_IMAGE_AT + size;                    \
		at->phdr[0].p_memsz = CFI_IMAGE_AT + size;                     \
		at->phdr[1].p_type = programs_[kind];                          \
		at->phdr[1].p_offset = CFI_IMAGE_AT;                           \
		at->phdr[1].p_vaddr = CFI_IMAGE_AT;                            \
		at->phdr[1].p_filesz = size;                                   \
		at->shdr[1].sh_name = sections_[kind];                         \
		at->shdr[1].sh_type = SHT_PROGBITS;                            \
		at->shdr[1].sh_addr = CFI_IMAGE_AT;                            \
		at->shdr[1].sh_offset = CFI_IMAGE_AT;                          \
		at->shdr[1].sh_size = size;                                    \
		at->shdr[2].sh_type = SHT_STRTAB;                              \
		at->shdr[2].sh_offset = offsetof(__typeof__(*at), names);      \
		at->shdr[2].sh_size = sizeof(names_);                          \
		memcpy(at->names, names_, sizeof(names_));                     \
	} while (0)

/*
 * Writes the headers before @size bytes of content, which are at
 * @image + CFI_IMAGE_AT already. @image is aligned to 8.
 */
static inline void cfi_image_fill(uint8_t *image, uint16_t machine,
				  enum cfi_image_kind kind, size_t size)
{
	struct cfi_image_narrow *narrow = (void *)image;
	struct cfi_image_wide *wide = (void *)image;

	if (machine == EM_ARM)
		CFI_IMAGE_FILL(narrow, ELFCLASS32, machine, kind,
			       (uint32_t)size);
	else
		CFI_IMAGE_FILL(wide, ELFCLASS64, machine, kind, size);
}

#endif /* UNIT_CFI_IMAGE_H */
