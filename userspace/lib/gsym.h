/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: the format, and reading it where it is.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A symbol map is a GSYM file of version 1, in the byte order of the machine
 * that wrote it, 4-byte aligned, offsets from the start of the file:
 *
 *	header		struct kprof_gsym_header
 *	starts		number of functions x 1, 2, 4 or 8 bytes, ascending:
 *			their addresses, relative to base_address
 *	places		number of functions x u32: where their blocks are
 *	files		u32 number, then for each u32 directory, u32 name, both
 *			offsets of strings; file 0 is none
 *	strings		NUL-terminated, the first is ""
 *	functions	u32 size, u32 name; then blocks of u32 type, u32 bytes,
 *			data; the last one has type 0
 *
 * Lines are rows of address, file and line as a program of one-byte operators,
 * inlined functions a tree that is written in the order of a walk; see
 * gsym_frames.c and gsym_write.c.
 *
 * Addresses are the binary's own. A profile knows offsets in the file. Where
 * the binary is not at hand, its load segments say which address an offset
 * has, and GSYM has no place for them. So they are in a string that no name
 * refers to, the one right behind the first, "", where other readers see one
 * more string and nothing else:
 *
 *	kprof.load OFFSET:VADDR:BYTES[ OFFSET:VADDR:BYTES]...
 *
 * in hexadecimal, for the executable ones. The kernel is no file that is
 * mapped; of it the address of its first code is there, behind the segments or
 * without any, as _stext:VADDR. In a map without it, which LLVM
 * wrote, base_address is no help: it is that of the first segment, which is
 * not that of code. There an offset has an address only if that is certain:
 * all functions must lie in the mapping, which is wherever the sum of offset
 * and a multiple of the page size puts it; if only one such multiple fits, it
 * is the right one. The code nearly always fills its mapping, so one does.
 */
#ifndef LIB_GSYM_H
#define LIB_GSYM_H

#include "lib/gsym_decode.h"
#include "lib/kprof.h"
#include "util/strbuf.h"

#include <stddef.h>
#include <stdint.h>

enum {
	KPROF_GSYM_MAGIC = 0x4753594d,
	KPROF_GSYM_MAGIC_SWAPPED = 0x4d595347,
	KPROF_GSYM_VERSION = 1,
	KPROF_GSYM_UUID_BYTES = 20,

	/* Types of blocks. */
	KPROF_GSYM_END = 0,
	KPROF_GSYM_LINES = 1,
	KPROF_GSYM_INLINES = 2,

	/* Inlined functions in each other; compilers end at about 40. */
	KPROF_GSYM_MAX_DEPTH = 128,
};

#define KPROF_GSYM_LOAD "kprof.load"
#define KPROF_GSYM_KERNEL "_stext:"

struct kprof_gsym_header {
	uint32_t magic;
	uint16_t version;
	uint8_t start_bytes;
	uint8_t uuid_bytes;
	uint64_t base_address;
	uint32_t nr_functions;
	uint32_t strings_offset;
	uint32_t strings_bytes;
	uint8_t uuid[KPROF_GSYM_UUID_BYTES];
};

_Static_assert(sizeof(struct kprof_gsym_header) == 48, "the format says so");

/**
 * struct kprof_gsym_path - the name of a file in one piece
 * @file: number of the file, 0 if there is none here
 * @text: its path
 */
struct kprof_gsym_path {
	uint32_t file;
	struct kprof_strbuf text;
};

/**
 * struct kprof_gsym_latest - where the latest look-up of a line ended
 * @lines: in which line program; NULL in none
 * @address: that was looked for
 * @row: that was found; of address 0 and file 0 if none was
 * @program: has gone one row too far
 * @has_next: unless there was none
 */
struct kprof_gsym_latest {
	const uint8_t *lines;
	uint64_t address;
	struct kprof_gsym_row row;
	struct kprof_gsym_program program;
	bool has_next;
};

/**
 * struct kprof_gsym - a symbol map, as it is in the file
 * @bytes: the whole file
 * @owns_bytes: unmaps it
 * @header: copy
 * @starts: table
 * @places: table
 * @files: table, without its number
 * @nr_files: number of files
 * @strings: the last byte is 0
 * @latest: so that look-ups in ascending order go on where the last one was
 * @frames: the latest answer
 * @paths: of its frames
 */
struct kprof_gsym {
	struct kprof_gsym_span bytes;
	bool owns_bytes;
	struct kprof_gsym_header header;
	const uint8_t *starts;
	const uint8_t *places;
	const uint8_t *files;
	uint32_t nr_files;
	const char *strings;
	struct kprof_gsym_latest latest;
	struct kprof_symbol_frame frames[KPROF_GSYM_MAX_DEPTH + 1];
	struct kprof_gsym_path paths[KPROF_GSYM_MAX_DEPTH + 1];
};

/**
 * struct kprof_gsym_entry - a function with its blocks
 * @function: what everybody may know
 * @lines: line program, empty if there is none
 * @inlines: tree of inlined functions, empty if there is none
 */
struct kprof_gsym_entry {
	struct kprof_gsym_function function;
	struct kprof_gsym_span lines;
	struct kprof_gsym_span inlines;
};

/* As kprof_gsym_open(). @data stays the caller's; any bytes are safe. */
int kprof_gsym_open_memory(const void *data, size_t size,
			   struct kprof_gsym **ret);

/* NULL if there is no such string. */
const char *kprof_gsym_string(const struct kprof_gsym *gsym, uint32_t offset);
/* Number and blocks of the function around an address, or -ENOENT. */
int kprof_gsym_find_entry(const struct kprof_gsym *gsym, uint64_t address,
			  struct kprof_gsym_entry *ret);
int kprof_gsym_read_entry(const struct kprof_gsym *gsym, uint32_t index,
			  struct kprof_gsym_entry *ret,
			  struct kprof_gsym_fault *fault);
uint64_t kprof_gsym_start(const struct kprof_gsym *gsym, uint32_t index);
uint32_t kprof_gsym_place(const struct kprof_gsym *gsym, uint32_t index);
/* Offsets of the strings of a file; false if there is no such file. */
bool kprof_gsym_file(const struct kprof_gsym *gsym, uint32_t file,
		     uint32_t *directory_ret, uint32_t *name_ret);

/*
 * The address of an offset in the file, which lies in a mapping of
 * @mapping_bytes from @mapping_offset; -ENOENT if it is not certain.
 */
int kprof_gsym_vaddr(const struct kprof_gsym *gsym, uint64_t mapping_offset,
		     uint64_t mapping_bytes, uint64_t offset, uint64_t *ret);

/* The address of the kernel's first code; -ENOENT if it is no kernel's map. */
int kprof_gsym_kernel_start(const struct kprof_gsym *gsym, uint64_t *ret);

#endif /* LIB_GSYM_H */
