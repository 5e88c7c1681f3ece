// SPDX-License-Identifier: GPL-2.0-only
/*
 * The libraries that a program would load.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * As ld.so would, but for its cache and what the environment says: so nothing
 * of the program runs, and programs of other machines can be asked as well.
 */
#include "lib/elf_file.h"
#include "lib/kprof.h"
#include "util/cleanup.h"
#include "util/vector.h"

#include <errno.h>
#include <gelf.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Of one file; real ones have about 30. */
	MAX_DYNAMIC_BYTES = 1 << 16,
	MAX_FILES = 4096,
	MAX_CONF_DEPTH = 4,
};

typedef vector(char *) string_list;

struct search {
	/* Found so far; those behind @next are still to be looked into. */
	string_list files;
	string_list directories;
	unsigned int machine;
};

/* What one file says. */
struct dynamic {
	const struct kprof_elf_file *elf;
	const char *path;
	string_list needed;
	string_list run_path;
};

define_cleanup(cleanup_elf, struct kprof_elf_file *, kprof_elf_file_close)

	static void free_list(string_list *list)
{
	vector_for_each (list, string)
		free(*string);
	vector_free(list);
}

/* Takes over @string, which may be NULL. */
static int add(string_list *list, char *string)
{
	if (!string)
		return -ENOMEM;
	if (!vector_push(list, string))
		return 0;
	free(string);
	return -ENOMEM;
}

/* Where libraries are */

static int add_conf(struct search *search, const char *pattern, int depth);

static int add_conf_line(struct search *search, char *line, int depth)
{
	static const char include[] = "include ";

	line[strcspn(line, "#\r\n")] = '\0';
	line += strspn(line, " \t");
	if (!strncmp(line, include, strlen(include)))
		return add_conf(search, line + strlen(include), depth + 1);
	return line[0] == '/' ? add(&search->directories, strdup(line)) : 0;
}

static int add_conf_file(struct search *search, const char *path, int depth)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int err = 0;

	while (file && !err && getline(&line, &size, file) >= 0)
		err = add_conf_line(search, line, depth);
	return err;
}

static int add_conf(struct search *search, const char *pattern, int depth)
{
	glob_t found;
	int err = 0;

	if (depth > MAX_CONF_DEPTH || glob(pattern, 0, NULL, &found))
		return 0;
	for (size_t i = 0; !err && i < found.gl_pathc; i++)
		err = add_conf_file(search, found.gl_pathv[i], depth);
	globfree(&found);
	return err;
}

static int add_directories(struct search *search, const char *pattern)
{
	glob_t found;
	int err = 0;

	if (glob(pattern, GLOB_ONLYDIR, NULL, &found))
		return 0;
	for (size_t i = 0; !err && i < found.gl_pathc; i++)
		err = add(&search->directories, strdup(found.gl_pathv[i]));
	globfree(&found);
	return err;
}

/* Debian's ld.so knows its folder without being told; others have no such. */
static int add_usual(struct search *search)
{
	static const char *const usual[] = {
		"/lib64", "/usr/lib64", "/lib/*-linux-*", "/usr/lib/*-linux-*",
		"/lib",	  "/usr/lib",
	};
	int err = add_conf(search, "/etc/ld.so.conf", 0);

	for (size_t i = 0; !err && i < sizeof(usual) / sizeof(usual[0]); i++)
		err = add_directories(search, usual[i]);
	return err;
}

/* What a file says */

static int add_origin(struct dynamic *dynamic, const char *rest)
{
	const char *slash = strrchr(dynamic->path, '/');
	char *path;

	if (asprintf(&path, "%.*s%s", slash ? (int)(slash - dynamic->path) : 1,
		     slash ? dynamic->path : ".", rest) < 0)
		return -ENOMEM;
	return add(&dynamic->run_path, path);
}

/* A list with colons between. */
static int add_run_path(struct dynamic *dynamic, char *list)
{
	char *rest = list, *path;
	int err = 0;

	while (!err && (path = strsep(&rest, ":"))) {
		if (!strncmp(path, "$ORIGIN", 7))
			err = add_origin(dynamic, path + 7);
		else if (!strncmp(path, "${ORIGIN}", 9))
			err = add_origin(dynamic, path + 9);
		else if (path[0] == '/')
			err = add(&dynamic->run_path, strdup(path));
	}
	return err;
}

static int add_entry(struct dynamic *dynamic, const GElf_Dyn *dyn,
		     uint64_t strings)
{
	char name[PATH_MAX];
	size_t size;

	if (dyn->d_tag != DT_NEEDED && dyn->d_tag != DT_RUNPATH &&
	    dyn->d_tag != DT_RPATH)
		return 0;
	size = kprof_elf_file_read(dynamic->elf, strings + dyn->d_un.d_val,
				   name, sizeof(name));
	if (!memchr(name, '\0', size))
		return 0;
	if (dyn->d_tag != DT_NEEDED)
		return add_run_path(dynamic, name);
	return name[0] ? add(&dynamic->needed, strdup(name)) : 0;
}

static bool file_offset(const struct kprof_elf_file *elf, uint64_t vaddr,
			uint64_t *ret)
{
	for (size_t i = 0; i < elf->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &elf->segments[i];

		if (vaddr >= segment->vaddr &&
		    vaddr - segment->vaddr < segment->file_bytes) {
			*ret = segment->offset + (vaddr - segment->vaddr);
			return true;
		}
	}
	return false;
}

static int read_entries(struct dynamic *dynamic, Elf_Data *data)
{
	uint64_t strings = 0;
	GElf_Dyn dyn;
	int err = 0;

	for (int i = 0; gelf_getdyn(data, i, &dyn); i++)
		if (dyn.d_tag == DT_STRTAB &&
		    !file_offset(dynamic->elf, dyn.d_un.d_ptr, &strings))
			return 0;
	for (int i = 0; !err && strings && gelf_getdyn(data, i, &dyn) &&
			dyn.d_tag != DT_NULL;
	     i++)
		err = add_entry(dynamic, &dyn, strings);
	return err;
}

static int read_dynamic(struct dynamic *dynamic)
{
	Elf *elf = dynamic->elf->elf;
	size_t nr = 0;
	GElf_Phdr phdr;
	Elf_Data *data;

	elf_getphdrnum(elf, &nr);
	for (size_t i = 0; i < nr; i++) {
		if (!gelf_getphdr(elf, (int)i, &phdr) ||
		    phdr.p_type != PT_DYNAMIC ||
		    phdr.p_filesz > MAX_DYNAMIC_BYTES)
			continue;
		data = elf_getdata_rawchunk(elf, (int64_t)phdr.p_offset,
					    phdr.p_filesz, ELF_T_DYN);
		return data ? read_entries(dynamic, data) : 0;
	}
	return 0;
}

/* Finding */

static int add_file(struct search *search, const char *path)
{
	vector_for_each (&search->files, known)
		if (!strcmp(*known, path))
			return 0;
	if (search->files.nr == MAX_FILES)
		return -E2BIG;
	return add(&search->files, strdup(path));
}

/* Is it there, and of the right machine? Then it is added. */
static int try_file(struct search *search, const char *path, bool *found)
{
	_cleanup_(cleanup_elf) struct kprof_elf_file *elf = NULL;
	char real[PATH_MAX];

	if (!realpath(path, real) || kprof_elf_file_open(real, &elf) ||
	    elf->machine != search->machine)
		return 0;
	*found = true;
	return add_file(search, real);
}

static int try_directories(struct search *search, const string_list *list,
			   const char *name, bool *found)
{
	int err = 0;

	for (size_t i = 0; !err && !*found && i < list->nr; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", list->data[i], name);
		err = try_file(search, path, found);
	}
	return err;
}

static int find_needed(struct search *search, const struct dynamic *dynamic,
		       const char *name)
{
	bool found = false;
	int err;

	if (strchr(name, '/'))
		return try_file(search, name, &found);
	err = try_directories(search, &dynamic->run_path, name, &found);
	return err
		       ?: try_directories(search, &search->directories, name,
					  &found);
}

static int look_into(struct search *search, const char *path)
{
	_cleanup_(cleanup_elf) struct kprof_elf_file *elf = NULL;
	struct dynamic dynamic = {.path = path};
	int err = kprof_elf_file_open(path, &elf);

	if (err)
		return err;
	search->machine = elf->machine;
	dynamic.elf = elf;
	err = read_dynamic(&dynamic);
	for (size_t i = 0; !err && i < dynamic.needed.nr; i++)
		err = find_needed(search, &dynamic, dynamic.needed.data[i]);
	free_list(&dynamic.needed);
	free_list(&dynamic.run_path);
	return err;
}

int kprof_unwind_needed(const char *path,
			int (*found)(const char *path, void *context),
			void *context)
{
	struct search search = {};
	char real[PATH_MAX];
	int err;

	if (!realpath(path, real))
		return -errno;
	err = add_usual(&search);
	err = err ?: add_file(&search, real);
	for (size_t i = 0; !err && i < search.files.nr; i++) {
		err = look_into(&search, search.files.data[i]);
		err = err ?: found(search.files.data[i], context);
	}
	free_list(&search.files);
	free_list(&search.directories);
	return err;
}
