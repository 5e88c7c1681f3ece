/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads where functions start and end from a symbol table of an ELF file.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A function's size is respected: what lies behind it has no name, rather than
 * its name. Only assembler code has symbols without a size; they end at the
 * next symbol or with their section. That is safe in a table that knows every
 * function. One that does not, .dynsym, MiniDebugInfo, or a .symtab without its
 * local symbols, would name functions after their neighbours, so there they are
 * ignored.
 */
#ifndef LIB_ELF_SYMTAB_H
#define LIB_ELF_SYMTAB_H

#include "lib/symbol_table.h"

#include <stddef.h>
#include <stdint.h>

struct kprof_elf_file;

/**
 * struct kprof_elf_symtab - functions of an ELF file
 * @file: the file, somebody else's
 * @table: the functions
 * @names_offset: of the string table in the file
 * @names_size: of the string table in bytes
 *
 * Names are read from the file when they are asked for: string tables are the
 * larger part, and few of their names are ever needed.
 */
struct kprof_elf_symtab {
	const struct kprof_elf_file *file;
	struct kprof_symbol_table table;
	uint64_t names_offset;
	uint64_t names_size;
};

/* @type is SHT_SYMTAB or SHT_DYNSYM; -ENOENT if there is no function in it. */
int kprof_elf_symtab_init(struct kprof_elf_symtab *symtab,
			  const struct kprof_elf_file *file, uint32_t type);
void kprof_elf_symtab_deinit(struct kprof_elf_symtab *symtab);

/* Reads what is there of @size bytes from the start of a name. */
size_t kprof_elf_symtab_name(const struct kprof_elf_symtab *symtab,
			     uint32_t name, char *buf, size_t size);

#endif /* LIB_ELF_SYMTAB_H */
