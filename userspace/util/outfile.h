/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that appear whole or not at all.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * What is written goes to a file of another name in the same directory; it
 * takes the place of the old one when it is complete and on the disk. Until
 * then, and if anything fails, the old file stays as it was.
 *
 * What is no regular file (a terminal, a pipe, /dev/null) is written directly.
 */
#ifndef UTIL_OUTFILE_H
#define UTIL_OUTFILE_H

/**
 * struct kprof_outfile - a file being written
 * @fd: write here; -1 if none is open
 * @path: where it will be, symbolic links resolved
 * @temporary_path: where it is, NULL when written directly
 */
struct kprof_outfile {
	int fd;
	char *path;
	char *temporary_path;
};

#define KPROF_OUTFILE_INIT { .fd = -1 }

/**
 * kprof_outfile_open() - starts a file
 * @out: KPROF_OUTFILE_INIT
 * @path: its name
 *
 * Checks what can be checked before the work whose result it will hold:
 * -EISDIR for a directory, -EACCES if the file or its directory may not be
 * written, -ENOENT if there is no such directory.
 *
 * Return: 0 or -errno.
 */
int kprof_outfile_open(struct kprof_outfile *out, const char *path);

/* Puts the file in its place. 0 or -errno; @out is closed in any case. */
int kprof_outfile_commit(struct kprof_outfile *out);
/* Drops it; nothing if it was committed. */
void kprof_outfile_abort(struct kprof_outfile *out);

#define _cleanup_outfile_ __attribute__((__cleanup__(kprof_outfile_abort)))

#endif /* UTIL_OUTFILE_H */
