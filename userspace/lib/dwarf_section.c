// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sections of debug information, loaded and decompressed for libdw.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * What is changed of an ELF file here is libelf's picture of it in memory.
 */
#include "lib/dwarf_section.h"

#include "lib/elf_file.h"
#include "util/cleanup.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#ifdef HAVE_LIBZSTD
#include <zstd.h>

static int unpack_zstd(void *to, size_t to_bytes, const void *from,
		       size_t from_bytes)
{
	size_t size = ZSTD_decompress(to, to_bytes, from, from_bytes);

	return size == to_bytes ? 0 : -EINVAL;
}
#else
static int unpack_zstd(void *to, size_t to_bytes, const void *from,
		       size_t from_bytes)
{
	(void)to;
	(void)to_bytes;
	(void)from;
	(void)from_bytes;
	return -ENOTSUP;
}
#endif

enum {
	/* Zeros behind a section: as much as libdw reads without a look. */
	PADDING_BYTES = 256,
	/* ZLIB and the size, its highest byte first. */
	OLD_HEADER_BYTES = 12,
	/* ELFCOMPRESS_ZSTD, which older headers do not have. */
	COMPRESSED_ZSTD = 2,
};

/* What is before the compressed bytes: how, and how many there will be. */
struct compression {
	unsigned int type;
	size_t header_bytes;
	uint64_t bytes;
};

static int old_compression(const unsigned char *header, struct compression *ret)
{
	*ret = (struct compression){
		.type = ELFCOMPRESS_ZLIB,
		.header_bytes = OLD_HEADER_BYTES,
	};
	if (memcmp(header, "ZLIB", 4))
		return -EINVAL;
	for (size_t i = 4; i < OLD_HEADER_BYTES; i++)
		ret->bytes = ret->bytes << 8 | header[i];
	return 0;
}

static int new_compression(Elf *elf, void *header, struct compression *ret)
{
	bool is_wide = gelf_getclass(elf) == ELFCLASS64;
	size_t size = is_wide ? sizeof(Elf64_Chdr) : sizeof(Elf32_Chdr);
	union {
		Elf64_Chdr wide;
		Elf32_Chdr narrow;
	} native;
	Elf_Data from = {
		.d_buf = header,
		.d_size = size,
		.d_type = ELF_T_CHDR,
		.d_version = EV_CURRENT,
	};
	Elf_Data to = from;

	to.d_buf = &native;
	if (!gelf_xlatetom(elf, &to, &from,
			   (unsigned char)elf_getident(elf, NULL)[EI_DATA]))
		return -EINVAL;
	*ret = (struct compression){
		.type = is_wide ? native.wide.ch_type : native.narrow.ch_type,
		.header_bytes = size,
		.bytes = is_wide ? native.wide.ch_size : native.narrow.ch_size,
	};
	return 0;
}

static bool is_compressed(const struct kprof_dwarf_section *section)
{
	return section->is_old || section->shdr.sh_flags & SHF_COMPRESSED;
}

static int read_compression(const struct kprof_dwarf_section *section,
			    struct compression *ret)
{
	unsigned char header[sizeof(Elf64_Chdr)] = {};
	size_t size = kprof_elf_file_read(section->elf, section->shdr.sh_offset,
					  header, sizeof(header));
	int err = section->is_old
			  ? old_compression(header, ret)
			  : new_compression(section->elf->elf, header, ret);

	if (err || size < ret->header_bytes ||
	    section->shdr.sh_size < ret->header_bytes)
		return -EINVAL;
	return 0;
}

/* Which sections */

int kprof_dwarf_section_init(struct kprof_dwarf_section *section,
			     const struct kprof_elf_file *elf, Elf_Scn *scn,
			     size_t names)
{
	static const char usual[] = ".debug_", old[] = ".zdebug_";
	const char *name;

	*section = (struct kprof_dwarf_section){.elf = elf, .section = scn};
	if (!gelf_getshdr(scn, &section->shdr) ||
	    section->shdr.sh_type == SHT_NOBITS)
		return -ENOENT;
	name = elf_strptr(elf->elf, names, section->shdr.sh_name);
	if (!name)
		return -ENOENT;
	section->is_old = !strncmp(name, old, strlen(old));
	if (!section->is_old && strncmp(name, usual, strlen(usual)))
		return -ENOENT;
	section->name = name + strlen(section->is_old ? old : usual);
	return 0;
}

static bool is_hollow(const struct kprof_dwarf_section *section)
{
	return kprof_elf_file_is_hollow(
		section->elf, section->shdr.sh_offset, section->shdr.sh_size);
}

uint64_t kprof_dwarf_section_bytes(const struct kprof_dwarf_section *section)
{
	struct compression compression = {};
	uint64_t bytes;

	if (section->shdr.sh_size > section->elf->size)
		return UINT64_MAX;
	/* Loading it will fail. */
	if (is_hollow(section))
		return 0;
	if (is_compressed(section) && read_compression(section, &compression))
		return 0;
	if (__builtin_add_overflow(section->shdr.sh_size, compression.bytes,
				   &bytes))
		return UINT64_MAX;
	return bytes;
}

void kprof_dwarf_section_hide(struct kprof_dwarf_section *section)
{
	section->shdr.sh_type = SHT_NOBITS;
	gelf_update_shdr(section->section, &section->shdr);
}

/* Loading */

static void *allocate(uint64_t bytes)
{
	char *buffer;

	if (bytes > SIZE_MAX - PADDING_BYTES)
		return NULL;
	buffer = malloc(bytes + PADDING_BYTES);
	if (buffer)
		memset(buffer + bytes, 0, PADDING_BYTES);
	return buffer;
}

static int read_content(const struct kprof_dwarf_section *section, void **ret)
{
	_cleanup_free_ void *buffer = allocate(section->shdr.sh_size);

	if (!buffer)
		return -ENOMEM;
	if (kprof_elf_file_read(section->elf, section->shdr.sh_offset, buffer,
				section->shdr.sh_size) != section->shdr.sh_size)
		return -EINVAL;
	*ret = no_cleanup_ptr(buffer);
	return 0;
}

static int unpack_zlib(void *to, size_t to_bytes, const void *from,
		       size_t from_bytes)
{
	uLongf size = to_bytes;

	if (uncompress(to, &size, from, from_bytes) != Z_OK || size != to_bytes)
		return -EINVAL;
	return 0;
}

/* Replaces *@content. */
static int unpack(const struct kprof_dwarf_section *section, void **content,
		  uint64_t *bytes_ret)
{
	_cleanup_free_ void *from = no_cleanup_ptr(*content);
	_cleanup_free_ void *to = NULL;
	struct compression how;
	size_t from_bytes;
	int err;

	err = read_compression(section, &how);
	if (err)
		return err;
	to = allocate(how.bytes);
	if (!to)
		return -ENOMEM;
	from_bytes = section->shdr.sh_size - how.header_bytes;
	if (how.type == ELFCOMPRESS_ZLIB)
		err = unpack_zlib(to, how.bytes,
				  (char *)from + how.header_bytes, from_bytes);
	else if (how.type == COMPRESSED_ZSTD)
		err = unpack_zstd(to, how.bytes,
				  (char *)from + how.header_bytes, from_bytes);
	else
		err = -ENOTSUP;
	if (err)
		return err;
	*bytes_ret = how.bytes;
	*content = no_cleanup_ptr(to);
	return 0;
}

/* libelf has the content of a section twice, as it was and as it is used. */
static int give_to_libelf(struct kprof_dwarf_section *section, void *content,
			  uint64_t bytes)
{
	Elf_Data *raw, *used;

	section->shdr.sh_size = 0;
	section->shdr.sh_flags &= ~(uint64_t)SHF_COMPRESSED;
	/* Empty: libelf is not to load it. */
	if (!gelf_update_shdr(section->section, &section->shdr))
		return -EINVAL;
	raw = elf_rawdata(section->section, NULL);
	used = elf_getdata(section->section, NULL);
	if (!raw || !used)
		return -EINVAL;
	raw->d_buf = content;
	raw->d_size = bytes;
	used->d_buf = content;
	used->d_size = bytes;
	section->shdr.sh_size = bytes;
	if (!gelf_update_shdr(section->section, &section->shdr))
		return -EINVAL;
	return 0;
}

/* .zdebug_x to .debug_x: libdw would decompress it once more. */
static void rename_old(struct kprof_dwarf_section *section)
{
	char *name = (char *)(uintptr_t)section->name - strlen("zdebug_");

	memmove(name, name + 1, strlen(name));
	section->name--;
	section->is_old = false;
}

int kprof_dwarf_section_read(const struct kprof_dwarf_section *section,
			     void **ret, size_t *bytes_ret)
{
	_cleanup_free_ void *content = NULL;
	uint64_t bytes = section->shdr.sh_size;
	int err;

	if (is_hollow(section))
		return -EINVAL;
	err = read_content(section, &content);
	if (!err && is_compressed(section))
		err = unpack(section, &content, &bytes);
	if (err)
		return err;
	*ret = no_cleanup_ptr(content);
	*bytes_ret = (size_t)bytes;
	return 0;
}

int kprof_dwarf_section_load(struct kprof_dwarf_section *section, void **ret)
{
	_cleanup_free_ void *content = NULL;
	size_t bytes;
	int err;

	err = kprof_dwarf_section_read(section, &content, &bytes);
	err = err ?: give_to_libelf(section, content, bytes);
	if (err)
		return err;
	if (section->is_old)
		rename_old(section);
	*ret = no_cleanup_ptr(content);
	return 0;
}
