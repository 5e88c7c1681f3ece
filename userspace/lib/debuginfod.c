// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug files from the servers that DEBUGINFOD_URLS names.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/debuginfod.h"

#include "util/cleanup.h"
#include "util/log.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "libdebuginfod.so.1"

/* As <elfutils/debuginfod.h> has them, which need not be installed. */
struct client;
typedef struct client *begin_fn(void);
typedef int find_fn(struct client *client, const unsigned char *build_id,
		    int build_id_len, char **path);
typedef void end_fn(struct client *client);

struct functions {
	begin_fn *begin;
	find_fn *find;
	end_fn *end;
};

#ifdef KPROF_STATIC
static bool load(struct functions *ret)
{
	(void)ret;
	log_warning("cannot ask debuginfod servers: this is a static program");
	return false;
}
#else
/* Never closed: what it loads starts threads, and forgets some memory. */
static bool load(struct functions *ret)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		log_warning("cannot ask debuginfod servers: %s", dlerror());
		return false;
	}
	ret->begin = (begin_fn *)dlsym(library, "debuginfod_begin");
	ret->find = (find_fn *)dlsym(library, "debuginfod_find_debuginfo");
	ret->end = (end_fn *)dlsym(library, "debuginfod_end");
	return ret->begin && ret->find && ret->end;
}
#endif

int kprof_debuginfod_find(const char *build_id, char **path_ret)
{
	struct functions functions;
	struct client *client;
	int fd;

	if (!load(&functions))
		return -ENOENT;
	client = functions.begin();
	if (!client)
		return -ENOMEM;
	/* A length of 0 says that it is hexadecimal. */
	fd = functions.find(client, (const unsigned char *)build_id, 0,
			    path_ret);
	functions.end(client);
	kprof_cleanup_close(&fd);
	if (fd < 0 && fd != -ENOENT)
		log_warning("debuginfod servers, asked for build-id %s: %s",
			    build_id, strerror(-fd));
	return fd < 0 ? -ENOENT : 0;
}
