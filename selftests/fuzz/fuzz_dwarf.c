// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes sym_dwarf.c, debug_file.c and what they use of libdw: any bytes as a
 * program with debug information.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/debug_file.h"
#include "lib/elf_file.h"
#include "lib/sym_dwarf.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Strings are read to their ends, so that the sanitizer sees where they are. */
static size_t read_frames(const struct kprof_symbol *symbol)
{
	size_t sum = strlen(symbol->name);

	for (uint32_t i = 0; i < symbol->nr_frames; i++)
		sum += strlen(symbol->frames[i].name) +
		       strlen(symbol->frames[i].file);
	return sum;
}

static void look_up(const struct kprof_symbol_binary *binary)
{
	const struct kprof_elf_file *file = binary->elf;
	size_t sum = 0;
	void *source;

	if (kprof_dwarf_ops.open(binary, &source))
		return;
	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &file->segments[i];
		uint64_t bytes = segment->memory_bytes;

		if (bytes > 0x4000)
			bytes = 0x4000;
		for (uint64_t at = 0; at < bytes; at += 7) {
			struct kprof_symbol symbol = {};
			uint64_t address = segment->vaddr + at;

			if (kprof_dwarf_ops.find(source, address, &symbol))
				continue;
			if (symbol.start > address || symbol.end <= address)
				__builtin_trap();
			sum += read_frames(&symbol);
		}
	}
	kprof_dwarf_ops.close(source);
	if (sum == SIZE_MAX)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const nowhere[] = {"/nonexistent"};
	static int fd = -1;
	struct kprof_debug_file debug = {};
	struct kprof_symbol_binary binary = {
		.build_id = "",
		.path = "/nonexistent/program",
		.debug = &debug,
		.debug_dirs = nowhere,
		.nr_debug_dirs = 1,
		.max_memory = 64 << 20,
	};
	struct kprof_elf_file *file;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		__builtin_trap();
	if (kprof_elf_file_open_fd(fd, &file))
		return 0;
	binary.elf = file;
	look_up(&binary);
	kprof_debug_file_close(&debug);
	kprof_elf_file_close(file);
	return 0;
}
