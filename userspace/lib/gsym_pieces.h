/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: the functions of several sources, next to each other.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * In a symbol map a function ends where the next one starts, but functions of
 * assembler code lie within each other. So a function is cut where another one
 * starts or ends within it, and an address has the name that asking the sources
 * one after the other would have given it. A gap stays a gap.
 */
#ifndef LIB_GSYM_PIECES_H
#define LIB_GSYM_PIECES_H

#include "lib/gsym_write.h"
#include "lib/symbolize.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kprof_gsym_piece - a function, or a part of one
 * @start: first address
 * @end: first address after it
 * @name: of kprof_gsym_writer_string()
 * @is_added: to the writer
 */
struct kprof_gsym_piece {
	uint64_t start;
	uint64_t end;
	uint32_t name;
	bool is_added;
};

/* {} is none; they do not overlap and are sorted. */
struct kprof_gsym_pieces {
	vector(struct kprof_gsym_piece) all;
};

void kprof_gsym_pieces_deinit(struct kprof_gsym_pieces *pieces);
/*
 * What @ops knows where nobody else did before it. @source is one that it
 * opened, and that can be listed.
 */
int kprof_gsym_pieces_collect(struct kprof_gsym_pieces *pieces,
			      const struct kprof_symbolizer_ops *ops,
			      void *source, struct kprof_gsym_writer *writer);
/* Adds @piece unless a part of it is known; 0 or -ENOMEM. */
int kprof_gsym_pieces_add_unknown(struct kprof_gsym_pieces *pieces,
				  const struct kprof_gsym_piece *piece);
/* Number of the first one that starts at or behind @address. */
size_t kprof_gsym_pieces_from(const struct kprof_gsym_pieces *pieces,
			      uint64_t address);
/* Those that are not added yet get into the map without lines. */
int kprof_gsym_pieces_add_rest(struct kprof_gsym_pieces *pieces,
			       struct kprof_gsym_writer *writer);

#endif /* LIB_GSYM_PIECES_H */
