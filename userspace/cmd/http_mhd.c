// SPDX-License-Identifier: GPL-2.0-only
/*
 * libmicrohttpd, loaded when it is wanted.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_mhd.h"

#include "cmd/cmd.h"

#include <dlfcn.h>

#define LIBRARY "libmicrohttpd.so.12"

struct kprof_mhd kprof_mhd;

int kprof_mhd_load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	bool has_all = true;

	if (!library)
		return kprof_cmd_cannot(
			0, "Debian: apt install libmicrohttpd12",
			"load the library that speaks HTTP: %s", dlerror());
#define X(name)                                                           \
	kprof_mhd.name =                                                  \
		(__typeof__(kprof_mhd.name))dlsym(library, "MHD_" #name); \
	has_all = has_all && kprof_mhd.name;
	KPROF_MHD_FUNCTIONS(X)
#undef X
	return has_all ? 0
		       : kprof_cmd_cannot(0, NULL, "use %s: it is too old",
					  LIBRARY);
}
