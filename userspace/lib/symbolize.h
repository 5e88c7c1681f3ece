/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbolizer: cache of binaries and choice of symbol source.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * One symbol source is one struct kprof_symbolizer_ops in a file of its own;
 * symbolize.c has the list of them, in the order in which they are asked, and
 * a list of those that are asked for lines when the one that knew the name
 * gave none.
 */
#ifndef LIB_SYMBOLIZE_H
#define LIB_SYMBOLIZE_H

#include "lib/kprof.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kprof_debug_file;
struct kprof_elf_file;
struct kprof_jit;

/**
 * struct kprof_symbol_area - a part of the kernel: itself, or a module
 * @name: as a mapping is called: [kernel.kallsyms], [ext4]
 * @start: first address, 0 if unknown
 * @limit: first address after it, 0 if unknown
 */
struct kprof_symbol_area {
	const char *name;
	uint64_t start;
	uint64_t limit;
};

/**
 * struct kprof_symbol - a function, as a source knows it
 * @name: as in the symbol table; the source's, until the next call of it
 * @start: first address
 * @end: first address after it
 * @area: only of kernel functions, else NULL; the source's, until close
 * @frames: the innermost inlined function first, the function itself last;
 *	the source's, until the next call of it
 * @nr_frames: 0 from a source that knows no lines
 * @source: name of the source; set by the symbolizer
 */
struct kprof_symbol {
	const char *name;
	uint64_t start;
	uint64_t end;
	const struct kprof_symbol_area *area;
	const struct kprof_symbol_frame *frames;
	uint32_t nr_frames;
	const char *source;
};

/**
 * struct kprof_symbol_binary - what sources may use to name one binary
 * @elf: the file that was mapped, NULL if it is not at hand
 * @map: its symbol map, NULL if there is none
 * @build_id: of the file that was mapped, "" if unknown
 * @path: of the file, "" if unknown
 * @debug: its debug file, for kprof_debug_file_get()
 * @debug_dirs: trees of separate debug files
 * @nr_debug_dirs: how many
 * @symbol_dirs: directories with files for symbols
 * @nr_symbol_dirs: how many
 * @max_memory: bytes that the debug information of one binary may take
 * @debuginfod: servers may be asked for it
 * @kallsyms: text file with the symbols of the kernel; NULL unless the binary
 *	is the kernel
 * @jit: of the process; NULL unless the binary is what that made itself
 */
struct kprof_symbol_binary {
	const struct kprof_elf_file *elf;
	struct kprof_gsym *map;
	const char *build_id;
	const char *path;
	struct kprof_debug_file *debug;
	const char *const *debug_dirs;
	size_t nr_debug_dirs;
	const char *const *symbol_dirs;
	size_t nr_symbol_dirs;
	uint64_t max_memory;
	bool debuginfod;
	const char *kallsyms;
	const struct kprof_jit *jit;
};

/**
 * struct kprof_symbolizer_ops - a source of symbols
 * @name: for messages
 * @open: -ENOENT if there is nothing for this binary, which is no error; what
 *	@binary points to stays until close
 * @find: the function around an address, in the binary's own addresses (in
 *	the kernel's case, the kernel's, in that of @jit, the process's);
 *	-ENOENT if it does not know. A source of lines finds in @ret what the
 *	source of the name said, and adds the frames; nothing in it means that
 *	none knew a name
 * @next: the lowest address above @address where a function starts; -ENOENT
 *	if there is none. NULL if the source cannot list its functions
 * @close: takes NULL too
 */
struct kprof_symbolizer_ops {
	const char *name;
	int (*open)(const struct kprof_symbol_binary *binary, void **ret);
	int (*find)(void *source, uint64_t address, struct kprof_symbol *ret);
	int (*next)(void *source, uint64_t address, uint64_t *ret);
	void (*close)(void *source);
};

struct kprof_symbolizer;

/* @profile and what @options points to must outlive it. */
int kprof_symbolizer_create(struct kprof_profile *profile,
			    const struct kprof_symbolize_options *options,
			    struct kprof_symbolizer **ret);
void kprof_symbolizer_destroy(struct kprof_symbolizer *symbolizer);

/*
 * The function around @address of the profile's mapping @mapping, in addresses
 * of that mapping; -ENOENT if nobody knows it. Asked for one binary after the
 * other it reads each symbol table once. Sets the mapping's build-id if it is
 * not known yet.
 */
int kprof_symbolizer_find(struct kprof_symbolizer *symbolizer, uint32_t mapping,
			  uint64_t address, struct kprof_symbol *ret);
/* The same for addresses of the kernel. */
int kprof_symbolizer_find_kernel(struct kprof_symbolizer *symbolizer,
				 uint64_t address, struct kprof_symbol *ret);
/*
 * Where that function starts and ends: two addresses in one range are in one
 * function.
 */
int kprof_symbolizer_function_range(struct kprof_symbolizer *symbolizer,
				    uint32_t mapping, uint64_t address,
				    uint64_t *start_ret, uint64_t *end_ret);

#endif /* LIB_SYMBOLIZE_H */
