// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which sources the names in a profile are from, as a comment in it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/name_sources.h"

#include "lib/kprof.h"
#include "util/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* More than there are. */
	MAX_SOURCES = 32,
};

static const char prefix[] = "names: ";

/* @source: its name; @weight: frames that it named, times their samples */
struct share {
	const char *source;
	double weight;
};

/**
 * struct shares - of the sources of one profile
 * @all: the shares
 * @nr: how many
 * @total: of their weights
 */
struct shares {
	struct share all[MAX_SOURCES];
	size_t nr;
	double total;
};

static void add_weight(struct shares *shares, const char *source, double weight)
{
	size_t i = 0;

	while (i < shares->nr && shares->all[i].source != source)
		i++;
	if (i == MAX_SOURCES)
		return;
	if (i == shares->nr)
		shares->all[shares->nr++].source = source;
	shares->all[i].weight += weight;
	shares->total += weight;
}

/* The value that counts samples, or else the first. */
static uint32_t count_type(const struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_sample_types; i++)
		if (!strcmp(profile->sample_types[i].unit, "count"))
			return i;
	return 0;
}

static void add_sample(struct shares *shares,
		       const struct kprof_profile *profile,
		       const char *const *sources,
		       const struct kprof_sample *sample)
{
	double weight = (double)sample->values[count_type(profile)];

	for (uint32_t i = 0; i < sample->nr_locations; i++) {
		uint32_t location =
			profile->location_indices[sample->first_location + i];

		add_weight(shares, sources[location] ?: KPROF_NAME_FROM_BEFORE,
			   weight);
	}
}

/* What has no name comes last, and equal shares by their names. */
static int compare(const void *a, const void *b)
{
	const struct share *x = a, *y = b;
	bool x_is_none = !strcmp(x->source, KPROF_NAME_FROM_NONE);
	bool y_is_none = !strcmp(y->source, KPROF_NAME_FROM_NONE);

	if (x_is_none != y_is_none)
		return x_is_none - y_is_none;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	return strcmp(x->source, y->source);
}

static int write_comment(const struct shares *shares,
			 struct kprof_profile *profile)
{
	_cleanup_strbuf_ struct kprof_strbuf text = {};
	uint32_t i = 0;

	kprof_strbuf_append_str(&text, prefix);
	for (size_t j = 0; j < shares->nr; j++)
		kprof_strbuf_appendf(&text, "%s%s %.1f %%", j ? ", " : "",
				     shares->all[j].source,
				     100 * shares->all[j].weight /
					     shares->total);
	if (text.err)
		return text.err;
	while (i < profile->nr_comments &&
	       strncmp(profile->comments[i], prefix, strlen(prefix)))
		i++;
	if (i < profile->nr_comments)
		return kprof_profile_intern(profile, text.data,
					    &profile->comments[i]);
	return kprof_profile_add_comment(profile, "%s", text.data);
}

static bool is_any_named(const struct kprof_profile *profile,
			 const char *const *sources)
{
	for (uint32_t i = 0; i < profile->nr_locations; i++)
		if (sources[i])
			return true;
	return false;
}

int kprof_name_sources_add(struct kprof_profile *profile,
			   const char *const *sources)
{
	struct shares shares = {};

	if (!is_any_named(profile, sources))
		return 0;
	for (uint32_t i = 0; i < profile->nr_samples; i++)
		add_sample(&shares, profile, sources, &profile->samples[i]);
	if (shares.total <= 0)
		return 0;
	qsort(shares.all, shares.nr, sizeof(shares.all[0]), compare);
	return write_comment(&shares, profile);
}
