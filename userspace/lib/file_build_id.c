// SPDX-License-Identifier: GPL-2.0-only
/*
 * The build-id of a file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kprof.h"

#include <string.h>

#include "elf_file.h"

_Static_assert(KPROF_BUILD_ID_SIZE >= KPROF_ELF_BUILD_ID_HEX,
	       "kprof.h has room for what an ELF file may have");

int kprof_file_build_id(const char *path, char ret[KPROF_BUILD_ID_SIZE])
{
	struct kprof_elf_file *file;
	int err = kprof_elf_file_open(path, &file);

	if (err)
		return err;
	strcpy(ret, file->build_id);
	kprof_elf_file_close(file);
	return 0;
}
