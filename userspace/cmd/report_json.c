// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: everything, for programs.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report.h"

#include "report_frames.h"
#include "report_functions.h"
#include "util/cleanup.h"
#include "util/json.h"

/* A profile may have no samples/count or no cpu/nanoseconds: no member then. */
static void write_values(struct kprof_json *json,
			 const struct kprof_report *report, int64_t count,
			 int64_t value)
{
	if (report->count_type != KPROF_NO_INDEX)
		kprof_json_member_int(json, "samples", count);
	if (report->unit == KPROF_REPORT_NANOSECONDS)
		kprof_json_member_int(json, "cpu_ns", value);
	else if (report->count_type != report->value_type)
		kprof_json_member_int(json, "value", value);
}

static void write_sample_types(struct kprof_json *json,
			       const struct kprof_profile *profile)
{
	char text[256];

	kprof_json_key(json, "sample_types");
	kprof_json_begin_array(json);
	for (uint32_t i = 0; i < profile->nr_sample_types; i++) {
		snprintf(text, sizeof(text), "%s/%s",
			 profile->sample_types[i].type,
			 profile->sample_types[i].unit);
		kprof_json_string(json, text);
	}
	kprof_json_end_array(json);
}

static void write_header(struct kprof_json *json,
			 const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;

	kprof_json_member_string(json, "file", report->path);
	kprof_json_member_int(json, "time_ns", profile->time_nanos);
	kprof_json_member_int(json, "duration_ns", profile->duration_nanos);
	kprof_json_member_int(json, "period_ns", profile->period);
	write_sample_types(json, profile);
	kprof_json_key(json, "total");
	kprof_json_begin_object(json);
	write_values(json, report, report->total_count, report->total);
	kprof_json_end_object(json);
	kprof_json_key(json, "comments");
	kprof_json_begin_array(json);
	for (uint32_t i = 0; i < profile->nr_comments; i++)
		kprof_json_string(json, profile->comments[i]);
	kprof_json_end_array(json);
}

static void write_mappings(struct kprof_json *json,
			   const struct kprof_profile *profile)
{
	const struct kprof_mapping *mapping;

	kprof_json_key(json, "mappings");
	kprof_json_begin_array(json);
	for (uint32_t i = 0; i < profile->nr_mappings; i++) {
		mapping = &profile->mappings[i];
		kprof_json_begin_object(json);
		kprof_json_member_string(json, "file", mapping->filename);
		kprof_json_member_string(json, "build_id", mapping->build_id);
		kprof_json_member_uint(json, "start", mapping->start);
		kprof_json_member_uint(json, "limit", mapping->limit);
		kprof_json_member_uint(json, "offset", mapping->file_offset);
		kprof_json_end_object(json);
	}
	kprof_json_end_array(json);
}

static int write_functions(struct kprof_json *json,
			   const struct kprof_report *report)
{
	_cleanup_free_ struct kprof_function_total *functions = NULL;
	const struct kprof_function_total *function;
	const struct kprof_frame *frame;
	size_t nr;
	int err = kprof_report_functions(report, &functions, &nr);

	if (err)
		return err;
	kprof_json_key(json, "functions");
	kprof_json_begin_array(json);
	for (function = functions; function < functions + nr; function++) {
		kprof_json_begin_object(json);
		kprof_json_member_string(json, "name", function->name);
		frame = &report->frames->frames.data[function->frame];
		kprof_json_member_string(json, "system_name",
					 frame->system_name);
		kprof_json_member_string(json, "binary", frame->binary);
		kprof_json_key(json, "flat");
		kprof_json_begin_object(json);
		write_values(json, report, function->flat_count,
			     function->flat);
		kprof_json_end_object(json);
		kprof_json_key(json, "cum");
		kprof_json_begin_object(json);
		write_values(json, report, function->cum_count, function->cum);
		kprof_json_end_object(json);
		kprof_json_end_object(json);
	}
	kprof_json_end_array(json);
	return 0;
}

static void write_labels(struct kprof_json *json,
			 const struct kprof_profile *profile,
			 const struct kprof_sample *sample)
{
	const struct kprof_label *label, *before = NULL;

	kprof_json_key(json, "labels");
	kprof_json_begin_object(json);
	for (uint32_t i = 0; i < sample->nr_labels; i++) {
		label = &profile->labels[sample->first_label + i];
		/* Sorted; of several values of one key the first is shown. */
		if (before && before->key == label->key)
			continue;
		if (label->str)
			kprof_json_member_string(json, label->key, label->str);
		else
			kprof_json_member_int(json, label->key, label->num);
		before = label;
	}
	kprof_json_end_object(json);
}

static int write_stack(struct kprof_json *json,
		       const struct kprof_report *report,
		       const struct kprof_sample *sample,
		       kprof_frame_list *list)
{
	int err = kprof_frames_expand(report->frames, sample, list);

	if (err)
		return err;
	kprof_json_begin_object(json);
	kprof_json_key(json, "frames");
	kprof_json_begin_array(json);
	vector_for_each (list, frame)
		kprof_json_string(json,
				  report->frames->frames.data[*frame].name);
	kprof_json_end_array(json);
	write_labels(json, report->profile, sample);
	write_values(json, report, kprof_report_count(report, sample),
		     kprof_report_value(report, sample));
	kprof_json_end_object(json);
	return 0;
}

static int write_stacks(struct kprof_json *json,
			const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	kprof_frame_list list = {};
	int err = 0;

	kprof_json_key(json, "stacks");
	kprof_json_begin_array(json);
	for (uint32_t i = 0; i < profile->nr_samples && !err; i++)
		err = write_stack(json, report, &profile->samples[i], &list);
	kprof_json_end_array(json);
	vector_free(&list);
	return err;
}

int kprof_report_json(const struct kprof_report *report)
{
	struct kprof_json json;
	int err;

	kprof_json_init(&json, report->out);
	kprof_json_begin_object(&json);
	write_header(&json, report);
	write_mappings(&json, report->profile);
	err = write_functions(&json, report);
	if (!err)
		err = write_stacks(&json, report);
	kprof_json_end_object(&json);
	return err ?: kprof_json_finish(&json);
}
