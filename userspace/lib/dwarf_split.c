// SPDX-License-Identifier: GPL-2.0-only
/*
 * Split DWARF: what a unit has in another file (.dwo) or in a package of many
 * (.dwp).
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifdef HAVE_LIBDW

#include "lib/dwarf_split.h"

#include "lib/dwarf_file.h"
#include "lib/dwarf_reader.h"
#include "lib/elf_file.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/strbuf.h"

#include <dwarf.h>
#include <string.h>
#include <sys/stat.h>

static const char *string_of(Dwarf_Die *die, unsigned int attribute)
{
	Dwarf_Attribute attr;

	return dwarf_formstring(dwarf_attr(die, attribute, &attr));
}

/**
 * struct parts - what libdw will open for a unit
 * @has_trap: one of them is no file, which it must not open
 * @dwo_bytes: of the unit's own file, 0 if there is none
 * @package_bytes: of the package, 0 if there is none that it reads
 */
struct parts {
	bool has_trap;
	uint64_t dwo_bytes;
	uint64_t package_bytes;
};

/* Is there a file? */
static bool look(const char *path, struct parts *parts, uint64_t *bytes_ret)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	if (!S_ISREG(st.st_mode)) {
		parts->has_trap = true;
		return false;
	}
	*bytes_ret = (uint64_t)st.st_size;
	return true;
}

/* In its directory and, a relative name, where it was compiled. */
static int look_for_dwo(const char *opened, Dwarf_Die *cu, const char *name,
			struct parts *parts)
{
	const int folder = (int)(strrchr(opened, '/') - opened);
	const char *comp_dir = string_of(cu, DW_AT_comp_dir);
	_cleanup_strbuf_ struct kprof_strbuf path = {};

	if (name[0] == '/') {
		look(name, parts, &parts->dwo_bytes);
		return 0;
	}
	kprof_strbuf_appendf(&path, "%.*s/%s", folder, opened, name);
	look(kprof_strbuf_str(&path), parts, &parts->dwo_bytes);
	if (comp_dir) {
		kprof_strbuf_reset(&path);
		kprof_strbuf_appendf(&path, "%s/%s", comp_dir, name);
		look(kprof_strbuf_str(&path), parts, &parts->dwo_bytes);
	}
	return path.err;
}

static int look_for_package(struct kprof_dwarf_file *file, const char *opened,
			    struct parts *parts)
{
	_cleanup_strbuf_ struct kprof_strbuf path = {};
	struct parts found = {};
	bool exists;

	kprof_strbuf_appendf(&path, "%s.dwp", opened);
	if (path.err)
		return path.err;
	exists = look(kprof_strbuf_str(&path), &found, &found.package_bytes);
	if (kprof_dwarf_reads_packages()) {
		parts->has_trap |= found.has_trap;
		parts->package_bytes = found.package_bytes;
	} else if (exists && !parts->dwo_bytes && !file->has_warned) {
		log_warning(
			"%s is not read: it needs libdw 0.191 or newer; "
			"functions inlined in %s are not shown",
			kprof_strbuf_str(&path), file->path);
		file->has_warned = true;
	}
	return 0;
}

/* The package is one for all units. */
static bool has_room(struct kprof_dwarf_file *file, const struct parts *parts)
{
	uint64_t bytes = parts->dwo_bytes;

	if (parts->package_bytes)
		bytes = file->has_package ? 0 : parts->package_bytes;
	if (!kprof_dwarf_file_has_room(file, bytes))
		return false;
	file->bytes += bytes;
	file->has_package |= parts->package_bytes > 0;
	return true;
}

bool kprof_dwarf_file_code_unit(struct kprof_dwarf_file *file, Dwarf_Die *cu,
				Dwarf_Die *ret)
{
	const char *name = string_of(cu, DW_AT_dwo_name)
				   ?: string_of(cu, DW_AT_GNU_dwo_name);
	_cleanup_free_ char *opened = NULL;
	struct parts parts = {};

	if (!name) {
		*ret = *cu;
		return true;
	}
	opened = kprof_elf_file_path(file->elf);
	if (!opened || look_for_dwo(opened, cu, name, &parts) ||
	    look_for_package(file, opened, &parts))
		return false;
	if (parts.has_trap || !(parts.dwo_bytes || parts.package_bytes))
		return false;
	return has_room(file, &parts) &&
	       !dwarf_cu_info(cu->cu, NULL, NULL, NULL, ret, NULL, NULL,
			      NULL) &&
	       ret->cu;
}

#endif /* HAVE_LIBDW */
