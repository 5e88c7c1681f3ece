// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbolizer: cache of binaries and choice of symbol source.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A source is opened only when the ones before it did not know an address.
 * Memory is bounded by the tables of MAX_BINARIES binaries, and the debug
 * information of one.
 */
#include "lib/symbolize.h"

#include "lib/debug_file.h"
#include "lib/elf_file.h"
#include "lib/find_file.h"
#include "lib/gsym.h"
#include "lib/gsym_store.h"
#include "lib/kernel_places.h"
#include "lib/kprof.h"
#include "lib/sym_dwarf.h"
#include "lib/sym_elf.h"
#include "lib/sym_go.h"
#include "lib/sym_gsym.h"
#include "lib/sym_jitdump.h"
#include "lib/sym_kallsyms.h"
#include "lib/sym_minidebug.h"
#include "lib/sym_perfmap.h"
#include "lib/sym_plt.h"
#include "lib/vmlinux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order in which they are asked. */
static const struct kprof_symbolizer_ops *const sources[] = {
	&kprof_gsym_ops,
	&kprof_symtab_ops,
	&kprof_debug_symtab_ops,
	&kprof_minidebug_ops,
	&kprof_go_ops,
	&kprof_dynsym_ops,
	/* Code that linkers make, of which no table knows. */
	&kprof_plt_ops,
	&kprof_kallsyms_ops,
	/* Where there is a dump, it also knows lines. */
	&kprof_jitdump_ops,
	&kprof_perfmap_ops,
};

/* Those that are asked for the lines of what another has named. */
static const struct kprof_symbolizer_ops *const line_sources[] = {
	&kprof_go_lines_ops,
	&kprof_dwarf_ops,
};

enum {
	NR_SOURCES = sizeof(sources) / sizeof(sources[0]),
	NR_LINE_SOURCES = sizeof(line_sources) / sizeof(line_sources[0]),
	/* Kept open, for callers that go back and forth between a few. */
	MAX_BINARIES = 4,
};

/* @opened: what it gave; @is_tried: it was asked to open */
struct source {
	void *opened;
	bool is_tried;
};

/**
 * struct binary - a file that mappings show, or the kernel, or what a process
 *	made itself
 * @filename: interned; with the next two it says which binary this is
 * @build_id: interned, "" if unknown
 * @mapping: without a build-id or a process files are told apart by their
 *	mapping
 * @elf: the file, NULL if it is not at hand or not the right one
 * @path: where it was found, NULL if nowhere
 * @debug: its debug file; without @elf, for its program headers too
 * @map: its symbol map, NULL if there is none
 * @kernel_start: of the kernel, the address that what knows it has for the
 *	start of its mapping; 0 if nobody knows
 * @view: what sources see
 * @sources: of names
 * @lines: sources of lines
 * @last_used: of the symbolizer's clock; 0 if there is no binary here
 */
struct binary {
	const char *filename;
	const char *build_id;
	uint32_t mapping;
	struct kprof_elf_file *elf;
	char *path;
	struct kprof_debug_file debug;
	struct kprof_gsym *map;
	uint64_t kernel_start;
	struct kprof_symbol_binary view;
	struct source sources[NR_SOURCES];
	struct source lines[NR_LINE_SOURCES];
	uint64_t last_used;
};

/**
 * struct kprof_symbolizer - the cache
 * @profile: whose mappings these are
 * @options: those of the user, with what they left open filled in
 * @view: what all binaries have in common
 * @binaries: that are open
 * @kernel: likewise
 * @clock: ticks when a binary is used
 */
struct kprof_symbolizer {
	struct kprof_profile *profile;
	struct kprof_symbolize_options options;
	struct kprof_symbol_binary view;
	struct binary binaries[MAX_BINARIES];
	struct binary kernel;
	uint64_t clock;
};

/* Binaries */

static void close_lines(struct binary *binary)
{
	for (size_t i = 0; i < NR_LINE_SOURCES; i++) {
		line_sources[i]->close(binary->lines[i].opened);
		binary->lines[i] = (struct source){};
	}
}

static void binary_close(struct binary *binary)
{
	for (size_t i = 0; i < NR_SOURCES; i++)
		sources[i]->close(binary->sources[i].opened);
	close_lines(binary);
	kprof_debug_file_close(&binary->debug);
	kprof_gsym_close(binary->map);
	kprof_elf_file_close(binary->elf);
	free(binary->path);
	*binary = (struct binary){};
}

/* Every kernel has a vdso of its own: ours says nothing of another machine's. */
static bool is_foreign_vdso(const struct kprof_symbolizer *symbolizer,
			    const struct kprof_mapping *mapping)
{
	return symbolizer->options.other_machine && !mapping->build_id[0] &&
	       !strcmp(mapping->filename, "[vdso]");
}

/* Which one is known, and so it can be told from all others. */
static bool is_kernel(const struct kprof_mapping *mapping)
{
	return mapping->build_id[0] &&
	       !strcmp(mapping->filename, KPROF_KERNEL_MAPPING);
}

static int find_files(struct kprof_symbolizer *symbolizer,
		      struct binary *binary, struct kprof_mapping *mapping)
{
	const struct kprof_symbolize_options *options = &symbolizer->options;
	struct kprof_found_file found;
	int err;

	if (is_foreign_vdso(symbolizer, mapping))
		return 0;
	err = kprof_find_file(mapping, options->symbol_dirs,
			      options->nr_symbol_dirs, &found);
	if (!err && !found.elf && !found.debug && is_kernel(mapping))
		err = kprof_vmlinux_find(mapping->build_id, options->debug_dirs,
					 options->nr_debug_dirs, &found);
	binary->elf = found.elf;
	binary->path = found.path;
	if (found.debug)
		binary->debug = (struct kprof_debug_file){
			.elf = found.debug,
			.is_looked_for = true,
		};
	if (err || !binary->elf || mapping->build_id[0])
		return err;
	return kprof_profile_intern(symbolizer->profile, binary->elf->build_id,
				    &mapping->build_id);
}

/*
 * A map that was made of the kernel's own list has that boot's addresses: a
 * vmlinux with others is of no use beside it.
 */
static void find_kernel_start(struct binary *binary)
{
	const struct kprof_elf_file *elf = binary->elf;
	uint64_t start = 0;

	if (!elf)
		kprof_debug_file_get(&binary->view, &elf);
	if (elf)
		kprof_vmlinux_start(elf, &start);
	binary->kernel_start = start;
	if (!binary->map)
		return;
	kprof_gsym_kernel_start(binary->map, &binary->kernel_start);
	if (binary->kernel_start == start)
		return;
	kprof_elf_file_close(binary->elf);
	kprof_debug_file_close(&binary->debug);
	binary->elf = NULL;
	binary->view.elf = NULL;
	binary->view.debug = NULL;
}

static int binary_open(struct kprof_symbolizer *symbolizer,
		       struct binary *binary, uint32_t index)
{
	struct kprof_mapping *mapping = &symbolizer->profile->mappings[index];
	int err;

	binary->filename = mapping->filename;
	binary->mapping = index;
	err = find_files(symbolizer, binary, mapping);
	if (err)
		return err;
	err = kprof_gsym_store_find(symbolizer->options.symbol_dirs,
				    symbolizer->options.nr_symbol_dirs,
				    mapping->build_id, mapping->filename,
				    &binary->map);
	if (err && err != -ENOENT)
		return err;
	binary->build_id = mapping->build_id;
	binary->view = symbolizer->view;
	binary->view.map = binary->map;
	binary->view.elf = binary->elf;
	binary->view.build_id = binary->build_id;
	binary->view.jit = binary->elf ? NULL : mapping->jit;
	binary->view.path = binary->path ?: binary->filename;
	binary->view.debug = &binary->debug;
	if (is_kernel(mapping))
		find_kernel_start(binary);
	return 0;
}

static bool binary_is(const struct binary *binary,
		      const struct kprof_profile *profile, uint32_t index)
{
	const struct kprof_mapping *mapping = &profile->mappings[index];

	if (!binary->last_used || binary->filename != mapping->filename ||
	    binary->build_id != mapping->build_id)
		return false;
	if (binary->view.jit && binary->view.jit == mapping->jit)
		return true;
	return mapping->build_id[0] || binary->mapping == index;
}

static int binary_get(struct kprof_symbolizer *symbolizer, uint32_t mapping,
		      struct binary **ret)
{
	struct binary *binary = &symbolizer->binaries[0];
	int err;

	for (size_t i = 0; i < MAX_BINARIES; i++) {
		struct binary *other = &symbolizer->binaries[i];

		if (binary_is(other, symbolizer->profile, mapping)) {
			other->last_used = ++symbolizer->clock;
			*ret = other;
			return 0;
		}
		if (other->last_used < binary->last_used)
			binary = other;
	}
	binary_close(binary);
	err = binary_open(symbolizer, binary, mapping);
	if (err) {
		binary_close(binary);
		return err;
	}
	binary->last_used = ++symbolizer->clock;
	*ret = binary;
	return 0;
}

/* -ENOENT if it has nothing for this binary. */
static int open_source(const struct kprof_symbolizer_ops *ops,
		       const struct binary *binary, struct source *source)
{
	int err;

	if (!source->is_tried) {
		err = ops->open(&binary->view, &source->opened);
		if (err && err != -ENOENT)
			return err;
		source->is_tried = true;
	}
	return source->opened ? 0 : -ENOENT;
}

/* Asks one source after the other. */
static int find_name(struct binary *binary, uint64_t vaddr,
		     struct kprof_symbol *ret)
{
	int err = -ENOENT;

	*ret = (struct kprof_symbol){};
	for (size_t i = 0; err == -ENOENT && i < NR_SOURCES; i++) {
		struct source *source = &binary->sources[i];

		err = open_source(sources[i], binary, source);
		if (err)
			continue;
		*ret = (struct kprof_symbol){};
		err = sources[i]->find(source->opened, vaddr, ret);
		ret->source = sources[i]->name;
	}
	return err;
}

/* Lines for @ret; and the name too, if it has none. */
static int find_lines(struct binary *binary, uint64_t vaddr,
		      struct kprof_symbol *ret)
{
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < NR_LINE_SOURCES; i++) {
		struct source *source = &binary->lines[i];
		bool is_named = ret->name;

		err = open_source(line_sources[i], binary, source);
		if (!err)
			err = line_sources[i]->find(source->opened, vaddr, ret);
		if (!err && !is_named)
			ret->source = line_sources[i]->name;
	}
	return err;
}

/* Debug information is large: it is kept of one binary at a time. */
static void close_other_lines(struct kprof_symbolizer *symbolizer,
			      const struct binary *binary)
{
	for (size_t i = 0; i < MAX_BINARIES; i++)
		if (&symbolizer->binaries[i] != binary)
			close_lines(&symbolizer->binaries[i]);
}

static int binary_find(struct kprof_symbolizer *symbolizer,
		       struct binary *binary, uint64_t vaddr,
		       struct kprof_symbol *ret)
{
	int err, name_err = find_name(binary, vaddr, ret);

	if (name_err == -ENOENT)
		*ret = (struct kprof_symbol){};
	else if (name_err)
		return name_err;
	if (symbolizer->options.no_lines)
		ret->nr_frames = 0;
	if (symbolizer->options.no_lines || ret->nr_frames)
		return name_err;
	close_other_lines(symbolizer, binary);
	err = find_lines(binary, vaddr, ret);
	return err == -ENOENT ? name_err : err;
}

/* Addresses */

static int binary_vaddr(const struct binary *binary,
			const struct kprof_mapping *mapping, uint64_t address,
			uint64_t *ret)
{
	uint64_t offset = address - mapping->start + mapping->file_offset;
	const struct kprof_elf_file *debug;
	int err;

	if (binary->view.jit) {
		*ret = address;
		return 0;
	}
	if (is_kernel(mapping)) {
		*ret = address - mapping->start + binary->kernel_start;
		return mapping->start && binary->kernel_start ? 0 : -ENOENT;
	}
	if (binary->elf)
		return kprof_elf_file_vaddr(binary->elf, offset, ret);
	if (binary->map &&
	    !kprof_gsym_vaddr(binary->map, mapping->file_offset,
			      mapping->limit - mapping->start, offset, ret))
		return 0;
	err = kprof_debug_file_get(&binary->view, &debug);
	if (err)
		return err;
	err = kprof_elf_file_vaddr_by_size(
		debug, mapping->limit - mapping->start, ret);
	if (err)
		return err;
	*ret += address - mapping->start;
	return 0;
}

/* Look-ups */

/* The binary of @mapping, and @address as its linker saw it. */
static int find_place(struct kprof_symbolizer *symbolizer, uint32_t mapping,
		      uint64_t address, struct binary **binary_ret,
		      uint64_t *vaddr_ret)
{
	const struct kprof_profile *profile = symbolizer->profile;
	int err;

	if (mapping >= profile->nr_mappings)
		return -ENOENT;
	err = binary_get(symbolizer, mapping, binary_ret);
	if (err)
		return err;
	return binary_vaddr(*binary_ret, &profile->mappings[mapping], address,
			    vaddr_ret);
}

int kprof_symbolizer_find(struct kprof_symbolizer *symbolizer, uint32_t mapping,
			  uint64_t address, struct kprof_symbol *ret)
{
	struct binary *binary;
	uint64_t vaddr;
	int err;

	err = find_place(symbolizer, mapping, address, &binary, &vaddr);
	if (err)
		return err;
	err = binary_find(symbolizer, binary, vaddr, ret);
	if (err)
		return err;
	ret->start += address - vaddr;
	ret->end += address - vaddr;
	return 0;
}

int kprof_symbolizer_find_kernel(struct kprof_symbolizer *symbolizer,
				 uint64_t address, struct kprof_symbol *ret)
{
	return find_name(&symbolizer->kernel, address, ret);
}

int kprof_symbolizer_function_range(struct kprof_symbolizer *symbolizer,
				    uint32_t mapping, uint64_t address,
				    uint64_t *start_ret, uint64_t *end_ret)
{
	struct kprof_symbol symbol;
	struct binary *binary;
	uint64_t vaddr;
	int err;

	err = find_place(symbolizer, mapping, address, &binary, &vaddr);
	if (!err)
		err = find_name(binary, vaddr, &symbol);
	if (err)
		return err;
	*start_ret = symbol.start + (address - vaddr);
	*end_ret = symbol.end + (address - vaddr);
	return 0;
}

static void fill_in(struct kprof_symbolize_options *options)
{
	static const char *const usual_dirs[] = {"/usr/lib/debug"};

	if (!options->debug_dirs || !options->nr_debug_dirs) {
		options->debug_dirs = usual_dirs;
		options->nr_debug_dirs = 1;
	}
	if (!options->symbol_dirs)
		options->nr_symbol_dirs = 0;
	if (!options->kallsyms)
		options->kallsyms = "/proc/kallsyms";
	if (!options->max_memory)
		options->max_memory = (uint64_t)sysconf(_SC_PHYS_PAGES) *
				      (uint64_t)sysconf(_SC_PAGESIZE) / 4;
}

int kprof_symbolizer_create(struct kprof_profile *profile,
			    const struct kprof_symbolize_options *options,
			    struct kprof_symbolizer **ret)
{
	struct kprof_symbolizer *symbolizer = calloc(1, sizeof(*symbolizer));

	if (!symbolizer)
		return -ENOMEM;
	symbolizer->profile = profile;
	if (options)
		symbolizer->options = *options;
	options = &symbolizer->options;
	fill_in(&symbolizer->options);
	symbolizer->view = (struct kprof_symbol_binary){
		.build_id = "",
		.path = "",
		.debug_dirs = options->debug_dirs,
		.nr_debug_dirs = options->nr_debug_dirs,
		.symbol_dirs = options->symbol_dirs,
		.nr_symbol_dirs = options->nr_symbol_dirs,
		.max_memory = options->max_memory,
		.debuginfod = options->debuginfod,
	};
	symbolizer->kernel.view = symbolizer->view;
	if (!options->other_machine)
		symbolizer->kernel.view.kallsyms = options->kallsyms;
	*ret = symbolizer;
	return 0;
}

void kprof_symbolizer_destroy(struct kprof_symbolizer *symbolizer)
{
	if (!symbolizer)
		return;
	for (size_t i = 0; i < MAX_BINARIES; i++)
		binary_close(&symbolizer->binaries[i]);
	binary_close(&symbolizer->kernel);
	free(symbolizer);
}
