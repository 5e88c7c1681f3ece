/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes of a file that are looked at here and there, mostly in ascending order.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_WINDOW_H
#define LIB_CFI_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct kprof_elf_file;

enum {
	KPROF_CFI_WINDOW_BYTES = 32768,
};

/**
 * struct kprof_cfi_window - bytes of a file
 * @file: the file; set by the user, all else 0
 * @offset: where they are from
 * @size: how many
 * @bytes: they
 */
struct kprof_cfi_window {
	const struct kprof_elf_file *file;
	uint64_t offset;
	size_t size;
	uint8_t bytes[KPROF_CFI_WINDOW_BYTES];
};

/*
 * The bytes from @offset up to @to, or as many as there are and have room;
 * valid until the next look.
 */
const uint8_t *kprof_cfi_look(struct kprof_cfi_window *window, uint64_t offset,
			      uint64_t to, size_t *size_ret);

#endif /* LIB_CFI_WINDOW_H */
