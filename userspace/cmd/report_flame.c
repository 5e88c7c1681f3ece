// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: flame graph.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "flame.h"
#include "flame_colour.h"
#include "report_processes.h"

/* Head */

static void print_title(const struct kprof_flame *flame)
{
	const struct kprof_report *report = flame->report;
	const struct kprof_report_processes *processes = flame->context;
	const struct kprof_profile *profile = report->profile;
	const char *name = processes->name;

	if (processes->are_several)
		name = "several processes";
	else if (!name && profile->nr_mappings)
		name = kprof_report_basename(profile->mappings[0].filename);
	if (profile->nr_sample_types)
		kprof_flame_print_text(report->out,
			   profile->sample_types[report->value_type].type, 40);
	fputs(name && *name ? " profile of " : " profile", report->out);
	kprof_flame_print_text(report->out, name ?: "", 80);
}

static void print_summary(const struct kprof_flame *flame)
{
	const struct kprof_report *report = flame->report;
	const struct kprof_profile *profile = report->profile;
	char text[KPROF_REPORT_VALUE_BYTES];

	fprintf(report->out, "%s",
		kprof_report_format(report->unit, report->total, report->total,
				    text));
	if (report->count_type != KPROF_NO_INDEX)
		fprintf(report->out, " in %" PRId64 " samples",
			report->total_count);
	if (profile->duration_nanos > 0)
		fprintf(report->out, ", over %s",
			kprof_report_format(KPROF_REPORT_NANOSECONDS,
					    profile->duration_nanos,
					    profile->duration_nanos, text));
}

static uint32_t colour_of(const struct kprof_flame *flame, uint32_t nr)
{
	return kprof_flame_colour(kprof_flame_frame(flame, nr));
}

/* What the colours mean, of the kinds that are there. */
static size_t find_keys(const struct kprof_flame *flame,
			struct kprof_flame_key keys[KPROF_FLAME_NR_KINDS])
{
	bool is_there[KPROF_FLAME_NR_KINDS] = {};
	size_t nr = 0;

	for (size_t i = 1; i < flame->tree->nr; i++)
		is_there[kprof_flame_kind(kprof_flame_frame(flame, i))] = true;
	for (int kind = 0; kind < KPROF_FLAME_NR_KINDS; kind++)
		if (is_there[kind])
			keys[nr++] = (struct kprof_flame_key){
				kprof_flame_kind_colour(kind),
				kprof_flame_kind_name(kind)};
	return nr;
}

static void print_words(const struct kprof_flame *flame, uint32_t nr)
{
	const struct kprof_tree_node *node = &flame->tree->data[nr];
	const struct kprof_report *report = flame->report;
	char text[KPROF_REPORT_VALUE_BYTES];

	if (report->count_type != KPROF_NO_INDEX)
		fprintf(report->out, "%" PRId64 " samples, ", node->count);
	fprintf(report->out, "%s, %.2f %%",
		kprof_report_format(report->unit, node->value, report->total,
				    text),
		kprof_report_percent(node->value, report->total));
}

int kprof_report_flame(const struct kprof_report *report)
{
	struct kprof_flame_key keys[KPROF_FLAME_NR_KINDS];
	kprof_call_tree tree = {};
	struct kprof_report_processes processes;
	struct kprof_flame flame = {
		.report = report,
		.tree = &tree,
		.keys = keys,
		.print_title = print_title,
		.print_summary = print_summary,
		.print_words = print_words,
		.colour = colour_of,
		.context = &processes,
	};
	int err = kprof_report_find_processes(report, &processes);

	if (!err)
		err = kprof_flame_build(report, processes.are_several, &tree);
	if (err)
		return err;
	flame.nr_keys = find_keys(&flame, keys);
	err = kprof_flame_draw(&flame);
	vector_free(&tree);
	return err;
}
