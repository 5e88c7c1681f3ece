/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file system in user space, by the kernel's own protocol.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef PROGRAMS_FUSE_H
#define PROGRAMS_FUSE_H

#include <stddef.h>
#include <sys/types.h>

struct fuse {
	pid_t pid;
	char *directory;
};

/*
 * Mounts at @directory a file system in which every name is the same file of
 * @bytes, which has @content. Served by a process of its own.
 */
struct fuse fuse_start(char *directory, const void *content, size_t bytes);
void fuse_end(struct fuse *fuse);

/* It hangs: what the kernel asks for from now on stays unanswered... */
void fuse_hang(const struct fuse *fuse);
/* ...until then. */
void fuse_go_on(const struct fuse *fuse);

#endif /* PROGRAMS_FUSE_H */
