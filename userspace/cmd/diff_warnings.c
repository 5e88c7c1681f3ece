// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl diff: what makes a comparison a doubtful one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "diff.h"

#include <math.h>
#include <string.h>

#include "remarks.h"

/* Samples that were lost, in percent of all, from which on sides differ. */
static const double loss_percent = 1;

static void warn_of_rates(const struct kprof_diff *diff, FILE *out,
			  const char *prefix)
{
	int64_t a = diff->sides[0].profile->period;
	int64_t b = diff->sides[1].profile->period;

	if (a > 0 && b > 0 && a != b)
		fprintf(out,
			"%sthe rates differ, %.6g and %.6g Hz: the side of the "
			"lower one has more noise.\n",
			prefix, 1e9 / a, 1e9 / b);
}

static void warn_of_durations(const struct kprof_diff *diff, FILE *out,
			      const char *prefix)
{
	for (int i = 0; i < 2; i++)
		if (diff->sides[i].profile->duration_nanos <= 0)
			fprintf(out,
				"%s%s does not say how long it took: only "
				"shares can be compared.\n",
				prefix, diff->sides[i].path);
}

static const char *program_of(const struct kprof_profile *profile)
{
	if (!profile->nr_mappings)
		return "";
	return kprof_report_basename(profile->mappings[0].filename);
}

static void warn_of_targets(const struct kprof_diff *diff, FILE *out,
			    const char *prefix)
{
	const char *a = program_of(diff->sides[0].profile);
	const char *b = program_of(diff->sides[1].profile);

	if (strcmp(a, b))
		fprintf(out,
			"%sthe targets differ: most of A is %s, of B %s.\n",
			prefix, *a ? a : "unknown", *b ? b : "unknown");
}

static double lost_percent(const struct kprof_diff_side *side)
{
	double lost = kprof_remark_number(side->profile, "lost: ");
	double all = lost + side->report.total_count;

	return all > 0 ? 100 * lost / all : 0;
}

static void warn_of_loss(const struct kprof_diff *diff, FILE *out,
			 const char *prefix)
{
	double a = lost_percent(&diff->sides[0]);
	double b = lost_percent(&diff->sides[1]);
	const char *throttled = NULL;

	if (fabs(a - b) >= loss_percent)
		fprintf(out,
			"%sthe loss differs, %.1f and %.1f %% of the samples: "
			"what was lost may not be like what was kept.\n",
			prefix, a, b);
	for (int i = 0; i < 2; i++)
		if (kprof_remark_find(diff->sides[i].profile,
				      "throttle: cpu "))
			throttled = throttled ? "both" : diff->sides[i].path;
	if (throttled)
		fprintf(out,
			"%s%s w%s throttled at times: a part of the samples "
			"stands for several.\n",
			prefix, throttled,
			!strcmp(throttled, "both") ? "ere" : "as");
}

void kprof_diff_print_warnings(const struct kprof_diff *diff, FILE *out,
			       const char *prefix)
{
	warn_of_durations(diff, out, prefix);
	warn_of_rates(diff, out, prefix);
	warn_of_targets(diff, out, prefix);
	warn_of_loss(diff, out, prefix);
}
