// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes gsym.c and its neighbours: any bytes as a symbol map.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(struct kprof_gsym *gsym, uint64_t address)
{
	const struct kprof_symbol_frame *frames;
	struct kprof_gsym_function function;
	uint32_t nr;

	if (kprof_gsym_frames(gsym, address, &function, &frames, &nr))
		return;
	if (!nr || nr > KPROF_GSYM_MAX_DEPTH + 1)
		__builtin_trap();
	for (uint32_t i = 0; i < nr; i++)
		if (!strlen(frames[i].name) || !frames[i].file)
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kprof_gsym_function function;
	struct kprof_gsym_fault fault = {};
	struct kprof_gsym_info info;
	struct kprof_gsym *gsym;
	uint64_t vaddr;

	if (kprof_gsym_open_memory(data, size, &gsym))
		return 0;
	kprof_gsym_info(gsym, &info);
	if (kprof_gsym_verify(gsym, &fault) && fault.offset > size)
		__builtin_trap();
	for (uint32_t i = 0; i < info.nr_functions && i < 64; i++) {
		if (kprof_gsym_function(gsym, i, &function))
			continue;
		for (uint64_t at = 0; at < function.size && at < 64; at += 7)
			look_up(gsym, function.start + at);
		look_up(gsym, function.start + function.size);
	}
	kprof_gsym_vaddr(gsym, 0x1000, 0x10000, 0x1234, &vaddr);
	kprof_gsym_close(gsym);
	return 0;
}
