/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Opens the DWARF of an ELF file with libdw, within a bound of memory.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * libdw reads every debug section and, when it meets their names, opens other
 * files by itself. Here sections that nobody asks for are hidden from it, and
 * other files are looked at first: a name in a file must not lead to a FIFO.
 */
#ifndef LIB_DWARF_FILE_H
#define LIB_DWARF_FILE_H

#include "util/vector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <elfutils/libdw.h>

struct kprof_elf_file;
struct kprof_symbol_binary;

/**
 * struct kprof_dwarf_file - the DWARF of one file
 * @dwarf: for libdw
 * @alt: what dwz moved to a file that others share; NULL if nothing
 * @elf: the file, opened for this alone
 * @alt_elf: likewise
 * @contents: of sections
 * @path: of the binary that it belongs to, for words
 * @bytes: of memory that is taken
 * @section_bytes: of these, what a restart does not give back
 * @max_bytes: more than that it must not be
 * @has_warned: of a file beside it that cannot be read
 * @has_package: @bytes has that of the package with its split units
 */
struct kprof_dwarf_file {
	Dwarf *dwarf;
	Dwarf *alt;
	struct kprof_elf_file *elf;
	struct kprof_elf_file *alt_elf;
	vector(void *) contents;
	const char *path;
	uint64_t bytes;
	uint64_t section_bytes;
	uint64_t max_bytes;
	bool has_warned;
	bool has_package;
};

/* -ENOENT if there is none; -E2BIG, and a warning, if it is too large. */
int kprof_dwarf_file_open(const struct kprof_symbol_binary *binary,
			  struct kprof_dwarf_file *ret);
void kprof_dwarf_file_close(struct kprof_dwarf_file *file);
/*
 * Gives back what libdw has made of it so far; every DIE and string is gone.
 * 0 or -errno; then it can only be closed.
 */
int kprof_dwarf_file_restart(struct kprof_dwarf_file *file);
/* Room for @bytes more? Warns once if there is none. */
bool kprof_dwarf_file_has_room(struct kprof_dwarf_file *file, uint64_t bytes);

#endif /* LIB_DWARF_FILE_H */
