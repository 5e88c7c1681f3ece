// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vdso: code that the kernel maps into every program, without a file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/sym_vdso.h"

#include "lib/elf_file.h"
#include "util/cleanup.h"
#include "util/io.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>

/* How much of the image there is: it ends with its section headers. */
static size_t image_size(const ElfW(Ehdr) * ehdr)
{
	return ehdr->e_shoff + (size_t)ehdr->e_shnum * ehdr->e_shentsize;
}

/* getauxval() gives every value as a number. */
static const ElfW(Ehdr) * image(void)
{
	return (const void *)(uintptr_t)getauxval(AT_SYSINFO_EHDR);
}

int kprof_vdso_open(struct kprof_elf_file **ret)
{
	const ElfW(Ehdr) *ehdr = image();

	if (!ehdr)
		return -ENOENT;
	return kprof_elf_file_open_memory(ehdr, image_size(ehdr), ret);
}

int kprof_vdso_copy(void)
{
	const ElfW(Ehdr) *ehdr = image();
	_cleanup_close_ int fd = -1;
	int err;

	if (!ehdr)
		return -ENOENT;
	fd = memfd_create("vdso", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = kprof_io_write(fd, ehdr, image_size(ehdr));
	return err ?: no_cleanup_fd(fd);
}
