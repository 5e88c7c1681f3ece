// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: one page for a browser, which needs nothing else.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * What it shows stands in it as JSON; report_html.js draws it. Names come from
 * programs that nobody has to trust, so the page's policy lets nothing run but
 * the script whose hash it has, and nothing be fetched at all.
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "flame.h"
#include "flame_colour.h"
#include "remarks.h"
#include "report_functions.h"
#include "report_processes.h"
#include "util/cleanup.h"
#include "util/json.h"

static const char script[] =
#include "report_page.js.inc"
	;

static const char style[] =
#include "report_html.css.inc"
	;

static const char policy[] =
	"default-src 'none'; base-uri 'none'; form-action 'none'; script-src '"
#include "report_page.js.hash.inc"
	"'; style-src '"
#include "report_html.css.hash.inc"
	"'";

/* Facts */

static void write_fact(struct kprof_json *json, const char *name,
		       const char *value)
{
	if (!*value)
		return;
	kprof_json_begin_array(json);
	kprof_json_string(json, name);
	kprof_json_string(json, value);
	kprof_json_end_array(json);
}

static void write_numbers(struct kprof_json *json,
			  const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;
	time_t seconds = profile->time_nanos / 1000000000;
	char text[64];
	struct tm tm;

	if (profile->time_nanos && localtime_r(&seconds, &tm)) {
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %z", &tm);
		write_fact(json, "time", text);
	}
	if (profile->duration_nanos > 0)
		write_fact(json, "duration",
			   kprof_report_format(KPROF_REPORT_NANOSECONDS,
					       profile->duration_nanos,
					       profile->duration_nanos, text));
	if (profile->period > 0 &&
	    !strcmp(profile->period_type.unit, "nanoseconds")) {
		snprintf(text, sizeof(text), "%.6g Hz", 1e9 / profile->period);
		write_fact(json, "rate", text);
	}
}

static void write_facts(struct kprof_json *json,
			const struct kprof_report *report)
{
	const struct kprof_profile *profile = report->profile;

	kprof_json_key(json, "facts");
	kprof_json_begin_array(json);
	write_fact(json, "file", report->path);
	if (profile->nr_mappings) {
		write_fact(json, "program", profile->mappings[0].filename);
		write_fact(json, "build-id", profile->mappings[0].build_id);
	}
	write_numbers(json, report);
	kprof_json_end_array(json);
	kprof_json_key(json, "comments");
	kprof_json_begin_array(json);
	for (uint32_t i = 0; i < profile->nr_comments; i++)
		kprof_json_string(json, profile->comments[i]);
	kprof_json_end_array(json);
}

/* What is missing in it, in one line. */
static void write_loss(struct kprof_json *json,
		       const struct kprof_report *report)
{
	double lost = kprof_remark_number(report->profile, "lost: ");
	bool is_throttled =
		kprof_remark_find(report->profile, "throttle: cpu ") != NULL;
	char text[128];

	if (!kprof_remark_find(report->profile, "lost: "))
		strcpy(text, "The file does not say whether samples were lost.");
	else
		snprintf(text, sizeof(text), "%.0f samples lost (%.2f %%)%s.",
			 lost,
			 lost ? 100 * lost / (lost + report->total_count) : 0,
			 is_throttled ? ", throttled at times" : "");
	kprof_json_member_bool(json, "isWhole", !lost && !is_throttled);
	kprof_json_member_string(json, "loss", text);
}

static void write_title(struct kprof_json *json,
			const struct kprof_report *report,
			const struct kprof_report_processes *processes)
{
	const struct kprof_profile *profile = report->profile;
	char title[256], total[KPROF_REPORT_VALUE_BYTES];
	const char *name = processes->name;

	if (processes->are_several)
		name = "several processes";
	else if (!name && profile->nr_mappings)
		name = kprof_report_basename(profile->mappings[0].filename);
	snprintf(title, sizeof(title), "%.40s profile of %.80s",
		 profile->nr_sample_types
			 ? profile->sample_types[report->value_type].type
			 : "",
		 name ?: report->path);
	kprof_json_member_string(json, "title", title);
	snprintf(title, sizeof(title), "%s in %" PRId64 " samples",
		 kprof_report_format(report->unit, report->total,
				     report->total, total),
		 report->total_count);
	kprof_json_member_string(json, "summary", title);
}

/* Frames, functions, tree */

static void write_frames(struct kprof_json *json,
			 const struct kprof_report *report)
{
	char colour[8];

	kprof_json_key(json, "frames");
	kprof_json_begin_array(json);
	vector_for_each (&report->frames->frames, frame) {
		snprintf(colour, sizeof(colour), "#%06" PRIx32,
			 kprof_flame_colour(frame) & 0xffffff);
		kprof_json_begin_object(json);
		kprof_json_member_string(json, "name", frame->name);
		kprof_json_member_string(json, "binary", frame->binary);
		kprof_json_member_uint(json, "func", frame->function);
		kprof_json_member_string(json, "colour", colour);
		kprof_json_end_object(json);
	}
	kprof_json_end_array(json);
}

static int write_functions(struct kprof_json *json,
			   const struct kprof_report *report)
{
	_cleanup_free_ struct kprof_function_total *totals = NULL;
	size_t nr;
	int err = kprof_report_functions(report, &totals, &nr);

	if (err)
		return err;
	kprof_json_key(json, "functions");
	kprof_json_begin_array(json);
	for (size_t i = 0; i < nr; i++) {
		kprof_json_begin_array(json);
		kprof_json_uint(json, totals[i].frame);
		kprof_json_int(json, totals[i].flat);
		kprof_json_int(json, totals[i].cum);
		kprof_json_end_array(json);
	}
	kprof_json_end_array(json);
	return 0;
}

static void write_tree(struct kprof_json *json, const kprof_call_tree *tree)
{
	kprof_json_key(json, "nodes");
	kprof_json_begin_array(json);
	vector_for_each (tree, node) {
		kprof_json_begin_array(json);
		kprof_json_int(json, node->parent == KPROF_NO_INDEX
					     ? -1
					     : (int64_t)node->parent);
		kprof_json_int(json, node->frame == KPROF_NO_INDEX
					     ? -1
					     : (int64_t)node->frame);
		kprof_json_int(json, node->value);
		kprof_json_int(json, node->self);
		kprof_json_end_array(json);
	}
	kprof_json_end_array(json);
}

static int write_data(const struct kprof_report *report,
		      const struct kprof_report_processes *processes,
		      const kprof_call_tree *tree)
{
	const struct kprof_profile *profile = report->profile;
	struct kprof_json json;
	int err;

	kprof_json_init(&json, report->out);
	json.is_in_html = true;
	kprof_json_begin_object(&json);
	write_title(&json, report, processes);
	kprof_json_member_string(
		&json, "unit", profile->sample_types[report->value_type].unit);
	kprof_json_member_int(&json, "total", report->total);
	write_loss(&json, report);
	write_facts(&json, report);
	write_frames(&json, report);
	err = write_functions(&json, report);
	write_tree(&json, tree);
	kprof_json_end_object(&json);
	return err ?: kprof_json_finish(&json);
}

static void write_head(const struct kprof_report *report)
{
	fprintf(report->out,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		"<meta charset=\"utf-8\">\n"
		"<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n"
		"<title>kprof: ",
		policy);
	kprof_flame_print_text(report->out,
			       kprof_report_basename(report->path), 80);
	fprintf(report->out,
		"</title>\n<style>%s</style>\n</head>\n<body>\n"
		"<noscript>This page is drawn by a script in it.</noscript>\n"
		"<script type=\"application/json\" id=\"kprof-data\">\n",
		style);
}

/* -ENODATA, with nothing written, if there is nothing to draw. */
static int write_page(const struct kprof_report *report, bool is_whole)
{
	struct kprof_report_processes processes;
	kprof_call_tree tree = {};
	int err = kprof_report_find_processes(report, &processes);

	if (!err)
		err = kprof_flame_build(report, processes.are_several, &tree);
	if (err)
		return err;
	if (!tree.data[0].value)
		err = -ENODATA;
	if (!err && is_whole)
		write_head(report);
	err = err ?: write_data(report, &processes, &tree);
	if (!err && is_whole)
		fprintf(report->out,
			"</script>\n<script>%s</script>\n</body>\n</html>\n",
			script);
	vector_free(&tree);
	return err;
}

int kprof_report_html(const struct kprof_report *report)
{
	return write_page(report, true);
}

int kprof_report_page(const struct kprof_report *report)
{
	return write_page(report, false);
}
