// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opens the DWARF of an ELF file with libdw, within a bound of memory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifdef HAVE_LIBDW

#include "lib/dwarf_file.h"

#include "lib/debug_file.h"
#include "lib/dwarf_section.h"
#include "lib/elf_file.h"
#include "lib/symbolize.h"
#include "util/cleanup.h"
#include "util/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Sections */

/* What names, lines and inlined functions need; .debug_ is before it. */
static bool is_wanted(const char *name)
{
	static const char *const wanted[] = {
		"info",	   "types",	  "abbrev",   "addr",
		"aranges", "line",	  "ranges",   "line_str",
		"str",	   "str_offsets", "rnglists",
	};

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (!strcmp(name, wanted[i]))
			return true;
	return false;
}

static void warn_of_zstd(struct kprof_dwarf_file *file)
{
	if (!file->has_warned)
		log_warning(
			"%s: no source lines: its debug information is "
			"compressed in a way that was not built in",
			file->path);
	file->has_warned = true;
}

/* A damaged section is as good as none. */
static int load(struct kprof_dwarf_file *file,
		struct kprof_dwarf_section *section)
{
	void *content = NULL;
	int err = kprof_dwarf_section_load(section, &content);

	if (err)
		kprof_dwarf_section_hide(section);
	if (err == -ENOTSUP)
		warn_of_zstd(file);
	if (err)
		return err == -ENOMEM ? err : 0;
	err = vector_push(&file->contents, content);
	if (err)
		free(content);
	return err;
}

static int prepare_section(struct kprof_dwarf_file *file,
			   struct kprof_dwarf_section *section)
{
	uint64_t bytes;

	if (!is_wanted(section->name)) {
		kprof_dwarf_section_hide(section);
		return 0;
	}
	bytes = kprof_dwarf_section_bytes(section);
	if (!kprof_dwarf_file_has_room(file, bytes))
		return -E2BIG;
	file->bytes += bytes;
	return load(file, section);
}

/* -ENOENT if there is no DWARF. */
static int prepare_sections(struct kprof_dwarf_file *file,
			    const struct kprof_elf_file *elf)
{
	struct kprof_dwarf_section section;
	Elf_Scn *scn = NULL;
	bool found = false;
	size_t names;
	int err;

	if (elf_getshdrstrndx(elf->elf, &names))
		return -ENOENT;
	while ((scn = elf_nextscn(elf->elf, scn))) {
		if (kprof_dwarf_section_init(&section, elf, scn, names))
			continue;
		found |= !strcmp(section.name, "info");
		err = prepare_section(file, &section);
		if (err)
			return err;
	}
	return found ? 0 : -ENOENT;
}

/* Opening */

/*
 * The file is opened anew: what libelf loads of it is given back with it, and
 * others do not see what is hidden.
 */
static int open_sections(struct kprof_dwarf_file *file,
			 const struct kprof_elf_file *from)
{
	int err;

	/* What is in memory is the vdso, which has none. */
	if (from->fd < 0)
		return -ENOENT;
	err = kprof_elf_file_open_fd(from->fd, &file->elf);
	if (!err)
		err = prepare_sections(file, file->elf);
	if (err) {
		kprof_elf_file_close(file->elf);
		file->elf = NULL;
	}
	return err == -ENOEXEC || err == -EINVAL ? -ENOENT : err;
}

static int open_alt(const struct kprof_symbol_binary *binary,
		    struct kprof_dwarf_file *file)
{
	int err = kprof_debug_alt_file_open(binary, file->elf, &file->alt_elf);

	if (!err)
		err = prepare_sections(file, file->alt_elf);
	return err == -ENOENT ? 0 : err;
}

static int begin(struct kprof_dwarf_file *file)
{
	file->dwarf = dwarf_begin_elf(file->elf->elf, DWARF_C_READ, NULL);
	if (!file->dwarf)
		return -ENOENT;
	if (file->alt_elf)
		file->alt =
			dwarf_begin_elf(file->alt_elf->elf, DWARF_C_READ, NULL);
	/* With NULL, too: else libdw would look for it, and open anything. */
	dwarf_setalt(file->dwarf, file->alt);
	return 0;
}

static void end(struct kprof_dwarf_file *file)
{
	dwarf_end(file->dwarf);
	dwarf_end(file->alt);
	file->dwarf = NULL;
	file->alt = NULL;
}

int kprof_dwarf_file_open(const struct kprof_symbol_binary *binary,
			  struct kprof_dwarf_file *ret)
{
	const struct kprof_elf_file *debug;
	int err = -ENOENT;

	*ret = (struct kprof_dwarf_file){
		.path = binary->path,
		.max_bytes = binary->max_memory,
	};
	if (binary->elf)
		err = open_sections(ret, binary->elf);
	if (err == -ENOENT) {
		err = kprof_debug_file_get(binary, &debug);
		if (!err)
			err = open_sections(ret, debug);
	}
	if (!err)
		err = open_alt(binary, ret);
	ret->section_bytes = ret->bytes;
	if (!err)
		err = begin(ret);
	if (err)
		kprof_dwarf_file_close(ret);
	return err;
}

void kprof_dwarf_file_close(struct kprof_dwarf_file *file)
{
	end(file);
	kprof_elf_file_close(file->elf);
	kprof_elf_file_close(file->alt_elf);
	vector_for_each (&file->contents, content)
		free(*content);
	vector_free(&file->contents);
	*file = (struct kprof_dwarf_file){};
}

int kprof_dwarf_file_restart(struct kprof_dwarf_file *file)
{
	end(file);
	file->bytes = file->section_bytes;
	file->has_package = false;
	return begin(file);
}

bool kprof_dwarf_file_has_room(struct kprof_dwarf_file *file, uint64_t bytes)
{
	if (bytes <= file->max_bytes && file->bytes <= file->max_bytes - bytes)
		return true;
	log_warning(
		"%s: no source lines: its debug information takes more "
		"than %" PRIu64 " MiB of memory",
		file->path, file->max_bytes >> 20);
	return false;
}

#endif /* HAVE_LIBDW */
