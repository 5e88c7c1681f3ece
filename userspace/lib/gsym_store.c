// SPDX-License-Identifier: GPL-2.0-only
/*
 * Directories with symbol maps.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_store.h"

#include "lib/debug_file.h"
#include "lib/gsym.h"
#include "util/cleanup.h"
#include "util/io.h"
#include "util/log.h"
#include "util/outfile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char suffix[] = ".gsym";

define_cleanup(cleanup_gsym, struct kprof_gsym *, kprof_gsym_close)

/* Finding */

/* Takes over @owned, which may be NULL. */
static int try_map(char *owned, const char *build_id, struct kprof_gsym **ret)
{
	_cleanup_(cleanup_gsym) struct kprof_gsym *gsym = NULL;
	_cleanup_free_ char *path = owned;
	struct kprof_gsym_info info;
	int err;

	if (!path)
		return -ENOMEM;
	err = kprof_gsym_open(path, &gsym);
	if (err) {
		if (err != -ENOENT && err != -ENOTDIR && err != -ENOMEM)
			log_warning("cannot use symbol map %s: %s", path,
				    strerror(-err));
		return err == -ENOMEM ? err : -ENOENT;
	}
	kprof_gsym_info(gsym, &info);
	if (!info.build_id[0] ||
	    strncmp(info.build_id, build_id, sizeof(info.build_id) - 1)) {
		log_warning("symbol map %s has build-id %s, not %s: not used",
			    path, info.build_id[0] ? info.build_id : "none",
			    build_id);
		return -ENOENT;
	}
	*ret = no_cleanup_ptr(gsym);
	return 0;
}

static char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *format(const char *fmt, ...)
{
	va_list args;
	char *ret;

	va_start(args, fmt);
	if (vasprintf(&ret, fmt, args) < 0)
		ret = NULL;
	va_end(args);
	return ret;
}

static char *store_path(const char *dir, const char *build_id)
{
	return format("%s/%.2s/%s%s", dir, build_id, build_id + 2, suffix);
}

static const char *basename_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int find_in(const char *dir, const char *build_id, const char *binary,
		   struct kprof_gsym **ret)
{
	const char *base = basename_of(binary);
	int err;

	err = try_map(store_path(dir, build_id), build_id, ret);
	if (err == -ENOENT)
		err = try_map(format("%s/%s%s", dir, build_id, suffix),
			      build_id, ret);
	/* [vdso] is no name of a file. */
	if (err == -ENOENT && binary[0] == '/' && base[0])
		err = try_map(format("%s/%s%s", dir, base, suffix), build_id,
			      ret);
	return err;
}

int kprof_gsym_store_find(const char *const *dirs, size_t nr_dirs,
			  const char *build_id, const char *binary,
			  struct kprof_gsym **ret)
{
	int err = -ENOENT;

	if (!kprof_is_build_id(build_id))
		return -ENOENT;
	for (size_t i = 0; err == -ENOENT && i < nr_dirs; i++)
		err = find_in(dirs[i], build_id, binary, ret);
	return err;
}

/* Adding */

/* A whole build-id in the file's name, of which the map has the start. */
static void complete_build_id(const char *path, char *build_id, size_t size)
{
	const char *base = basename_of(path);
	size_t known = strlen(build_id);
	const char *end = strstr(base, suffix);
	size_t len = end ? (size_t)(end - base) : 0;

	if (len <= known || len >= size || end[strlen(suffix)] ||
	    strncmp(base, build_id, known))
		return;
	memcpy(build_id, base, len);
	build_id[len] = '\0';
}

static int make_directory(const char *path)
{
	return mkdir(path, 0777) && errno != EEXIST ? -errno : 0;
}

static int copy(const struct kprof_gsym *gsym, const char *path)
{
	_cleanup_outfile_ struct kprof_outfile out = KPROF_OUTFILE_INIT;
	int err = kprof_outfile_open(&out, path);

	err = err ?: kprof_io_write(out.fd, gsym->bytes.data, gsym->bytes.size);
	return err ?: kprof_outfile_commit(&out);
}

int kprof_gsym_store(const char *dir, const char *path, char **path_ret)
{
	_cleanup_(cleanup_gsym) struct kprof_gsym *gsym = NULL;
	_cleanup_free_ char *subdir = NULL, *target = NULL;
	char build_id[256];
	struct kprof_gsym_fault fault;
	struct kprof_gsym_info info;
	int err = kprof_gsym_open(path, &gsym);

	err = err ?: kprof_gsym_verify(gsym, &fault);
	if (err)
		return err;
	kprof_gsym_info(gsym, &info);
	snprintf(build_id, sizeof(build_id), "%s", info.build_id);
	if (strlen(build_id) == sizeof(info.build_id) - 1)
		complete_build_id(path, build_id, sizeof(build_id));
	if (!kprof_is_build_id(build_id))
		return -ENODATA;
	subdir = format("%s/%.2s", dir, build_id);
	target = store_path(dir, build_id);
	if (!subdir || !target)
		return -ENOMEM;
	err = make_directory(dir) ?: make_directory(subdir);
	err = err ?: copy(gsym, target);
	if (!err)
		*path_ret = no_cleanup_ptr(target);
	return err;
}
