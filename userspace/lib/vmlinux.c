// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own ELF file, vmlinux: where it is, and where its code starts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/vmlinux.h"

#include "lib/elf_file.h"
#include "lib/find_file.h"
#include "lib/kernel_places.h"
#include "util/cleanup.h"

#include <errno.h>
#include <gelf.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes @path over if it is the one. */
static int try_path(const char *path, const char *build_id,
		    struct kprof_found_file *ret)
{
	struct kprof_elf_file *elf;
	int err = kprof_elf_file_open(path, &elf);

	if (err)
		return err == -ENOMEM ? err : 0;
	if (!strcmp(elf->build_id, build_id)) {
		ret->path = strdup(path);
		if (ret->path) {
			ret->elf = elf;
			return 0;
		}
		err = -ENOMEM;
	}
	kprof_elf_file_close(elf);
	return err;
}

static int try_all(const char *pattern, const char *build_id,
		   struct kprof_found_file *ret)
{
	glob_t found;
	int err = 0;

	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (size_t i = 0; !err && !ret->elf && i < found.gl_pathc; i++)
		err = try_path(found.gl_pathv[i], build_id, ret);
	globfree(&found);
	return err;
}

static int try_debug_dir(const char *dir, const char *build_id,
			 struct kprof_found_file *ret)
{
	static const char *const places[] = {"boot/vmlinux-*",
					     "lib/modules/*/vmlinux"};
	int err = 0;

	for (size_t i = 0; !err && !ret->elf && i < 2; i++) {
		_cleanup_free_ char *pattern = NULL;

		if (asprintf(&pattern, "%s/%s", dir, places[i]) < 0) {
			pattern = NULL;
			return -ENOMEM;
		}
		err = try_all(pattern, build_id, ret);
	}
	return err;
}

int kprof_vmlinux_find(const char *build_id, const char *const *debug_dirs,
		       size_t nr_debug_dirs, struct kprof_found_file *ret)
{
	int err = 0;

	*ret = (struct kprof_found_file){};
	for (size_t i = 0; !err && !ret->elf && i < nr_debug_dirs; i++)
		err = try_debug_dir(debug_dirs[i], build_id, ret);
	if (!err && !ret->elf)
		err = try_all("/lib/modules/*/build/vmlinux", build_id, ret);
	if (!err && !ret->elf)
		err = try_all("/boot/vmlinux-*", build_id, ret);
	return err;
}

static int find_in(Elf *elf, Elf_Scn *section, const GElf_Shdr *shdr,
		   uint64_t *ret)
{
	Elf_Data *data = elf_getdata(section, NULL);
	GElf_Sym symbol;

	for (int i = 0; data && gelf_getsym(data, i, &symbol); i++) {
		const char *name =
			elf_strptr(elf, shdr->sh_link, symbol.st_name);

		if (name && !strcmp(name, KPROF_KERNEL_START)) {
			*ret = symbol.st_value;
			return 0;
		}
	}
	return -ENOENT;
}

int kprof_vmlinux_start(const struct kprof_elf_file *elf, uint64_t *ret)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(elf->elf, section)))
		if (gelf_getshdr(section, &shdr) && shdr.sh_type == SHT_SYMTAB)
			return find_in(elf->elf, section, &shdr, ret);
	return -ENOENT;
}
