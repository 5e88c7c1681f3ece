// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whose profile it is.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report_processes.h"

#include <string.h>

#include "util/hash.h"

enum {
	/* A process with that much is the one that the profile is of. */
	MAIN_PERCENT = 98,
};

static const char *process_of(const struct kprof_profile *profile,
			      const struct kprof_sample *sample)
{
	const struct kprof_label *labels = profile->labels;
	uint32_t end = sample->first_label + sample->nr_labels;

	for (uint32_t i = sample->first_label; i < end; i++)
		if (labels[i].str && !strcmp(labels[i].key, "comm"))
			return labels[i].str;
	return NULL;
}

int kprof_report_find_processes(const struct kprof_report *report,
				struct kprof_report_processes *ret)
{
	const struct kprof_profile *profile = report->profile;
	uint64_t value, largest = 0;
	struct kprof_map values = {};
	const char *name;
	int err = 0;

	*ret = (struct kprof_report_processes){};
	for (uint32_t i = 0; i < profile->nr_samples && !err; i++) {
		name = process_of(profile, &profile->samples[i]);
		if (!name)
			continue;
		value = 0;
		kprof_map_get(&values, (uintptr_t)name, &value);
		value += kprof_report_value(report, &profile->samples[i]);
		err = kprof_map_set(&values, (uintptr_t)name, value);
		if (value > largest) {
			largest = value;
			ret->name = name;
		}
	}
	ret->are_several =
		values.nr > 1 &&
		kprof_report_percent(largest, report->total) < MAIN_PERCENT;
	kprof_map_deinit(&values);
	return err;
}
