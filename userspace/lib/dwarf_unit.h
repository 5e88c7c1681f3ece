/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One unit of DWARF: which functions cover an address, and which line it is of.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DWARF_UNIT_H
#define LIB_DWARF_UNIT_H

#include "lib/symbol_table.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <elfutils/libdw.h>

struct kprof_dwarf_file;

/**
 * struct kprof_dwarf_function - a function with code of its own, or inlined
 * @die: of it
 * @outer: that it is inlined in, KPROF_SYMBOL_NONE if it is not
 * @depth: how often inlined
 * @call_file: number of the file where it was called
 * @call_line: line there
 * @name: as the linker knows it, "" if it has none
 * @decl_file: where it is declared, NULL if unknown
 * @decl_line: line there
 * @is_described: the last three are known
 */
struct kprof_dwarf_function {
	Dwarf_Die die;
	uint32_t outer;
	uint32_t depth;
	uint32_t call_file;
	uint32_t call_line;
	const char *name;
	const char *decl_file;
	uint32_t decl_line;
	bool is_described;
};

/**
 * struct kprof_dwarf_unit - one unit; what libdw gives is the file's
 * @cu: the unit, or the skeleton of it
 * @code: the unit with the functions
 * @comp_dir: where the compiler ran, "" if unknown
 * @functions: outer ones before those inlined in them
 * @ranges: their addresses; names are positions in @functions
 * @lines: sorted by address; NULL if there are none
 * @nr_lines: how many
 * @are_lines_read: @lines is final
 * @files: of @code
 */
struct kprof_dwarf_unit {
	Dwarf_Die cu;
	Dwarf_Die code;
	const char *comp_dir;
	vector(struct kprof_dwarf_function) functions;
	struct kprof_symbol_table ranges;
	Dwarf_Lines *lines;
	size_t nr_lines;
	bool are_lines_read;
	Dwarf_Files *files;
};

/* Of the unit at @offset. -ENOENT if libdw does not like it, -ENOMEM. */
int kprof_dwarf_unit_init(struct kprof_dwarf_unit *unit,
			  struct kprof_dwarf_file *file, uint64_t offset);
void kprof_dwarf_unit_deinit(struct kprof_dwarf_unit *unit);

/*
 * The innermost function around @address, KPROF_SYMBOL_NONE if there is none;
 * with the range of the one that is not inlined.
 */
uint32_t kprof_dwarf_unit_find(const struct kprof_dwarf_unit *unit,
			       uint64_t address, uint64_t *start_ret,
			       uint64_t *end_ret);
/* Its name and place. */
const struct kprof_dwarf_function *
kprof_dwarf_unit_function(struct kprof_dwarf_unit *unit, uint32_t nr);
/* Raw name of the file and line of @address; NULL and 0 if unknown. */
void kprof_dwarf_unit_line(struct kprof_dwarf_unit *unit, uint64_t address,
			   const char **file_ret, uint32_t *line_ret);
/* Raw name of a file by its number, NULL if there is none. */
const char *kprof_dwarf_unit_file(const struct kprof_dwarf_unit *unit,
				  uint32_t nr);
/* How much memory it takes, in bytes; roughly, as libdw does not say. */
uint64_t kprof_dwarf_unit_bytes(const struct kprof_dwarf_unit *unit);

/* Each range of addresses of @die, to @add. Its first error ends it. */
typedef int kprof_dwarf_range_fn(uint64_t start, uint64_t end, void *context);
int kprof_dwarf_ranges(Dwarf_Die *die, kprof_dwarf_range_fn *add,
		       void *context);

#endif /* LIB_DWARF_UNIT_H */
