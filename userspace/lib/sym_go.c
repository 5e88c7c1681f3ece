// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: the table of functions in every Go program.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The table has a section of its own, unless an external linker put it into
 * another one or the section headers are gone. Then it is looked for in the
 * segments of data, and is taken only if the runtime's description of the
 * program points to it: a program may hold the table of another one. A look-up
 * reads what it needs, so that a table of 50 MB costs no memory.
 */
#include "lib/sym_go.h"

#include "lib/elf_file.h"
#include "lib/elf_memory.h"
#include "lib/elf_section.h"
#include "lib/gopclntab.h"
#include "lib/gopclntab_frames.h"
#include "util/cleanup.h"
#include "util/le.h"
#include "util/strbuf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* What is looked through for tables, in all. */
	MAX_SCAN_BYTES = 1 << 28,
	SCAN_BYTES = 65536,
	/* More inlined functions than the compiler nests. */
	MAX_FRAMES = 256,
	/* A longer name is cut. */
	NAME_BYTES = 16384,
	/* Of one look-up; more is no program's. */
	MAX_STRING_BYTES = 1 << 16,
};

/**
 * struct go_source - a Go program
 * @file: it
 * @memory: its memory
 * @table: its table
 * @frames: of the newest look-up
 * @strings: their names and files, each with a NUL behind it
 * @name: room for one
 */
struct go_source {
	const struct kprof_elf_file *file;
	struct kprof_elf_memory *memory;
	struct kprof_gopclntab table;
	struct kprof_symbol_frame frames[MAX_FRAMES];
	struct kprof_strbuf strings;
	char name[NAME_BYTES];
};

static size_t read_memory(void *context, uint64_t address, void *buf,
			  size_t size)
{
	return kprof_elf_memory_read(context, address, buf, size);
}

/* Looking for what no section tells */

struct scan;

/* Is what is looked for at @address? @limit is the end of its segment. */
typedef bool scan_fn(struct scan *scan, uint64_t address, uint64_t limit,
		     const uint8_t *bytes);

/**
 * struct scan - a search
 * @source: where to search
 * @is_it: whether this is it; it may search, too
 * @word_bytes: what is looked for is aligned to it
 * @bytes_left: how much more may be read
 */
struct scan {
	struct go_source *source;
	scan_fn *is_it;
	size_t word_bytes;
	uint64_t bytes_left;
};

static bool scan_segment(struct scan *scan,
			 const struct kprof_elf_segment *segment)
{
	uint64_t address = segment->vaddr + -segment->vaddr % scan->word_bytes;
	uint64_t limit = segment->vaddr + segment->file_bytes;
	_cleanup_free_ uint8_t *chunk = malloc(SCAN_BYTES);
	size_t size;

	if (!chunk || limit < segment->vaddr)
		return false;
	for (; address < limit; address += size) {
		size = kprof_elf_memory_read(scan->source->memory, address,
					     chunk, SCAN_BYTES);
		size -= size % scan->word_bytes;
		if (!size || size > scan->bytes_left)
			break;
		scan->bytes_left -= size;
		for (size_t at = 0; at < size; at += scan->word_bytes)
			if (scan->is_it(scan, address + at, limit, chunk + at))
				return true;
	}
	return false;
}

/* The last segments first: the largest is rarely the last. */
static bool scan_data(struct scan *scan)
{
	const struct kprof_elf_file *file = scan->source->file;

	for (size_t i = file->nr_segments; i-- > 0;)
		if (!file->segments[i].is_executable &&
		    scan_segment(scan, &file->segments[i]))
			return true;
	return false;
}

static bool is_module(struct scan *scan, uint64_t address, uint64_t limit,
		      const uint8_t *bytes)
{
	struct kprof_gopclntab *table = &scan->source->table;

	(void)limit;
	return le_get(bytes, scan->word_bytes) == table->address &&
	       !kprof_gopclntab_set_module(table, address);
}

static bool find_module(struct scan *scan)
{
	struct scan inner = *scan;
	GElf_Shdr shdr;
	bool is_found;

	if (!kprof_elf_section_find(scan->source->file, ".go.module", &shdr) &&
	    !kprof_gopclntab_set_module(&scan->source->table, shdr.sh_addr))
		return true;
	inner.is_it = is_module;
	inner.word_bytes = scan->source->table.word_bytes;
	is_found = scan_data(&inner);
	scan->bytes_left = inner.bytes_left;
	return is_found;
}

static bool is_table(struct scan *scan, uint64_t address, uint64_t limit,
		     const uint8_t *bytes)
{
	struct go_source *source = scan->source;
	uint8_t start[8];

	if (bytes[1] != 0xff || bytes[2] != 0xff || bytes[3] != 0xff ||
	    kprof_elf_memory_read(source->memory, address, start,
				  sizeof(start)) != sizeof(start) ||
	    !kprof_gopclntab_is_start(start))
		return false;
	return !kprof_gopclntab_init(&source->table, read_memory,
				     source->memory, address, limit) &&
	       find_module(scan);
}

/* Opening and closing */

static void go_close(void *opaque)
{
	struct go_source *source = opaque;

	if (!source)
		return;
	kprof_elf_memory_destroy(source->memory);
	kprof_strbuf_deinit(&source->strings);
	free(source);
}

static int find_section(const struct kprof_elf_file *file, GElf_Shdr *ret)
{
	int err = kprof_elf_section_find(file, ".gopclntab", ret);

	/* In position-independent programs of Go 1.25 and older. */
	return err ? kprof_elf_section_find(file, ".data.rel.ro.gopclntab", ret)
		   : 0;
}

/* Go puts a build-id of its own and facts about the build into programs. */
static bool may_be_go(const struct kprof_elf_file *file)
{
	GElf_Shdr shdr;

	return !kprof_elf_section_has_code(file) ||
	       !kprof_elf_section_find(file, ".note.go.buildid", &shdr) ||
	       !kprof_elf_section_find(file, ".go.buildinfo", &shdr);
}

static bool is_little_endian(const struct kprof_elf_file *file)
{
	const char *ident = elf_getident(file->elf, NULL);

	return ident && ident[EI_DATA] == ELFDATA2LSB;
}

static int find_table(struct go_source *source)
{
	const struct kprof_elf_file *file = source->file;
	struct scan scan = {
		.source = source,
		.is_it = is_table,
		.word_bytes = gelf_getclass(file->elf) == ELFCLASS32 ? 4 : 8,
		.bytes_left = MAX_SCAN_BYTES,
	};
	GElf_Shdr shdr;

	if (!find_section(file, &shdr) &&
	    shdr.sh_size <= UINT64_MAX - shdr.sh_addr &&
	    !kprof_gopclntab_init(&source->table, read_memory, source->memory,
				  shdr.sh_addr, shdr.sh_addr + shdr.sh_size) &&
	    (find_module(&scan) ||
	     !kprof_gopclntab_needs_module(&source->table)))
		return 0;
	return may_be_go(file) && scan_data(&scan) ? 0 : -ENOENT;
}

static int go_open(const struct kprof_symbol_binary *binary, void **ret)
{
	struct go_source *source;
	int err;

	if (!binary->elf || !is_little_endian(binary->elf))
		return -ENOENT;
	source = calloc(1, sizeof(*source));
	if (!source)
		return -ENOMEM;
	source->file = binary->elf;
	err = kprof_elf_memory_create(source->file, &source->memory);
	if (!err)
		err = find_table(source);
	if (err) {
		go_close(source);
		return err;
	}
	*ret = source;
	return 0;
}

/* Looking up */

/* Returns where in the strings it is. */
static size_t add_string(struct go_source *source, uint64_t address)
{
	size_t ret = source->strings.len, len = 0;

	if (address)
		len = kprof_gopclntab_string(&source->table, address,
					     source->name,
					     sizeof(source->name));
	kprof_strbuf_append(&source->strings, source->name, len);
	kprof_strbuf_append_char(&source->strings, '\0');
	return ret;
}

static int load_frames(struct go_source *source,
		       const struct kprof_gopclntab_frame *frames, size_t nr)
{
	size_t names[MAX_FRAMES], files[MAX_FRAMES];
	const char *strings;

	kprof_strbuf_reset(&source->strings);
	for (size_t i = 0; i < nr; i++) {
		names[i] = add_string(source, frames[i].name);
		files[i] = add_string(source, frames[i].file);
		if (source->strings.len > MAX_STRING_BYTES)
			return -ENOENT;
	}
	if (source->strings.err)
		return source->strings.err;
	strings = kprof_strbuf_str(&source->strings);
	for (size_t i = 0; i < nr; i++)
		source->frames[i] = (struct kprof_symbol_frame){
			.name = strings + names[i],
			.file = strings + files[i],
			.line = frames[i].line,
			.start_line = frames[i].start_line,
		};
	return 0;
}

static int go_find(void *opaque, uint64_t address, struct kprof_symbol *ret)
{
	struct kprof_gopclntab_frame frames[MAX_FRAMES];
	struct kprof_gopclntab_function function;
	struct go_source *source = opaque;
	size_t nr;
	int err;

	err = kprof_gopclntab_find(&source->table, address, &function);
	if (err)
		return err;
	nr = kprof_gopclntab_frames(&source->table, &function, address, frames,
				    MAX_FRAMES);
	err = load_frames(source, frames, nr);
	if (err)
		return err;
	*ret = (struct kprof_symbol){
		.name = source->frames[nr - 1].name,
		.start = function.start,
		.end = function.end,
		.frames = source->frames,
		.nr_frames = (uint32_t)nr,
	};
	return ret->name[0] ? 0 : -ENOENT;
}

static int go_next(void *opaque, uint64_t address, uint64_t *ret)
{
	struct go_source *source = opaque;

	return kprof_gopclntab_next(&source->table, address, ret);
}

/* The function itself keeps the name that another source gave it. */
static int go_find_lines(void *opaque, uint64_t address,
			 struct kprof_symbol *ret)
{
	struct go_source *source = opaque;
	struct kprof_symbol found;
	int err = go_find(opaque, address, &found);

	if (err)
		return err;
	if (!ret->name) {
		*ret = found;
		return 0;
	}
	source->frames[found.nr_frames - 1].name = ret->name;
	ret->frames = found.frames;
	ret->nr_frames = found.nr_frames;
	return 0;
}

const struct kprof_symbolizer_ops kprof_go_ops = {
	.name = ".gopclntab",
	.open = go_open,
	.find = go_find,
	.next = go_next,
	.close = go_close,
};

const struct kprof_symbolizer_ops kprof_go_lines_ops = {
	.name = ".gopclntab",
	.open = go_open,
	.find = go_find_lines,
	.close = go_close,
};
