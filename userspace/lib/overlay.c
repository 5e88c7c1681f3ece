// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges of addresses laid over each other: the newest one covers the others.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The bounds of all ranges cut the addresses into cells. From the newest range
 * to the oldest, each takes the cells that are still free; links lead past
 * those that are taken, so that whatever the overlaps are, the time is that of
 * sorting.
 */
#include "lib/overlay.h"

#include "util/cleanup.h"

#include <errno.h>

#define FREE UINT32_MAX

/**
 * struct cells - the addresses, cut at each bound
 * @bounds: cell i is from bounds[i] to bounds[i + 1]
 * @nr: bounds
 * @next: the nearest cell from here on that is still free
 * @owner: index of the range that took it, or FREE
 */
struct cells {
	uint64_t *bounds;
	uint32_t nr;
	uint32_t *next;
	uint32_t *owner;
};

void kprof_overlay_deinit(struct kprof_overlay *overlay)
{
	vector_free(&overlay->ranges);
}

static void forget_older_half(struct kprof_overlay *overlay)
{
	struct kprof_overlay_range *ranges = overlay->ranges.data;
	size_t nr = overlay->ranges.nr / 2;

	memmove(ranges, ranges + overlay->ranges.nr - nr, nr * sizeof(*ranges));
	overlay->ranges.nr = nr;
}

int kprof_overlay_add(struct kprof_overlay *overlay, uint64_t start,
		      uint64_t size, uint32_t value)
{
	struct kprof_overlay_range range = {.start = start, .value = value};

	if (!size || __builtin_add_overflow(start, size, &range.end))
		return 0;
	if (overlay->ranges.nr >= overlay->max_ranges)
		forget_older_half(overlay);
	return vector_push(&overlay->ranges, range);
}

/* Finishing */

static int compare_bounds(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void collect_bounds(const struct kprof_overlay *overlay,
			   struct cells *cells)
{
	uint32_t nr = 0;

	vector_for_each (&overlay->ranges, range) {
		cells->bounds[nr++] = range->start;
		cells->bounds[nr++] = range->end;
	}
	qsort(cells->bounds, nr, sizeof(*cells->bounds), compare_bounds);
	for (uint32_t i = 0; i < nr; i++)
		if (!i || cells->bounds[i] != cells->bounds[i - 1])
			cells->bounds[cells->nr++] = cells->bounds[i];
}

static int cells_init(struct cells *cells, const struct kprof_overlay *overlay)
{
	/* One more, so that no array is empty. */
	size_t room = 2 * overlay->ranges.nr + 1;

	*cells = (struct cells){
		.bounds = calloc(room, sizeof(*cells->bounds)),
		.next = calloc(room, sizeof(*cells->next)),
		.owner = calloc(room, sizeof(*cells->owner)),
	};
	if (!cells->bounds || !cells->next || !cells->owner)
		return -ENOMEM;
	collect_bounds(overlay, cells);
	for (uint32_t i = 0; i < cells->nr; i++) {
		cells->next[i] = i;
		cells->owner[i] = FREE;
	}
	return 0;
}

static void cells_deinit(struct cells *cells)
{
	free(cells->bounds);
	free(cells->next);
	free(cells->owner);
}

static uint32_t cell_at(const struct cells *cells, uint64_t bound)
{
	const uint64_t *found = bsearch(&bound, cells->bounds, cells->nr,
					sizeof(bound), compare_bounds);

	return (uint32_t)(found - cells->bounds);
}

/* The last cell is behind all ranges and never taken: it ends the search. */
static uint32_t next_free(struct cells *cells, uint32_t cell)
{
	while (cells->next[cell] != cell) {
		cells->next[cell] = cells->next[cells->next[cell]];
		cell = cells->next[cell];
	}
	return cell;
}

static void take_cells(struct cells *cells,
		       const struct kprof_overlay_range *range, uint32_t owner)
{
	uint32_t end = cell_at(cells, range->end);
	uint32_t cell = next_free(cells, cell_at(cells, range->start));

	while (cell < end) {
		cells->owner[cell] = owner;
		cells->next[cell] = cell + 1;
		cell = next_free(cells, cell);
	}
}

/* Runs of cells with one owner become what is left of its range. */
static int replace_ranges(struct kprof_overlay *overlay,
			  const struct cells *cells)
{
	struct kprof_overlay left = {.max_ranges = overlay->max_ranges};
	int err = 0;

	for (uint32_t i = 0, end; !err && i < cells->nr; i = end) {
		struct kprof_overlay_range range = {.start = cells->bounds[i]};

		end = i + 1;
		while (end < cells->nr && cells->owner[end] == cells->owner[i])
			end++;
		if (cells->owner[i] == FREE)
			continue;
		range.end = cells->bounds[end];
		range.value = overlay->ranges.data[cells->owner[i]].value;
		err = vector_push(&left.ranges, range);
	}
	kprof_overlay_deinit(overlay);
	*overlay = left;
	return err;
}

int kprof_overlay_finish(struct kprof_overlay *overlay)
{
	struct cells cells;
	int err = cells_init(&cells, overlay);

	if (!err) {
		for (size_t i = overlay->ranges.nr; i-- > 0;)
			take_cells(&cells, &overlay->ranges.data[i],
				   (uint32_t)i);
		err = replace_ranges(overlay, &cells);
	}
	cells_deinit(&cells);
	return err;
}

int kprof_overlay_find(const struct kprof_overlay *overlay, uint64_t address,
		       struct kprof_overlay_range *ret)
{
	size_t low = 0, high = overlay->ranges.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (overlay->ranges.data[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == overlay->ranges.nr ||
	    overlay->ranges.data[low].start > address)
		return -ENOENT;
	*ret = overlay->ranges.data[low];
	return 0;
}
