/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vdso: code that the kernel maps into every program, without a file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_VDSO_H
#define LIB_SYM_VDSO_H

struct kprof_elf_file;

/*
 * Our own vdso, which is everybody's of the same width. -ENOENT if we have
 * none. It may still be another kernel's: compare build-ids.
 */
int kprof_vdso_open(struct kprof_elf_file **ret);

#endif /* LIB_SYM_VDSO_H */
