// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: stubs of procedure linkage tables, called name@plt.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A stub jumps to where a slot of the global offset table points, and the
 * relocation that fills the slot says whose address that will be. The slot is
 * taken from the stub's instructions. Stubs and relocations need not come in
 * one order: in static programs ld writes them in opposite ones.
 *
 * Files are not trusted: what is read of stubs and of relocations is bounded
 * by constants, in total and not for each section, because sections of a
 * crafted file may overlap.
 */
#include "lib/sym_plt.h"

#include "lib/elf_file.h"
#include "lib/plt_code.h"
#include "lib/sym_elf.h"
#include "util/cleanup.h"
#include "util/strbuf.h"
#include "util/vector.h"

#include <errno.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Of stubs and of relocations; browsers have a tenth of it. */
	MAX_STUB_BYTES = 16 << 20,
	MAX_RELOCATION_BYTES = 64 << 20,
	/* How much of relocations is read at once. */
	CHUNK_BYTES = 65536,
	MAX_HEADER_BYTES = 32,
	/* A static program has about 40. */
	MAX_RESOLVERS = 1024,
	MAX_RESOLVER_NAME_BYTES = 1 << 20,
	/* A longer name is cut. */
	NAME_BYTES = 16384,
};

static const char suffix[] = "@plt";

enum stub_kind {
	/* No relocation found; ends the stub before it, but has no name. */
	STUB_UNKNOWN,
	/* The start of .plt, through which lazy binding goes. */
	STUB_HEADER,
	/* name is the symbol's number in .dynsym. */
	STUB_SYMBOL,
	/* name is where its name is in plt_source.names, 0 if it has none. */
	STUB_RESOLVER,
};

/**
 * struct stub - a stub
 * @start: first address
 * @slot: address of its slot
 * @resolver: address of the function that chooses the target
 * @name: see enum stub_kind
 * @size: bytes
 * @kind: enum stub_kind
 */
struct stub {
	uint64_t start;
	uint64_t slot;
	uint64_t resolver;
	uint32_t name;
	uint8_t size;
	uint8_t kind;
};

struct span {
	uint64_t offset;
	uint64_t size;
};

struct plt_source {
	const struct kprof_elf_file *file;
	/* Sorted by start. */
	vector(struct stub) stubs;
	struct span symbols;
	struct span symbol_names;
	/* Of resolvers, each with a NUL behind it; one NUL first. */
	struct kprof_strbuf names;
	char name[NAME_BYTES];
};

struct reader {
	struct plt_source *source;
	const struct kprof_plt_machine *machine;
	GElf_Shdr section_names;
	/* .rela.plt or .rel.plt */
	GElf_Shdr plt_relocations;
	/* What %ebx holds in position independent code. */
	uint64_t got;
	uint64_t stub_bytes_left;
	uint64_t relocation_bytes_left;
};

/* Bytes */

static size_t read_span(const struct kprof_elf_file *file,
			const struct span *span, uint64_t at, void *buf,
			size_t size)
{
	uint64_t offset;

	if (at >= span->size ||
	    __builtin_add_overflow(span->offset, at, &offset))
		return 0;
	if (size > span->size - at)
		size = span->size - at;
	return kprof_elf_file_read(file, offset, buf, size);
}

/* Converts from the file's byte order, in place. */
static bool to_memory(const struct kprof_elf_file *file, Elf_Type type,
		      void *bytes, size_t size)
{
	Elf_Data data = {
		.d_buf = bytes,
		.d_size = size,
		.d_type = type,
		.d_version = EV_CURRENT,
	};
	const char *ident = elf_getident(file->elf, NULL);

	return ident && gelf_xlatetom(file->elf, &data, &data,
				      (unsigned char)ident[EI_DATA]);
}

/* The slot that relocation number @number of .rela.plt fills. */
static bool numbered_slot(const struct reader *reader, uint32_t number,
			  uint64_t *ret)
{
	const struct kprof_elf_file *file = reader->source->file;
	const GElf_Shdr *shdr = &reader->plt_relocations;
	const struct span span = {shdr->sh_offset, shdr->sh_size};
	uint64_t at = number;
	uint8_t slot[8] = {};
	size_t word = gelf_fsize(file->elf, ELF_T_ADDR, 1, EV_CURRENT);

	/* i386 code has the offset instead of the number. */
	if (reader->machine->id != EM_386)
		at *= gelf_fsize(file->elf, ELF_T_RELA, 1, EV_CURRENT);
	if (read_span(file, &span, at, slot, word) != word)
		return false;
	*ret = kprof_plt_le32(slot) | (uint64_t)kprof_plt_le32(slot + 4) << 32;
	return true;
}

static bool find_slot(const struct reader *reader, const uint8_t *code,
		      uint64_t address, uint64_t *ret)
{
	struct kprof_plt_slot slot;

	if (!reader->machine->decode(code, address, reader->got, &slot))
		return false;
	if (slot.is_numbered)
		return numbered_slot(reader, slot.number, ret);
	*ret = slot.address;
	return true;
}

/* Sections */

typedef int section_fn(struct reader *reader, const GElf_Shdr *shdr,
		       const char *name);

/* @fn is not told the whole of long names, which are none of ours. */
static int for_each_section(struct reader *reader, section_fn *fn)
{
	const struct kprof_elf_file *file = reader->source->file;
	const struct span names = {reader->section_names.sh_offset,
				   reader->section_names.sh_size};
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(file->elf, section))) {
		char name[16] = "";
		GElf_Shdr shdr;
		int err;

		if (!gelf_getshdr(section, &shdr) ||
		    shdr.sh_flags & SHF_COMPRESSED)
			continue;
		read_span(file, &names, shdr.sh_name, name, sizeof(name) - 1);
		err = fn(reader, &shdr, name);
		if (err)
			return err;
	}
	return 0;
}

static bool is_one_of(const char *name, const char *a, const char *b)
{
	return !strcmp(name, a) || !strcmp(name, b);
}

static bool has_relocations(const GElf_Shdr *shdr)
{
	return (shdr->sh_type == SHT_RELA || shdr->sh_type == SHT_REL) &&
	       shdr->sh_flags & SHF_ALLOC;
}

static int note_section(struct reader *reader, const GElf_Shdr *shdr,
			const char *name)
{
	struct plt_source *source = reader->source;
	Elf_Scn *names;
	GElf_Shdr names_shdr;

	if (has_relocations(shdr) && is_one_of(name, ".rela.plt", ".rel.plt"))
		reader->plt_relocations = *shdr;
	if (!strcmp(name, ".got.plt") ||
	    (!strcmp(name, ".got") && !reader->got))
		reader->got = shdr->sh_addr;
	if (shdr->sh_type != SHT_DYNSYM)
		return 0;
	names = elf_getscn(source->file->elf, shdr->sh_link);
	if (!names || !gelf_getshdr(names, &names_shdr) ||
	    names_shdr.sh_type != SHT_STRTAB)
		return 0;
	source->symbols = (struct span){shdr->sh_offset, shdr->sh_size};
	source->symbol_names =
		(struct span){names_shdr.sh_offset, names_shdr.sh_size};
	return 0;
}

/* Stubs */

static int add_stubs(struct reader *reader, const uint8_t *code, size_t size,
		     uint64_t address, bool has_header)
{
	const struct stub header = {address, UINT64_MAX, .kind = STUB_HEADER};
	const struct kprof_plt_machine *machine = reader->machine;
	size_t at = 0;

	if (has_header && machine->is_header(code)) {
		if (vector_push(&reader->source->stubs, header))
			return -ENOMEM;
		at = machine->header_bytes;
	}
	while (at < size) {
		struct stub stub = {.start = address + at};

		if (!find_slot(reader, code + at, stub.start, &stub.slot)) {
			at += machine->step;
			continue;
		}
		if (vector_push(&reader->source->stubs, stub))
			return -ENOMEM;
		at += machine->min_bytes;
	}
	return 0;
}

/* Of those from @first on, which come in order. */
static void set_sizes(struct reader *reader, size_t first, uint64_t end)
{
	struct stub *stubs = reader->source->stubs.data;

	for (size_t i = reader->source->stubs.nr; i-- > first;) {
		uint64_t max = stubs[i].kind == STUB_HEADER
				       ? MAX_HEADER_BYTES
				       : reader->machine->max_bytes;
		uint64_t size = end - stubs[i].start;

		stubs[i].size = (uint8_t)(size < max ? size : max);
		end = stubs[i].start;
	}
}

static int read_stubs(struct reader *reader, const GElf_Shdr *shdr,
		      const char *name)
{
	struct plt_source *source = reader->source;
	_cleanup_free_ uint8_t *code = NULL;
	size_t first = source->stubs.nr, size;
	int err;

	if (shdr->sh_type != SHT_PROGBITS ||
	    !(shdr->sh_flags & SHF_EXECINSTR) ||
	    (!is_one_of(name, ".plt", ".plt.sec") &&
	     !is_one_of(name, ".plt.got", ".iplt")))
		return 0;
	if (shdr->sh_size > reader->stub_bytes_left ||
	    shdr->sh_addr > UINT64_MAX - shdr->sh_size)
		return 0;
	reader->stub_bytes_left -= shdr->sh_size;
	/* Zeros behind the end, also of a header that would be longer. */
	code = calloc(1, shdr->sh_size + KPROF_PLT_CODE_BYTES);
	if (!code)
		return -ENOMEM;
	size = kprof_elf_file_read(source->file, shdr->sh_offset, code,
				   shdr->sh_size);
	err = add_stubs(reader, code, size, shdr->sh_addr,
			!strcmp(name, ".plt"));
	if (err)
		return err;
	set_sizes(reader, first, shdr->sh_addr + size);
	return 0;
}

static int compare_slots(const void *a, const void *b)
{
	const struct stub *x = a, *y = b;

	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static int compare_starts(const void *a, const void *b)
{
	const struct stub *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Relocations */

static uint32_t addend_in_slot(const struct kprof_elf_file *file, uint64_t slot)
{
	uint32_t ret = 0;

	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &file->segments[i];
		const struct span span = {segment->offset, segment->file_bytes};

		if (slot < segment->vaddr ||
		    read_span(file, &span, slot - segment->vaddr, &ret,
			      sizeof(ret)) != sizeof(ret))
			continue;
		return to_memory(file, ELF_T_WORD, &ret, sizeof(ret)) ? ret : 0;
	}
	return 0;
}

/*
 * Stubs are sorted by slot. All of one slot are named at once, so that crafted
 * files cannot make this quadratic.
 */
static void name_stubs(struct reader *reader, const GElf_Rela *rela,
		       bool has_addend)
{
	const struct kprof_plt_machine *machine = reader->machine;
	struct stub *stubs = reader->source->stubs.data;
	size_t low = 0, nr = reader->source->stubs.nr, high = nr;
	uint32_t type = (uint32_t)GELF_R_TYPE(rela->r_info);
	bool has_resolver = type == machine->irelative;
	uint64_t resolver = 0;

	if (!has_resolver &&
	    ((type != machine->jump_slot && type != machine->glob_dat) ||
	     !GELF_R_SYM(rela->r_info)))
		return;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stubs[middle].slot < rela->r_offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == nr || stubs[low].slot != rela->r_offset ||
	    stubs[low].kind != STUB_UNKNOWN)
		return;
	if (has_resolver)
		resolver = has_addend ? (uint64_t)rela->r_addend
				      : addend_in_slot(reader->source->file,
						       rela->r_offset);
	for (size_t i = low; i < nr && stubs[i].slot == rela->r_offset; i++) {
		stubs[i].kind = has_resolver ? STUB_RESOLVER : STUB_SYMBOL;
		stubs[i].resolver = resolver;
		stubs[i].name =
			has_resolver ? 0 : (uint32_t)GELF_R_SYM(rela->r_info);
	}
}

/* Without an addend it is 0. */
static GElf_Rela to_gelf(bool is_wide, const void *bytes, size_t size)
{
	Elf32_Rela narrow = {};
	GElf_Rela ret = {};

	if (is_wide) {
		memcpy(&ret, bytes, size);
		return ret;
	}
	memcpy(&narrow, bytes, size);
	ret.r_offset = narrow.r_offset;
	ret.r_info = GELF_R_INFO((uint64_t)ELF32_R_SYM(narrow.r_info),
				 ELF32_R_TYPE(narrow.r_info));
	ret.r_addend = (uint32_t)narrow.r_addend;
	return ret;
}

static int read_relocations(struct reader *reader, const GElf_Shdr *shdr)
{
	const struct kprof_elf_file *file = reader->source->file;
	const struct span span = {shdr->sh_offset, shdr->sh_size};
	bool is_wide = gelf_getclass(file->elf) == ELFCLASS64;
	bool has_addend = shdr->sh_type == SHT_RELA;
	Elf_Type type = has_addend ? ELF_T_RELA : ELF_T_REL;
	size_t entry_bytes = gelf_fsize(file->elf, type, 1, EV_CURRENT);
	size_t chunk_bytes = CHUNK_BYTES / entry_bytes * entry_bytes, size;
	_cleanup_free_ char *chunk = NULL;

	if (shdr->sh_size > reader->relocation_bytes_left)
		return 0;
	reader->relocation_bytes_left -= shdr->sh_size;
	chunk = malloc(CHUNK_BYTES);
	if (!chunk)
		return -ENOMEM;
	for (uint64_t at = 0; at < shdr->sh_size; at += size) {
		size = read_span(file, &span, at, chunk, chunk_bytes);
		size = size / entry_bytes * entry_bytes;
		if (!size || !to_memory(file, type, chunk, size))
			break;
		for (size_t i = 0; i < size; i += entry_bytes) {
			GElf_Rela rela =
				to_gelf(is_wide, chunk + i, entry_bytes);

			name_stubs(reader, &rela, has_addend);
		}
	}
	return 0;
}

/* .rela.plt was read before: mostly it names everything. */
static int read_other_relocations(struct reader *reader, const GElf_Shdr *shdr,
				  const char *name)
{
	(void)name;
	if (!has_relocations(shdr) ||
	    shdr->sh_offset == reader->plt_relocations.sh_offset)
		return 0;
	return read_relocations(reader, shdr);
}

static bool has_nameless(const struct plt_source *source, enum stub_kind kind)
{
	vector_for_each (&source->stubs, stub)
		if (stub->kind == kind && !stub->name)
			return true;
	return false;
}

static int resolve_stubs(struct reader *reader)
{
	struct plt_source *source = reader->source;
	int err = 0;

	qsort(source->stubs.data, source->stubs.nr, sizeof(struct stub),
	      compare_slots);
	if (reader->plt_relocations.sh_size)
		err = read_relocations(reader, &reader->plt_relocations);
	if (!err && has_nameless(source, STUB_UNKNOWN))
		err = for_each_section(reader, read_other_relocations);
	qsort(source->stubs.data, source->stubs.nr, sizeof(struct stub),
	      compare_starts);
	return err;
}

/* Resolvers: functions of the same file, called as what they choose */

static void name_resolvers(struct plt_source *source,
			   const struct kprof_symbolizer_ops *ops, void *opened)
{
	size_t nr = 0;

	vector_for_each (&source->stubs, stub) {
		struct kprof_symbol symbol;

		if (stub->kind != STUB_RESOLVER || stub->name)
			continue;
		if (++nr > MAX_RESOLVERS ||
		    source->names.len > MAX_RESOLVER_NAME_BYTES)
			break;
		if (ops->find(opened, stub->resolver, &symbol))
			continue;
		stub->name = (uint32_t)source->names.len;
		kprof_strbuf_append(&source->names, symbol.name,
				    strlen(symbol.name) + 1);
	}
}

/*
 * Opened for a moment only: static programs have resolvers, others seldom, and
 * their tables would be in memory twice.
 */
static int find_resolver_names(struct plt_source *source,
			       const struct kprof_symbol_binary *binary)
{
	static const struct kprof_symbolizer_ops *const sources[] = {
		&kprof_symtab_ops, &kprof_debug_symtab_ops, &kprof_dynsym_ops};

	kprof_strbuf_append_char(&source->names, '\0');
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		void *opened;
		int err;

		if (!has_nameless(source, STUB_RESOLVER))
			break;
		err = sources[i]->open(binary, &opened);
		if (err == -ENOMEM)
			return err;
		if (err)
			continue;
		name_resolvers(source, sources[i], opened);
		sources[i]->close(opened);
	}
	return source->names.err;
}

/* Opening and closing */

static void plt_close(void *opaque)
{
	struct plt_source *source = opaque;

	if (!source)
		return;
	vector_free(&source->stubs);
	kprof_strbuf_deinit(&source->names);
	free(source);
}

static int read_all(struct plt_source *source,
		    const struct kprof_symbol_binary *binary)
{
	struct reader reader = {
		.source = source,
		.machine = kprof_plt_machine_find(source->file->machine),
		.stub_bytes_left = MAX_STUB_BYTES,
		.relocation_bytes_left = MAX_RELOCATION_BYTES,
	};
	Elf *elf = source->file->elf;
	size_t index;
	int err;

	if (!reader.machine || elf_getshdrstrndx(elf, &index) ||
	    !gelf_getshdr(elf_getscn(elf, index), &reader.section_names))
		return -ENOENT;
	/* A section cannot have more than the file. */
	if (reader.stub_bytes_left > source->file->size)
		reader.stub_bytes_left = source->file->size;
	if (reader.relocation_bytes_left > source->file->size)
		reader.relocation_bytes_left = source->file->size;
	err = for_each_section(&reader, note_section);
	if (!err)
		err = for_each_section(&reader, read_stubs);
	if (err)
		return err;
	if (!source->stubs.nr)
		return -ENOENT;
	err = resolve_stubs(&reader);
	if (err)
		return err;
	return find_resolver_names(source, binary);
}

static int plt_open(const struct kprof_symbol_binary *binary, void **ret)
{
	struct plt_source *source;
	int err;

	if (!binary->elf)
		return -ENOENT;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->file = binary->elf;
	err = read_all(source, binary);
	if (err) {
		plt_close(source);
		return err;
	}
	*ret = source;
	return 0;
}

/* Looking up */

/* The first stub that starts behind @address. */
static size_t first_behind(const struct plt_source *source, uint64_t address)
{
	const struct stub *stubs = source->stubs.data;
	size_t low = 0, high = source->stubs.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stubs[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct stub *find_stub(const struct plt_source *source,
				    uint64_t address)
{
	size_t behind = first_behind(source, address);
	const struct stub *stub;

	if (!behind)
		return NULL;
	stub = &source->stubs.data[behind - 1];
	return address - stub->start < stub->size ? stub : NULL;
}

/* Up to @size bytes with the NUL; "" if there is none. */
static void load_symbol_name(const struct plt_source *source, uint32_t symbol,
			     char *ret, size_t size)
{
	const struct kprof_elf_file *file = source->file;
	uint64_t entry_bytes = gelf_fsize(file->elf, ELF_T_SYM, 1, EV_CURRENT);
	/* The first field, whatever the class. */
	Elf64_Word name = 0;
	size_t len = 0;

	if (read_span(file, &source->symbols, symbol * entry_bytes, &name,
		      sizeof(name)) == sizeof(name) &&
	    to_memory(file, ELF_T_WORD, &name, sizeof(name)))
		len = read_span(file, &source->symbol_names, name, ret,
				size - 1);
	ret[len] = '\0';
	/* A version */
	ret[strcspn(ret, "@")] = '\0';
}

static bool stub_name(struct plt_source *source, const struct stub *stub)
{
	char *name = source->name;
	size_t size = sizeof(source->name) - strlen(suffix);
	const char *resolver;

	switch (stub->kind) {
	case STUB_HEADER:
		strcpy(name, "PLT0");
		break;
	case STUB_SYMBOL:
		load_symbol_name(source, stub->name, name, size);
		break;
	case STUB_RESOLVER:
		resolver = kprof_strbuf_str(&source->names) + stub->name;
		if (stub->name)
			snprintf(name, size, "%s", resolver);
		else
			/* As objdump says. */
			snprintf(name, size, "*ABS*+0x%llx",
				 (unsigned long long)stub->resolver);
		break;
	default:
		return false;
	}
	if (!name[0])
		return false;
	strcat(name, suffix);
	return true;
}

static int plt_find(void *opaque, uint64_t address, struct kprof_symbol *ret)
{
	struct plt_source *source = opaque;
	const struct stub *stub = find_stub(source, address);

	if (!stub || !stub_name(source, stub))
		return -ENOENT;
	*ret = (struct kprof_symbol){
		.name = source->name,
		.start = stub->start,
		.end = stub->start + stub->size,
	};
	return 0;
}

static int plt_next(void *opaque, uint64_t address, uint64_t *ret)
{
	struct plt_source *source = opaque;
	size_t behind = first_behind(source, address);

	if (behind == source->stubs.nr)
		return -ENOENT;
	*ret = source->stubs.data[behind].start;
	return 0;
}

const struct kprof_symbolizer_ops kprof_plt_ops = {
	.name = "PLT",
	.open = plt_open,
	.find = plt_find,
	.next = plt_next,
	.close = plt_close,
};
