// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: for speedscope.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Its file format, version 0.0.1: one sampled profile, in which a stack is a
 * list of indices into one list of frames, the root first.
 */
#include "report.h"

#include <string.h>

#include "report_frames.h"
#include "util/json.h"

static const char *unit_of(const struct kprof_report *report)
{
	switch (report->unit) {
	case KPROF_REPORT_NANOSECONDS:
		return "nanoseconds";
	case KPROF_REPORT_BYTES:
		return "bytes";
	default:
		return "none";
	}
}

static void write_frames(struct kprof_json *json,
			 const struct kprof_report *report)
{
	kprof_json_key(json, "shared");
	kprof_json_begin_object(json);
	kprof_json_key(json, "frames");
	kprof_json_begin_array(json);
	vector_for_each (&report->frames->frames, frame) {
		kprof_json_begin_object(json);
		kprof_json_member_string(json, "name", frame->name);
		if (*frame->binary)
			kprof_json_member_string(json, "file", frame->binary);
		kprof_json_end_object(json);
	}
	kprof_json_end_array(json);
	kprof_json_end_object(json);
}

/* It has no place for less than nothing. */
static bool is_shown(const struct kprof_report *report,
		     const struct kprof_sample *sample)
{
	return kprof_report_value(report, sample) > 0;
}

static int write_stacks(struct kprof_json *json,
			const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	kprof_frame_list list = {};
	int err = 0;

	kprof_json_key(json, "samples");
	kprof_json_begin_array(json);
	for (uint32_t i = 0; i < profile->nr_samples && !err; i++) {
		if (!is_shown(report, &profile->samples[i]))
			continue;
		err = kprof_frames_expand(report->frames, &profile->samples[i],
					  &list);
		kprof_json_begin_array(json);
		for (size_t n = list.nr; n--;)
			kprof_json_uint(json, list.data[n]);
		kprof_json_end_array(json);
	}
	kprof_json_end_array(json);
	vector_free(&list);
	return err;
}

static void write_weights(struct kprof_json *json,
			  const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	int64_t total = 0;

	kprof_json_key(json, "weights");
	kprof_json_begin_array(json);
	for (uint32_t i = 0; i < profile->nr_samples; i++) {
		if (!is_shown(report, &profile->samples[i]))
			continue;
		kprof_json_int(json, kprof_report_value(
					     report, &profile->samples[i]));
		total += kprof_report_value(report, &profile->samples[i]);
	}
	kprof_json_end_array(json);
	kprof_json_member_int(json, "endValue", total);
}

int kprof_report_speedscope(const struct kprof_report *report)
{
	struct kprof_json json;
	int err;

	kprof_json_init(&json, report->out);
	kprof_json_begin_object(&json);
	kprof_json_member_string(
		&json, "$schema",
		"https://www.speedscope.app/file-format-schema.json");
	kprof_json_member_string(&json, "exporter", "kprofctl " KPROF_VERSION);
	kprof_json_member_string(&json, "name",
				 kprof_report_basename(report->path));
	write_frames(&json, report);
	kprof_json_key(&json, "profiles");
	kprof_json_begin_array(&json);
	kprof_json_begin_object(&json);
	kprof_json_member_string(&json, "type", "sampled");
	kprof_json_member_string(&json, "name",
				 kprof_report_basename(report->path));
	kprof_json_member_string(&json, "unit", unit_of(report));
	kprof_json_member_int(&json, "startValue", 0);
	err = write_stacks(&json, report);
	write_weights(&json, report);
	kprof_json_end_object(&json);
	kprof_json_end_array(&json);
	kprof_json_end_object(&json);
	return err ?: kprof_json_finish(&json);
}
