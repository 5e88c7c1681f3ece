/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who may sample whom.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_ACCESS_H
#define KPROF_ACCESS_H

#include <linux/types.h>

struct cred;
struct file;
struct pid;
struct task_struct;

/* Process context: opener and caller hold CAP_PERFMON or CAP_SYS_ADMIN. */
bool kprof_access_is_privileged(const struct file *device);
/* Process context: the opener may see kernel addresses. */
bool kprof_access_kernel_addresses(const struct file *device);

/*
 * Process context; may sleep. The process whose /proc/PID/maps @fd is, if the
 * kernel's ptrace read check lets the caller see it now, and, of callers who
 * are not privileged, if it is in their user namespace: samples are not taken
 * in others. The caller puts the reference. -EBADF, -EINVAL (also for kernel
 * threads), -ESRCH, -EPERM
 */
int kprof_access_pid_from_maps_fd(int fd, bool privileged, struct pid **ret);

/*
 * Hard interrupt, or inside rcu_read_lock(): whether @task, which runs, is
 * still one that @opener could have named. A program that gained a privilege
 * since must not be watched.
 */
bool kprof_access_allows_sample(const struct cred *opener,
				struct task_struct *task);

#endif /* KPROF_ACCESS_H */
