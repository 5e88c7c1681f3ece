// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl diff: differential flame graph.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A frame is as wide as the mean of both sides, so what is new is there and so
 * is what is gone. Its colour is the change: red is more in B, blue is less,
 * the stronger the larger. What may be noise is grey: the frames of a graph are
 * tests of one family, as the rows of a table are.
 */
#include "diff.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "flame.h"
#include "util/cleanup.h"

enum {
	COLOUR_MORE = 0xf0705a,
	COLOUR_LESS = 0x5a96e8,
	COLOUR_SAME = 0xd8d8d8,
};

struct drawing {
	const struct kprof_diff *diff;
	const struct kprof_diff_row *rows;
};

static void print_title(const struct kprof_flame *flame)
{
	const struct drawing *drawing = flame->context;
	FILE *out = flame->report->out;

	kprof_flame_print_text(
		out, kprof_report_basename(drawing->diff->sides[0].path), 40);
	fputs(" and, after it, ", out);
	kprof_flame_print_text(
		out, kprof_report_basename(drawing->diff->sides[1].path), 40);
}

static void print_summary(const struct kprof_flame *flame)
{
	const struct drawing *drawing = flame->context;

	fputs("widths: the mean of both; compared is ", flame->report->out);
	fputs(drawing->diff->by == KPROF_DIFF_BY_DURATION
		      ? "what they take per second"
		      : "the share of the whole",
	      flame->report->out);
}

/* Lines: both sides, the change. */
static void print_words(const struct kprof_flame *flame, uint32_t nr)
{
	const struct drawing *drawing = flame->context;
	const struct kprof_diff *diff = drawing->diff;
	const struct kprof_diff_row *row = &drawing->rows[nr];
	char a[KPROF_REPORT_VALUE_BYTES], b[KPROF_REPORT_VALUE_BYTES];
	char percent[KPROF_REPORT_VALUE_BYTES];

	fprintf(flame->report->out, "A %s, B %s, %s%s",
		kprof_diff_format(diff, row->scaled[0], a),
		kprof_diff_format(diff, row->scaled[1], b),
		kprof_diff_format_percent(row, percent),
		row->is_significant ? "" : " (may be noise)");
}

/* From @from to @to by @part. */
static uint32_t mix(uint32_t from, uint32_t to, double part)
{
	uint32_t rgb = 0;

	for (int shift = 16; shift >= 0; shift -= 8) {
		int a = from >> shift & 0xff, b = to >> shift & 0xff;

		rgb |= (uint32_t)(a + lround((b - a) * part)) << shift;
	}
	return rgb;
}

/* Half of what it had or twice of it is as strong as it gets. */
static uint32_t colour(const struct kprof_flame *flame, uint32_t nr)
{
	const struct drawing *drawing = flame->context;
	const struct kprof_diff_row *row = &drawing->rows[nr];
	double strength;

	if (!row->is_significant)
		return COLOUR_SAME;
	strength = fabs(log2(row->scaled[1] / row->scaled[0]));
	if (!(strength < 1))
		strength = 1;
	return mix(COLOUR_SAME,
		   row->scaled[1] > row->scaled[0] ? COLOUR_MORE : COLOUR_LESS,
		   0.3 + 0.7 * strength);
}

static int draw(const struct kprof_diff *diff,
		const struct kprof_report *report, const kprof_call_tree *tree)
{
	static const struct kprof_flame_key keys[] = {
		{COLOUR_MORE, "more"},
		{COLOUR_LESS, "less"},
		{COLOUR_SAME, "may be noise"},
	};
	_cleanup_free_ struct kprof_diff_row *rows =
		calloc(tree->nr, sizeof(*rows));
	struct drawing drawing = {diff, rows};
	struct kprof_flame flame = {
		.report = report,
		.tree = tree,
		.keys = keys,
		.nr_keys = sizeof(keys) / sizeof(*keys),
		.print_title = print_title,
		.print_summary = print_summary,
		.print_words = print_words,
		.colour = colour,
		.context = &drawing,
	};
	double limit;
	int err;

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < tree->nr; i++)
		for (int side = 0; side < 2; side++)
			rows[i].values[side] = tree->data[i].sides[side];
	err = kprof_diff_mark(diff, rows, tree->nr, &limit);
	return err ?: kprof_flame_draw(&flame);
}

int kprof_diff_flame(const struct kprof_diff *diff)
{
	struct kprof_report report = {
		.profile = diff->pair,
		.path = diff->sides[1].path,
		.out = diff->out,
		.frames = (struct kprof_frames *)&diff->frames,
		.value_type = diff->mean.types[1],
		.count_type = KPROF_NO_INDEX,
		.mean = &diff->mean,
	};
	kprof_call_tree tree = {};
	int err;

	for (uint32_t i = 0; i < diff->pair->nr_samples; i++)
		report.total += kprof_report_value(&report,
						   &diff->pair->samples[i]);
	err = kprof_flame_build(&report, false, &tree);
	if (!err)
		err = draw(diff, &report, &tree);
	vector_free(&tree);
	return err;
}
