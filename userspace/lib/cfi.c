// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiles the unwind information of an ELF file to an unwind table.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Sources are layers. The code of the file is gone through once, in order:
 * where the first layer has nothing to say the second is asked, and so on, and
 * where none has, the code itself is looked at. So rows come in ascending
 * order, and each entry of each layer is run at most once.
 */
#include "lib/cfi.h"

#include "lib/cfi_builder.h"
#include "lib/cfi_gap.h"
#include "lib/cfi_layer.h"
#include "lib/cfi_machine.h"
#include "lib/elf_file.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_LAYERS = 5,
};

struct compilation {
	const struct kprof_elf_file *file;
	const struct kprof_cfi_machine *machine;
	struct kprof_cfi_layer layers[MAX_LAYERS];
	size_t nr_layers;
	struct kprof_cfi_gap gap;
	struct kprof_cfi_builder builder;
};

/* Layers */

typedef int layer_fn(const struct kprof_cfi_machine *machine,
		     const struct kprof_elf_file *elf,
		     const struct kprof_elf_file *file,
		     struct kprof_cfi_layer *ret);

static int add_layer(struct compilation *c, layer_fn *open,
		     const struct kprof_elf_file *elf,
		     enum kprof_unwind_source source)
{
	struct kprof_cfi_layer *layer = &c->layers[c->nr_layers];
	int err;

	if (!elf || elf->machine != c->machine->machine)
		return 0;
	err = open(c->machine, elf, c->file, layer);
	if (err)
		return err == -ENOENT ? 0 : err;
	layer->source = source;
	c->builder.stats.unwind_bytes += layer->unwind_bytes;
	c->nr_layers++;
	return 0;
}

static int add_layers(struct compilation *c, const struct kprof_elf_file *debug)
{
	const struct {
		layer_fn *open;
		const struct kprof_elf_file *elf;
		enum kprof_unwind_source source;
	} sources[MAX_LAYERS] = {
		{kprof_cfi_eh_frame, c->file, KPROF_UNWIND_EH_FRAME},
		{kprof_cfi_debug_frame, c->file, KPROF_UNWIND_DEBUG_FRAME},
		{kprof_cfi_debug_frame, debug, KPROF_UNWIND_DEBUG_FILE},
		{kprof_cfi_eh_frame, debug, KPROF_UNWIND_DEBUG_FILE},
		{kprof_cfi_exidx, c->file, KPROF_UNWIND_EXIDX},
	};
	int err = 0;

	for (size_t i = 0; !err && i < MAX_LAYERS; i++)
		err = add_layer(c, sources[i].open, sources[i].elf,
				sources[i].source);
	return err;
}

/* Going through the code */

/* The first span that starts at @offset or behind it. */
static size_t lower_bound(const struct kprof_cfi_layer *layer, uint64_t offset)
{
	size_t low = 0, high = layer->spans.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (layer->spans.data[middle].offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Up to where a span holds: the next one may begin within it. */
static uint64_t span_end(const struct kprof_cfi_layer *layer, size_t i)
{
	const struct kprof_cfi_span *span = &layer->spans.data[i];
	uint64_t end = (uint64_t)span->offset + span->bytes;

	if (i + 1 < layer->spans.nr)
		end = smaller(end, layer->spans.data[i + 1].offset);
	return end;
}

static void run_span(struct compilation *c, struct kprof_cfi_layer *layer,
		     size_t i, uint64_t from, uint64_t to)
{
	c->builder.source = layer->source;
	c->builder.is_described = true;
	layer->run(layer, &layer->spans.data[i], from, to, &c->builder);
}

static void fill(struct compilation *c, size_t level, uint64_t from,
		 uint64_t to)
{
	struct kprof_cfi_layer *layer = &c->layers[level];
	uint64_t at = from, start, end;
	size_t i;

	if (level == c->nr_layers) {
		kprof_cfi_gap_add(&c->gap, &c->builder, from, to);
		return;
	}
	i = lower_bound(layer, from);
	if (layer->may_be_cut && i > 0)
		i--;
	for (; i < layer->spans.nr && layer->spans.data[i].offset < to; i++) {
		start = layer->spans.data[i].offset;
		end = smaller(span_end(layer, i), to);
		if (start < at)
			start = at;
		if (start >= end)
			continue;
		if (start > at)
			fill(c, level + 1, at, start);
		run_span(c, layer, i, start, end);
		at = end;
	}
	if (at < to)
		fill(c, level + 1, at, to);
}

static int compare_segments(const void *left, const void *right)
{
	const struct kprof_elf_segment *const *a = left, *const *b = right;

	return ((*a)->offset > (*b)->offset) - ((*a)->offset < (*b)->offset);
}

/* The segments with code, in the order of the file, for the caller to free. */
static int code_segments(const struct kprof_elf_file *file,
			 const struct kprof_elf_segment ***ret, size_t *nr_ret)
{
	const struct kprof_elf_segment **segments =
		calloc(file->nr_segments + 1, sizeof(segments[0]));
	size_t nr = 0;

	if (!segments)
		return -ENOMEM;
	for (size_t i = 0; i < file->nr_segments; i++)
		if (file->segments[i].is_executable &&
		    file->segments[i].file_bytes)
			segments[nr++] = &file->segments[i];
	qsort(segments, nr, sizeof(segments[0]), compare_segments);
	*ret = segments;
	*nr_ret = nr;
	return 0;
}

static int fill_segment(struct compilation *c,
			const struct kprof_elf_segment *segment)
{
	uint64_t end;

	if (segment->offset >= c->file->size)
		return 0;
	end = segment->offset +
	      smaller(segment->file_bytes, c->file->size - segment->offset);
	if (end >= (uint64_t)KPROF_UNWIND_MAX_PAGES << KPROF_UNWIND_PAGE_BITS)
		return -EFBIG;
	/* Two segments may share bytes: what was said first holds. */
	if (c->builder.end < end)
		fill(c, 0,
		     segment->offset < c->builder.end ? c->builder.end
						      : segment->offset,
		     end);
	return 0;
}

static int fill_segments(struct compilation *c)
{
	const struct kprof_elf_segment **segments;
	size_t nr;
	int err = code_segments(c->file, &segments, &nr);

	if (err)
		return err;
	for (size_t i = 0; !err && i < nr; i++)
		err = fill_segment(c, segments[i]);
	free(segments);
	return err;
}

/* Statistics */

static uint64_t text_bytes(const struct kprof_elf_file *file)
{
	uint64_t sections = 0, segments = 0;
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(file->elf, section)))
		if (gelf_getshdr(section, &shdr) &&
		    shdr.sh_flags & SHF_EXECINSTR && shdr.sh_type != SHT_NOBITS)
			sections += shdr.sh_size;
	for (size_t i = 0; i < file->nr_segments; i++)
		if (file->segments[i].is_executable)
			segments += file->segments[i].file_bytes;
	return sections && sections < segments ? sections : segments;
}

static uint64_t first_code(const struct kprof_elf_file *file)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < file->nr_segments; i++)
		if (file->segments[i].is_executable)
			first = smaller(first, file->segments[i].offset);
	return first;
}

static int compile(struct compilation *c, const struct kprof_elf_file *debug)
{
	int err;

	err = kprof_cfi_builder_init(&c->builder, first_code(c->file));
	err = err ?: add_layers(c, debug);
	if (err)
		return err;
	c->builder.stats.text_bytes = text_bytes(c->file);
	kprof_cfi_gap_init(&c->gap, c->machine, c->file);
	return fill_segments(c);
}

int kprof_cfi_compile(const struct kprof_elf_file *file,
		      const struct kprof_elf_file *debug,
		      struct kprof_unwind_image *ret)
{
	bool is_narrow = gelf_getclass(file->elf) == ELFCLASS32;
	const char *ident = elf_getident(file->elf, NULL);
	struct compilation *c;
	int err;

	*ret = (struct kprof_unwind_image){};
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->file = file;
	c->machine = kprof_cfi_machine_find(file->machine, is_narrow ? 4 : 8);
	err = c->machine && ident[EI_DATA] == ELFDATA2LSB ? 0 : -ENOTSUP;
	err = err ?: compile(c, debug);
	/* Before the table is laid out: it may be as large as they are. */
	for (size_t i = 0; i < c->nr_layers; i++)
		kprof_cfi_layer_deinit(&c->layers[i]);
	err = err
		      ?: kprof_cfi_builder_finish(&c->builder,
						  c->machine->machine, ret);
	kprof_cfi_builder_deinit(&c->builder);
	free(c);
	if (!err)
		strcpy(ret->build_id, file->build_id);
	return err;
}
