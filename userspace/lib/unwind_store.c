// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gets the unwind table of a file: from maps, from the cache, or compiled.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi.h"
#include "lib/debug_file.h"
#include "lib/elf_file.h"
#include "lib/find_file.h"
#include "lib/symbolize.h"
#include "lib/unwind_cache.h"
#include "lib/unwind_map.h"
#include "util/cleanup.h"
#include "util/log.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const usual_debug_dirs[] = {"/usr/lib/debug"};

static_assert(KPROF_BUILD_ID_SIZE == KPROF_ELF_BUILD_ID_HEX,
	      "any build-id has room");

define_cleanup(cleanup_elf, struct kprof_elf_file *, kprof_elf_file_close)

	/* Maps */

	/* Takes over @owned, which may be NULL. */
	static int try_map(char *owned, const char *build_id,
			   struct kprof_unwind_image *ret)
{
	_cleanup_free_ char *path = owned;
	int err;

	if (!path)
		return -ENOMEM;
	err = kprof_unwind_map_open(path, ret);
	if (err) {
		if (err != -ENOENT && err != -ENOTDIR && err != -ENOMEM)
			log_warning("cannot use unwind map %s: %s", path,
				    strerror(-err));
		return err == -ENOMEM ? err : -ENOENT;
	}
	if (strcmp(ret->build_id, build_id)) {
		log_warning("unwind map %s has build-id %s, not %s: not used",
			    path, ret->build_id[0] ? ret->build_id : "none",
			    build_id);
		kprof_unwind_image_deinit(ret);
		return -ENOENT;
	}
	return 0;
}

static char *in_tree(const char *dir, const char *build_id)
{
	char *ret;

	return asprintf(&ret, "%s/%.2s/%s.kuw", dir, build_id, build_id + 2) < 0
		       ? NULL
		       : ret;
}

static char *flat(const char *dir, const char *build_id)
{
	char *ret;

	return asprintf(&ret, "%s/%s.kuw", dir, build_id) < 0 ? NULL : ret;
}

static int find_map(const struct kprof_unwind_options *options,
		    const char *build_id, struct kprof_unwind_image *ret)
{
	int err = -ENOENT;

	if (!kprof_is_build_id(build_id))
		return -ENOENT;
	for (size_t i = 0; err == -ENOENT && i < options->nr_symbol_dirs; i++) {
		const char *dir = options->symbol_dirs[i];

		err = try_map(in_tree(dir, build_id), build_id, ret);
		if (err == -ENOENT)
			err = try_map(flat(dir, build_id), build_id, ret);
	}
	return err;
}

static int make_directory(const char *path)
{
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

int kprof_unwind_map_store(const char *dir,
			   const struct kprof_unwind_image *image,
			   char **path_ret)
{
	_cleanup_free_ char *path = NULL;
	char *slash;
	int err;

	if (!kprof_is_build_id(image->build_id))
		return -ENODATA;
	path = in_tree(dir, image->build_id);
	if (!path)
		return -ENOMEM;
	slash = strrchr(path, '/');
	*slash = '\0';
	err = make_directory(dir) ?: make_directory(path);
	*slash = '/';
	err = err ?: kprof_unwind_map_save(image, path);
	if (!err)
		*path_ret = no_cleanup_ptr(path);
	return err;
}

/* A map or, unless it says too little, what is in the cache. */
static int find_table(const struct kprof_unwind_options *options,
		      const char *build_id, struct kprof_unwind_image *ret)
{
	int err = find_map(options, build_id, ret);

	if (err != -ENOENT || options->no_cache)
		return err;
	return kprof_unwind_cache_get(build_id, ret);
}

/* Compiling */

/* A debug file is worth looking for if there is much that it could tell. */
static bool says_enough(const struct kprof_unwind_stats *stats)
{
	return kprof_unwind_known_bytes(stats) >= stats->text_bytes / 4 * 3;
}

static int compile_with_debug(const struct kprof_elf_file *elf,
			      const char *path,
			      const struct kprof_unwind_options *options,
			      struct kprof_unwind_image *ret)
{
	struct kprof_debug_file debug = {};
	const struct kprof_symbol_binary binary = {
		.elf = elf,
		.build_id = elf->build_id,
		.path = path,
		.debug = &debug,
		.debug_dirs = options->debug_dirs ?: usual_debug_dirs,
		.nr_debug_dirs =
			options->debug_dirs ? options->nr_debug_dirs : 1,
		.symbol_dirs = options->symbol_dirs,
		.nr_symbol_dirs = options->nr_symbol_dirs,
	};
	const struct kprof_elf_file *debug_elf;
	int err = kprof_debug_file_get(&binary, &debug_elf);

	err = err ?: kprof_cfi_compile(elf, debug_elf, ret);
	kprof_debug_file_close(&debug);
	return err;
}

static int compile(const struct kprof_elf_file *elf, const char *path,
		   const struct kprof_unwind_options *options,
		   struct kprof_unwind_image *ret)
{
	struct kprof_unwind_image with_debug;
	int err = kprof_cfi_compile(elf, NULL, ret);

	if (err ? err != -ENOENT : says_enough(&ret->stats))
		return err;
	if (compile_with_debug(elf, path, options, &with_debug))
		return err;
	kprof_unwind_image_deinit(ret);
	*ret = with_debug;
	return 0;
}

/*
 * What says too little is not kept: a debug file may turn up, and there is not
 * much to compile.
 */
static int compile_and_keep(const struct kprof_elf_file *elf, const char *path,
			    const struct kprof_unwind_options *options,
			    struct kprof_unwind_image *ret)
{
	int err = compile(elf, path, options, ret);

	if (!err && !options->no_cache && says_enough(&ret->stats))
		kprof_unwind_cache_put(ret);
	return err;
}

/* The file */

static int get_file(const struct kprof_mapping *mapping,
		    const struct kprof_unwind_options *options,
		    struct kprof_unwind_image *ret)
{
	struct kprof_found_file found = {};
	int err;

	err = kprof_find_file(mapping, options->symbol_dirs,
			      options->nr_symbol_dirs, &found);
	if (!err && !found.elf)
		err = -ENOENT;
	/* Only now its build-id may be known. */
	if (!err && !mapping->build_id[0])
		err = find_table(options, found.elf->build_id, ret);
	else if (!err)
		err = -ENOENT;
	if (err == -ENOENT && found.elf)
		err = compile_and_keep(found.elf, mapping->filename, options,
				       ret);
	kprof_elf_file_close(found.elf);
	kprof_elf_file_close(found.debug);
	free(found.path);
	return err;
}

int kprof_unwind_get(const struct kprof_mapping *mapping,
		     const struct kprof_unwind_options *options,
		     struct kprof_unwind_image *ret)
{
	static const struct kprof_unwind_options none;
	int err;

	if (!options)
		options = &none;
	*ret = (struct kprof_unwind_image){};
	err = find_table(options, mapping->build_id, ret);
	if (err != -ENOENT)
		return err;
	return get_file(mapping, options, ret);
}

int kprof_unwind_build(const char *path, const char *debug_dir,
		       struct kprof_unwind_image *ret)
{
	_cleanup_(cleanup_elf) struct kprof_elf_file *elf = NULL;
	const struct kprof_unwind_options options = {
		.debug_dirs = debug_dir ? &debug_dir : NULL,
		.nr_debug_dirs = debug_dir ? 1 : 0,
	};
	int err;

	*ret = (struct kprof_unwind_image){};
	err = kprof_elf_file_open(path, &elf);
	return err ?: compile(elf, path, &options, ret);
}
