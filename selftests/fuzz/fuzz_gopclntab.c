// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes gopclntab.c and gopclntab_frames.c: any bytes as the memory of a Go
 * program.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * First the data, with the runtime's description of the program, at the places
 * of the unit tests' go_image.h, then the table.
 */
#include "lib/gopclntab.h"
#include "lib/gopclntab_frames.h"

#include "../unit/go_image.h"

#include <stdlib.h>

enum { MAX_FRAMES = 64 };

struct memory {
	const uint8_t *data;
	size_t data_size;
	const uint8_t *table;
	size_t table_size;
};

static size_t copy(const uint8_t *bytes, size_t nr, uint64_t at, void *buf,
		   size_t size)
{
	if (at >= nr)
		return 0;
	if (size > nr - at)
		size = nr - at;
	memcpy(buf, bytes + at, size);
	return size;
}

static size_t read_memory(void *context, uint64_t address, void *buf,
			  size_t size)
{
	const struct memory *memory = context;

	if (address >= GO_TABLE)
		return copy(memory->table, memory->table_size,
			    address - GO_TABLE, buf, size);
	return copy(memory->data, memory->data_size, address - GO_DATA, buf,
		    size);
}

static void load(struct kprof_gopclntab *table, uint64_t address)
{
	char string[64];
	size_t len =
		kprof_gopclntab_string(table, address, string, sizeof(string));

	if (len >= sizeof(string) || string[len])
		__builtin_trap();
}

static void look_up(struct kprof_gopclntab *table, uint64_t address)
{
	struct kprof_gopclntab_frame frames[MAX_FRAMES];
	struct kprof_gopclntab_function function;
	size_t nr;

	if (kprof_gopclntab_find(table, address, &function))
		return;
	if (function.start > address || function.end <= address)
		__builtin_trap();
	nr = kprof_gopclntab_frames(table, &function, address, frames,
				    MAX_FRAMES);
	if (nr < 1 || nr > MAX_FRAMES)
		__builtin_trap();
	for (size_t i = 0; i < nr; i++) {
		load(table, frames[i].name);
		load(table, frames[i].file);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t nr = size < GO_DATA_BYTES ? size : GO_DATA_BYTES;
	struct memory memory = {data, nr, data + nr, size - nr};
	struct kprof_gopclntab table;

	if (kprof_gopclntab_init(&table, read_memory, &memory, GO_TABLE,
				 GO_TABLE + memory.table_size))
		return 0;
	kprof_gopclntab_set_module(&table, GO_MODULE);
	for (uint64_t at = 0; at <= GO_TEXT_BYTES; at += 4)
		look_up(&table, GO_TEXT + at);
	look_up(&table, table.text);
	look_up(&table, 0);
	look_up(&table, UINT64_MAX);
	return 0;
}
