// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was ever mapped in an address space, and where that is contested.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/layout.h"

#include <string.h>

void kprof_layout_deinit(struct kprof_layout *layout)
{
	vector_free(&layout->pieces.list);
	vector_free(&layout->contested.list);
}

/* Position of the first piece that ends after @address. */
static size_t first_after(const struct kprof_pieces *pieces, uint64_t address)
{
	size_t low = 0, high = pieces->list.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pieces->list.data[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The piece at @position, or one behind all addresses. */
static struct kprof_piece piece_at(const struct kprof_pieces *pieces,
				   size_t position)
{
	if (position < pieces->list.nr)
		return pieces->list.data[position];
	return (struct kprof_piece){.start = UINT64_MAX, .end = UINT64_MAX};
}

static bool same_content(const struct kprof_piece *a,
			 const struct kprof_piece *b)
{
	return a->binary == b->binary && a->bias == b->bias;
}

static bool joins(const struct kprof_piece *a, const struct kprof_piece *b)
{
	return a->end == b->start && same_content(a, b);
}

/*
 * Puts a piece that overlaps none before position @at; one that continues the
 * piece before it makes that longer instead.
 */
static int insert(struct kprof_pieces *pieces, size_t at,
		  const struct kprof_piece *piece)
{
	struct kprof_piece *data = pieces->list.data;
	int err;

	if (at > 0 && joins(&data[at - 1], piece)) {
		data[at - 1].end = piece->end;
		return 0;
	}
	err = vector_push(&pieces->list, *piece);
	if (err)
		return err;
	data = pieces->list.data;
	memmove(&data[at + 1], &data[at],
		(pieces->list.nr - 1 - at) * sizeof(*data));
	data[at] = *piece;
	return 0;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Adds the parts of start..end that are not contested yet. */
static int contest(struct kprof_pieces *contested, uint64_t start, uint64_t end)
{
	struct kprof_piece part = {.start = start};
	int err = 0;

	while (!err && part.start < end) {
		size_t at = first_after(contested, part.start);
		struct kprof_piece next = piece_at(contested, at);

		if (next.start <= part.start) {
			part.end = min(next.end, end);
		} else {
			part.end = min(next.start, end);
			err = insert(contested, at, &part);
		}
		part.start = part.end;
	}
	return err;
}

int kprof_layout_add(struct kprof_layout *layout,
		     const struct kprof_piece *piece)
{
	struct kprof_piece part = *piece;
	int err = 0;

	while (!err && part.start < piece->end) {
		size_t at = first_after(&layout->pieces, part.start);
		struct kprof_piece next = piece_at(&layout->pieces, at);

		if (next.start <= part.start) {
			part.end = min(next.end, piece->end);
			if (!same_content(&next, piece))
				err = contest(&layout->contested, part.start,
					      part.end);
		} else {
			part.end = min(next.start, piece->end);
			err = insert(&layout->pieces, at, &part);
		}
		part.start = part.end;
	}
	return err;
}

void kprof_layout_settle(struct kprof_layout *layout)
{
	vector_free(&layout->pieces.list);
}

bool kprof_layout_is_contested(const struct kprof_layout *layout,
			       uint64_t address)
{
	const struct kprof_pieces *contested = &layout->contested;
	struct kprof_piece next =
		piece_at(contested, first_after(contested, address));

	return next.start <= address && address < next.end;
}
