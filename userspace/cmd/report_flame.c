// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: flame graph, one SVG file that needs nothing else.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Everything is drawn here, at a width of 1200 pixels, so that the file is a
 * picture wherever scripts do not run. report_flame.js, which is part of it,
 * fits it to the window and makes it interactive; it takes names and places
 * from the drawing. The root is at the bottom. Branches that would be narrower
 * than a tenth of a pixel are drawn only as long as there are few frames: they
 * can be zoomed into and searched for, but make the file large.
 */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "report_call_tree.h"
#include "report_frames.h"
#include "util/cleanup.h"
#include "util/hash.h"
#include "util/utf8.h"

enum {
	WIDTH = 1200,
	PAD = 10,
	ROW = 17,
	HEAD = 62,
	FOOT = 12,
	/* Branches narrower than 1 / this of the whole may be left out. */
	COARSE = (WIDTH - 2 * PAD) * 10,
	/* Narrower ones are drawn while there are less frames than this. */
	FEW_FRAMES = 10000,
	FINEST = COARSE * 1000,
	/* A process with that much is the one that the profile is of. */
	MAIN_PERCENT = 98,
};

/* Of a character of the font, in pixels; the script measures it. */
static const double char_width = 7.25;

static const char script[] =
#include "report_flame.js.inc"
	;

static const char style[] =
	"svg{background:#fff;font:12px monospace}"
	"text{fill:#111;pointer-events:none}"
	".title{font:bold 16px sans-serif}"
	".sub{font:12px sans-serif;fill:#555}"
	".button{font:12px sans-serif;fill:#06c;cursor:pointer;"
	"pointer-events:auto}"
	".f{cursor:pointer}"
	".f rect{stroke:#fff;stroke-width:.5}"
	".f:hover rect{stroke:#000;stroke-width:1}"
	".below{opacity:.5}"
	".match rect{fill:#e050e0}";

/* Whose profile it is. */
struct processes {
	const char *name;
	bool are_several;
};

/**
 * struct drawing - a flame graph being drawn
 * @tree: what it shows
 * @processes: whose it is
 * @left: of each node, where it starts, in pixels
 * @used: of each node, the width that its children have taken so far
 * @height: of the drawing, in pixels
 */
struct drawing {
	const struct kprof_report *report;
	const kprof_call_tree *tree;
	struct processes processes;
	double *left;
	double *used;
	unsigned int height;
};

/* XML */

static bool is_xml_char(const char *text, size_t bytes)
{
	if (bytes == 1)
		return (unsigned char)*text >= 0x20 && *text != 0x7f;
	/* U+FFFE and U+FFFF are characters, but not of XML. */
	return bytes != 3 || (memcmp(text, "\xef\xbf\xbe", 3) &&
			      memcmp(text, "\xef\xbf\xbf", 3));
}

static void print_char(FILE *out, const char *text, size_t bytes)
{
	if (*text == '&')
		fputs("&amp;", out);
	else if (*text == '<')
		fputs("&lt;", out);
	else if (*text == '>')
		fputs("&gt;", out);
	else if (*text == '"')
		fputs("&quot;", out);
	else if (is_xml_char(text, bytes))
		fwrite(text, 1, bytes, out);
	else
		fputs(KPROF_UTF8_REPLACEMENT, out);
}

/* At most @max_chars characters; the last is "..." if there are more. */
static void print_text(FILE *out, const char *text, size_t max_chars)
{
	size_t len = strlen(text);
	bool is_cut = kprof_utf8_length(text, len) > max_chars;
	size_t bytes;

	for (; len && max_chars > is_cut; max_chars--) {
		bytes = kprof_utf8_char_bytes(text, len) ?: 1;
		print_char(out, text, bytes);
		text += bytes;
		len -= bytes;
	}
	if (is_cut)
		fputs("\u2026", out);
}

/* Colours: the kind of binary gives the hue, binary and name the shade. */

enum kind {
	KIND_KERNEL,
	KIND_PROGRAM,
	KIND_LIBRARY,
	KIND_OTHER,
	NR_KINDS,
};

struct colour {
	const char *kind;
	unsigned char base[3];
	unsigned char range[3];
};

// clang-format off
static const struct colour colours[NR_KINDS] = {
	[KIND_KERNEL]  = { "kernel",  { 235, 120,  80 }, { 20, 75, 45 } },
	[KIND_PROGRAM] = { "program", { 125, 190,  90 }, { 80, 45, 60 } },
	[KIND_LIBRARY] = { "library", { 115, 165, 220 }, { 55, 60, 35 } },
	[KIND_OTHER]   = { "other",   { 195, 190, 200 }, { 25, 20, 25 } },
};
// clang-format on

static enum kind kind_of(const struct kprof_frame *frame)
{
	const char *base = kprof_report_basename(frame->binary);

	if (frame->in_kernel)
		return KIND_KERNEL;
	if (strstr(base, ".so") || !strcmp(base, "[vdso]"))
		return KIND_LIBRARY;
	if (*frame->binary == '/' && strncmp(frame->binary, "//", 2))
		return KIND_PROGRAM;
	return KIND_OTHER;
}

static uint32_t colour_of(const struct kprof_frame *frame)
{
	const struct colour *colour = &colours[kind_of(frame)];
	uint32_t binary =
		kprof_hash_bytes(frame->binary, strlen(frame->binary)) % 256;
	uint32_t name =
		kprof_hash_bytes(frame->name, strlen(frame->name)) % 256;
	uint32_t shade, rgb = 0;

	for (int i = 0; i < 3; i++) {
		shade = i != 0 ? (binary + 3 * name) / 4
			       : (3 * binary + name) / 4;
		rgb = rgb << 8 |
		      (colour->base[i] + colour->range[i] * shade / 255);
	}
	return rgb;
}

/* Head */

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

/*
 * The process that has nearly everything: what it is called before its exec,
 * or what it starts for a moment, makes no profile of several processes.
 */
static int find_main_process(const struct kprof_report *report,
			     struct processes *ret)
{
	const struct kprof_profile *profile = report->profile;
	uint64_t value, largest = 0;
	struct kprof_map values = {};
	const char *name;
	int err = 0;

	*ret = (struct processes){};
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

static void print_title(const struct drawing *drawing)
{
	const struct kprof_report *report = drawing->report;
	const struct kprof_profile *profile = report->profile;
	const char *name = drawing->processes.name;

	if (drawing->processes.are_several)
		name = "several processes";
	else if (!name && profile->nr_mappings)
		name = kprof_report_basename(profile->mappings[0].filename);
	if (profile->nr_sample_types)
		print_text(report->out,
			   profile->sample_types[report->value_type].type, 40);
	fputs(name && *name ? " profile of " : " profile", report->out);
	print_text(report->out, name ?: "", 80);
}

static void print_summary(const struct kprof_report *report)
{
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

/* What the colours mean, of the kinds that are there. */
static void print_legend(const struct drawing *drawing)
{
	const struct kprof_report *report = drawing->report;
	bool is_there[NR_KINDS] = {};
	unsigned int x = 760;

	for (size_t i = 1; i < drawing->tree->nr; i++)
		is_there[kind_of(
			&report->frames->frames
				 .data[drawing->tree->data[i].frame])] = true;
	for (int kind = 0; kind < NR_KINDS; kind++) {
		if (!is_there[kind])
			continue;
		fprintf(report->out,
			"<rect x=\"%u\" y=\"29\" width=\"11\" height=\"11\" "
			"fill=\"#%02x%02x%02x\"/><text class=\"sub\" "
			"x=\"%u\" y=\"39\">%s</text>\n",
			x, colours[kind].base[0], colours[kind].base[1],
			colours[kind].base[2], x + 15, colours[kind].kind);
		x += 75;
	}
}

static void print_head(const struct drawing *drawing)
{
	const struct kprof_report *report = drawing->report;
	FILE *out = report->out;

	fprintf(out,
		"<g id=\"kprof-head\"><rect width=\"100%%\" height=\"%d\" "
		"fill=\"#fff\"/>\n"
		"<text class=\"title\" x=\"%d\" y=\"22\">",
		HEAD - 4, PAD);
	print_title(drawing);
	fprintf(out, "</text>\n<text class=\"sub\" x=\"%d\" y=\"39\">", PAD);
	print_summary(report);
	fprintf(out,
		"</text>\n<text id=\"kprof-details\" x=\"%d\" y=\"55\"> "
		"</text>\n",
		PAD);
	print_legend(drawing);
	fprintf(out,
		"<g id=\"kprof-tools\" style=\"display:none\">"
		"<text id=\"kprof-reset\" class=\"button\" x=\"1060\" "
		"y=\"22\" text-anchor=\"end\">reset zoom (Esc)</text>"
		"<text id=\"kprof-search\" class=\"button\" x=\"1190\" "
		"y=\"22\" text-anchor=\"end\">search (/)</text>"
		"<text id=\"kprof-found\" x=\"1190\" y=\"55\" "
		"text-anchor=\"end\"></text></g></g>\n");
}

/* Frames */

/* Words of the hover, line by line: name, binary, shares. */
static void print_words(const struct kprof_report *report,
			const struct kprof_tree_node *node, const char *name,
			const char *binary)
{
	char text[KPROF_REPORT_VALUE_BYTES];

	print_text(report->out, name, SIZE_MAX);
	fputc('\n', report->out);
	if (*binary) {
		print_text(report->out, binary, SIZE_MAX);
		fputc('\n', report->out);
	}
	if (report->count_type != KPROF_NO_INDEX)
		fprintf(report->out, "%" PRId64 " samples, ", node->count);
	fprintf(report->out, "%s, %.2f %%",
		kprof_report_format(report->unit, node->value, report->total,
				    text),
		kprof_report_percent(node->value, report->total));
}

static double width_of(const struct drawing *drawing,
		       const struct kprof_tree_node *node)
{
	return (double)(WIDTH - 2 * PAD) * node->value /
	       drawing->tree->data[0].value;
}

static void print_frame(const struct drawing *drawing, size_t i)
{
	const struct kprof_report *report = drawing->report;
	const struct kprof_tree_node *node = &drawing->tree->data[i];
	const struct kprof_frame all = {.name = "all", .binary = ""};
	const struct kprof_frame *frame =
		i ? &report->frames->frames.data[node->frame] : &all;
	unsigned int y = drawing->height - FOOT - ROW * (node->depth + 1);
	double width = width_of(drawing, node);
	double room = (width - 6) / char_width;

	fputs("<g class=\"f\"><title>", report->out);
	print_words(report, node, frame->name, frame->binary);
	fprintf(report->out,
		"</title><rect x=\"%.4f\" y=\"%u\" width=\"%.4f\" "
		"height=\"%d\" fill=\"#%06" PRIx32 "\"/>",
		drawing->left[i], y, width, ROW - 1, colour_of(frame));
	if (room >= 3) {
		fprintf(report->out, "<text x=\"%.2f\" y=\"%u\">",
			drawing->left[i] + 3, y + 13);
		print_text(report->out, frame->name, room);
		fputs("</text>", report->out);
	}
	fputs("</g>\n", report->out);
}

/* Children stand side by side above their caller, the largest at the left. */
static void place_frame(struct drawing *drawing, size_t i)
{
	const struct kprof_tree_node *node = &drawing->tree->data[i];

	drawing->left[i] = PAD;
	if (!i)
		return;
	drawing->left[i] =
		drawing->left[node->parent] + drawing->used[node->parent];
	drawing->used[node->parent] += width_of(drawing, node);
}

static unsigned int height_of(const kprof_call_tree *tree)
{
	uint32_t depth = 0;

	vector_for_each (tree, node)
		if (node->depth > depth)
			depth = node->depth;
	return HEAD + ROW * (depth + 1) + FOOT;
}

static void draw(struct drawing *drawing)
{
	FILE *out = drawing->report->out;

	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
		"width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n<title>",
		WIDTH, drawing->height, WIDTH, drawing->height);
	print_title(drawing);
	fprintf(out,
		"</title>\n<style>%s</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		style);
	for (size_t i = 0; i < drawing->tree->nr; i++) {
		place_frame(drawing, i);
		print_frame(drawing, i);
	}
	print_head(drawing);
	fprintf(out, "<script><![CDATA[\n%s]]></script>\n</svg>\n", script);
}

/* Finer and finer, as long as that leaves the drawing small. */
static int build_tree(const struct kprof_report *report, bool by_process,
		      kprof_call_tree *ret)
{
	int64_t across = COARSE;
	int err;

	for (;;) {
		err = kprof_call_tree_build(report, report->total / across + 1,
					    by_process, ret);
		if (err || ret->nr >= FEW_FRAMES || across >= FINEST ||
		    across >= report->total)
			return err;
		vector_free(ret);
		*ret = (kprof_call_tree){};
		across *= 10;
	}
}

int kprof_report_flame(const struct kprof_report *report)
{
	_cleanup_free_ double *left = NULL, *used = NULL;
	kprof_call_tree tree = {};
	struct drawing drawing = {.report = report, .tree = &tree};
	int err = find_main_process(report, &drawing.processes);

	if (!err)
		err = build_tree(report, drawing.processes.are_several, &tree);
	if (err)
		return err;
	drawing.left = left = calloc(tree.nr, sizeof(*left));
	drawing.used = used = calloc(tree.nr, sizeof(*used));
	drawing.height = height_of(&tree);
	if (!left || !used)
		err = -ENOMEM;
	else if (tree.data[0].value)
		draw(&drawing);
	else
		err = -ENODATA;
	vector_free(&tree);
	return err;
}
