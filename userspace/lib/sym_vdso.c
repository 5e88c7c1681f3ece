// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vdso: code that the kernel maps into every program, without a file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_vdso.h"

#include "lib/elf_file.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <sys/auxv.h>

/* How much of the image there is: it ends with its section headers. */
static size_t image_size(const ElfW(Ehdr) * ehdr)
{
	return ehdr->e_shoff + (size_t)ehdr->e_shnum * ehdr->e_shentsize;
}

int kprof_vdso_open(struct kprof_elf_file **ret)
{
	/* getauxval() gives every value as a number. */
	const ElfW(Ehdr) *ehdr =
		(const void *)(uintptr_t)getauxval(AT_SYSINFO_EHDR);

	if (!ehdr)
		return -ENOENT;
	return kprof_elf_file_open_memory(ehdr, image_size(ehdr), ret);
}
