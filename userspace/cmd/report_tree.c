// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: call tree.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report.h"

#include <string.h>

#include "report_call_tree.h"
#include "report_frames.h"
#include "util/strbuf.h"

enum {
	/* Branches below this share of the total are not shown. */
	MIN_PERCENT = 1,
};

/**
 * struct printer - a tree being printed
 * @tree: the tree
 * @guides: what stands before the name, two characters for each branching
 * @guide_bytes: of each node on the way to the last one, how much of @guides
 *	stands before what it calls
 */
struct printer {
	const struct kprof_report *report;
	const kprof_call_tree *tree;
	struct kprof_strbuf guides;
	vector(size_t) guide_bytes;
	vector(uint32_t) children_left;
};

static void print_node(const struct kprof_report *report,
		       const struct kprof_tree_node *node, const char *guides)
{
	const struct kprof_frame *frame =
		&report->frames->frames.data[node->frame];
	char value[KPROF_REPORT_VALUE_BYTES];

	fprintf(report->out, "%10s %7.2f%% %7.2f%%  %s%s",
		kprof_report_format(report->unit, node->value, report->total,
				    value),
		kprof_report_percent(node->value, report->total),
		kprof_report_percent(node->self, report->total), guides,
		frame->name);
	if (*frame->binary)
		fprintf(report->out, "  (%s)",
			kprof_report_basename(frame->binary));
	fputc('\n', report->out);
}

/*
 * A chain of calls goes straight down; only where it branches is there a new
 * column: "+ " before each branch, "| " before what belongs to one that has
 * another below it.
 */
static int print_below(struct printer *printer,
		       const struct kprof_tree_node *node)
{
	const struct kprof_tree_node *parent =
		&printer->tree->data[node->parent];
	size_t level = parent->depth;
	bool is_branch = parent->nr_children > 1;
	bool is_last;

	printer->guide_bytes.nr = level + 1;
	printer->children_left.nr = level + 1;
	is_last = !--printer->children_left.data[level];
	printer->guides.len = printer->guide_bytes.data[level];
	if (is_branch)
		kprof_strbuf_append_str(&printer->guides, "+ ");
	else
		kprof_strbuf_append_str(&printer->guides, "");
	print_node(printer->report, node, kprof_strbuf_str(&printer->guides));
	if (is_branch && !printer->guides.err)
		memcpy(printer->guides.data + printer->guides.len - 2,
		       is_last ? "  " : "| ", 2);
	return vector_push(&printer->guide_bytes, printer->guides.len)
		       ?: vector_push(&printer->children_left,
				      node->nr_children);
}

static int print_tree(struct printer *printer)
{
	const struct kprof_tree_node *root = printer->tree->data;
	int err;

	err = vector_push(&printer->guide_bytes, 0);
	if (!err)
		err = vector_push(&printer->children_left, root->nr_children);
	for (size_t i = 1; i < printer->tree->nr && !err; i++)
		err = print_below(printer, &printer->tree->data[i]);
	return err ?: printer->guides.err;
}

static void print_cut(const struct kprof_report *report,
		      const kprof_call_tree *tree)
{
	int64_t cut = 0;

	vector_for_each (tree, node)
		cut += node->cut;
	if (cut)
		fprintf(report->out,
			"Branches below %d %% are not shown, %.2f %% in all; "
			"--folded has everything.\n",
			MIN_PERCENT, kprof_report_percent(cut, report->total));
}

int kprof_report_tree(const struct kprof_report *report)
{
	kprof_call_tree tree = {};
	struct printer printer = {.report = report, .tree = &tree};
	int err = kprof_call_tree_build(
		report, report->total / 100 * MIN_PERCENT, false, &tree);

	if (err)
		return err;
	kprof_report_print_header(report);
	if (tree.nr > 1)
		fprintf(report->out, "%10s %8s %8s  %s\n", "total", "total%",
			"self%", "function (below it what it calls)");
	else
		fputs("There are no samples in it.\n", report->out);
	err = print_tree(&printer);
	print_cut(report, &tree);
	kprof_strbuf_deinit(&printer.guides);
	vector_free(&printer.guide_bytes);
	vector_free(&printer.children_left);
	vector_free(&tree);
	return err;
}
