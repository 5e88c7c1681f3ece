// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: everything that a profile tells of itself.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * What only our collector says (loss, ends of stacks) is not missed in the
 * profile of another tool.
 */
#include "doctor.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "remarks.h"
#include "report.h"

/* From these percentages on something is worth a line that says what to do. */
static const double much_lost = 0.1;
static const double much_cut = 1;
static const double much_unnamed = 5;
static const double few_complete = 90;

enum {
	/* Lines about binaries; more are counted. */
	MAX_BINARIES = 5,
};

static bool is_ours(const struct kprof_profile *profile)
{
	return kprof_remark_find(profile, "kprof: ") != NULL;
}

/* Whose */

static void look_at_origin(struct kprof_doctor *doctor,
			   const struct kprof_profile *profile)
{
	const char *ours = kprof_remark_find(profile, "kprof: ");
	const char *command = kprof_remark_find(profile, "command: ");

	if (ours)
		kprof_doctor_ok(doctor, "recorded by %s%s%s", ours,
				command ? ", with: " : "", command ?: "");
	else
		kprof_doctor_ok(doctor,
				"a pprof profile, of another tool than kprof: "
				"loss and ends of stacks are not in it");
}

static void look_at_target(struct kprof_doctor *doctor,
			   const struct kprof_profile *profile)
{
	const struct kprof_mapping *mapping = profile->mappings;

	if (!profile->nr_mappings || !*mapping->filename)
		kprof_doctor_bad(doctor,
				 "it does not say which program it is "
				 "of: pprof will call it unknown");
	else if (!*mapping->build_id)
		kprof_doctor_bad(doctor,
				 "of %s, without a build-id: another build "
				 "cannot be told from it; link with --build-id",
				 mapping->filename);
	else
		kprof_doctor_ok(doctor, "of %s, build-id %s", mapping->filename,
				mapping->build_id);
}

static void look_at_time(struct kprof_doctor *doctor,
			 const struct kprof_profile *profile)
{
	time_t seconds = profile->time_nanos / 1000000000;
	char text[64] = "", duration[KPROF_REPORT_VALUE_BYTES];
	struct tm tm;

	if (!profile->time_nanos || kprof_remark_find(profile, "clock: not"))
		kprof_doctor_bad(doctor,
				 "it does not say when it was taken: "
				 "was the clock set?");
	if (profile->time_nanos && localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), " from %Y-%m-%d %H:%M:%S %z", &tm);
	if (profile->duration_nanos <= 0)
		kprof_doctor_bad(doctor,
				 "its duration is 0: shares are right, "
				 "rates and a diff by duration are not "
				 "to be had");
	else
		kprof_doctor_ok(doctor, "%s%s",
				kprof_report_format(KPROF_REPORT_NANOSECONDS,
						    profile->duration_nanos,
						    profile->duration_nanos,
						    duration),
				text);
}

/* How much */

static bool look_at_samples(struct kprof_doctor *doctor,
			    const struct kprof_report *report)
{
	const char *why = kprof_remark_find(report->profile, "empty: ");

	if (report->profile->nr_samples && report->total) {
		if (report->count_type != KPROF_NO_INDEX)
			kprof_doctor_ok(doctor, "%" PRId64 " samples",
					report->total_count);
		return true;
	}
	kprof_doctor_bad(
		doctor, "there is no sample in it: %s",
		why
			?: "did the target run at all, for long enough, "
			   "on a CPU?");
	return false;
}

static void look_at_loss(struct kprof_doctor *doctor,
			 const struct kprof_report *report)
{
	double lost = kprof_remark_number(report->profile, "lost: ");
	double missed = kprof_remark_number(report->profile, "missed: ");
	double all = lost + report->total_count;
	double percent = all > 0 ? 100 * lost / all : 0;

	if (percent >= much_lost)
		kprof_doctor_bad(doctor,
				 "%.0f samples were lost, %.1f %%: larger "
				 "--ring-kib, or a lower -F",
				 lost, percent);
	else
		kprof_doctor_ok(doctor, "%.0f samples lost", lost);
	/* Periods in which an idle CPU was not asked are no loss. */
	if (missed > all)
		kprof_doctor_bad(doctor,
				 "the timer came late for %.0f periods, more "
				 "than there are samples: a lower -F",
				 missed);
}

static void look_at_throttling(struct kprof_doctor *doctor,
			       const struct kprof_profile *profile)
{
	uint32_t nr = 0;

	for (uint32_t i = 0; i < profile->nr_comments; i++)
		nr += !strncmp(profile->comments[i], "throttle: cpu ", 14);
	if (nr)
		kprof_doctor_bad(doctor,
				 "throttled %" PRIu32
				 " time%s, to keep to "
				 "max_cpu_percent: a lower -F, or a larger "
				 "budget of the module",
				 nr, nr == 1 ? "" : "s");
	else
		kprof_doctor_ok(doctor, "not throttled");
	if (kprof_remark_find(profile, "timer: tick-bound"))
		kprof_doctor_bad(doctor,
				 "the timers of its kernel are bound to the "
				 "tick: boot with highres=on, or "
				 "CONFIG_HIGH_RES_TIMERS=y");
}

/* Stacks */

static void look_at_stacks(struct kprof_doctor *doctor,
			   const struct kprof_profile *profile)
{
	static const char stacks[] = "stacks: ";
	double complete = kprof_remark_percent(profile, stacks, "complete ");
	double depth = kprof_remark_percent(profile, stacks, "depth limit ");
	double time = kprof_remark_percent(profile, stacks, "time ");

	if (complete < 0)
		return;
	if (complete < few_complete)
		kprof_doctor_bad(doctor,
				 "only %.1f %% of the stacks are complete "
				 "(%s): record with -g cfi; for what was "
				 "stripped, with maps of 'kprofctl symmap "
				 "build'",
				 complete, kprof_remark_find(profile, stacks));
	else
		kprof_doctor_ok(doctor, "%.1f %% of the stacks are complete",
				complete);
	if (depth >= much_cut)
		kprof_doctor_bad(doctor,
				 "%.1f %% of the stacks are cut at the limit "
				 "of frames: a larger --depth",
				 depth);
	if (time >= much_cut)
		kprof_doctor_bad(doctor,
				 "%.1f %% of the stacks are cut for time: a "
				 "larger --max-sample-us",
				 time);
}

/* Names */

static bool is_named(const struct kprof_profile *profile,
		     const struct kprof_location *location)
{
	const char *name;

	if (!location->nr_lines)
		return false;
	name = profile->functions[profile->lines[location->first_line].function]
		       .name;
	/* What nobody could name: [binary+0x1234]. */
	return *name && !(*name == '[' && strstr(name, "+0x"));
}

/* Of the functions that were running. */
static double percent_unnamed(const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	const struct kprof_sample *sample;
	int64_t unnamed = 0;
	uint32_t leaf;

	for (uint32_t i = 0; i < profile->nr_samples; i++) {
		sample = &profile->samples[i];
		if (!sample->nr_locations)
			continue;
		leaf = profile->location_indices[sample->first_location];
		if (!is_named(profile, &profile->locations[leaf]))
			unnamed += kprof_report_value(report, sample);
	}
	return kprof_report_percent(unnamed, report->total);
}

static void look_at_names(struct kprof_doctor *doctor,
			  const struct kprof_report *report)
{
	const char *names = kprof_remark_find(report->profile, "names: ");
	double percent = percent_unnamed(report);

	if (percent >= much_unnamed)
		kprof_doctor_bad(doctor,
				 "%.1f %% of the time is in functions without "
				 "a name: 'kprofctl symbolize --symbols DIR' "
				 "with the unstripped binaries, their debug "
				 "files or symbol maps in DIR",
				 percent);
	else
		kprof_doctor_ok(doctor,
				"%.1f %% of the time is in functions with "
				"names%s%s",
				100 - percent, names ? ", from: " : "",
				names ?: "");
}

/* Binaries */

static bool is_file(const struct kprof_mapping *mapping)
{
	return *mapping->filename == '/' && mapping->filename[1] != '/';
}

/* Whether the file at its path here is the one that was mapped. */
static void look_at_binary(struct kprof_doctor *doctor,
			   const struct kprof_mapping *mapping,
			   unsigned int *nr_bad)
{
	char build_id[KPROF_BUILD_ID_SIZE];

	if (!is_file(mapping) || !*mapping->build_id ||
	    kprof_file_build_id(mapping->filename, build_id) || !*build_id ||
	    !strcmp(build_id, mapping->build_id))
		return;
	if ((*nr_bad)++ < MAX_BINARIES)
		kprof_doctor_bad(doctor,
				 "%s here is another build, %s, than that of "
				 "the profile, %s: symbolize with the files of "
				 "the machine it is from ('kprofctl archive')",
				 mapping->filename, build_id,
				 mapping->build_id);
}

static bool is_same_file(const struct kprof_mapping *a,
			 const struct kprof_mapping *b)
{
	return !strcmp(a->filename, b->filename) &&
	       !strcmp(a->build_id, b->build_id);
}

static void look_at_binaries(struct kprof_doctor *doctor,
			     const struct kprof_profile *profile)
{
	unsigned int nr_bad = 0, nr_without = 0;
	bool is_known;

	for (uint32_t i = 0; i < profile->nr_mappings; i++) {
		is_known = false;
		for (uint32_t n = 0; n < i && !is_known; n++)
			is_known = is_same_file(&profile->mappings[i],
						&profile->mappings[n]);
		if (is_known)
			continue;
		look_at_binary(doctor, &profile->mappings[i], &nr_bad);
		nr_without += is_file(&profile->mappings[i]) &&
			      !*profile->mappings[i].build_id;
	}
	if (nr_bad > MAX_BINARIES)
		kprof_doctor_bad(doctor, "%u more files here are other builds",
				 nr_bad - MAX_BINARIES);
	if (nr_without)
		kprof_doctor_bad(doctor,
				 "%u file%s without a build-id: what is at the "
				 "same path is believed to be the same; link "
				 "with --build-id",
				 nr_without, nr_without == 1 ? "" : "s");
	if (!nr_bad && !nr_without)
		kprof_doctor_ok(doctor,
				"no file here is another build than "
				"the one that was mapped");
}

void kprof_doctor_profile(struct kprof_doctor *doctor,
			  const struct kprof_profile *profile)
{
	struct kprof_report report = {
		.profile = (struct kprof_profile *)profile,
	};

	if (profile->nr_sample_types)
		kprof_report_choose_values(&report);
	look_at_origin(doctor, profile);
	look_at_target(doctor, profile);
	look_at_time(doctor, profile);
	if (!look_at_samples(doctor, &report))
		return;
	if (is_ours(profile)) {
		look_at_loss(doctor, &report);
		look_at_throttling(doctor, profile);
	}
	look_at_stacks(doctor, profile);
	look_at_names(doctor, &report);
	look_at_binaries(doctor, profile);
}
