// SPDX-License-Identifier: GPL-2.0-only
/*
 * The build-id of a mapped ELF file.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The file's content is hostile: every offset is checked before it is used,
 * headers and notes are read piece by piece, and their number is bounded.
 */
#include "build_id.h"
#include "compat/page_cache.h"

#include <linux/elf.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/magic.h>
#include <linux/math64.h>
#include <linux/pagemap.h>
#include <linux/string.h>

enum {
	MAX_PROGRAM_HEADERS = 64,
	MAX_NOTES = 64,
	/* Not in <linux/elf.h>; the value is that of binutils. */
	NOTE_BUILD_ID = 3,
	/* Notes are small; a segment beyond this is no note segment. */
	MAX_NOTE_SEGMENT = 1 << 16,
	/* Of file systems whose own headers keep them. */
	FUSE_MAGIC = 0x65735546,
	UBIFS_MAGIC = 0x24051905,
};

/* A reader of the file at an offset. 0 or -errno; short is an error. */
struct reader {
	struct file *file;
	bool may_do_io;
};

/*
 * File systems that answer by themselves: in memory, or on a device of this
 * machine. FUSE never does, not even on a block device (ntfs-3g).
 */
static bool is_local(const struct super_block *sb)
{
	if (sb->s_magic == FUSE_MAGIC)
		return false;
	return sb->s_bdev || sb->s_mtd || sb->s_magic == TMPFS_MAGIC ||
	       sb->s_magic == RAMFS_MAGIC || sb->s_magic == UBIFS_MAGIC;
}

static int read_at(const struct reader *reader, u64 offset, void *to, u32 bytes)
{
	loff_t pos = offset;
	ssize_t got;

	if (offset > LLONG_MAX - bytes)
		return -EINVAL;
	if (!kprof_peek_page_cache(reader->file, offset, to, bytes))
		return 0;
	if (!reader->may_do_io)
		return -EAGAIN;
	got = kernel_read(reader->file, to, bytes, &pos);
	if (got < 0)
		return got;
	return got == bytes ? 0 : -EINVAL;
}

/* What a 32-bit and a 64-bit file say alike. */
struct segment {
	u64 offset;
	u64 bytes;
};

static int read_segment(const struct reader *reader, bool is_64, u64 at,
			struct segment *ret)
{
	union {
		Elf32_Phdr narrow;
		Elf64_Phdr wide;
	} phdr;
	u32 type;
	int err;

	err = read_at(reader, at, &phdr,
		      is_64 ? sizeof(phdr.wide) : sizeof(phdr.narrow));
	if (err)
		return err;
	type = is_64 ? phdr.wide.p_type : phdr.narrow.p_type;
	ret->offset = is_64 ? phdr.wide.p_offset : phdr.narrow.p_offset;
	ret->bytes = is_64 ? phdr.wide.p_filesz : phdr.narrow.p_filesz;
	return type == PT_NOTE && ret->bytes <= MAX_NOTE_SEGMENT ? 0 : -ENOENT;
}

/* -ENOENT: not in this segment. */
static int find_in_notes(const struct reader *reader, struct segment segment,
			 u8 *build_id, u32 *bytes)
{
	u64 at = 0;
	int n, err;

	for (n = 0; n < MAX_NOTES; n++) {
		Elf32_Nhdr note;
		char name[4];
		u64 desc;

		if (at + sizeof(note) + sizeof(name) > segment.bytes)
			return -ENOENT;
		err = read_at(reader, segment.offset + at, &note, sizeof(note));
		if (err)
			return err;
		err = read_at(reader, segment.offset + at + sizeof(note), name,
			      sizeof(name));
		if (err)
			return err;
		desc = at + sizeof(note) + ALIGN((u64)note.n_namesz, 4);
		at = desc + ALIGN((u64)note.n_descsz, 4);
		if (at > segment.bytes)
			return -EINVAL;
		if (note.n_type != NOTE_BUILD_ID || note.n_namesz != 4 ||
		    memcmp(name, "GNU", 4))
			continue;
		if (!note.n_descsz || note.n_descsz > KPROF_BUILD_ID_MAX)
			return -EINVAL;
		*bytes = note.n_descsz;
		return read_at(reader, segment.offset + desc, build_id, *bytes);
	}
	return -ENOENT;
}

static bool is_native_elf(const u8 *ident)
{
	const u8 data = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ? ELFDATA2MSB :
							    ELFDATA2LSB;

	return !memcmp(ident, ELFMAG, SELFMAG) && ident[EI_DATA] == data &&
	       (ident[EI_CLASS] == ELFCLASS32 || ident[EI_CLASS] == ELFCLASS64);
}

static int find_build_id(const struct reader *reader, u8 *build_id, u32 *bytes)
{
	union {
		u8 ident[EI_NIDENT];
		Elf32_Ehdr narrow;
		Elf64_Ehdr wide;
	} ehdr;
	u32 nr, size, n;
	bool is_64;
	u64 phoff;
	int err;

	err = read_at(reader, 0, &ehdr, sizeof(ehdr));
	if (err)
		return err;
	if (!is_native_elf(ehdr.ident))
		return -EINVAL;
	is_64 = ehdr.ident[EI_CLASS] == ELFCLASS64;
	nr = is_64 ? ehdr.wide.e_phnum : ehdr.narrow.e_phnum;
	phoff = is_64 ? ehdr.wide.e_phoff : ehdr.narrow.e_phoff;
	size = is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	if (nr > MAX_PROGRAM_HEADERS)
		return -EINVAL;
	for (n = 0; n < nr; n++) {
		struct segment segment;

		err = read_segment(reader, is_64, phoff + n * size, &segment);
		if (!err)
			err = find_in_notes(reader, segment, build_id, bytes);
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

u32 kprof_build_id_read(struct file *file, u8 build_id[KPROF_BUILD_ID_MAX],
			u32 *bytes)
{
	const struct inode *inode = file_inode(file);
	const struct reader reader = {
		.file = file,
		.may_do_io = (file->f_mode & FMODE_READ) &&
			     file->f_op->read_iter && is_local(inode->i_sb),
	};
	int err;

	*bytes = 0;
	if (!S_ISREG(inode->i_mode))
		return KPROF_BUILD_ID_NOT_READ;
	err = find_build_id(&reader, build_id, bytes);
	if (!err)
		return KPROF_BUILD_ID_OK;
	*bytes = 0;
	if (err == -ENOENT)
		return KPROF_BUILD_ID_NONE;
	return err == -EINVAL ? KPROF_BUILD_ID_BAD_FILE :
				KPROF_BUILD_ID_NOT_READ;
}
