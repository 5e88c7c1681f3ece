// SPDX-License-Identifier: GPL-2.0
/*
 * To be preloaded: a module with another version of the ABI.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include <linux/kprof.h>

typedef int ioctl_fn(int fd, unsigned long request, ...);

int ioctl(int fd, unsigned long request, ...)
{
	ioctl_fn *next = (ioctl_fn *)dlsym(RTLD_NEXT, "ioctl");
	va_list args;
	void *arg;
	int ret;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	ret = next(fd, request, arg);
	if (!ret && request == KPROF_IOC_INFO)
		((struct kprof_info *)arg)->abi_version = KPROF_ABI_VERSION + 1;
	return ret;
}
