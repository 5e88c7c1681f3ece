// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads where functions start and end from a symbol table of an ELF file.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The table is read in pieces, and only functions are kept.
 */
#include "lib/elf_symtab.h"

#include "lib/elf_file.h"
#include "util/cleanup.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* How much of a table is read at once. */
	CHUNK_BYTES = 65536,
	/* Files that were linked have fewer sections. */
	MAX_SECTIONS = 65536,
	/* How much of the string table first_char() keeps. */
	WINDOW_BYTES = 4096,
};

struct section {
	uint64_t end;
	bool is_executable;
};

/* A piece of the string table. */
struct window {
	uint64_t start;
	size_t size;
	char data[WINDOW_BYTES];
};

struct table_reader {
	struct kprof_elf_symtab *symtab;
	struct section *sections;
	size_t nr_sections;
	bool has_local_code;
	bool has_sized_code;
	struct window window;
};

/* The first byte of a name; symbols side by side often share their names. */
static char first_char(struct table_reader *reader, uint32_t name)
{
	struct window *window = &reader->window;

	if (name < window->start || name - window->start >= window->size) {
		window->start = name;
		window->size = kprof_elf_symtab_name(reader->symtab, name,
						     window->data,
						     sizeof(window->data));
	}
	return window->size ? window->data[name - window->start] : '\0';
}

/*
 * $x, $d, $t.1 of ARM and RISC-V say where code and data start, .L and .annobin
 * are the compiler's notes: none of them is a function.
 */
static bool is_marker(struct table_reader *reader, const GElf_Sym *symbol)
{
	char c;

	if (GELF_ST_TYPE(symbol->st_info) != STT_NOTYPE || symbol->st_size ||
	    GELF_ST_BIND(symbol->st_info) != STB_LOCAL)
		return false;
	c = first_char(reader, symbol->st_name);
	return c == '$' || c == '.';
}

static bool is_function(struct table_reader *reader, const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return false;
	if (symbol->st_name == 0 || symbol->st_shndx == SHN_UNDEF ||
	    symbol->st_shndx >= reader->nr_sections ||
	    !reader->sections[symbol->st_shndx].is_executable)
		return false;
	return !is_marker(reader, symbol);
}

static enum kprof_symbol_rank rank_of(const GElf_Sym *symbol)
{
	switch (GELF_ST_BIND(symbol->st_info)) {
	case STB_LOCAL:
		return KPROF_SYMBOL_LOCAL;
	case STB_WEAK:
		return KPROF_SYMBOL_WEAK;
	default:
		return KPROF_SYMBOL_GLOBAL;
	}
}

static uint32_t clamp_size(uint64_t size)
{
	return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

static int add_symbol(struct table_reader *reader, const GElf_Sym *symbol)
{
	struct kprof_symbol_entry entry = {
		.start = symbol->st_value,
		.size = clamp_size(symbol->st_size),
		.name = symbol->st_name,
		.rank = (uint8_t)rank_of(symbol),
		.is_open = symbol->st_size == 0,
	};

	if (!is_function(reader, symbol))
		return 0;
	/* The lowest bit says that a function is Thumb code. */
	if (reader->symtab->file->machine == EM_ARM &&
	    GELF_ST_TYPE(symbol->st_info) != STT_NOTYPE)
		entry.start &= ~1ULL;
	if (entry.rank == KPROF_SYMBOL_LOCAL)
		reader->has_local_code = true;
	if (entry.is_open) {
		uint64_t end = reader->sections[symbol->st_shndx].end;

		if (end <= entry.start)
			return 0;
		entry.size = clamp_size(end - entry.start);
	} else {
		reader->has_sized_code = true;
	}
	return kprof_symbol_table_add(&reader->symtab->table, &entry);
}

static GElf_Sym to_gelf(int class, const void *symbol)
{
	const Elf32_Sym *narrow = symbol;
	GElf_Sym ret;

	if (class == ELFCLASS64) {
		memcpy(&ret, symbol, sizeof(ret));
		return ret;
	}
	return (GElf_Sym){
		.st_name = narrow->st_name,
		.st_info = narrow->st_info,
		.st_other = narrow->st_other,
		.st_shndx = narrow->st_shndx,
		.st_value = narrow->st_value,
		.st_size = narrow->st_size,
	};
}

/* Adds the symbols in @size bytes of the file's byte order, changing them. */
static int add_chunk(struct table_reader *reader, void *chunk, size_t size)
{
	Elf *elf = reader->symtab->file->elf;
	size_t entry_bytes = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	unsigned int encoding = (unsigned char)elf_getident(elf, NULL)[EI_DATA];
	Elf_Data data = {
		.d_buf = chunk,
		.d_size = size,
		.d_type = ELF_T_SYM,
		.d_version = EV_CURRENT,
	};

	if (!gelf_xlatetom(elf, &data, &data, encoding))
		return 0;
	for (size_t at = 0; at < size; at += entry_bytes) {
		GElf_Sym symbol =
			to_gelf(gelf_getclass(elf), (const char *)chunk + at);
		int err = add_symbol(reader, &symbol);

		if (err)
			return err;
	}
	return 0;
}

static int read_symbols(struct table_reader *reader, const GElf_Shdr *shdr)
{
	const struct kprof_elf_file *file = reader->symtab->file;
	size_t entry_bytes = gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t chunk_bytes = CHUNK_BYTES / entry_bytes * entry_bytes;
	_cleanup_free_ void *chunk = malloc(chunk_bytes);
	uint64_t left = shdr->sh_size, offset = shdr->sh_offset;

	if (!chunk)
		return -ENOMEM;
	while (left >= entry_bytes) {
		size_t size = left < chunk_bytes ? left : chunk_bytes;
		int err;

		size = kprof_elf_file_read(file, offset, chunk, size);
		size = size / entry_bytes * entry_bytes;
		if (!size)
			break;
		err = add_chunk(reader, chunk, size);
		if (err)
			return err;
		left -= size;
		offset += size;
	}
	return 0;
}

static int read_sections(struct table_reader *reader)
{
	Elf *elf = reader->symtab->file->elf;
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;
	size_t nr;

	if (elf_getshdrnum(elf, &nr) || nr == 0 || nr > MAX_SECTIONS)
		return -ENOENT;
	reader->sections = calloc(nr, sizeof(*reader->sections));
	if (!reader->sections)
		return -ENOMEM;
	reader->nr_sections = nr;
	while ((section = elf_nextscn(elf, section))) {
		size_t i = elf_ndxscn(section);

		if (i >= nr || !gelf_getshdr(section, &shdr))
			continue;
		reader->sections[i] = (struct section){
			.end = shdr.sh_addr + shdr.sh_size,
			.is_executable = shdr.sh_flags & SHF_EXECINSTR,
		};
	}
	return 0;
}

/* Finds the table of this type and its names. */
static int find_table(struct kprof_elf_symtab *symtab, uint32_t type,
		      GElf_Shdr *ret)
{
	Elf *elf = symtab->file->elf;
	Elf_Scn *section = NULL;
	GElf_Shdr names;

	while ((section = elf_nextscn(elf, section))) {
		if (!gelf_getshdr(section, ret) || ret->sh_type != type)
			continue;
		section = elf_getscn(elf, ret->sh_link);
		if (!section || !gelf_getshdr(section, &names) ||
		    names.sh_type != SHT_STRTAB ||
		    (ret->sh_flags | names.sh_flags) & SHF_COMPRESSED ||
		    kprof_elf_file_is_hollow(symtab->file, ret->sh_offset,
					     ret->sh_size))
			return -ENOENT;
		symtab->names_offset = names.sh_offset;
		symtab->names_size = names.sh_size;
		return 0;
	}
	return -ENOENT;
}

static void drop_open_entries(struct kprof_symbol_table *table)
{
	size_t nr = 0;

	vector_for_each (&table->entries, entry)
		if (!entry->is_open)
			table->entries.data[nr++] = *entry;
	table->entries.nr = nr;
}

/*
 * Does it know every function? Local ones show that nobody took them out. A
 * file without any size is pure assembler, which need not have local ones.
 */
static bool is_complete(const struct table_reader *reader, uint32_t type)
{
	return type == SHT_SYMTAB && !reader->symtab->file->is_partial &&
	       (reader->has_local_code || !reader->has_sized_code);
}

static int read_table(struct kprof_elf_symtab *symtab, uint32_t type)
{
	_cleanup_free_ struct table_reader *reader = NULL;
	GElf_Shdr shdr;
	int err;

	err = find_table(symtab, type, &shdr);
	if (err)
		return err;
	reader = calloc(1, sizeof(*reader));
	if (!reader)
		return -ENOMEM;
	reader->symtab = symtab;
	err = read_sections(reader);
	if (!err)
		err = read_symbols(reader, &shdr);
	free(reader->sections);
	if (err)
		return err;
	if (!is_complete(reader, type))
		drop_open_entries(&symtab->table);
	kprof_symbol_table_finish(&symtab->table);
	return symtab->table.entries.nr ? 0 : -ENOENT;
}

int kprof_elf_symtab_init(struct kprof_elf_symtab *symtab,
			  const struct kprof_elf_file *file, uint32_t type)
{
	int err;

	*symtab = (struct kprof_elf_symtab){.file = file};
	err = read_table(symtab, type);
	if (err)
		kprof_elf_symtab_deinit(symtab);
	return err;
}

void kprof_elf_symtab_deinit(struct kprof_elf_symtab *symtab)
{
	kprof_symbol_table_deinit(&symtab->table);
}

size_t kprof_elf_symtab_name(const struct kprof_elf_symtab *symtab,
			     uint32_t name, char *buf, size_t size)
{
	if (name >= symtab->names_size)
		return 0;
	if (size > symtab->names_size - name)
		size = symtab->names_size - name;
	return kprof_elf_file_read(symtab->file, symtab->names_offset + name,
				   buf, size);
}
