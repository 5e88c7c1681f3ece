/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reads Go's table of functions: names, lines and inlined functions.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The table is what the Go runtime prints its stack traces with, therefore it
 * is in every Go program, stripped or not. Its layout changed with Go 1.16,
 * 1.18 and 1.20; those of Go 1.2 to 1.27 are known. The file is not trusted:
 * whatever bytes read() gives, look-ups end, and cost little.
 */
#ifndef LIB_GOPCLNTAB_H
#define LIB_GOPCLNTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct kprof_gopclntab_layout - what differs between versions of Go
 * @magic: how the header starts
 * @is_relative: functions are offsets from the text, not pointers, and data
 *	are offsets, too
 * @has_parts: the header says where the parts are
 * @has_start_line: of functions and inlined functions; then inlined functions
 *	are known by the instruction they are called from, else by file and line
 * @inline_data: which of a record's data is the array of inlined functions
 */
struct kprof_gopclntab_layout {
	uint32_t magic;
	bool is_relative;
	bool has_parts;
	bool has_start_line;
	uint8_t inline_data;
};

/* Copies what is there of the program's memory; returns how many bytes. */
typedef size_t kprof_gopclntab_read_fn(void *context, uint64_t address,
				       void *buf, size_t size);

/**
 * struct kprof_gopclntab - a table
 * @read: the program's memory, at the addresses that the linker gave it
 * @context: of @read
 * @address: of the table
 * @limit: first address that is not the table's
 * @layout: how it is laid out
 * @word_bytes: of a pointer
 * @entry_bytes: of a function's address in the list of functions
 * @quantum: bytes that all instructions are a multiple of
 * @text: what entries of functions are relative to; 0 if they are not, or if
 *	the table alone does not say it
 * @inline_data: what tables of inlined functions are relative to, 0 if that
 *	is not known
 * @names: address of the names of functions, as are the next five
 * @units: of the compilation units' lists of files
 * @files: of the names of files
 * @values: of what belongs to ranges of instructions
 * @functions: of the list of functions
 * @records: what the list's offsets are relative to
 * @nr_functions: how many
 * @nr_files: of the list of files, before there were units
 * @steps: what look-ups have cost beyond what each may
 */
struct kprof_gopclntab {
	kprof_gopclntab_read_fn *read;
	void *context;
	uint64_t address;
	uint64_t limit;
	const struct kprof_gopclntab_layout *layout;
	uint8_t word_bytes;
	uint8_t entry_bytes;
	uint8_t quantum;
	uint64_t text;
	uint64_t inline_data;
	uint64_t names;
	uint64_t units;
	uint64_t files;
	uint64_t values;
	uint64_t functions;
	uint64_t records;
	uint64_t nr_functions;
	uint32_t nr_files;
	uint64_t steps;
};

/**
 * struct kprof_gopclntab_function - a function
 * @start: first address
 * @end: first address of the next one
 * @record: address of what the table has about it
 * @name: where its name is, relative to the names
 * @file_values: where its files are, relative to the values
 * @line_values: where its lines are
 * @nr_data: number of other such places
 * @unit: its unit's first file
 * @start_line: of its source, 0 if unknown
 * @data: address of those other places
 * @nr_pointers: number of pointers behind them
 */
struct kprof_gopclntab_function {
	uint64_t start;
	uint64_t end;
	uint64_t record;
	uint32_t name;
	uint32_t file_values;
	uint32_t line_values;
	uint32_t nr_data;
	uint32_t unit;
	uint32_t start_line;
	uint64_t data;
	uint8_t nr_pointers;
};

/* How a table starts; a few bytes decide for nearly all places. */
bool kprof_gopclntab_is_start(const uint8_t bytes[static 8]);

/* The table at @address; -EINVAL if there is none that is understood. */
int kprof_gopclntab_init(struct kprof_gopclntab *table,
			 kprof_gopclntab_read_fn *read, void *context,
			 uint64_t address, uint64_t limit);

/*
 * Takes from the runtime's own description of the program, at @address, what
 * the table itself does not say. -EINVAL if that is no description of it.
 */
int kprof_gopclntab_set_module(struct kprof_gopclntab *table, uint64_t address);

/* Needs kprof_gopclntab_set_module() before it can find anything? */
bool kprof_gopclntab_needs_module(const struct kprof_gopclntab *table);

/* The function around @address, -ENOENT if there is none. */
int kprof_gopclntab_find(const struct kprof_gopclntab *table, uint64_t address,
			 struct kprof_gopclntab_function *ret);

/* Where the first function behind @address starts, -ENOENT if there is none. */
int kprof_gopclntab_next(const struct kprof_gopclntab *table, uint64_t address,
			 uint64_t *ret);

/* Copies what is there of the table; returns how many bytes. */
size_t kprof_gopclntab_read(const struct kprof_gopclntab *table,
			    uint64_t address, void *buf, size_t size);
bool kprof_gopclntab_read32(const struct kprof_gopclntab *table,
			    uint64_t address, uint32_t *ret);
/*
 * Copies a string of the table and a NUL, cut if @size is too small, and
 * returns its length. "" if it has no end.
 */
size_t kprof_gopclntab_string(const struct kprof_gopclntab *table,
			      uint64_t address, char *ret, size_t size);

#endif /* LIB_GOPCLNTAB_H */
