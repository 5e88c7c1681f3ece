/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own ELF file, vmlinux: where it is, and where its code starts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_VMLINUX_H
#define LIB_VMLINUX_H

#include <stddef.h>
#include <stdint.h>

struct kprof_elf_file;
struct kprof_found_file;

/* How it is called among files for symbols. */
#define KPROF_VMLINUX_FILE "vmlinux"

/*
 * The one with that build-id in the places where distributions and developers
 * have it; nothing if it is in none of them. 0 or -ENOMEM.
 */
int kprof_vmlinux_find(const char *build_id, const char *const *debug_dirs,
		       size_t nr_debug_dirs, struct kprof_found_file *ret);

/*
 * Where its linker put _stext; -ENOENT if its symbol table does not say. A
 * kernel runs somewhere else, if it is built for that, and all of it by the
 * same distance.
 */
int kprof_vmlinux_start(const struct kprof_elf_file *elf, uint64_t *ret);

#endif /* LIB_VMLINUX_H */
