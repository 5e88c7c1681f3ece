// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unwind tables of files. Apart from the walker, because libelf's and the
 * kernel's headers of ELF do not go together.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "tables.h"

#include "lib/cfi.h"
#include "lib/elf_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct kprof_unwind_table *table_compile(const char *path)
{
	struct kprof_unwind_image unwind = {0};
	struct kprof_elf_file *file;
	int err = kprof_elf_file_open(path, &file);

	if (err) {
		fprintf(stderr, "%s: %s\n", path, strerror(-err));
		exit(1);
	}
	err = kprof_cfi_compile(file, NULL, &unwind);
	if (err)
		fprintf(stderr, "%s: no table: %s\n", path, strerror(-err));
	kprof_elf_file_close(file);
	return unwind.table;
}
