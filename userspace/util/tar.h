/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes tar files.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Plain files only, as POSIX has it: "ustar", with a "pax" header before those
 * whose names are too long for it.
 */
#ifndef UTIL_TAR_H
#define UTIL_TAR_H

/*
 * Appends the file @from, all of it whatever its position, under @name. -EFBIG
 * from 8 GiB on, which the header has no room for; -EIO if it gets shorter
 * meanwhile. After an error the tar file is of no use.
 */
int kprof_tar_add(int fd, const char *name, int from);
/* Ends the tar file; @fd stays open. */
int kprof_tar_finish(int fd);

#endif /* UTIL_TAR_H */
