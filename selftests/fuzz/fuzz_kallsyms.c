// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes sym_kallsyms.c: any bytes as a list of symbols.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_kallsyms.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kprof_symbol symbol;
	void *source;

	if (kprof_kallsyms_parse((const char *)data, size, &source))
		return 0;
	for (uint64_t at = 0; at + 8 <= size; at += 8) {
		uint64_t address;

		memcpy(&address, data + at, sizeof(address));
		/* Both where bytes say and where small numbers are. */
		for (int i = 0; i < 2; i++, address &= 0xffff) {
			if (kprof_kallsyms_ops.find(source, address, &symbol))
				continue;
			if (!symbol.name[0] || !symbol.area->name[0] ||
			    symbol.start > address || symbol.end <= address)
				__builtin_trap();
		}
	}
	kprof_kallsyms_ops.close(source);
	return 0;
}
