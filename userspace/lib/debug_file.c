// SPDX-License-Identifier: GPL-2.0-only
/*
 * Separate debug files: found by build-id, or by the name in the binary.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The names come from files that nobody vouches for: what is opened is a
 * regular file, and what is used has the right build-id or checksum.
 */
#include "lib/debug_file.h"

#include "lib/debuginfod.h"
#include "lib/elf_check.h"
#include "lib/elf_file.h"
#include "lib/symbolize.h"
#include "util/cleanup.h"
#include "util/log.h"

#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
	/* Two digits name the directory, the file's name needs one more. */
	MIN_DIGITS = 3,
	/* The longest path there is. */
	MAX_LINK_BYTES = 4096,
	CHUNK_BYTES = 65536,
};

/* What .gnu_debuglink or .gnu_debugaltlink says: a name, and what follows. */
struct link {
	char name[MAX_LINK_BYTES];
	const unsigned char *rest;
	size_t rest_bytes;
};

bool kprof_is_build_id(const char *text)
{
	return strlen(text) >= MIN_DIGITS &&
	       text[strspn(text, "0123456789abcdef")] == '\0';
}

/* -ENOENT for what is of no use, which is said unless there is no file. */
static int open_elf(const char *path, struct kprof_elf_file **ret)
{
	int err = kprof_elf_file_open_object(path, ret);

	if (!err)
		kprof_elf_file_warn(*ret, path);
	if (!err || err == -ENOMEM)
		return err;
	if (err != -ENOENT && err != -ENOTDIR)
		log_warning("cannot use debug file %s: %s", path,
			    kprof_elf_file_reason(err));
	return -ENOENT;
}

static int refuse(struct kprof_elf_file **elf)
{
	kprof_elf_file_close(*elf);
	*elf = NULL;
	return -ENOENT;
}

/* By build-id */

static int check_build_id(const char *path, const char *build_id,
			  struct kprof_elf_file **elf)
{
	if (!strcmp((*elf)->build_id, build_id))
		return 0;
	log_warning("debug file %s has build-id %s, not %s: not used", path,
		    (*elf)->build_id[0] ? (*elf)->build_id : "none", build_id);
	return refuse(elf);
}

/* @tree is what lies between the directory and xx/yyyy.debug. */
static int open_by_build_id(const char *dir, const char *tree,
			    const char *build_id, struct kprof_elf_file **ret)
{
	_cleanup_free_ char *path = NULL;
	int err;

	if (asprintf(&path, "%s/%s%.2s/%s.debug", dir, tree, build_id,
		     build_id + 2) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	err = open_elf(path, ret);
	return err ?: check_build_id(path, build_id, ret);
}

static int find_by_build_id(const struct kprof_symbol_binary *binary,
			    const char *build_id, struct kprof_elf_file **ret)
{
	int err = -ENOENT;

	if (!kprof_is_build_id(build_id))
		return -ENOENT;
	for (size_t i = 0; err == -ENOENT && i < binary->nr_debug_dirs; i++)
		err = open_by_build_id(binary->debug_dirs[i], ".build-id/",
				       build_id, ret);
	for (size_t i = 0; err == -ENOENT && i < binary->nr_symbol_dirs; i++) {
		err = open_by_build_id(binary->symbol_dirs[i], ".build-id/",
				       build_id, ret);
		if (err == -ENOENT)
			err = open_by_build_id(binary->symbol_dirs[i], "",
					       build_id, ret);
	}
	return err;
}

/* By name */

static int read_link(const struct kprof_elf_file *elf, const char *section_name,
		     struct link *ret)
{
	Elf_Scn *section = NULL;
	size_t names, size;
	GElf_Shdr shdr;
	const char *name, *end;

	if (elf_getshdrstrndx(elf->elf, &names))
		return -ENOENT;
	while ((section = elf_nextscn(elf->elf, section))) {
		if (!gelf_getshdr(section, &shdr))
			continue;
		name = elf_strptr(elf->elf, names, shdr.sh_name);
		if (name && !strcmp(name, section_name))
			break;
	}
	if (!section || shdr.sh_type == SHT_NOBITS ||
	    shdr.sh_size > sizeof(ret->name))
		return -ENOENT;
	size = kprof_elf_file_read(elf, shdr.sh_offset, ret->name,
				   shdr.sh_size);
	end = memchr(ret->name, '\0', size);
	if (!end || end == ret->name)
		return -ENOENT;
	ret->rest = (const unsigned char *)end + 1;
	ret->rest_bytes = size - (size_t)(end + 1 - ret->name);
	return 0;
}

/* The checksum lies on the next multiple of 4, in the file's byte order. */
static int link_checksum(const struct kprof_elf_file *elf,
			 const struct link *link, uint32_t *ret)
{
	size_t skip = -(strlen(link->name) + 1) % 4;
	const unsigned char *at = link->rest + skip;

	if (link->rest_bytes < skip + 4)
		return -ENOENT;
	if (elf_getident(elf->elf, NULL)[EI_DATA] == ELFDATA2MSB)
		*ret = (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
	else
		*ret = (uint32_t)at[3] << 24 | at[2] << 16 | at[1] << 8 | at[0];
	return 0;
}

static int checksum(const struct kprof_elf_file *elf, uint32_t *ret)
{
	_cleanup_free_ unsigned char *chunk = malloc(CHUNK_BYTES);
	uLong crc = crc32(0, NULL, 0);
	uint64_t offset = 0;
	size_t size;

	if (!chunk)
		return -ENOMEM;
	while ((size = kprof_elf_file_read(elf, offset, chunk, CHUNK_BYTES))) {
		crc = crc32(crc, chunk, (uInt)size);
		offset += size;
	}
	*ret = (uint32_t)crc;
	return 0;
}

static int check_linked(const struct kprof_symbol_binary *binary,
			const char *path, uint32_t wanted,
			struct kprof_elf_file **elf)
{
	uint32_t crc;
	int err;

	if (binary->build_id[0] && (*elf)->build_id[0] &&
	    strcmp((*elf)->build_id, binary->build_id))
		return check_build_id(path, binary->build_id, elf);
	err = checksum(*elf, &crc);
	if (err) {
		refuse(elf);
		return err;
	}
	if (crc == wanted)
		return 0;
	log_warning(
		"debug file %s has checksum %08x, not %08x as %s wants: "
		"not used",
		path, crc, wanted, binary->path);
	return refuse(elf);
}

/* @dir may be "": then the binary's directory is all there is of it. */
static int try_link(const struct kprof_symbol_binary *binary, const char *dir,
		    const char *subdir, const char *name, uint32_t crc,
		    struct kprof_elf_file **ret)
{
	const char *slash = strrchr(binary->path, '/');
	_cleanup_free_ char *path = NULL;
	int err;

	if (asprintf(&path, "%s%.*s/%s%s", dir, (int)(slash - binary->path),
		     binary->path, subdir, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	/* A stripped file may have the name of what it was. */
	if (!strcmp(path, binary->path))
		return -ENOENT;
	err = open_elf(path, ret);
	return err ?: check_linked(binary, path, crc, ret);
}

static int find_by_link(const struct kprof_symbol_binary *binary,
			struct kprof_elf_file **ret)
{
	struct link link;
	uint32_t crc;
	int err;

	if (!binary->elf || binary->path[0] != '/')
		return -ENOENT;
	err = read_link(binary->elf, ".gnu_debuglink", &link);
	if (err || strchr(link.name, '/') ||
	    link_checksum(binary->elf, &link, &crc))
		return -ENOENT;
	err = try_link(binary, "", "", link.name, crc, ret);
	if (err == -ENOENT)
		err = try_link(binary, "", ".debug/", link.name, crc, ret);
	for (size_t i = 0; err == -ENOENT && i < binary->nr_debug_dirs; i++)
		err = try_link(binary, binary->debug_dirs[i], "", link.name,
			       crc, ret);
	return err;
}

static int find_by_server(const struct kprof_symbol_binary *binary,
			  struct kprof_elf_file **ret)
{
	_cleanup_free_ char *path = NULL;
	int err;

	if (!kprof_is_build_id(binary->build_id))
		return -ENOENT;
	err = kprof_debuginfod_find(binary->build_id, &path);
	err = err ?: open_elf(path, ret);
	return err ?: check_build_id(path, binary->build_id, ret);
}

int kprof_debug_file_get(const struct kprof_symbol_binary *binary,
			 const struct kprof_elf_file **ret)
{
	struct kprof_debug_file *debug = binary->debug;
	int err;

	if (!debug)
		return -ENOENT;
	if (!debug->is_looked_for) {
		err = find_by_build_id(binary, binary->build_id, &debug->elf);
		if (err == -ENOENT)
			err = find_by_link(binary, &debug->elf);
		if (err == -ENOENT && binary->debuginfod)
			err = find_by_server(binary, &debug->elf);
		if (err && err != -ENOENT)
			return err;
		debug->is_looked_for = true;
	}
	*ret = debug->elf;
	return debug->elf ? 0 : -ENOENT;
}

void kprof_debug_file_close(struct kprof_debug_file *debug)
{
	kprof_elf_file_close(debug->elf);
	*debug = (struct kprof_debug_file){};
}

/* Shared parts */

static void hex_encode(const unsigned char *data, size_t size, char *ret)
{
	for (size_t i = 0; i < size; i++)
		sprintf(ret + 2 * i, "%02x", data[i]);
}

/* A relative name counts from the directory of the file that has it. */
static int open_alt(const struct kprof_elf_file *elf, const char *name,
		    struct kprof_elf_file **ret)
{
	_cleanup_free_ char *opened = NULL, *path = NULL;
	int len;

	if (name[0] == '/')
		return open_elf(name, ret);
	opened = kprof_elf_file_path(elf);
	if (!opened)
		return -ENOENT;
	len = (int)(strrchr(opened, '/') - opened);
	if (asprintf(&path, "%.*s/%s", len, opened, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	return open_elf(path, ret);
}

int kprof_debug_alt_file_open(const struct kprof_symbol_binary *binary,
			      const struct kprof_elf_file *elf,
			      struct kprof_elf_file **ret)
{
	char build_id[KPROF_ELF_BUILD_ID_HEX] = "";
	struct link link;
	int err = read_link(elf, ".gnu_debugaltlink", &link);

	if (err || link.rest_bytes > KPROF_ELF_BUILD_ID_MAX)
		return -ENOENT;
	hex_encode(link.rest, link.rest_bytes, build_id);
	err = find_by_build_id(binary, build_id, ret);
	if (err != -ENOENT)
		return err;
	err = open_alt(elf, link.name, ret);
	return err ?: check_build_id(link.name, build_id, ret);
}
