/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Separate debug files: found by build-id, or by the name in the binary.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_DEBUG_FILE_H
#define LIB_DEBUG_FILE_H

#include <stdbool.h>

struct kprof_elf_file;
struct kprof_symbol_binary;

/**
 * struct kprof_debug_file - the debug file of one binary; {} at first
 * @elf: the file, NULL if there is none
 * @is_looked_for: @elf is final
 */
struct kprof_debug_file {
	struct kprof_elf_file *elf;
	bool is_looked_for;
};

/*
 * The debug file of @binary, looked for when it is first asked for: by build-id
 * in each directory as .build-id/xx/yyyy.debug, then by the name in
 * .gnu_debuglink beside the binary, in .debug/ there, and in each directory
 * under the binary's own path, and at last on the servers of debuginfod, where
 * they may be asked. A file with another build-id or checksum is
 * refused. -ENOENT if there is none.
 */
int kprof_debug_file_get(const struct kprof_symbol_binary *binary,
			 const struct kprof_elf_file **ret);
void kprof_debug_file_close(struct kprof_debug_file *debug);

/*
 * The file that dwz moved shared parts of @elf to, as .gnu_debugaltlink of
 * @elf names it, -ENOENT if it names none or it is not there. A wrong one is
 * refused.
 */
int kprof_debug_alt_file_open(const struct kprof_symbol_binary *binary,
			      const struct kprof_elf_file *elf,
			      struct kprof_elf_file **ret);

/* Hexadecimal, and long enough to be the name of a file. */
bool kprof_is_build_id(const char *text);

#endif /* LIB_DEBUG_FILE_H */
