// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the comments of a profile say, if it is one of ours.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "remarks.h"

#include <stdlib.h>
#include <string.h>

const char *kprof_remark_find(const struct kprof_profile *profile,
			      const char *prefix)
{
	size_t len = strlen(prefix);

	for (uint32_t i = 0; i < profile->nr_comments; i++)
		if (!strncmp(profile->comments[i], prefix, len))
			return profile->comments[i] + len;
	return NULL;
}

double kprof_remark_number(const struct kprof_profile *profile,
			   const char *prefix)
{
	size_t len = strlen(prefix);
	double sum = 0;

	/* A merged profile has the comments of all. */
	for (uint32_t i = 0; i < profile->nr_comments; i++)
		if (!strncmp(profile->comments[i], prefix, len))
			sum += strtod(profile->comments[i] + len, NULL);
	return sum;
}

double kprof_remark_percent(const struct kprof_profile *profile,
			    const char *prefix, const char *what)
{
	const char *remark = kprof_remark_find(profile, prefix);
	const char *at = remark ? strstr(remark, what) : NULL;

	return at ? strtod(at + strlen(what), NULL) : -1;
}
