// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: the functions of several sources, next to each other.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_pieces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void kprof_gsym_pieces_deinit(struct kprof_gsym_pieces *pieces)
{
	vector_free(&pieces->all);
}

static int compare(const void *a, const void *b)
{
	const struct kprof_gsym_piece *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Adds what is left of @piece beside the first @nr_old, which are sorted. */
static int add_beside(struct kprof_gsym_pieces *pieces, size_t nr_old,
		      size_t *old, struct kprof_gsym_piece piece)
{
	int err = 0;

	while (!err && piece.start < piece.end) {
		struct kprof_gsym_piece part = piece;

		while (*old < nr_old &&
		       pieces->all.data[*old].end <= piece.start)
			(*old)++;
		if (*old < nr_old && pieces->all.data[*old].start < piece.end) {
			part.end = pieces->all.data[*old].start;
			piece.start = pieces->all.data[*old].end;
		} else {
			piece.start = piece.end;
		}
		if (part.start < part.end)
			err = vector_push(&pieces->all, part);
	}
	return err;
}

/* Each step goes up to where a function starts or ends. */
int kprof_gsym_pieces_collect(struct kprof_gsym_pieces *pieces,
			      const struct kprof_symbolizer_ops *ops,
			      void *source, struct kprof_gsym_writer *writer)
{
	size_t nr_old = pieces->all.nr, old = 0;
	uint64_t address = 0, next;
	int err = 0;

	do {
		struct kprof_gsym_piece piece = {.start = address};
		struct kprof_symbol symbol = {};

		if (ops->next(source, address, &next))
			next = UINT64_MAX;
		err = ops->find(source, address, &symbol);
		if (err == -ENOENT || (!err && symbol.end <= address)) {
			err = 0;
			address = next;
			continue;
		}
		err = err
			      ?: kprof_gsym_writer_string(writer, symbol.name,
							  &piece.name);
		piece.end = symbol.end < next ? symbol.end : next;
		address = piece.end;
		err = err ?: add_beside(pieces, nr_old, &old, piece);
	} while (!err && address != UINT64_MAX);
	if (pieces->all.nr > nr_old && nr_old)
		qsort(pieces->all.data, pieces->all.nr,
		      sizeof(struct kprof_gsym_piece), compare);
	return err;
}

size_t kprof_gsym_pieces_from(const struct kprof_gsym_pieces *pieces,
			      uint64_t address)
{
	size_t low = 0, high = pieces->all.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pieces->all.data[middle].start < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Most are added at the end, in the order in which they were linked. */
int kprof_gsym_pieces_add_unknown(struct kprof_gsym_pieces *pieces,
				  const struct kprof_gsym_piece *piece)
{
	size_t at = kprof_gsym_pieces_from(pieces, piece->start);
	struct kprof_gsym_piece *all = pieces->all.data;
	int err;

	if (piece->start >= piece->end ||
	    (at && all[at - 1].end > piece->start) ||
	    (at < pieces->all.nr && all[at].start < piece->end))
		return 0;
	err = vector_push(&pieces->all, *piece);
	if (err)
		return err;
	all = pieces->all.data;
	memmove(all + at + 1, all + at,
		(pieces->all.nr - 1 - at) * sizeof(*all));
	all[at] = *piece;
	return 0;
}

int kprof_gsym_pieces_add_rest(struct kprof_gsym_pieces *pieces,
			       struct kprof_gsym_writer *writer)
{
	vector_for_each (&pieces->all, piece) {
		int err = 0;

		if (!piece->is_added)
			err = kprof_gsym_writer_add(
				writer, piece->name, piece->start,
				piece->end - piece->start, NULL);
		if (err)
			return err;
		piece->is_added = true;
	}
	return 0;
}
