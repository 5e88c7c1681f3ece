/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An unwind table being made: rows in ascending order, equal rules folded.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_BUILDER_H
#define LIB_CFI_BUILDER_H

#include "lib/cfi.h"
#include "util/hash.h"
#include "util/vector.h"

/**
 * struct kprof_cfi_builder - a table being made
 * @rules: number 0 is KPROF_CFA_UNKNOWN
 * @index: finds a rule
 * @first_rows: of the pages begun so far
 * @rows: in their pages
 * @first_page: number of the first one
 * @last: rule of the last row
 * @end: where the row that comes next may start at the earliest
 * @source: of the rules that are added now
 * @is_described: a source describes the code that is added now
 * @stats: what has been added
 * @err: -ENOMEM; nothing is added any more
 */
struct kprof_cfi_builder {
	vector(struct kprof_unwind_rule) rules;
	struct kprof_index index;
	vector(uint32_t) first_rows;
	vector(struct kprof_unwind_row) rows;
	uint32_t first_page;
	uint32_t last;
	uint64_t end;
	enum kprof_unwind_source source;
	bool is_described;
	struct kprof_unwind_stats stats;
	int err;
};

/* @offset: in the file, from where on there are rows. 0 or -ENOMEM. */
int kprof_cfi_builder_init(struct kprof_cfi_builder *builder, uint64_t offset);
void kprof_cfi_builder_deinit(struct kprof_cfi_builder *builder);

/*
 * @rule holds for the bytes [@from, @to) of the file, which are behind those
 * of all calls before. Errors are kept for kprof_cfi_builder_finish().
 */
void kprof_cfi_builder_add(struct kprof_cfi_builder *builder, uint64_t from,
			   uint64_t to, const struct kprof_unwind_rule *rule);

/*
 * The table, for machine @machine; the builder is empty then. -ENOENT if no
 * row says anything, or -ENOMEM.
 */
int kprof_cfi_builder_finish(struct kprof_cfi_builder *builder,
			     uint16_t machine, struct kprof_unwind_image *ret);

#endif /* LIB_CFI_BUILDER_H */
