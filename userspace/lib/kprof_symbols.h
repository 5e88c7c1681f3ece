/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libkprof: names of what is in a profile, and where they come from. Part of
 * kprof.h, which says how functions behave; include that one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_SYMBOLS_H
#define KPROF_SYMBOLS_H

#include "lib/kprof_profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Symbols */

/**
 * struct kprof_symbolize_options - where to look
 * @debug_dirs: trees with .build-id/, NULL for /usr/lib/debug
 * @nr_debug_dirs: how many
 * @symbol_dirs: where binaries, debug files and maps of symbols are looked for
 *	as well, by path, name or build-id; NULL for nowhere
 * @nr_symbol_dirs: how many
 * @kallsyms: NULL for /proc/kallsyms
 * @max_memory: bytes that the debug information of a binary may take, else its
 *	lines are left out; 0 for a quarter of this machine's
 * @no_lines: names of functions only
 * @other_machine: the profile may be another one's: leave its kernel alone
 * @force: name all locations anew
 * @debuginfod: ask the servers in DEBUGINFOD_URLS for debug files
 */
struct kprof_symbolize_options {
	const char *const *debug_dirs;
	size_t nr_debug_dirs;
	const char *const *symbol_dirs;
	size_t nr_symbol_dirs;
	const char *kallsyms;
	uint64_t max_memory;
	bool no_lines;
	bool other_machine;
	bool force;
	bool debuginfod;
};

/*
 * Gives the kernel addresses of a new profile the mappings of this machine's
 * kernel and modules: [kernel.kallsyms] from its first address on, [ext4], with
 * their build-ids. By them they can be named anywhere. kprof_symbolize() does
 * it first, unless the profile is from elsewhere.
 */
int kprof_place_kernel(struct kprof_profile *profile);
/*
 * Names every location that has no line, or only the name that is given here
 * to what nobody can name: [binary+0xoffset], with the offset in the file.
 * Adds a comment that says which sources the names are from. @options may be
 * NULL.
 */
int kprof_symbolize(struct kprof_profile *profile,
		    const struct kprof_symbolize_options *options);

/* Directories with files for symbols */

enum kprof_symbol_file_kind {
	KPROF_SYMBOL_FILE_MAP,
	KPROF_SYMBOL_FILE_PROGRAM,
	/* Debug information only */
	KPROF_SYMBOL_FILE_DEBUG,
};

/**
 * struct kprof_symbol_file - one in such a directory
 * @kind: what it is
 * @path: of it
 * @name: @path below the directory, with a slash before it; as the file name of
 *	a mapping it makes symbolizing look here
 * @build_id: of the binary that it is about
 * @offset: in that binary, of a part with code, as loaders map it
 * @bytes: of that part, whole pages
 */
struct kprof_symbol_file {
	enum kprof_symbol_file_kind kind;
	const char *path;
	const char *name;
	const char *build_id;
	uint64_t offset;
	uint64_t bytes;
};

/*
 * Calls @found for each part with code of each file with a build-id, at most
 * 100,000 files of a directory. 0, -ENOMEM, or what @found returned if that is
 * not 0.
 */
int kprof_symbol_dirs_list(const char *const *dirs, size_t nr_dirs,
			   int (*found)(const struct kprof_symbol_file *file,
					void *context),
			   void *context);
/*
 * Opens a file about the binary with a build-id for reading: a descriptor,
 * -EINVAL for what is no build-id, -ENOENT if there is none, or another -errno.
 */
int kprof_symbol_dirs_open(const char *const *dirs, size_t nr_dirs,
			   const char *build_id,
			   enum kprof_symbol_file_kind kind);

/* Archives */

/**
 * struct kprof_archive_options - which files to put into an archive
 * @symbol_dirs: where binaries, debug files and maps of symbols are looked for
 *	first, by path, name or build-id; NULL for nowhere
 * @nr_symbol_dirs: how many
 * @debug_dirs: trees with .build-id/, NULL for /usr/lib/debug
 * @nr_debug_dirs: how many
 * @missing: called for each binary of which nothing was found, with the reason
 *	in words; may be NULL
 * @context: for @missing
 */
struct kprof_archive_options {
	const char *const *symbol_dirs;
	size_t nr_symbol_dirs;
	const char *const *debug_dirs;
	size_t nr_debug_dirs;
	void (*missing)(const struct kprof_mapping *mapping, const char *reason,
			void *context);
	void *context;
};

/**
 * struct kprof_archive_summary - what an archive has
 * @nr_files: files
 * @nr_binaries: binaries that they are of
 * @nr_missing: binaries of which there is none
 */
struct kprof_archive_summary {
	uint32_t nr_files;
	uint32_t nr_binaries;
	uint32_t nr_missing;
};

/*
 * Writes a tar file to @fd with what it takes to symbolize @profile elsewhere:
 * BUILD-ID/NAME, .build-id/ab/cdef.debug, ab/cdef.gsym. Only files with the
 * build-ids that the profile has are taken.
 */
int kprof_archive_write(const struct kprof_profile *profile,
			const struct kprof_archive_options *options, int fd,
			struct kprof_archive_summary *ret);
/*
 * The library that reads debug information, its version and what it cannot
 * read: "libdw 0.188: no .dwp"; NULL if there is none.
 */
const char *kprof_dwarf_reader(void);
/**
 * struct kprof_symbol_frame - one function at an address
 * @name: as in the symbol table
 * @file: of its source, "" if unknown
 * @line: in @file, 0 if unknown
 * @start_line: of the function in @file, 0 if unknown
 */
struct kprof_symbol_frame {
	const char *name;
	const char *file;
	uint32_t line;
	uint32_t start_line;
};

/* Symbol maps: GSYM files, which LLVM's tools read and write too */

/* The start of a build-id that a map has room for, in hexadecimal, and NUL. */
#define KPROF_GSYM_BUILD_ID_HEX 41

struct kprof_gsym;

/**
 * struct kprof_gsym_info - what a symbol map says of itself
 * @build_id: of the binary, "" if unknown; a longer one is cut
 * @base_address: to which the starts of functions are relative
 * @nr_functions: how many; one that is interrupted by another counts as two
 * @nr_files: source files
 * @string_bytes: of names
 * @file_bytes: of the map itself
 * @segments: how the binary is loaded, as gsym.h says; NULL if unknown
 */
struct kprof_gsym_info {
	char build_id[KPROF_GSYM_BUILD_ID_HEX];
	uint64_t base_address;
	uint32_t nr_functions;
	uint32_t nr_files;
	uint32_t string_bytes;
	uint64_t file_bytes;
	const char *segments;
};

/**
 * struct kprof_gsym_function - a function in a symbol map
 * @name: the map's, until it is closed
 * @start: first address
 * @size: in bytes
 * @has_lines: there is a line for its addresses
 * @has_inlines: some were inlined into it
 */
struct kprof_gsym_function {
	const char *name;
	uint64_t start;
	uint64_t size;
	bool has_lines;
	bool has_inlines;
};

/**
 * struct kprof_gsym_fault - where a symbol map is damaged
 * @offset: in the file
 * @function: number of the function it belongs to, KPROF_NO_INDEX for none
 * @what: in words
 */
struct kprof_gsym_fault {
	uint64_t offset;
	uint32_t function;
	const char *what;
};

/*
 * Maps a file into memory. -ENOEXEC for what is no symbol map, -EOPNOTSUPP for
 * one of the other byte order, -EPROTONOSUPPORT for another version of the
 * format, -EBADMSG for a damaged head.
 */
int kprof_gsym_open(const char *path, struct kprof_gsym **ret);
void kprof_gsym_close(struct kprof_gsym *gsym);

void kprof_gsym_info(const struct kprof_gsym *gsym,
		     struct kprof_gsym_info *ret);
/* Function @index, in the order of their starts; -EBADMSG if it is damaged. */
int kprof_gsym_function(const struct kprof_gsym *gsym, uint32_t index,
			struct kprof_gsym_function *ret);
/* The function around an address; -ENOENT if there is none. */
int kprof_gsym_find(const struct kprof_gsym *gsym, uint64_t address,
		    struct kprof_gsym_function *ret);
/*
 * The same with lines: the innermost inlined function first, the function
 * itself last. What @frames_ret points to stays until the next call.
 */
int kprof_gsym_frames(struct kprof_gsym *gsym, uint64_t address,
		      struct kprof_gsym_function *function_ret,
		      const struct kprof_symbol_frame **frames_ret,
		      uint32_t *nr_ret);

/**
 * struct kprof_gsym_answer - what a symbol map says of one of many addresses
 * @index: of the address in the list
 * @err: as kprof_gsym_frames() returns; what follows is set only if it is 0
 * @function: around the address
 * @frames: until the visitor returns
 * @nr_frames: how many
 */
struct kprof_gsym_answer {
	size_t index;
	int err;
	struct kprof_gsym_function function;
	const struct kprof_symbol_frame *frames;
	uint32_t nr_frames;
};

/**
 * struct kprof_gsym_visitor - who takes answers
 * @visit: gets one after the other; what is not 0 ends it
 * @context: for it
 */
struct kprof_gsym_visitor {
	int (*visit)(void *context, const struct kprof_gsym_answer *answer);
	void *context;
};

/*
 * kprof_gsym_frames() of @nr addresses in any order, several times as fast as
 * one by one. The answers come in the order of the addresses' values. 0,
 * -ENOMEM, or what the visitor returned.
 */
int kprof_gsym_frames_all(struct kprof_gsym *gsym, const uint64_t *addresses,
			  size_t nr, const struct kprof_gsym_visitor *visitor);
/* Looks at every byte that means something. -EBADMSG, and @ret says where. */
int kprof_gsym_verify(const struct kprof_gsym *gsym,
		      struct kprof_gsym_fault *ret);

/* Making symbol maps */

struct kprof_gsym_writer;

/**
 * struct kprof_gsym_build_options - what goes into a symbol map
 * @debug_dir: tree with .build-id/, NULL for /usr/lib/debug
 * @names_only: no lines, no inlined functions
 */
struct kprof_gsym_build_options {
	const char *debug_dir;
	bool names_only;
};

/**
 * struct kprof_gsym_counts - what is in a new symbol map
 * @functions: functions
 * @with_lines: of these, with source lines
 * @with_inlines: of these, with inlined functions
 */
struct kprof_gsym_counts {
	uint32_t functions;
	uint32_t with_lines;
	uint32_t with_inlines;
};

/*
 * The symbol map of an ELF file, from it and its debug file. -ENODATA if
 * nobody knows a function in it.
 */
int kprof_gsym_build(const char *path,
		     const struct kprof_gsym_build_options *options,
		     struct kprof_gsym_writer **ret);
/*
 * From text: what nm prints, with or without sizes; System.map; a perf map.
 * @build_id may be "". -ENODATA if there is no function in it. Any bytes are
 * safe.
 */
int kprof_gsym_import(const char *text, size_t size, const char *build_id,
		      struct kprof_gsym_writer **ret);
/* Whole, lower-case hexadecimal, "" if unknown. */
const char *kprof_gsym_writer_build_id(const struct kprof_gsym_writer *writer);
void kprof_gsym_writer_counts(const struct kprof_gsym_writer *writer,
			      struct kprof_gsym_counts *ret);
/* Writes the file, all or nothing; once. */
int kprof_gsym_writer_save(struct kprof_gsym_writer *writer, const char *path);
void kprof_gsym_writer_destroy(struct kprof_gsym_writer *writer);

/*
 * Puts a copy of the map at @path into a directory of maps, as @dir/ab/cd.gsym
 * by its build-id, where symbolizing finds it. -ENODATA if it has no build-id,
 * -EBADMSG if it is damaged. @path_ret is for the caller to free.
 */
int kprof_gsym_store(const char *dir, const char *path, char **path_ret);

#endif /* KPROF_SYMBOLS_H */
