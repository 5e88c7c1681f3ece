// SPDX-License-Identifier: GPL-2.0-only
/*
 * Giving up privileges, for good.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const unsigned int profiling[] = {
	CAP_PERFMON,
	CAP_SYSLOG,
	CAP_SYS_PTRACE,
	CAP_DAC_READ_SEARCH,
	CAP_CHECKPOINT_RESTORE,
	CAP_SYS_NICE,
	CAP_SYS_RESOURCE,
};

int kprof_privileges_find_user(const char *name, struct kprof_serve_user *ret)
{
	const struct passwd *found;

	errno = 0;
	found = getpwnam(name);
	if (!found)
		return errno ? -errno : -ENOENT;
	ret->uid = found->pw_uid;
	ret->gid = found->pw_gid;
	return 0;
}

/* The C library has no function for it. Without any bit nothing is left. */
static int limit_capabilities(uint64_t wanted)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted &= wanted >> 32 * i;
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

static int become(const struct kprof_serve_user *user)
{
	if (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return -errno;
	return 0;
}

static int forbid_new(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

int kprof_privileges_drop_all(const struct kprof_serve_user *user)
{
	int err = geteuid() ? 0 : become(user);

	return err ?: limit_capabilities(0) ?: forbid_new();
}

int kprof_privileges_keep_profiling(void)
{
	uint64_t wanted = 0;

	for (size_t i = 0; i < sizeof(profiling) / sizeof(*profiling); i++)
		wanted |= UINT64_C(1) << profiling[i];
	return limit_capabilities(wanted) ?: forbid_new();
}
