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

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
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

/*
 * .symtab has versions in its names: memcpy@@GLIBC_2.14. Go's names may have
 * an @ of their own, in the path of a package.
 */
static void cut_version(char *name)
{
	char *at = strchr(name, '@');

	if (at && at != name && !strpbrk(at, "/("))
		*at = '\0';
}

static bool is_ugly(const char *name)
{
	return name[0] == '.' || name[0] == '$' ||
	       !strncmp(name, "__GI_", strlen("__GI_"));
}

/* Is @a a better name than @b, ranks considered? "" is the worst. */
static bool is_better(const char *a, int a_rank, const char *b, int b_rank)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	if (!a_len || !b_len)
		return a_len > b_len;
	if (is_ugly(a) != is_ugly(b))
		return is_ugly(b);
	if (a_rank != b_rank)
		return a_rank < b_rank;
	if (a_len != b_len)
		return a_len < b_len;
	return strcmp(a, b) < 0;
}

static void load_name(struct elf_source *source, uint32_t name, char *ret)
{
	size_t size = kprof_elf_symtab_name(&source->symtab, name, ret,
					    NAME_BYTES - 1);

	ret[size] = '\0';
	cut_version(ret);
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
		if (is_better(other, entry->rank, best, best_rank)) {
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
	.close = elf_close,
};

const struct kprof_symbolizer_ops kprof_debug_symtab_ops = {
	.name = "debug file",
	.open = debug_symtab_open,
	.find = elf_find,
	.close = elf_close,
};

const struct kprof_symbolizer_ops kprof_dynsym_ops = {
	.name = ".dynsym",
	.open = dynsym_open,
	.find = elf_find,
	.close = elf_close,
};
