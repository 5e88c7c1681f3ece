// SPDX-License-Identifier: GPL-2.0-only
/*
 * Flame graphs: an SVG file of a call tree, which needs nothing else.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Everything is drawn here, at a width of 1200 pixels, so that the file is a
 * picture wherever scripts do not run. flame.js, which is part of it,
 * fits it to the window and makes it interactive; it takes names and places
 * from the drawing. The root is at the bottom. Branches that would be narrower
 * than a tenth of a pixel are drawn only as long as there are few frames: they
 * can be zoomed into and searched for, but make the file large.
 */
#include "flame.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
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
};

/* Of a character of the font, in pixels; the script measures it. */
static const double char_width = 7.25;

static const char script[] =
#include "flame.js.inc"
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

/**
 * struct drawing - a flame graph being drawn
 * @flame: the flame graph
 * @left: of each node, where it starts, in pixels
 * @used: of each node, the width that its children have taken so far
 * @height: of the drawing, in pixels
 */
struct drawing {
	const struct kprof_flame *flame;
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

void kprof_flame_print_text(FILE *out, const char *text, size_t max_chars)
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

/* Head */

static void print_keys(const struct kprof_flame *flame)
{
	unsigned int x = 760;

	for (size_t i = 0; i < flame->nr_keys; i++) {
		fprintf(flame->report->out,
			"<rect x=\"%u\" y=\"29\" width=\"11\" height=\"11\" "
			"fill=\"#%06" PRIx32 "\"/><text class=\"sub\" "
			"x=\"%u\" y=\"39\">%s</text>\n",
			x, flame->keys[i].rgb, x + 15, flame->keys[i].words);
		x += 75;
	}
}

static void print_head(const struct kprof_flame *flame)
{
	FILE *out = flame->report->out;

	fprintf(out,
		"<g id=\"kprof-head\"><rect width=\"100%%\" height=\"%d\" "
		"fill=\"#fff\"/>\n"
		"<text class=\"title\" x=\"%d\" y=\"22\">",
		HEAD - 4, PAD);
	flame->print_title(flame);
	fprintf(out, "</text>\n<text class=\"sub\" x=\"%d\" y=\"39\">", PAD);
	flame->print_summary(flame);
	fprintf(out,
		"</text>\n<text id=\"kprof-details\" x=\"%d\" y=\"55\"> "
		"</text>\n",
		PAD);
	print_keys(flame);
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

const struct kprof_frame *kprof_flame_frame(const struct kprof_flame *flame,
					    uint32_t nr)
{
	static const struct kprof_frame all = {.name = "all", .binary = ""};

	if (!nr)
		return &all;
	return &flame->report->frames->frames.data[flame->tree->data[nr].frame];
}

/* Words of the hover, line by line: name, binary, shares. */
static void print_words(const struct kprof_flame *flame, uint32_t nr)
{
	const struct kprof_frame *frame = kprof_flame_frame(flame, nr);
	FILE *out = flame->report->out;

	kprof_flame_print_text(out, frame->name, SIZE_MAX);
	fputc('\n', out);
	if (*frame->binary) {
		kprof_flame_print_text(out, frame->binary, SIZE_MAX);
		fputc('\n', out);
	}
	flame->print_words(flame, nr);
}

static double width_of(const struct kprof_flame *flame, uint32_t nr)
{
	return (double)(WIDTH - 2 * PAD) * flame->tree->data[nr].value /
	       flame->tree->data[0].value;
}

static void print_frame(const struct drawing *drawing, uint32_t nr)
{
	const struct kprof_flame *flame = drawing->flame;
	unsigned int y = drawing->height - FOOT -
			 ROW * (flame->tree->data[nr].depth + 1);
	double width = width_of(flame, nr);
	double room = (width - 6) / char_width;
	FILE *out = flame->report->out;

	fputs("<g class=\"f\"><title>", out);
	print_words(flame, nr);
	fprintf(out,
		"</title><rect x=\"%.4f\" y=\"%u\" width=\"%.4f\" "
		"height=\"%d\" fill=\"#%06" PRIx32 "\"/>",
		drawing->left[nr], y, width, ROW - 1,
		flame->colour(flame, nr));
	if (room >= 3) {
		fprintf(out, "<text x=\"%.2f\" y=\"%u\">",
			drawing->left[nr] + 3, y + 13);
		kprof_flame_print_text(
			out, kprof_flame_frame(flame, nr)->name, room);
		fputs("</text>", out);
	}
	fputs("</g>\n", out);
}

/* Children stand side by side above their caller, the largest at the left. */
static void place_frame(struct drawing *drawing, uint32_t nr)
{
	const struct kprof_tree_node *node = &drawing->flame->tree->data[nr];

	drawing->left[nr] = PAD;
	if (!nr)
		return;
	drawing->left[nr] =
		drawing->left[node->parent] + drawing->used[node->parent];
	drawing->used[node->parent] += width_of(drawing->flame, nr);
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
	const struct kprof_flame *flame = drawing->flame;
	FILE *out = flame->report->out;

	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
		"width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n<title>",
		WIDTH, drawing->height, WIDTH, drawing->height);
	flame->print_title(flame);
	fprintf(out,
		"</title>\n<style>%s</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
		style);
	for (size_t i = 0; i < flame->tree->nr; i++) {
		place_frame(drawing, i);
		print_frame(drawing, i);
	}
	print_head(flame);
	fprintf(out,
		"<script><![CDATA[\n%s"
		"kprofFlame(document.currentScript.closest(\"svg\"));\n"
		"]]></script>\n</svg>\n",
		script);
}

int kprof_flame_build(const struct kprof_report *report, bool by_process,
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

int kprof_flame_draw(const struct kprof_flame *flame)
{
	size_t nr = flame->tree->nr;
	_cleanup_free_ double *left = calloc(nr, sizeof(*left));
	_cleanup_free_ double *used = calloc(nr, sizeof(*used));
	struct drawing drawing = {flame, left, used, height_of(flame->tree)};

	if (!left || !used)
		return -ENOMEM;
	if (flame->tree->data[0].value <= 0)
		return -ENODATA;
	draw(&drawing);
	return 0;
}
