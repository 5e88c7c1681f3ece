// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: a part of the samples, by name.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report_filter.h"

#include <errno.h>
#include <stdlib.h>

#include "util/cleanup.h"

/* What a location does to a sample that has it. */
enum verdict {
	KEEPS_NOTHING,
	KEEPS,
	DROPS,
};

static bool matches(const regex_t *regex, const char *text)
{
	return !regexec(regex, text, 0, NULL, 0);
}

static bool location_matches(const struct kprof_profile *profile,
			     const struct kprof_location *location,
			     const regex_t *regex)
{
	const struct kprof_line *lines = profile->lines + location->first_line;
	const struct kprof_function *function;

	for (uint32_t i = 0; i < location->nr_lines; i++) {
		function = &profile->functions[lines[i].function];
		if (matches(regex, function->name) ||
		    matches(regex, function->filename))
			return true;
	}
	return location->mapping != KPROF_NO_INDEX &&
	       matches(regex, profile->mappings[location->mapping].filename);
}

static enum verdict judge(const struct kprof_profile *profile,
			  const struct kprof_location *location,
			  const regex_t *focus, const regex_t *ignore)
{
	if (ignore && location_matches(profile, location, ignore))
		return DROPS;
	if (!focus || location_matches(profile, location, focus))
		return KEEPS;
	return KEEPS_NOTHING;
}

static bool is_kept(const struct kprof_profile *profile,
		    const struct kprof_sample *sample,
		    const unsigned char *verdicts)
{
	const uint32_t *stack =
		profile->location_indices + sample->first_location;
	bool keeps = false;

	for (uint32_t i = 0; i < sample->nr_locations; i++) {
		if (verdicts[stack[i]] == DROPS)
			return false;
		keeps |= verdicts[stack[i]] == KEEPS;
	}
	return keeps;
}

int kprof_report_filter(struct kprof_profile *profile, const regex_t *focus,
			const regex_t *ignore)
{
	_cleanup_free_ unsigned char *verdicts =
		calloc(profile->nr_locations + 1ULL, sizeof(*verdicts));
	uint32_t kept = 0;

	if (!verdicts)
		return -ENOMEM;
	/* Each location once, however many samples have it. */
	for (uint32_t i = 0; i < profile->nr_locations; i++)
		verdicts[i] = judge(profile, &profile->locations[i], focus,
				    ignore);
	for (uint32_t i = 0; i < profile->nr_samples; i++)
		if (is_kept(profile, &profile->samples[i], verdicts))
			profile->samples[kept++] = profile->samples[i];
	profile->nr_samples = kept;
	return 0;
}
