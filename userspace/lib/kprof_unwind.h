/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libkprof: unwind tables. Part of kprof.h, which says how
 * functions behave; include that one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_UNWIND_H
#define KPROF_UNWIND_H

#include "lib/kprof_profile.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Unwind tables: how to get from a frame to its caller without frame pointers
 */

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

#endif /* KPROF_UNWIND_H */
