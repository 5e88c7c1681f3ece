/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiles the unwind information of an ELF file to an unwind table, as
 * <linux/kprof_unwind.h> describes it.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Sources, each filling what the ones before leave open: .eh_frame of the file,
 * .debug_frame of the file, .debug_frame and .eh_frame of its debug file, and
 * on arm .ARM.exidx. Signal trampolines and the start of programs are also
 * recognised by their code, where no source has anything to say.
 *
 * What a rule cannot say has the rule KPROF_CFA_UNKNOWN, as code has that no
 * source knows.
 */
#ifndef LIB_CFI_H
#define LIB_CFI_H

#include "lib/kprof.h"

#include <linux/kprof_unwind.h>

struct kprof_elf_file;

/**
 * kprof_cfi_compile() - the unwind table of a file
 * @file: what is mapped: its program headers say which bytes are code
 * @debug: its separate debug file, or NULL
 * @ret: kprof_unwind_image_deinit() it
 *
 * Any bytes are safe. Takes time and memory in proportion to the unwind
 * information (at most three times its size) and reads code only where none
 * describes it.
 *
 * Return: 0; -ENOENT if nothing at all is known about any code of the file;
 * -ENOTSUP for a machine whose stacks kprof cannot unwind, or if libdw was not
 * built in; -EFBIG for more than 4 GiB; -ENOMEM.
 */
int kprof_cfi_compile(const struct kprof_elf_file *file,
		      const struct kprof_elf_file *debug,
		      struct kprof_unwind_image *ret);

#endif /* LIB_CFI_H */
