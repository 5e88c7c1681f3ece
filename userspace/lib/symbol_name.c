// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of several names of a function people would expect.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/symbol_name.h"

#include <string.h>

void kprof_symbol_name_cut_version(char *name)
{
	char *at = strchr(name, '@');

	if (at && at != name && !strpbrk(at, "/("))
		*at = '\0';
}

static bool is_ugly(const char *name)
{
	return name[0] == '.' || name[0] == '$' ||
	       !strncmp(name, "__GI_", strlen("__GI_"));
}

bool kprof_symbol_name_is_better(const char *a, int a_rank, const char *b,
				 int b_rank)
{
	size_t a_len = strlen(a), b_len = strlen(b);

	if (!a_len || !b_len)
		return a_len > b_len;
	if (is_ugly(a) != is_ugly(b))
		return is_ugly(b);
	if (a_rank != b_rank)
		return a_rank < b_rank;
	if (a_len != b_len)
		return a_len < b_len;
	return strcmp(a, b) < 0;
}
