// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes sym_jitdump.c, jitdump_lines.c and overlay.c: any bytes as a jitdump.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"
#include "lib/sym_jitdump.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(void *source, uint64_t address)
{
	struct kprof_symbol symbol;

	if (kprof_jitdump_ops.find(source, address, &symbol))
		return;
	if (!symbol.name[0] || symbol.start > address || symbol.end <= address)
		__builtin_trap();
	for (uint32_t i = 0; i < symbol.nr_frames; i++)
		if (!symbol.frames[i].name[0] || !symbol.frames[i].file[0])
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kprof_jit jit = {-1, -1};
	struct kprof_symbol_binary binary = {.build_id = "", .jit = &jit};
	void *source;

	if (jit.dump < 0)
		jit.dump = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(jit.dump, 0) ||
	    pwrite(jit.dump, data, size, 0) != (ssize_t)size)
		__builtin_trap();
	if (kprof_jitdump_ops.open(&binary, &source))
		return 0;
	for (uint64_t address = 0; address < 0x1000; address += 7)
		look_up(source, address);
	for (size_t at = 0; at + 8 <= size; at += 8) {
		uint64_t address;

		memcpy(&address, data + at, sizeof(address));
		look_up(source, address);
	}
	kprof_jitdump_ops.close(source);
	return 0;
}
