/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving up privileges, for good.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_PRIVILEGES_H
#define CMD_SERVE_PRIVILEGES_H

#include <sys/types.h>

/**
 * struct kprof_serve_user - whose rights are left
 * @uid: user
 * @gid: group
 */
struct kprof_serve_user {
	uid_t uid;
	gid_t gid;
};

/* Looks up @name; -ENOENT if nobody is called so. */
int kprof_privileges_find_user(const char *name, struct kprof_serve_user *ret);

/*
 * Becomes @user if it is root's process, and has no capability any more. What
 * it runs can get none back. 0 or -errno.
 */
int kprof_privileges_drop_all(const struct kprof_serve_user *user);
/*
 * Keeps what profiling other people's processes takes: CAP_PERFMON, CAP_SYSLOG,
 * CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_CHECKPOINT_RESTORE, CAP_SYS_NICE and
 * CAP_SYS_RESOURCE, as far as they were there. 0 or -errno.
 */
int kprof_privileges_keep_profiling(void);

#endif /* CMD_SERVE_PRIVILEGES_H */
