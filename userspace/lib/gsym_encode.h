/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Symbol maps: the blocks of a function as bytes.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_GSYM_ENCODE_H
#define LIB_GSYM_ENCODE_H

#include "lib/gsym_write.h"
#include "util/strbuf.h"

#include <stdint.h>

/* Appends the line program of a function that starts at @start. */
void kprof_gsym_encode_lines(struct kprof_strbuf *buf, uint64_t start,
			     const struct kprof_gsym_body *body);
/* Appends the tree of a function of that range and name. */
void kprof_gsym_encode_inlines(struct kprof_strbuf *buf,
			       const struct kprof_gsym_range *function,
			       uint32_t name,
			       const struct kprof_gsym_body *body);

#endif /* LIB_GSYM_ENCODE_H */
