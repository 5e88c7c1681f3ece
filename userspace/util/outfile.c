// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that appear whole or not at all.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/cleanup.h"

static int open_directly(struct kprof_outfile *out)
{
	out->fd = open(out->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	return out->fd < 0 ? -errno : 0;
}

/* Bytes of the directory part of @path, its last slash included. */
static int directory_bytes(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash - path + 1 : 0;
}

/* .NAME.XXXXXX beside @path; a long name is cut to what a name may have. */
static char *temporary_name(const char *path)
{
	int directory = directory_bytes(path);
	char *name;

	if (asprintf(&name, "%.*s.%.*s.XXXXXX", directory, path,
		     NAME_MAX - (int)sizeof("..XXXXXX"), path + directory) < 0)
		return NULL;
	return name;
}

/* As open() would have done it, which is not as mkostemp() does it. */
static mode_t default_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int open_temporary(struct kprof_outfile *out, mode_t mode)
{
	_cleanup_free_ char *name = temporary_name(out->path);
	int fd;

	if (!name)
		return -ENOMEM;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Some file systems know no modes; that is no reason to fail. */
	(void)!fchmod(fd, mode);
	out->fd = fd;
	out->temporary_path = no_cleanup_ptr(name);
	return 0;
}

static int open_resolved(struct kprof_outfile *out)
{
	struct stat st;

	if (stat(out->path, &st))
		return errno == ENOENT ? open_temporary(out, default_mode()) :
					 -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return open_directly(out);
	/* rename() would not ask. */
	if (access(out->path, W_OK))
		return -errno;
	return open_temporary(out, st.st_mode & 0777);
}

int kprof_outfile_open(struct kprof_outfile *out, const char *path)
{
	size_t len = strlen(path);
	int err;

	if (!len)
		return -ENOENT;
	if (path[len - 1] == '/')
		return -EISDIR;
	out->path = realpath(path, NULL);
	if (!out->path && errno == ENOENT)
		out->path = strdup(path);
	if (!out->path)
		return -errno;
	err = open_resolved(out);
	if (err)
		kprof_outfile_abort(out);
	return err;
}

/* Without it a crash could forget the rename, though not damage the file. */
static void sync_directory(const char *path)
{
	_cleanup_free_ char *directory =
		strndup(path, directory_bytes(path));
	_cleanup_close_ int fd = -1;

	if (!directory)
		return;
	fd = open(*directory ? directory : ".",
		  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		(void)!fsync(fd);
}

int kprof_outfile_commit(struct kprof_outfile *out)
{
	int fd = no_cleanup_fd(out->fd);
	int err = 0;

	if (out->temporary_path && fsync(fd))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && out->temporary_path) {
		if (rename(out->temporary_path, out->path)) {
			err = -errno;
		} else {
			sync_directory(out->path);
			free(no_cleanup_ptr(out->temporary_path));
		}
	}
	kprof_outfile_abort(out);
	return err;
}

void kprof_outfile_abort(struct kprof_outfile *out)
{
	kprof_cleanup_close(&out->fd);
	if (out->temporary_path)
		unlink(out->temporary_path);
	free(out->temporary_path);
	free(out->path);
	*out = (struct kprof_outfile)KPROF_OUTFILE_INIT;
}
