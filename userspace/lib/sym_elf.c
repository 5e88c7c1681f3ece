// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: the symbol tables of ELF files.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_elf.h"

#include "lib/debug_file.h"
#include "lib/elf_file.h"
#include "lib/elf_symtab.h"
#include "lib/symbol_name.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* A longer name is cut; the longest in use are templates of 10 KiB. */
	NAME_BYTES = 16384,
};

struct elf_source {
	struct kprof_elf_symtab symtab;
	/* find() compares one name to the best so far. */
	char names[2][NAME_BYTES];
};

static void load_name(struct elf_source *source, uint32_t name, char *ret)
{
	size_t size = kprof_elf_symtab_name(&source->symtab, name, ret,
					    NAME_BYTES - 1);

	ret[size] = '\0';
	kprof_symbol_name_cut_version(ret);
}

static const char *best_name(struct elf_source *source,
			     const struct kprof_symbol_match *match)
{
	char *best = source->names[0], *other = source->names[1];
	int best_rank = 0;

	best[0] = '\0';
	for (size_t i = 0; i < match->nr; i++) {
		const struct kprof_symbol_entry *entry = &match->entries[i];

		load_name(source, entry->name, other);
		if (kprof_symbol_name_is_better(other, entry->rank, best,
						best_rank)) {
			char *swap = best;

			best = other;
			other = swap;
			best_rank = entry->rank;
		}
	}
	return best;
}

static int elf_find(void *opaque, uint64_t address, struct kprof_symbol *ret)
{
	struct elf_source *source = opaque;
	struct kprof_symbol_match match;
	int err;

	err = kprof_symbol_table_find(&source->symtab.table, address, &match);
	if (err)
		return err;
	*ret = (struct kprof_symbol){
		.name = best_name(source, &match),
		.start = match.start,
		.end = match.end,
	};
	return ret->name[0] ? 0 : -ENOENT;
}

static int elf_next_start(void *opaque, uint64_t address, uint64_t *ret)
{
	struct elf_source *source = opaque;

	return kprof_symbol_table_next(&source->symtab.table, address, ret);
}

/* Opening and closing */

static void elf_close(void *opaque)
{
	struct elf_source *source = opaque;

	if (!source)
		return;
	kprof_elf_symtab_deinit(&source->symtab);
	free(source);
}

static int elf_open(const struct kprof_elf_file *file, uint32_t type,
		    void **ret)
{
	struct elf_source *source = calloc(1, sizeof(*source));
	int err;

	if (!source)
		return -ENOMEM;
	err = kprof_elf_symtab_init(&source->symtab, file, type);
	if (err) {
		free(source);
		return err;
	}
	*ret = source;
	return 0;
}

static int symtab_open(const struct kprof_symbol_binary *binary, void **ret)
{
	if (!binary->elf)
		return -ENOENT;
	return elf_open(binary->elf, SHT_SYMTAB, ret);
}

static int debug_symtab_open(const struct kprof_symbol_binary *binary,
			     void **ret)
{
	const struct kprof_elf_file *file;
	int err;

	err = kprof_debug_file_get(binary, &file);
	return err ?: elf_open(file, SHT_SYMTAB, ret);
}

static int dynsym_open(const struct kprof_symbol_binary *binary, void **ret)
{
	if (!binary->elf)
		return -ENOENT;
	return elf_open(binary->elf, SHT_DYNSYM, ret);
}

const struct kprof_symbolizer_ops kprof_symtab_ops = {
	.name = ".symtab",
	.open = symtab_open,
	.find = elf_find,
	.next = elf_next_start,
	.close = elf_close,
};

const struct kprof_symbolizer_ops kprof_debug_symtab_ops = {
	.name = "debug file",
	.open = debug_symtab_open,
	.find = elf_find,
	.next = elf_next_start,
	.close = elf_close,
};

const struct kprof_symbolizer_ops kprof_dynsym_ops = {
	.name = ".dynsym",
	.open = dynsym_open,
	.find = elf_find,
	.next = elf_next_start,
	.close = elf_close,
};
