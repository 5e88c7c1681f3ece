// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: which address is what.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include <string.h>

/* What net/http/pprof and gperftools have, and what is ours. */
// clang-format off
static const struct kprof_route routes[] = {
	{ "/", kprof_http_root, KPROF_ROUTE_COSTLY },
	{ "/healthz", kprof_http_health, KPROF_ROUTE_OPEN },
	{ "/metrics", kprof_http_metrics, 0 },

	{ "/debug/pprof", kprof_http_index, 0 },
	{ "/debug/pprof/", kprof_http_index, 0 },
	{ "/debug/pprof/profile", kprof_http_profile, KPROF_ROUTE_DEVICE | KPROF_ROUTE_COSTLY },
	{ "/debug/pprof/cmdline", kprof_http_cmdline, 0 },
	{ "/debug/pprof/symbol", kprof_http_symbol, KPROF_ROUTE_BODY },
	{ "/debug/pprof/symbolz", kprof_http_symbol, KPROF_ROUTE_BODY },
	{ "/debug/pprof/mappings", kprof_http_mappings, 0 },
	{ "/debug/pprof/heap", kprof_http_absent, 0 },
	{ "/debug/pprof/allocs", kprof_http_absent, 0 },
	{ "/debug/pprof/goroutine", kprof_http_absent, 0 },
	{ "/debug/pprof/threadcreate", kprof_http_absent, 0 },
	{ "/debug/pprof/block", kprof_http_absent, 0 },
	{ "/debug/pprof/mutex", kprof_http_absent, 0 },
	{ "/debug/pprof/trace", kprof_http_absent, 0 },

	{ "/pprof/profile", kprof_http_profile, KPROF_ROUTE_DEVICE | KPROF_ROUTE_COSTLY },
	{ "/pprof/cmdline", kprof_http_cmdline, 0 },
	{ "/pprof/symbol", kprof_http_symbol, KPROF_ROUTE_BODY },
	{ "/pprof/mappings", kprof_http_mappings, 0 },
	{ "/symbolz", kprof_http_symbol, KPROF_ROUTE_BODY },

	{ "/buildid/*", kprof_http_build_id, 0 },

	{ "/ui", kprof_http_page, KPROF_ROUTE_DEVICE },
	{ "/ui/", kprof_http_page, KPROF_ROUTE_DEVICE },
	{ "/ui/data", kprof_http_page_data, KPROF_ROUTE_DEVICE | KPROF_ROUTE_COSTLY },
	{ "/ui/processes", kprof_http_processes, KPROF_ROUTE_DEVICE | KPROF_ROUTE_COSTLY },
	{ "/ui/profile/*", kprof_http_kept, KPROF_ROUTE_DEVICE },
};
// clang-format on

static bool does_match(const char *pattern, const char *path)
{
	size_t len = strlen(pattern);

	if (pattern[len - 1] == '*')
		return !strncmp(pattern, path, len - 1) && path[len - 1];
	return !strcmp(pattern, path);
}

const struct kprof_route *kprof_route_find(const char *path)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(*routes); i++)
		if (does_match(routes[i].path, path))
			return &routes[i];
	return NULL;
}
