/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vdso: code that the kernel maps into every program, without a file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_SYM_VDSO_H
#define LIB_SYM_VDSO_H

struct kprof_elf_file;

/* How its image is called where it is a file, beside those of programs. */
#define KPROF_VDSO_FILE "vdso.so"

/*
 * Our own vdso, which is everybody's of the same width. -ENOENT if we have
 * none. It may still be another kernel's: compare build-ids.
 */
int kprof_vdso_open(struct kprof_elf_file **ret);
/* Our own vdso as a file in memory, for the caller to close; or -errno. */
int kprof_vdso_copy(void);

#endif /* LIB_SYM_VDSO_H */
