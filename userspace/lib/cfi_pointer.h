/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses in unwind information, which are written in many ways.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_POINTER_H
#define LIB_CFI_POINTER_H

#include "lib/cfi_bytes.h"

/**
 * struct kprof_cfi_pointer - how addresses are written
 * @encoding: DW_EH_PE_*
 * @word_bytes: size of an address
 * @start: where the section starts
 * @vaddr: and where that is in memory
 */
struct kprof_cfi_pointer {
	uint8_t encoding;
	uint8_t word_bytes;
	const uint8_t *start;
	uint64_t vaddr;
};

/* An address. False for an encoding that linkers do not use here. */
bool kprof_cfi_pointer_read(const struct kprof_cfi_pointer *pointer,
			    struct kprof_cfi_bytes *bytes, uint64_t *ret);
/* A size, which is written like an address but counts from nowhere. */
bool kprof_cfi_pointer_read_size(const struct kprof_cfi_pointer *pointer,
				 struct kprof_cfi_bytes *bytes, uint64_t *ret);

#endif /* LIB_CFI_POINTER_H */
