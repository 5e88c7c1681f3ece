// SPDX-License-Identifier: GPL-2.0-only
/*
 * One source of unwind information: which code it describes.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi_layer.h"

#include "lib/elf_file.h"

#include <stdlib.h>

static const struct kprof_elf_segment *
find_segment(const struct kprof_elf_file *file, uint64_t vaddr)
{
	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &file->segments[i];

		if (segment->is_executable && vaddr >= segment->vaddr &&
		    vaddr - segment->vaddr < segment->file_bytes)
			return segment;
	}
	return NULL;
}

int kprof_cfi_layer_add(struct kprof_cfi_layer *layer,
			const struct kprof_elf_file *file, uint64_t vaddr,
			uint64_t bytes, uint32_t entry)
{
	const struct kprof_elf_segment *segment = find_segment(file, vaddr);
	uint64_t offset;

	if (!segment)
		return 0;
	offset = vaddr - segment->vaddr;
	if (bytes > segment->file_bytes - offset)
		bytes = segment->file_bytes - offset;
	offset += segment->offset;
	/* At 0 is the header: code that the linker dropped is said to be there.
	 */
	if (!bytes || !offset || offset > UINT32_MAX ||
	    bytes > UINT32_MAX - offset)
		return 0;
	return vector_push(&layer->spans, ((struct kprof_cfi_span){
						  .offset = (uint32_t)offset,
						  .bytes = (uint32_t)bytes,
						  .entry = entry,
					  }));
}

/* Of those with the same start the longest is the last, and so the one. */
static int compare(const void *left, const void *right)
{
	const struct kprof_cfi_span *a = left, *b = right;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->bytes != b->bytes)
		return a->bytes < b->bytes ? -1 : 1;
	return a->entry < b->entry ? 1 : -1;
}

/* Most files have them in order, and a sort takes as much memory again. */
void kprof_cfi_layer_sort(struct kprof_cfi_layer *layer)
{
	for (size_t i = 1; i < layer->spans.nr; i++) {
		if (compare(&layer->spans.data[i - 1], &layer->spans.data[i]) >
		    0) {
			qsort(layer->spans.data, layer->spans.nr,
			      sizeof(layer->spans.data[0]), compare);
			return;
		}
	}
}

void kprof_cfi_layer_deinit(struct kprof_cfi_layer *layer)
{
	vector_free(&layer->spans);
	if (layer->destroy)
		layer->destroy(layer->context);
	*layer = (struct kprof_cfi_layer){};
}
