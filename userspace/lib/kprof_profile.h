/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libkprof: profiles, to be read, made, added up and written. Part of kprof.h,
 * which says how functions behave; include that one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_PROFILE_H
#define KPROF_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
#define KPROF_BUILD_ID_SIZE    129
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
 * The build-id of the ELF file at @path, "" if it has none. -ENOEXEC for what
 * is no such file.
 */
int kprof_file_build_id(const char *path, char ret[KPROF_BUILD_ID_SIZE]);

#endif /* KPROF_PROFILE_H */
