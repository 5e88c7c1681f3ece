// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes gsym_import.c: any text as what nm or a JIT compiler wrote.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kprof_gsym_writer *writer;

	if (!kprof_gsym_import((const char *)data, size, "0123abcd", &writer))
		kprof_gsym_writer_destroy(writer);
	return 0;
}
