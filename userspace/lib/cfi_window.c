// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes of a file that are looked at here and there.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi_window.h"

#include "lib/elf_file.h"

const uint8_t *kprof_cfi_look(struct kprof_cfi_window *window, uint64_t offset,
			      uint64_t to, size_t *size_ret)
{
	uint64_t end = window->offset + window->size;

	if (offset < window->offset || to > end) {
		window->size =
			kprof_elf_file_read(window->file, offset, window->bytes,
					    sizeof(window->bytes));
		window->offset = offset;
		end = offset + window->size;
	}
	*size_ret = (size_t)((to < end ? to : end) - offset);
	return window->bytes + (offset - window->offset);
}
