/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libkprof: collect, symbolize, read and write CPU profiles.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Functions return 0 or a negative errno; a result goes through a last
 * parameter called ret. Nothing here prints or exits: set a log function to
 * get the words. No function is safe to call on one object from two threads.
 */
#ifndef KPROF_H
#define KPROF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Log */

enum kprof_log_level {
	KPROF_LOG_ERROR,
	KPROF_LOG_WARNING,
	KPROF_LOG_INFO,
	KPROF_LOG_DEBUG,
};

typedef void kprof_log_fn(enum kprof_log_level level, const char *message,
			  void *context);

/* One for the process; NULL is silence, which is the default. */
void kprof_set_log(kprof_log_fn *log, void *context);

/*
 * Profile: what pprof's profile.proto can say, as flat arrays.
 *
 * Strings are interned: equal strings of one profile are the same pointer, ""
 * is never NULL. Functions, locations and samples are interned too: adding an
 * equal one gives the index of the first, and equal samples add up their
 * values. The arrays may be read by anybody; they move when something is
 * added, so keep indices, not pointers. Only the functions below change them,
 * but for the fields marked "may be set"; a string that is set must come from
 * kprof_profile_intern().
 */

#define KPROF_NO_INDEX UINT32_MAX
/* Room for a build-id in hexadecimal, and NUL. */
#define KPROF_BUILD_ID_SIZE 129
#define KPROF_MAX_SAMPLE_TYPES 8

struct kprof_value_type {
	const char *type;
	const char *unit;
};

/**
 * struct kprof_jit - what a process says of the code that it makes
 * @perf_map: its perf-PID.map, open, -1 if there is none
 * @dump: its jit-PID.dump, likewise
 */
struct kprof_jit {
	int perf_map;
	int dump;
};

/**
 * struct kprof_mapping - a range of addresses and the file behind it
 * @start: first address; may be set, like the next, for the kernel's mappings
 * @limit: first address after it
 * @file_offset: of @start in the file, in bytes
 * @filename: path or a name like [vdso]; "" if unknown
 * @build_id: lower-case hexadecimal, "" if unknown; may be set
 * @has_functions: every location in it has a line; may be set, like the next
 * @has_filenames: likewise for file names
 * @has_line_numbers: likewise for line numbers
 * @has_inline_frames: inlined functions are given as further lines
 * @fd: open file with the content, -1 if there is none; owned by the profile;
 *	may be set. Not written to files, like the next two
 * @is_lost: the file cannot be told from another at the same path: it is not
 *	looked for
 * @jit: of the process whose own code this is, else NULL; the profile's
 */
struct kprof_mapping {
	uint64_t start;
	uint64_t limit;
	uint64_t file_offset;
	const char *filename;
	const char *build_id;
	bool has_functions;
	bool has_filenames;
	bool has_line_numbers;
	bool has_inline_frames;
	int fd;
	bool is_lost;
	const struct kprof_jit *jit;
};

/**
 * struct kprof_function - a function
 * @name: for people, demangled
 * @system_name: as in the symbol table
 * @filename: of its source, "" if unknown
 * @start_line: of its source, 0 if unknown
 */
struct kprof_function {
	const char *name;
	const char *system_name;
	const char *filename;
	int64_t start_line;
};

struct kprof_line {
	uint32_t function;
	int64_t line;
};

/**
 * struct kprof_location - an address
 * @address: a sampled pc, or a return address minus 1
 * @mapping: index, or KPROF_NO_INDEX; may be set for kernel addresses
 * @first_line: index into lines; the innermost inlined function comes first
 * @nr_lines: 0 as long as nobody named it
 * @is_folded: several functions share the address; may be set
 * @in_kernel: the address is a kernel address. Not written to files
 */
struct kprof_location {
	uint64_t address;
	uint32_t mapping;
	uint32_t first_line;
	uint32_t nr_lines;
	bool is_folded;
	bool in_kernel;
};

/**
 * struct kprof_label - a label: either a string or a number
 * @key: name
 * @str: value; NULL says that this is a number
 * @num: value
 * @num_unit: "" for none
 */
struct kprof_label {
	const char *key;
	const char *str;
	int64_t num;
	const char *num_unit;
};

/**
 * struct kprof_sample - a stack with its labels and values
 * @first_location: index into location_indices; the leaf comes first
 * @nr_locations: length of the stack
 * @first_label: index into labels
 * @nr_labels: labels
 * @values: one per sample type
 */
struct kprof_sample {
	uint32_t first_location;
	uint32_t nr_locations;
	uint32_t first_label;
	uint32_t nr_labels;
	int64_t values[KPROF_MAX_SAMPLE_TYPES];
};

/**
 * struct kprof_profile - a profile
 * @time_nanos: wall clock at its start, nanoseconds since 1970; may be set,
 *	like the next three
 * @duration_nanos: how long it took
 * @period_type: what @period counts
 * @period: between two samples
 * @default_sample_type: name of the sample type to show, "" for the last
 * @doc_url: "" for none; may be set, like the next two
 * @drop_frames: regular expression; pprof leaves such frames out, and what they
 *	call
 * @keep_frames: of these, it does not
 */
struct kprof_profile {
	struct kprof_value_type sample_types[KPROF_MAX_SAMPLE_TYPES];
	uint32_t nr_sample_types;

	struct kprof_mapping *mappings;
	uint32_t nr_mappings;
	struct kprof_function *functions;
	uint32_t nr_functions;
	struct kprof_line *lines;
	uint32_t nr_lines;
	struct kprof_location *locations;
	uint32_t nr_locations;
	struct kprof_label *labels;
	uint32_t nr_labels;
	uint32_t *location_indices;
	uint32_t nr_location_indices;
	struct kprof_sample *samples;
	uint32_t nr_samples;
	const char **comments;
	uint32_t nr_comments;
	struct kprof_jit **jits;
	uint32_t nr_jits;

	int64_t time_nanos;
	int64_t duration_nanos;
	struct kprof_value_type period_type;
	int64_t period;
	const char *default_sample_type;
	const char *doc_url;
	const char *drop_frames;
	const char *keep_frames;

	struct kprof_profile_index *index;
};

int kprof_profile_create(struct kprof_profile **ret);
void kprof_profile_destroy(struct kprof_profile *profile);

/* The profile's own copy of @str; bytes that are no UTF-8 become U+FFFD. */
int kprof_profile_intern(struct kprof_profile *profile, const char *str,
			 const char **ret);
int kprof_profile_add_sample_type(struct kprof_profile *profile,
				  const char *type, const char *unit);
int kprof_profile_add_comment(struct kprof_profile *profile, const char *fmt,
			      ...) __attribute__((format(printf, 2, 3)));
/* Copies @mapping and its strings, takes over its fd. Not interned. */
int kprof_profile_add_mapping(struct kprof_profile *profile,
			      const struct kprof_mapping *mapping,
			      uint32_t *ret);
/* Takes over the descriptors of @jit; @ret is for mappings. */
int kprof_profile_add_jit(struct kprof_profile *profile,
			  const struct kprof_jit *jit,
			  const struct kprof_jit **ret);
int kprof_profile_add_function(struct kprof_profile *profile,
			       const struct kprof_function *function,
			       uint32_t *ret);
/* Interned by (mapping, address, in_kernel). */
int kprof_profile_add_location(struct kprof_profile *profile, uint32_t mapping,
			       uint64_t address, bool in_kernel, uint32_t *ret);
/* Names a location; replaces what it had. */
int kprof_profile_set_lines(struct kprof_profile *profile, uint32_t location,
			    const struct kprof_line *lines, uint32_t nr_lines);
int kprof_profile_add_sample(struct kprof_profile *profile,
			     const uint32_t *locations, uint32_t nr_locations,
			     const struct kprof_label *labels,
			     uint32_t nr_labels, const int64_t *values);
/* Puts mapping @first at index 0 (pprof takes mapping 0 for the program). */
int kprof_profile_move_mapping_first(struct kprof_profile *profile,
				     uint32_t first);

/* Several profiles */

struct kprof_merger;

/*
 * Adds up profiles as pprof does: one mapping for each part of a file wherever
 * it was loaded, equal locations, functions and stacks once; the earliest time,
 * the sum of the durations, the longest period, every comment once. What no
 * sample refers to is left out, and so are samples whose values are all 0.
 */
int kprof_merger_create(struct kprof_merger **ret);
void kprof_merger_destroy(struct kprof_merger *merger);
/*
 * -EINVAL if @profile has other sample types or another type of period than
 * those before; the log says which.
 */
int kprof_merger_add(struct kprof_merger *merger,
		     const struct kprof_profile *profile);
/* The sum, once. */
int kprof_merger_finish(struct kprof_merger *merger,
			struct kprof_profile **ret);
/*
 * Both in one, for comparing: a sample has the values of @a, then those of @b,
 * and the sample types stand likewise. -EINVAL as above.
 */
int kprof_profile_pair(const struct kprof_profile *a,
		       const struct kprof_profile *b,
		       struct kprof_profile **ret);

/* pprof files */

/* Writes gzip'd profile.proto to @fd. */
int kprof_pprof_write(const struct kprof_profile *profile, int fd);
/*
 * Reads a pprof file, gzip'd or plain. -EINVAL for what is none; then
 * kprof_file_kind() can tell what it is.
 */
int kprof_pprof_read(int fd, struct kprof_profile **ret);
/* The same from memory; any bytes are safe. */
int kprof_pprof_parse(const void *data, size_t size,
		      struct kprof_profile **ret);
/*
 * What a file is that starts with @data, in words ("a Go execution trace"),
 * or NULL if its first bytes say nothing.
 */
const char *kprof_file_kind(const void *data, size_t size);

/*
 * The build-id of the ELF file at @path, "" if it has none. -ENOEXEC for what is
 * no such file.
 */
int kprof_file_build_id(const char *path, char ret[KPROF_BUILD_ID_SIZE]);

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

/* Unwind tables: how to get from a frame to its caller without frame pointers */

struct kprof_unwind_table;

/* Where rows come from, in the order in which they are believed. */
enum kprof_unwind_source {
	KPROF_UNWIND_EH_FRAME,
	KPROF_UNWIND_DEBUG_FRAME,
	/* Of a separate debug file */
	KPROF_UNWIND_DEBUG_FILE,
	KPROF_UNWIND_EXIDX,
	/* Code that was recognised */
	KPROF_UNWIND_CODE,
	KPROF_UNWIND_NR_SOURCES,
};

/**
 * struct kprof_unwind_stats - what became of a file's unwind information
 * @text_bytes: of code in the file: executable sections, or segments where
 *	there are no section headers
 * @source_bytes: of code that has a rule which says something, by its source
 * @unsupported_bytes: of code that a source describes, and no rule can
 * @nr_unsupported: rows that would say so
 * @unwind_bytes: size of the unwind information that was read
 */
struct kprof_unwind_stats {
	uint64_t text_bytes;
	uint64_t source_bytes[KPROF_UNWIND_NR_SOURCES];
	uint64_t unsupported_bytes;
	uint64_t nr_unsupported;
	uint64_t unwind_bytes;
};

/* Who had a table. */
enum kprof_unwind_origin {
	KPROF_UNWIND_COMPILED,
	KPROF_UNWIND_FROM_MAP,
	KPROF_UNWIND_FROM_CACHE,
};

/**
 * struct kprof_unwind_image - an unwind table in memory; {} is none
 * @table: sound; its format is in linux/kprof_unwind.h
 * @bytes: of it
 * @memory: that it is in; owned
 * @stats: of the file that it was compiled from
 * @build_id: of that file, "" if it has none
 * @origin: who had it
 */
struct kprof_unwind_image {
	struct kprof_unwind_table *table;
	size_t bytes;
	void *memory;
	struct kprof_unwind_stats stats;
	char build_id[KPROF_BUILD_ID_SIZE];
	enum kprof_unwind_origin origin;
};

void kprof_unwind_image_deinit(struct kprof_unwind_image *image);

/* Bytes of code that have a rule which says something. */
uint64_t kprof_unwind_known_bytes(const struct kprof_unwind_stats *stats);

/**
 * kprof_unwind_map_save() - writes an unwind map, all or nothing
 * @image: with a build-id, or without
 * @path: BUILD-ID.kuw, where it is to be found again
 *
 * Return: 0 or -errno.
 */
int kprof_unwind_map_save(const struct kprof_unwind_image *image,
			  const char *path);
/**
 * kprof_unwind_map_open() - reads one, and checks every byte of it
 * @path: its path
 * @ret: kprof_unwind_image_deinit() it
 *
 * Return: 0; -ENOEXEC if it is none, -EPROTONOSUPPORT if it is of another
 * version, -EBADMSG if it is damaged; or another -errno.
 */
int kprof_unwind_map_open(const char *path, struct kprof_unwind_image *ret);

/*
 * Puts the map into a directory of maps, as @dir/ab/cd.kuw by its build-id, and
 * makes what directories are missing. -ENODATA if it has no build-id. The path
 * in @path_ret is the caller's.
 */
int kprof_unwind_map_store(const char *dir,
			   const struct kprof_unwind_image *image,
			   char **path_ret);

/**
 * struct kprof_unwind_options - where to look
 * @symbol_dirs: directories with unwind maps, as ab/cdef.kuw or abcdef.kuw, and
 *	with files for symbols; NULL for none
 * @nr_symbol_dirs: how many
 * @debug_dirs: trees with .build-id/, NULL for /usr/lib/debug
 * @nr_debug_dirs: how many
 * @no_cache: neither look for tables in the cache nor put any into it
 */
struct kprof_unwind_options {
	const char *const *symbol_dirs;
	size_t nr_symbol_dirs;
	const char *const *debug_dirs;
	size_t nr_debug_dirs;
	bool no_cache;
};

/**
 * kprof_unwind_get() - the unwind table of a mapped file
 * @mapping: fd, or filename; and build_id, so that no other file's is taken
 * @options: may be NULL
 * @ret: kprof_unwind_image_deinit() it
 *
 * From a map in @options, or from the cache, $XDG_CACHE_HOME/kprof or, of root,
 * /var/cache/kprof or, of others, ~/.cache/kprof; else compiled from the file
 * and, if that describes less than three quarters of its code, its debug file.
 * Reads files and may take a second or two. Calls at the same time are safe, as
 * long as the log callback is.
 *
 * Return: 0; -ENOENT if the file is not at hand, or nothing at all is known of
 * its code; -ENOTSUP for a machine that cannot be unwound; or another -errno.
 */
int kprof_unwind_get(const struct kprof_mapping *mapping,
		     const struct kprof_unwind_options *options,
		     struct kprof_unwind_image *ret);

/**
 * kprof_unwind_build() - the unwind table of an ELF file and its debug file
 * @path: of the file, as it was before it was stripped
 * @debug_dir: tree with .build-id/, NULL for /usr/lib/debug
 * @ret: kprof_unwind_image_deinit() it
 *
 * Neither maps nor the cache are asked.
 *
 * Return: as kprof_unwind_get(); -ENOEXEC if it is no ELF file.
 */
int kprof_unwind_build(const char *path, const char *debug_dir,
		       struct kprof_unwind_image *ret);

/**
 * kprof_unwind_needed() - the libraries that a program would load
 * @path: of the program, or a library
 * @found: called for each of them, and for @path first, once
 * @context: for it
 *
 * Names in DT_NEEDED are looked for in DT_RUNPATH and DT_RPATH ($ORIGIN is
 * understood), in the directories that ld.so.conf names, and in the usual ones;
 * what is not there is left out.
 *
 * Return: 0, or what @found returned if that is not 0, or -errno.
 */
int kprof_unwind_needed(const char *path,
			int (*found)(const char *path, void *context),
			void *context);

/* Collecting */

#define KPROF_DEVICE "/dev/kprof"

/* Bits of the features of a module; KPROF_FEATURE_* of linux/kprof.h. */
enum kprof_module_feature {
	KPROF_MODULE_EXACT_INHERIT = 1 << 0,
	KPROF_MODULE_SCHED_SWITCH = 1 << 1,
	KPROF_MODULE_KERNEL_STACKS = 1 << 2,
	KPROF_MODULE_EXACT_MAPS = 1 << 3,
	KPROF_MODULE_HIGH_RES = 1 << 4,
	KPROF_MODULE_MMAP = 1 << 5,
	KPROF_MODULE_UNWIND_TABLES = 1 << 6,
};

/**
 * struct kprof_module_info - what the loaded module is and can do
 * @version: of the module
 * @abi_version: of its interface
 * @nr_cpu_ids: CPU numbers are below this
 * @features: KPROF_MODULE_*
 * @max_rate_hz: highest rate that it samples at
 * @max_depth: highest number of user frames per stack
 * @max_sessions: how many may be set up at once
 * @max_ring_bytes: largest ring
 * @max_cpu_percent: of a CPU that all sessions may take; 0 is no limit
 * @timer_resolution_ns: of the clock behind the samples
 * @tick_hz: of the kernel
 * @nr_sessions: that are set up now
 * @nr_tracked: processes and threads that they track
 * @nr_spaces: address spaces that they hold
 * @nr_ring_pages: pages in their rings
 * @nr_unwind_tables: unwind tables that are loaded
 * @unwind_bytes: that they take
 * @max_unwind_bytes: that they may take
 */
struct kprof_module_info {
	char version[33];
	uint32_t abi_version;
	uint32_t nr_cpu_ids;
	uint64_t features;
	uint32_t max_rate_hz;
	uint32_t max_depth;
	uint32_t max_sessions;
	uint32_t max_ring_bytes;
	uint32_t max_cpu_percent;
	uint32_t timer_resolution_ns;
	uint32_t tick_hz;
	uint32_t nr_sessions;
	uint32_t nr_tracked;
	uint32_t nr_spaces;
	uint32_t nr_ring_pages;
	uint32_t nr_unwind_tables;
	uint64_t unwind_bytes;
	uint64_t max_unwind_bytes;
};

/* The interface that this library speaks. */
uint32_t kprof_abi_version(void);
/* "high_res" and the like; NULL for a bit without a name. */
const char *kprof_module_feature_name(unsigned int bit);
/*
 * Asks the module behind @device (a path). -EPROTONOSUPPORT if it speaks
 * another interface; then only abi_version of @ret is valid.
 */
int kprof_module_info(const char *device, struct kprof_module_info *ret);

/**
 * struct kprof_counters - what a session did so far
 * @start_ns: when sampling began, CLOCK_MONOTONIC
 * @stop_ns: when it ended, or now
 * @taken_samples: samples of targets
 * @taken_weight: periods that they stand for
 * @delivered_samples: of these, handed to the collector
 * @delivered_weight: periods that they stand for
 * @lost_samples: of these, not handed over
 * @lost_weight: periods that they stand for
 * @ring_full_samples: of the lost ones, because the collector was too slow
 * @missed_cells: periods that came so late that nobody knows whose they are
 * @interrupts: timer interrupts
 * @handler_ns: time spent in those that were measured
 * @handler_measured: how many were measured
 * @handler_max_ns: longest that was measured
 * @denied_samples: not taken, the task was not the caller's any more
 * @nr_tracked: processes and threads tracked now
 * @tracked_overflow: tasks not tracked, there were too many
 * @spaces_overflow: samples without mappings, there were too many spaces
 * @snapshots_failed: address spaces that could not be looked at
 * @is_final: nothing changes any more
 * @is_tick_bound: no timers finer than the tick
 * @is_inherit_approximate: children were recognised late
 * @is_throttled: the module's cost limit was reached
 */
struct kprof_counters {
	uint64_t start_ns;
	uint64_t stop_ns;
	uint64_t taken_samples;
	uint64_t taken_weight;
	uint64_t delivered_samples;
	uint64_t delivered_weight;
	uint64_t lost_samples;
	uint64_t lost_weight;
	uint64_t ring_full_samples;
	uint64_t missed_cells;
	uint64_t interrupts;
	uint64_t handler_ns;
	uint64_t handler_measured;
	uint64_t handler_max_ns;
	uint64_t denied_samples;
	uint32_t nr_tracked;
	uint32_t tracked_overflow;
	uint32_t spaces_overflow;
	uint64_t snapshots_failed;
	bool is_final;
	bool is_tick_bound;
	bool is_inherit_approximate;
	bool is_throttled;
};

/* Nanoseconds of interrupt per sample taken; 0 if nothing was measured. */
double kprof_counters_cost_ns(const struct kprof_counters *counters);
/* What its interrupts take of one CPU since it began, in percent. */
double kprof_counters_cpu_percent(const struct kprof_counters *counters);

/* What the module takes at most. */
#define KPROF_MAX_SAMPLE_US 10000

/**
 * struct kprof_collector_options - what to collect; {} is a sensible start
 * @device: NULL for KPROF_DEVICE
 * @rate_hz: samples per second and CPU; 0 for 99
 * @max_depth: user frames per stack; 0 for the module's default
 * @max_sample_us: microseconds until a walk of a stack is cut, at most
 *	KPROF_MAX_SAMPLE_US; 0 for the module's default
 * @ring_bytes: of each CPU; 0 for the module's default
 * @max_label_values: of comm, and of thread_name; what comes later is called
 *	(other), and counted in a comment; 0 for 100
 * @cpus: bitmap of the CPUs to sample, lowest bit of the first byte is CPU 0;
 *	NULL for all that do general work
 * @cpus_bytes: bytes of @cpus
 * @all_tasks: instead of targets
 * @kernel_stacks: with the part of stacks that lies in the kernel
 * @no_user_stacks: only the first user frame
 * @unwind_tables: walk by the unwind information of the programs, which is
 *	compiled and loaded as they show up, and by frame pointers where there
 *	is none; needs KPROF_MODULE_UNWIND_TABLES
 * @unwind: where else it is found; what it points to stays as it is
 * @no_inherit: leave children of targets alone
 * @no_jitter: sample in phase with the clock; for tests
 * @force_rate: accept a rate that the timers cannot keep
 * @use_read: read() instead of mmap(); for tests
 * @command: for the profile's comments, NULL for none
 */
struct kprof_collector_options {
	const char *device;
	uint32_t rate_hz;
	uint32_t max_depth;
	uint32_t max_sample_us;
	uint32_t ring_bytes;
	uint32_t max_label_values;
	const unsigned char *cpus;
	size_t cpus_bytes;
	bool all_tasks;
	bool kernel_stacks;
	bool no_user_stacks;
	bool unwind_tables;
	struct kprof_unwind_options unwind;
	bool no_inherit;
	bool no_jitter;
	bool force_rate;
	bool use_read;
	const char *command;
};

struct kprof_collector;

/**
 * struct kprof_collector_summary - what a finished collection amounts to
 * @counters: of the module, final
 * @samples: that are in the profile
 * @nr_threads: that they are of
 * @complete_samples: with complete stacks
 * @changing_samples: with frames whose mapping is not certain
 * @fallback_samples: walked in part by frame pointers, for want of unwind
 *	information
 * @is_consistent: every sample taken is either delivered or lost
 * @empty_reason: why there is no sample, NULL if there is one
 */
struct kprof_collector_summary {
	struct kprof_counters counters;
	uint64_t samples;
	uint64_t nr_threads;
	uint64_t complete_samples;
	uint64_t changing_samples;
	uint64_t fallback_samples;
	bool is_consistent;
	const char *empty_reason;
};

/*
 * Opens a session; nothing is sampled yet. -EBUSY when there are too many,
 * -ERANGE for a rate that the module refuses, -EPERM for what needs a
 * privilege, -EPROTONOSUPPORT as above.
 */
int kprof_collector_create(const struct kprof_collector_options *options,
			   struct kprof_collector **ret);
void kprof_collector_destroy(struct kprof_collector *collector);

/*
 * Adds a target. Without privileges a process works if the caller may read its
 * /proc/PID/maps, a single thread does not. -ESRCH, -EPERM, -EACCES, -ENOSPC;
 * a target that is there already is fine.
 */
int kprof_collector_attach_process(struct kprof_collector *collector,
				   int32_t pid);
int kprof_collector_attach_thread(struct kprof_collector *collector,
				  int32_t tid);
/*
 * With unwind tables: loads those of a program that is to run, and of the
 * libraries that it will need. What is not found is left out.
 */
int kprof_collector_preload(struct kprof_collector *collector,
			    const char *path);
/* With unwind tables: first waits until they are loaded, for some seconds. */
int kprof_collector_start(struct kprof_collector *collector);

/*
 * For poll(): readable when there is something to drain. Drain also without
 * it, a few times a second: a ring wakes its reader only when it fills.
 */
int kprof_collector_fd(const struct kprof_collector *collector);
int kprof_collector_drain(struct kprof_collector *collector);
/* All targets are gone; no sample will come any more. */
bool kprof_collector_is_idle(const struct kprof_collector *collector);
int kprof_collector_counters(struct kprof_collector *collector,
			     struct kprof_counters *ret);

/*
 * What was sampled since the last window, or since the start, as a profile that
 * is not symbolized; sampling goes on. The counts in its comments are those of
 * the window. Samples of a process whose mappings were not seen yet come in a
 * later one, within a second or two: all windows and what kprof_collector_finish()
 * gives together are everything, each sample once. @symbolize as there.
 */
int kprof_collector_window(struct kprof_collector *collector,
			   const struct kprof_symbolize_options *symbolize,
			   struct kprof_profile **ret);
/*
 * Ends sampling and drains what is left. -ETIMEDOUT if the module does not
 * come to an end; what came is there nevertheless.
 */
int kprof_collector_flush(struct kprof_collector *collector);
/*
 * After flush: the profile, not symbolized, and what to say about it. On some
 * machines frames are repetitions that only symbols can tell: they are looked
 * up as @symbolize says, NULL is without.
 */
int kprof_collector_finish(struct kprof_collector *collector,
			   const struct kprof_symbolize_options *symbolize,
			   struct kprof_profile **ret,
			   struct kprof_collector_summary *summary_ret);

#endif /* KPROF_H */
