// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbolizer: cache of binaries and choice of symbol source.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A source is opened only when the ones before it did not know an address.
 * Memory is bounded by the tables of MAX_BINARIES binaries.
 */
#include "lib/symbolize.h"

#include "lib/debug_file.h"
#include "lib/elf_file.h"
#include "lib/gsym.h"
#include "lib/gsym_store.h"
#include "lib/kprof.h"
#include "lib/sym_elf.h"
#include "lib/sym_gsym.h"
#include "lib/sym_kallsyms.h"
#include "lib/sym_plt.h"
#include "lib/sym_vdso.h"
#include "util/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which they are asked. */
static const struct kprof_symbolizer_ops *const sources[] = {
	&kprof_gsym_ops,
	&kprof_symtab_ops,
	&kprof_debug_symtab_ops,
	&kprof_dynsym_ops,
	/* Code that linkers make, of which no table knows. */
	&kprof_plt_ops,
	&kprof_kallsyms_ops,
};

enum {
	NR_SOURCES = sizeof(sources) / sizeof(sources[0]),
	/* Kept open, for callers that go back and forth between a few. */
	MAX_BINARIES = 4,
};

/**
 * struct binary - a file that mappings show, or the kernel
 * @filename: interned; with the next two it says which binary this is
 * @build_id: interned, "" if unknown
 * @mapping: without a build-id files are told apart by their mapping
 * @elf: the file, NULL if it is not at hand or not the right one
 * @debug: without @elf: the debug file, for its program headers
 * @map: its symbol map, NULL if there is none
 * @view: what sources see
 * @opened: what sources gave
 * @is_tried: source was asked to open
 * @last_used: of the symbolizer's clock; 0 if there is no binary here
 */
struct binary {
	const char *filename;
	const char *build_id;
	uint32_t mapping;
	struct kprof_elf_file *elf;
	struct kprof_elf_file *debug;
	struct kprof_gsym *map;
	struct kprof_symbol_binary view;
	void *opened[NR_SOURCES];
	bool is_tried[NR_SOURCES];
	uint64_t last_used;
};

struct kprof_symbolizer {
	struct kprof_profile *profile;
	const char *debug_dir;
	const char *const *symbol_dirs;
	size_t nr_symbol_dirs;
	struct binary binaries[MAX_BINARIES];
	struct binary kernel;
	uint64_t clock;
};

/* Binaries */

static void binary_close(struct binary *binary)
{
	for (size_t i = 0; i < NR_SOURCES; i++)
		sources[i]->close(binary->opened[i]);
	kprof_elf_file_close(binary->elf);
	kprof_elf_file_close(binary->debug);
	kprof_gsym_close(binary->map);
	*binary = (struct binary){};
}

static int open_file(const struct kprof_mapping *mapping,
		     struct kprof_elf_file **ret)
{
	const char *name = mapping->filename;

	if (!strcmp(name, "[vdso]")) {
		/* A 32-bit program on a 64-bit kernel has another one. */
		if (sizeof(void *) == 8 && mapping->limit <= UINT32_MAX)
			return -ENOENT;
		return kprof_vdso_open(ret);
	}
	if (mapping->fd >= 0)
		return kprof_elf_file_open_fd(mapping->fd, ret);
	/* //anon is no path. */
	if (name[0] != '/' || name[1] == '/')
		return -ENOENT;
	return kprof_elf_file_open(name, ret);
}

/* A file by the right name may have replaced the one that ran. */
static bool is_right_file(const struct kprof_mapping *mapping,
			  const struct kprof_elf_file *elf)
{
	if (!mapping->build_id[0] || !strcmp(mapping->build_id, elf->build_id))
		return true;
	log_warning("%s is not the file that ran: its build-id is %s, not %s",
		    mapping->filename,
		    elf->build_id[0] ? elf->build_id : "none",
		    mapping->build_id);
	return false;
}

static int open_right_file(const struct kprof_mapping *mapping,
			   struct kprof_elf_file **ret)
{
	struct kprof_elf_file *elf;
	int err = open_file(mapping, &elf);

	if (err == -ENOMEM)
		return err;
	if (err) {
		if (mapping->filename[0] == '/')
			log_info("cannot read %s: %s", mapping->filename,
				 strerror(-err));
		return 0;
	}
	if (is_right_file(mapping, elf))
		*ret = elf;
	else
		kprof_elf_file_close(elf);
	return 0;
}

static int binary_open(struct kprof_symbolizer *symbolizer,
		       struct binary *binary, uint32_t index)
{
	struct kprof_mapping *mapping = &symbolizer->profile->mappings[index];
	int err;

	binary->filename = mapping->filename;
	binary->mapping = index;
	err = open_right_file(mapping, &binary->elf);
	if (err)
		return err;
	if (binary->elf && !mapping->build_id[0]) {
		err = kprof_profile_intern(symbolizer->profile,
					   binary->elf->build_id,
					   &mapping->build_id);
		if (err)
			return err;
	}
	binary->build_id = mapping->build_id;
	err = kprof_gsym_store_find(
		symbolizer->symbol_dirs, symbolizer->nr_symbol_dirs,
		mapping->build_id, mapping->filename, &binary->map);
	if (err && err != -ENOENT)
		return err;
	binary->view.elf = binary->elf;
	binary->view.map = binary->map;
	binary->view.build_id = binary->build_id;
	binary->view.debug_dir = symbolizer->debug_dir;
	if (binary->elf)
		return 0;
	err = kprof_debug_file_open(symbolizer->debug_dir, binary->build_id,
				    &binary->debug);
	return err == -ENOENT ? 0 : err;
}

static bool binary_is(const struct binary *binary,
		      const struct kprof_profile *profile, uint32_t index)
{
	const struct kprof_mapping *mapping = &profile->mappings[index];

	return binary->last_used && binary->filename == mapping->filename &&
	       binary->build_id == mapping->build_id &&
	       (mapping->build_id[0] || binary->mapping == index);
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

/* Asks one source after the other. */
static int binary_find(struct binary *binary, uint64_t vaddr,
		       struct kprof_symbol *ret)
{
	for (size_t i = 0; i < NR_SOURCES; i++) {
		int err;

		if (!binary->is_tried[i]) {
			err = sources[i]->open(&binary->view,
					       &binary->opened[i]);
			if (err && err != -ENOENT)
				return err;
			binary->is_tried[i] = true;
		}
		if (!binary->opened[i])
			continue;
		*ret = (struct kprof_symbol){};
		err = sources[i]->find(binary->opened[i], vaddr, ret);
		ret->source = sources[i]->name;
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

/* Addresses */

static int binary_vaddr(const struct binary *binary,
			const struct kprof_mapping *mapping, uint64_t address,
			uint64_t *ret)
{
	uint64_t offset = address - mapping->start + mapping->file_offset;
	int err;

	if (binary->elf)
		return kprof_elf_file_vaddr(binary->elf, offset, ret);
	if (binary->map &&
	    !kprof_gsym_vaddr(binary->map, mapping->file_offset,
			      mapping->limit - mapping->start, offset, ret))
		return 0;
	if (!binary->debug)
		return -ENOENT;
	err = kprof_elf_file_vaddr_by_size(
		binary->debug, mapping->limit - mapping->start, ret);
	if (err)
		return err;
	*ret += address - mapping->start;
	return 0;
}

/* Look-ups */

int kprof_symbolizer_find(struct kprof_symbolizer *symbolizer, uint32_t mapping,
			  uint64_t address, struct kprof_symbol *ret)
{
	const struct kprof_profile *profile = symbolizer->profile;
	struct binary *binary;
	uint64_t vaddr;
	int err;

	if (mapping >= profile->nr_mappings)
		return -ENOENT;
	err = binary_get(symbolizer, mapping, &binary);
	if (err)
		return err;
	err = binary_vaddr(binary, &profile->mappings[mapping], address,
			   &vaddr);
	if (err)
		return err;
	err = binary_find(binary, vaddr, ret);
	if (err)
		return err;
	ret->start += address - vaddr;
	ret->end += address - vaddr;
	return 0;
}

int kprof_symbolizer_find_kernel(struct kprof_symbolizer *symbolizer,
				 uint64_t address, struct kprof_symbol *ret)
{
	return binary_find(&symbolizer->kernel, address, ret);
}

int kprof_symbolizer_function_range(struct kprof_symbolizer *symbolizer,
				    uint32_t mapping, uint64_t address,
				    uint64_t *start_ret, uint64_t *end_ret)
{
	struct kprof_symbol symbol;
	int err;

	err = kprof_symbolizer_find(symbolizer, mapping, address, &symbol);
	if (err)
		return err;
	*start_ret = symbol.start;
	*end_ret = symbol.end;
	return 0;
}

int kprof_symbolizer_create(struct kprof_profile *profile,
			    const struct kprof_symbolize_options *options,
			    struct kprof_symbolizer **ret)
{
	struct kprof_symbolizer *symbolizer = calloc(1, sizeof(*symbolizer));

	if (!symbolizer)
		return -ENOMEM;
	symbolizer->profile = profile;
	symbolizer->debug_dir = options && options->debug_dir
					? options->debug_dir
					: "/usr/lib/debug";
	if (options) {
		symbolizer->symbol_dirs = options->symbol_dirs;
		symbolizer->nr_symbol_dirs = options->nr_symbol_dirs;
	}
	symbolizer->kernel.view = (struct kprof_symbol_binary){
		.build_id = "",
		.debug_dir = symbolizer->debug_dir,
		.kallsyms = options && options->kallsyms ? options->kallsyms
							 : "/proc/kallsyms",
	};
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
