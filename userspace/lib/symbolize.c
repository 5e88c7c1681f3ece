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
#include "lib/kprof.h"
#include "lib/sym_elf.h"
#include "lib/sym_go.h"
#include "lib/sym_kallsyms.h"
#include "lib/sym_minidebug.h"
#include "lib/sym_plt.h"
#include "lib/sym_vdso.h"
#include "util/log.h"
#include "util/vector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In the order in which they are asked. */
static const struct kprof_symbolizer_ops *const sources[] = {
	&kprof_symtab_ops,
	&kprof_debug_symtab_ops,
	&kprof_minidebug_ops,
	&kprof_go_ops,
	&kprof_dynsym_ops,
	/* Code that linkers make, of which no table knows. */
	&kprof_plt_ops,
	&kprof_kallsyms_ops,
};

/* Asked for lines when the one that knew the name gave none. */
static const struct kprof_symbolizer_ops *const line_sources[] = {
	&kprof_go_ops,
};

enum {
	NR_SOURCES = sizeof(sources) / sizeof(sources[0]),
	NR_LINE_SOURCES = sizeof(line_sources) / sizeof(line_sources[0]),
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
 * @view: what sources see
 * @opened: what sources gave
 * @opened_lines: what line sources gave
 * @is_tried: source was asked to open
 * @is_tried_lines: line source was asked to open
 * @last_used: of the symbolizer's clock; 0 if there is no binary here
 */
struct binary {
	const char *filename;
	const char *build_id;
	uint32_t mapping;
	struct kprof_elf_file *elf;
	struct kprof_elf_file *debug;
	struct kprof_symbol_binary view;
	void *opened[NR_SOURCES];
	void *opened_lines[NR_LINE_SOURCES];
	bool is_tried[NR_SOURCES];
	bool is_tried_lines[NR_LINE_SOURCES];
	uint64_t last_used;
};

struct kprof_symbolizer {
	struct kprof_profile *profile;
	const char *debug_dir;
	bool no_lines;
	struct binary binaries[MAX_BINARIES];
	struct binary kernel;
	uint64_t clock;
	/* Of the newest look-up, if a line source gave them. */
	vector(struct kprof_symbol_frame) frames;
};

/* Binaries */

static void binary_close(struct binary *binary)
{
	for (size_t i = 0; i < NR_SOURCES; i++)
		sources[i]->close(binary->opened[i]);
	for (size_t i = 0; i < NR_LINE_SOURCES; i++)
		line_sources[i]->close(binary->opened_lines[i]);
	kprof_elf_file_close(binary->elf);
	kprof_elf_file_close(binary->debug);
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
	binary->view.elf = binary->elf;
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

/* Asks one source; opens it when it is asked first. */
static int ask(const struct kprof_symbolizer_ops *ops,
	       const struct kprof_symbol_binary *view, void **opened,
	       bool *is_tried, uint64_t vaddr, struct kprof_symbol *ret)
{
	int err;

	if (!*is_tried) {
		err = ops->open(view, opened);
		if (err && err != -ENOENT)
			return err;
		*is_tried = true;
	}
	if (!*opened)
		return -ENOENT;
	*ret = (struct kprof_symbol){};
	err = ops->find(*opened, vaddr, ret);
	ret->source = ops->name;
	return err;
}

/* Asks one source after the other. */
static int binary_find(struct binary *binary, uint64_t vaddr,
		       struct kprof_symbol *ret)
{
	int err = -ENOENT;

	for (size_t i = 0; err == -ENOENT && i < NR_SOURCES; i++)
		err = ask(sources[i], &binary->view, &binary->opened[i],
			  &binary->is_tried[i], vaddr, ret);
	return err;
}

/* The function itself keeps the name that it has. */
static int set_frames(struct kprof_symbolizer *symbolizer,
		      const struct kprof_symbol *lines,
		      struct kprof_symbol *symbol)
{
	symbolizer->frames.nr = 0;
	for (uint32_t i = 0; i < lines->nr_frames; i++)
		if (vector_push(&symbolizer->frames, lines->frames[i]))
			return -ENOMEM;
	symbolizer->frames.data[lines->nr_frames - 1].name = symbol->name;
	symbol->frames = symbolizer->frames.data;
	symbol->nr_frames = lines->nr_frames;
	return 0;
}

static int add_lines(struct kprof_symbolizer *symbolizer, struct binary *binary,
		     uint64_t vaddr, struct kprof_symbol *symbol)
{
	if (symbolizer->no_lines)
		symbol->nr_frames = 0;
	if (symbolizer->no_lines || symbol->nr_frames)
		return 0;
	for (size_t i = 0; i < NR_LINE_SOURCES; i++) {
		struct kprof_symbol lines;
		int err;

		err = ask(line_sources[i], &binary->view,
			  &binary->opened_lines[i], &binary->is_tried_lines[i],
			  vaddr, &lines);
		if (!err && lines.nr_frames)
			return set_frames(symbolizer, &lines, symbol);
		if (err && err != -ENOENT)
			return err;
	}
	return 0;
}

/* Addresses */

static int binary_vaddr(const struct binary *binary,
			const struct kprof_mapping *mapping, uint64_t address,
			uint64_t *ret)
{
	int err;

	if (binary->elf)
		return kprof_elf_file_vaddr(
			binary->elf,
			address - mapping->start + mapping->file_offset, ret);
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

static int find(struct kprof_symbolizer *symbolizer, uint32_t mapping,
		uint64_t address, bool has_lines, struct kprof_symbol *ret)
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
	if (!err && has_lines)
		err = add_lines(symbolizer, binary, vaddr, ret);
	if (err)
		return err;
	ret->start += address - vaddr;
	ret->end += address - vaddr;
	return 0;
}

int kprof_symbolizer_find(struct kprof_symbolizer *symbolizer, uint32_t mapping,
			  uint64_t address, struct kprof_symbol *ret)
{
	return find(symbolizer, mapping, address, true, ret);
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

	err = find(symbolizer, mapping, address, false, &symbol);
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
	symbolizer->no_lines = options && options->no_lines;
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
	vector_free(&symbolizer->frames);
	free(symbolizer);
}
