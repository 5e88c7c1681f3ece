// SPDX-License-Identifier: GPL-2.0-only
/*
 * Paths of source files, from the way compilers write them to the way people
 * do.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * ".." stays: what lies before it may be a symbolic link.
 */
#include "lib/dwarf_paths.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
	/* A longer path is left as it is. */
	MAX_PATH_BYTES = 65536,
};

static bool starts_with_directory(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return len && !strncmp(path, dir, len) && path[len] == '/';
}

/*
 * What is to be put before @raw: nothing if it starts at the root, or with the
 * directory already, as names from DWARF 5 do.
 */
static const char *directory_of(const char *comp_dir, const char *raw)
{
	if (raw[0] == '/' || starts_with_directory(raw, comp_dir))
		return "";
	return comp_dir;
}

/* Behind the first of two copies of a relative directory. */
static const char *skip_twice(const char *comp_dir, const char *raw)
{
	size_t len = strlen(comp_dir) + 1;

	if (comp_dir[0] == '/' || !starts_with_directory(raw, comp_dir) ||
	    !starts_with_directory(raw + len, comp_dir))
		return raw;
	return raw + len;
}

/*
 * Appends @from without its "." and empty components; returns the end. Whether
 * the path starts at the root is what its first part says.
 */
static char *append(char *to, const char *from, bool is_first)
{
	if (*from == '/' && is_first)
		*to++ = '/';
	while (*from) {
		size_t len = strcspn(from, "/");

		if (len && !(len == 1 && *from == '.')) {
			memcpy(to, from, len);
			to += len;
			*to++ = '/';
		}
		from += len + (from[len] == '/');
	}
	*to = '\0';
	return to;
}

static void join(const char *comp_dir, const char *raw, char *ret)
{
	const char *dir = directory_of(comp_dir, raw);
	char *end = append(ret, dir, true);

	end = append(end, skip_twice(comp_dir, raw), !*dir);
	/* The last component is a file. */
	if (end > ret + 1)
		end[-1] = '\0';
}

void kprof_dwarf_paths_deinit(struct kprof_dwarf_paths *paths)
{
	kprof_map_deinit(&paths->by_address);
	kprof_arena_deinit(&paths->arena);
}

void kprof_dwarf_paths_reset(struct kprof_dwarf_paths *paths)
{
	kprof_dwarf_paths_deinit(paths);
	*paths = (struct kprof_dwarf_paths){};
}

const char *kprof_dwarf_paths_get(struct kprof_dwarf_paths *paths,
				  const char *comp_dir, const char *raw)
{
	uint64_t known;
	size_t len;
	char *path;

	/* What libdw says where the number of a file is 0. */
	if (!raw || !strcmp(raw, "???"))
		return "";
	if (kprof_map_get(&paths->by_address, (uintptr_t)raw, &known))
		return (const char *)(uintptr_t)known;
	len = strnlen(raw, MAX_PATH_BYTES) + strnlen(comp_dir, MAX_PATH_BYTES);
	if (len >= MAX_PATH_BYTES)
		return raw;
	paths->arena.max_bytes = SIZE_MAX;
	/* A slash behind each of the two, and the end. */
	path = kprof_arena_alloc(&paths->arena, len + 3);
	if (!path)
		return raw;
	join(comp_dir, raw, path);
	if (kprof_map_set(&paths->by_address, (uintptr_t)raw, (uintptr_t)path))
		return raw;
	return path;
}
