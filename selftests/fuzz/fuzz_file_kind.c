// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes the naming of foreign files.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kprof_file_kind(data, size);
	return 0;
}
