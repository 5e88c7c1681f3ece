/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: what one unit of DWARF knows, as flat tables.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_GSYM_UNIT_H
#define LIB_GSYM_UNIT_H

#include "lib/dwarf_paths.h"
#include "lib/gsym_write.h"
#include "util/hash.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>
#include <elfutils/libdw.h>

/**
 * struct kprof_gsym_unit_row - a row of the line table
 * @line: itself
 * @ends: there is no line from here on, but for what the next row says
 */
struct kprof_gsym_unit_row {
	struct kprof_gsym_line line;
	bool ends;
};

/**
 * struct kprof_gsym_unit_node - an inlined function
 * @first_range: in the unit's ranges
 * @nr_ranges: ascending
 * @depth: 1 if it is inlined into the function itself
 * @name: of kprof_gsym_writer_string()
 * @call_file: of kprof_gsym_writer_file()
 * @call_line: likewise
 */
struct kprof_gsym_unit_node {
	size_t first_range;
	size_t nr_ranges;
	uint32_t depth;
	uint32_t name;
	uint32_t call_file;
	uint32_t call_line;
};

/**
 * struct kprof_gsym_unit_function - a range of a function with code
 * @range: its addresses
 * @die: where it is described; valid as long as the unit is
 * @first_node: what is inlined in it, in the order of a walk
 * @nr_nodes: how many
 */
struct kprof_gsym_unit_function {
	struct kprof_gsym_range range;
	Dwarf_Die die;
	size_t first_node;
	size_t nr_nodes;
};

/**
 * struct kprof_gsym_unit - the tables of one unit; {.writer = w} is empty
 * @writer: that gives numbers to names and files
 * @rows: by address
 * @functions: by address
 * @nodes: of all functions
 * @ranges: its own, then those of all nodes
 * @nr_own_ranges: how many of them are its own; 0 if it does not say
 * @files: by libdw's numbers, plus 1; 0 is not known yet
 * @raw_files: libdw's
 * @comp_dir: where it was compiled
 * @paths: of files, as other users of DWARF here show them; of all units
 * @waiting: DIEs that may have functions in them
 * @names: numbers of names by where a function is declared; of all units
 * @nr_dies: looked at, in all units
 */
struct kprof_gsym_unit {
	struct kprof_gsym_writer *writer;
	vector(struct kprof_gsym_unit_row) rows;
	vector(struct kprof_gsym_unit_function) functions;
	vector(struct kprof_gsym_unit_node) nodes;
	vector(struct kprof_gsym_range) ranges;
	size_t nr_own_ranges;
	vector(uint32_t) files;
	Dwarf_Files *raw_files;
	const char *comp_dir;
	struct kprof_dwarf_paths paths;
	vector(Dwarf_Die) waiting;
	struct kprof_map names;
	uint64_t nr_dies;
};

void kprof_gsym_unit_deinit(struct kprof_gsym_unit *unit);
/*
 * Reads a unit in place of the one before. @code is the unit with the
 * functions, which in split DWARF is another one than the one with the lines.
 * 0, also if libdw does not like it, or -ENOMEM and the like.
 */
int kprof_gsym_unit_read(struct kprof_gsym_unit *unit, Dwarf_Die *lines,
			 Dwarf_Die *code);
/* The name of a function that is described there, as the linker has it. */
int kprof_gsym_unit_name(struct kprof_gsym_unit *unit, Dwarf_Die *die,
			 uint32_t *ret);
/* Is the code at @address of this unit? True if the unit does not say. */
bool kprof_gsym_unit_has(const struct kprof_gsym_unit *unit, uint64_t address);

#endif /* LIB_GSYM_UNIT_H */
