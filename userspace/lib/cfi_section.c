// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads .eh_frame and .debug_frame.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifdef HAVE_LIBDW
#include "lib/cfi_section.h"

#include "lib/cfi_bytes.h"
#include "lib/cfi_pointer.h"
#include "lib/dwarf_section.h"
#include "lib/elf_file.h"
#include "lib/elf_section.h"
#include "util/cleanup.h"

#include <dwarf.h>
#include <errno.h>
#include <gelf.h>
#include <string.h>

enum {
	/* Behind the content: libdw may read a number that ends there. */
	PADDING_BYTES = 32,
	EH_FRAME_HDR_BYTES = 4 + 8,
	/* Larger than any; a few MiB of compressed zeros are that long, too. */
	MAX_BYTES = 512 << 20,
};

/* Takes over @content. */
static void set_content(struct kprof_cfi_section *section, void *content,
			size_t size)
{
	section->content = content;
	section->data = (Elf_Data){
		.d_buf = content,
		.d_size = size,
		.d_type = ELF_T_BYTE,
		.d_version = EV_CURRENT,
	};
}

static int read_content(struct kprof_cfi_section *section, uint64_t offset,
			uint64_t size)
{
	_cleanup_free_ char *content = NULL;

	if (offset > section->elf->size || size > section->elf->size - offset ||
	    size < sizeof(uint32_t) || size > MAX_BYTES)
		return -ENOENT;
	content = malloc(size + PADDING_BYTES);
	if (!content)
		return -ENOMEM;
	if (kprof_elf_file_read(section->elf, offset, content, size) != size)
		return -ENOENT;
	memset(content + size, 0, PADDING_BYTES);
	set_content(section, no_cleanup_ptr(content), size);
	return 0;
}

/* .eh_frame */

static const struct kprof_elf_segment *
segment_of(const struct kprof_elf_file *elf, uint64_t vaddr)
{
	for (size_t i = 0; i < elf->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &elf->segments[i];

		if (vaddr >= segment->vaddr &&
		    vaddr - segment->vaddr < segment->file_bytes)
			return segment;
	}
	return NULL;
}

/* Where .eh_frame_hdr, at @hdr, says that .eh_frame is. */
static int eh_frame_address(const struct kprof_elf_file *elf,
			    const GElf_Phdr *hdr, uint64_t *ret)
{
	uint8_t data[EH_FRAME_HDR_BYTES];
	struct kprof_cfi_bytes bytes = {data, data + sizeof(data), false};
	size_t size =
		kprof_elf_file_read(elf, hdr->p_offset, data, sizeof(data));
	struct kprof_cfi_pointer pointer = {
		.word_bytes = gelf_getclass(elf->elf) == ELFCLASS32 ? 4 : 8,
		.start = data,
		.vaddr = hdr->p_vaddr,
	};

	if (size != sizeof(data) || data[0] != 1)
		return -ENOENT;
	pointer.encoding = data[1];
	cfi_skip(&bytes, 4);
	return kprof_cfi_pointer_read(&pointer, &bytes, ret) ? 0 : -ENOENT;
}

/*
 * Without section headers nobody says how long it is: to the end of its
 * segment at most; an entry of length 0 ends it.
 */
static int find_by_header(struct kprof_cfi_section *section)
{
	const struct kprof_elf_segment *segment;
	size_t nr_phdrs = 0;
	uint64_t skip;
	GElf_Phdr phdr;

	elf_getphdrnum(section->elf->elf, &nr_phdrs);
	for (size_t i = 0; i < nr_phdrs; i++) {
		if (!gelf_getphdr(section->elf->elf, (int)i, &phdr) ||
		    phdr.p_type != PT_GNU_EH_FRAME ||
		    eh_frame_address(section->elf, &phdr, &section->vaddr))
			continue;
		segment = segment_of(section->elf, section->vaddr);
		if (!segment)
			continue;
		skip = section->vaddr - segment->vaddr;
		return read_content(section, segment->offset + skip,
				    segment->file_bytes - skip);
	}
	return -ENOENT;
}

static int load_eh_frame(struct kprof_cfi_section *section)
{
	GElf_Shdr shdr;
	int err;

	section->is_eh = true;
	err = kprof_elf_section_find(section->elf, ".eh_frame", &shdr);
	if (err)
		return find_by_header(section);
	section->vaddr = shdr.sh_addr;
	return read_content(section, shdr.sh_offset, shdr.sh_size);
}

/* .debug_frame */

static int load_debug_section(struct kprof_cfi_section *section, Elf_Scn *scn,
			      size_t names)
{
	struct kprof_dwarf_section dwarf;
	Elf_Data data;
	void *content;
	int err;

	err = kprof_dwarf_section_init(&dwarf, section->elf, scn, names);
	if (err || strcmp(dwarf.name, "frame"))
		return -ENOENT;
	if (kprof_dwarf_section_bytes(&dwarf) > MAX_BYTES)
		return -ENOENT;
	err = kprof_dwarf_section_read(&dwarf, &content, &data.d_size);
	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	section->vaddr = dwarf.shdr.sh_addr;
	set_content(section, content, data.d_size);
	return data.d_size < sizeof(uint32_t) ? -ENOENT : 0;
}

static int load_debug_frame(struct kprof_cfi_section *section)
{
	Elf_Scn *scn = NULL;
	size_t names;
	int err = -ENOENT;

	if (elf_getshdrstrndx(section->elf->elf, &names))
		return -ENOENT;
	while (err == -ENOENT && (scn = elf_nextscn(section->elf->elf, scn)))
		err = load_debug_section(section, scn, names);
	return err;
}

int kprof_cfi_section_load(struct kprof_cfi_section *section,
			   const struct kprof_elf_file *elf, bool is_eh)
{
	*section = (struct kprof_cfi_section){
		.elf = elf,
		.ident = (const unsigned char *)elf_getident(elf->elf, NULL),
		.word_bytes = gelf_getclass(elf->elf) == ELFCLASS32 ? 4 : 8,
	};
	return is_eh ? load_eh_frame(section) : load_debug_frame(section);
}

void kprof_cfi_section_deinit(struct kprof_cfi_section *section)
{
	free(section->content);
	section->content = NULL;
}
#endif /* HAVE_LIBDW */
