// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: folded stacks, one line each.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report_frames.h"
#include "util/cleanup.h"

/* A line: a stack of names, whichever samples had it. */
struct folded {
	size_t first;
	size_t nr;
	int64_t value;
};

/**
 * struct folding - lines being made
 * @functions: of all lines, leaf first
 * @lines: the lines
 * @index: over @lines
 * @current: the stack in hand, as functions
 */
struct folding {
	const struct kprof_report *report;
	vector(uint32_t) functions;
	vector(struct folded) lines;
	struct kprof_index index;
	kprof_frame_list current;
};

static bool line_equal(const void *array, uint32_t position, const void *key)
{
	const struct folding *folding = array;
	const struct folded *line = &folding->lines.data[position];
	const kprof_frame_list *list = key;

	if (line->nr != list->nr)
		return false;
	return !line->nr || !memcmp(folding->functions.data + line->first,
				    list->data, line->nr * sizeof(uint32_t));
}

static int add_line(struct folding *folding, uint64_t hash,
		    const kprof_frame_list *list, uint32_t *ret)
{
	struct folded line = {folding->functions.nr, list->nr, 0};
	int err = vector_reserve(&folding->functions, line.first + list->nr);

	if (err)
		return err;
	if (list->nr)
		memcpy(folding->functions.data + line.first, list->data,
		       list->nr * sizeof(uint32_t));
	folding->functions.nr += list->nr;
	*ret = folding->lines.nr;
	err = vector_push(&folding->lines, line);
	return err ?: kprof_index_add(&folding->index, hash, *ret);
}

/* Folded stacks count samples; a profile that does not has its values. */
static int64_t sample_value(const struct kprof_report *report,
			    const struct kprof_sample *sample)
{
	return report->count_type == KPROF_NO_INDEX
		       ? kprof_report_value(report, sample)
		       : kprof_report_count(report, sample);
}

static int fold_sample(struct folding *folding,
		       const struct kprof_sample *sample)
{
	const struct kprof_frames *frames = folding->report->frames;
	kprof_frame_list *list = &folding->current;
	uint32_t position;
	uint64_t hash;
	int err = kprof_frames_expand(frames, sample, list);

	if (err)
		return err;
	for (size_t i = 0; i < list->nr; i++)
		list->data[i] = frames->frames.data[list->data[i]].function;
	hash = kprof_hash_bytes(list->data, list->nr * sizeof(uint32_t));
	position = kprof_index_find(&folding->index, hash, line_equal, folding,
				    list);
	if (position == KPROF_INDEX_NONE)
		err = add_line(folding, hash, list, &position);
	if (!err)
		folding->lines.data[position].value +=
			sample_value(folding->report, sample);
	return err;
}

static int compare_lines(const void *pa, const void *pb)
{
	const struct folded *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return a->first < b->first ? -1 : a->first > b->first;
}

/* What separates frames and lines cannot be in a name. */
static void print_name(FILE *out, const char *name)
{
	for (; *name; name++)
		fputc(*name == ';' ? ':' : *name == '\n' ? ' ' : *name, out);
}

static void print_line(const struct folding *folding, const struct folded *line)
{
	const struct kprof_frames *frames = folding->report->frames;
	FILE *out = folding->report->out;
	uint32_t function, frame;

	for (size_t i = line->nr; i--;) {
		function = folding->functions.data[line->first + i];
		frame = frames->functions.data[function];
		print_name(out, frames->frames.data[frame].name);
		fputc(i ? ';' : ' ', out);
	}
	fprintf(out, "%" PRId64 "\n", line->value);
}

static int fold(struct folding *folding)
{
	const struct kprof_profile *profile = folding->report->profile;
	int err = 0;

	for (uint32_t i = 0; i < profile->nr_samples && !err; i++)
		err = fold_sample(folding, &profile->samples[i]);
	if (err || !folding->lines.nr)
		return err;
	qsort(folding->lines.data, folding->lines.nr,
	      sizeof(*folding->lines.data), compare_lines);
	vector_for_each (&folding->lines, line)
		if (line->nr && line->value)
			print_line(folding, line);
	return 0;
}

int kprof_report_folded(const struct kprof_report *report)
{
	struct folding folding = {.report = report};
	int err = fold(&folding);

	vector_free(&folding.functions);
	vector_free(&folding.lines);
	vector_free(&folding.current);
	kprof_index_deinit(&folding.index);
	return err;
}
