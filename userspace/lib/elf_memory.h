/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program's memory holds before it runs, read from its file.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Addresses are the linker's. Pointers have the values that the loader would
 * give them if it loaded the file where it was linked: where a linker left
 * them to the relocations, the relocations are asked.
 */
#ifndef LIB_ELF_MEMORY_H
#define LIB_ELF_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct kprof_elf_file;
struct kprof_elf_memory;

/* @file must outlive it. 0 or -ENOMEM. It keeps 256 KiB of the file. */
int kprof_elf_memory_create(const struct kprof_elf_file *file,
			    struct kprof_elf_memory **ret);
void kprof_elf_memory_destroy(struct kprof_elf_memory *memory);

/*
 * Copies what is there of @size bytes from @address on, up to the end of what
 * the file has of that segment; returns how many.
 */
size_t kprof_elf_memory_read(struct kprof_elf_memory *memory, uint64_t address,
			     void *buf, size_t size);

#endif /* LIB_ELF_MEMORY_H */
