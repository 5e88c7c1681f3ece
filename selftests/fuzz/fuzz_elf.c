// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzes elf_file.c, elf_memory.c, sym_*.c and demangle.c: any bytes as a
 * program.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/demangle.h"
#include "lib/elf_check.h"
#include "lib/elf_file.h"
#include "lib/sym_elf.h"
#include "lib/sym_go.h"
#include "lib/sym_minidebug.h"
#include "lib/sym_plt.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_up(const struct kprof_symbolizer_ops *ops,
		    const struct kprof_elf_file *file, size_t size)
{
	struct kprof_symbol_binary binary = {
		.elf = file,
		.build_id = "",
	};
	struct kprof_symbol symbol;
	uint64_t vaddr;
	void *source;

	if (ops->open(&binary, &source))
		return;
	for (size_t offset = 0; offset < size; offset += 61) {
		char name[256];

		if (kprof_elf_file_vaddr(file, offset, &vaddr) ||
		    ops->find(source, vaddr, &symbol))
			continue;
		if (symbol.start > vaddr || symbol.end <= vaddr)
			__builtin_trap();
		kprof_demangle(symbol.name, name, sizeof(name));
	}
	ops->close(source);
}

static void try_file(struct kprof_elf_file *file, size_t size)
{
	uint64_t vaddr;

	kprof_elf_file_vaddr_by_size(file, 0x1000, &vaddr);
	kprof_elf_file_damage(file);
	look_up(&kprof_symtab_ops, file, size);
	look_up(&kprof_minidebug_ops, file, size);
	look_up(&kprof_go_ops, file, size);
	look_up(&kprof_dynsym_ops, file, size);
	look_up(&kprof_plt_ops, file, size);
	kprof_elf_file_close(file);
}

/* libelf has two ways through files: those in memory, and those to be read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct kprof_elf_file *file;

	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		__builtin_trap();
	if (!kprof_elf_file_open_memory(data, size, &file))
		try_file(file, size);
	if (!kprof_elf_file_open_fd(fd, &file))
		try_file(file, size);
	return 0;
}
