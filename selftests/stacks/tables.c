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

/* By build-id, in the folder that the environment's MAPS_OF names. */
static struct kprof_elf_file *open_debug_file(const struct kprof_elf_file *file)
{
	const char *folder = getenv("MAPS_OF");
	struct kprof_elf_file *debug = NULL;
	char path[512];

	if (!folder || strlen(file->build_id) < 3)
		return NULL;
	snprintf(path, sizeof(path), "%s/.build-id/%.2s/%s.debug", folder,
		 file->build_id, file->build_id + 2);
	return kprof_elf_file_open(path, &debug) ? NULL : debug;
}

const struct kprof_unwind_table *table_compile(const char *path)
{
	struct kprof_unwind_image unwind = {0};
	struct kprof_elf_file *file, *debug;
	int err = kprof_elf_file_open(path, &file);

	if (err) {
		fprintf(stderr, "%s: %s\n", path, strerror(-err));
		exit(1);
	}
	debug = open_debug_file(file);
	err = kprof_cfi_compile(file, debug, &unwind);
	if (err)
		fprintf(stderr, "%s: no table: %s\n", path, strerror(-err));
	kprof_elf_file_close(debug);
	kprof_elf_file_close(file);
	return unwind.table;
}
