// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds the file of a mapping: where it was mapped from, or in directories
 * with files for symbols.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/find_file.h"

#include "lib/debug_file.h"
#include "lib/elf_check.h"
#include "lib/elf_file.h"
#include "lib/kernel_places.h"
#include "lib/kprof.h"
#include "lib/sym_vdso.h"
#include "lib/vmlinux.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/strbuf.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
	/* In the directory of a build-id; one is usual. */
	MAX_ENTRIES = 16,
};

/**
 * struct search - for one file
 * @mapping: of it
 * @ret: what was found
 * @wrong: what was refused first, and why
 */
struct search {
	const struct kprof_mapping *mapping;
	struct kprof_found_file *ret;
	struct kprof_strbuf wrong;
};

static bool is_found(const struct search *search)
{
	return search->ret->elf || search->ret->debug;
}

/* A file by the right name may have replaced the one that ran. */
static bool is_right(struct search *search, const char *path,
		     const struct kprof_elf_file *elf)
{
	const char *build_id = search->mapping->build_id;

	if (!build_id[0] || !strcmp(build_id, elf->build_id))
		return true;
	/* That another kernel has another vdso is no wonder. */
	if (!search->wrong.len && path[0] != '[')
		kprof_strbuf_appendf(&search->wrong,
				     "%s is not the file that ran: its "
				     "build-id is %s, not %s",
				     path,
				     elf->build_id[0] ? elf->build_id : "none",
				     build_id);
	return false;
}

/* Takes over @elf if it is the right one. */
static int judge(struct search *search, const char *path,
		 struct kprof_elf_file *elf)
{
	if (!is_right(search, path, elf)) {
		kprof_elf_file_close(elf);
		return 0;
	}
	search->ret->path = strdup(path);
	if (!search->ret->path) {
		kprof_elf_file_close(elf);
		return -ENOMEM;
	}
	kprof_elf_file_warn(elf, path);
	if (kprof_elf_file_has_code(elf))
		search->ret->elf = elf;
	else
		search->ret->debug = elf;
	return 0;
}

static int try_path(struct search *search, const char *path)
{
	struct kprof_elf_file *elf;
	int err = kprof_elf_file_open(path, &elf);

	if (err)
		return err == -ENOMEM ? err : 0;
	return judge(search, path, elf);
}

/* Where it was mapped from */

static int open_mapped(const struct kprof_mapping *mapping,
		       struct kprof_elf_file **ret)
{
	const char *name = mapping->filename;

	if (!strcmp(name, "[vdso]")) {
		/* A 32-bit program on a 64-bit kernel has another one. */
		if (sizeof(void *) == 8 && mapping->limit <= UINT32_MAX)
			return -ENOENT;
		return kprof_vdso_open(ret);
	}
	if (mapping->fd >= 0)
		return kprof_elf_file_open_fd(mapping->fd, ret);
	/* //anon is no path. */
	if (name[0] != '/' || name[1] == '/' || mapping->is_lost)
		return -ENOENT;
	return kprof_elf_file_open(name, ret);
}

/* That a file is not here is usual; that it is none of a program is not. */
static void say_unreadable(const char *path, int err)
{
	if (err == -ENOEXEC || err == -EINVAL || err == -EISDIR)
		log_warning("cannot read %s: %s", path,
			    kprof_elf_file_reason(err));
	else
		log_info("cannot read %s: %s", path, strerror(-err));
}

static int try_mapped(struct search *search)
{
	const char *name = search->mapping->filename;
	struct kprof_elf_file *elf;
	int err = open_mapped(search->mapping, &elf);

	if (!err)
		return judge(search, name, elf);
	if (err == -ENOMEM)
		return err;
	if (name[0] == '/' && !search->mapping->jit)
		say_unreadable(name, err);
	return 0;
}

/* Directories */

static int try_in(struct search *search, const char *dir, const char *name)
{
	_cleanup_free_ char *path = NULL;

	if (is_found(search) || !*name)
		return 0;
	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return try_path(search, path);
}

/* Whatever is in the directory @dir. */
static int try_all_in(struct search *search, const char *dir)
{
	_cleanup_closedir_ DIR *opened = is_found(search) ? NULL : opendir(dir);
	struct dirent *entry;
	int err = 0;

	for (size_t i = 0; opened && !err && i < MAX_ENTRIES; i++) {
		entry = readdir(opened);
		if (!entry)
			break;
		err = try_in(search, dir, entry->d_name);
	}
	return err;
}

/* The path of a file that is deleted says so. */
static char *path_without_remark(const char *path)
{
	static const char remark[] = " (deleted)";
	size_t len = strlen(path), cut = strlen(remark);

	if (len > cut && !strcmp(path + len - cut, remark))
		len -= cut;
	return strndup(path, len);
}

static int try_directory(struct search *search, const char *dir,
			 const char *path)
{
	const char *build_id = search->mapping->build_id;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	_cleanup_free_ char *own = NULL, *below = NULL;
	int err;

	err = try_in(search, dir, path) ?: try_in(search, dir, name);
	if (err || !kprof_is_build_id(build_id))
		return err;
	if (asprintf(&own, "%s/%s", dir, build_id) < 0)
		own = NULL;
	if (asprintf(&below, "%s/%s/%s", dir, path, build_id) < 0)
		below = NULL;
	if (!own || !below)
		return -ENOMEM;
	err = try_in(search, own, name);
	if (!err)
		err = try_all_in(search, own);
	return err ?: try_all_in(search, below);
}

/* Some that are no files here may be such, but only the right ones will do. */
static const char *file_name(const struct kprof_mapping *mapping)
{
	if (mapping->build_id[0] && !strcmp(mapping->filename, "[vdso]"))
		return KPROF_VDSO_FILE;
	if (mapping->build_id[0] &&
	    !strcmp(mapping->filename, KPROF_KERNEL_MAPPING))
		return KPROF_VMLINUX_FILE;
	return mapping->filename;
}

static int try_directories(struct search *search,
			   const char *const *symbol_dirs,
			   size_t nr_symbol_dirs)
{
	const char *name = file_name(search->mapping);
	_cleanup_free_ char *path = NULL;
	int err = 0;

	/* [heap], //anon: nobody has files of them. */
	if (!*name || name[0] == '[' || !strncmp(name, "//", 2))
		return 0;
	path = path_without_remark(name);
	if (!path)
		return -ENOMEM;
	for (size_t i = 0; !err && !is_found(search) && i < nr_symbol_dirs; i++)
		err = try_directory(search, symbol_dirs[i], path);
	return err;
}

int kprof_find_file(const struct kprof_mapping *mapping,
		    const char *const *symbol_dirs, size_t nr_symbol_dirs,
		    struct kprof_found_file *ret)
{
	struct search search = {.mapping = mapping, .ret = ret};
	int err;

	*ret = (struct kprof_found_file){};
	err = try_mapped(&search);
	if (!err && !is_found(&search))
		err = try_directories(&search, symbol_dirs, nr_symbol_dirs);
	if (!err && !is_found(&search) && search.wrong.len)
		log_warning("%s", kprof_strbuf_str(&search.wrong));
	kprof_strbuf_deinit(&search.wrong);
	return err;
}
