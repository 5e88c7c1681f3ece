/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is wrong with ELF files, in words.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A damaged file gives the names that can be read of it. Why the others are
 * missing is for people to know.
 */
#ifndef LIB_ELF_CHECK_H
#define LIB_ELF_CHECK_H

struct kprof_elf_file;

/* NULL if nothing is. */
const char *kprof_elf_file_damage(const struct kprof_elf_file *file);
/* Says it of @path to the log. */
void kprof_elf_file_warn(const struct kprof_elf_file *file, const char *path);
/* Why a file could not be opened as an ELF file. */
const char *kprof_elf_file_reason(int err);

#endif /* LIB_ELF_CHECK_H */
