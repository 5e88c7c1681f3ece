/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flame graphs: an SVG file of a call tree, which needs nothing else.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_FLAME_H
#define CMD_FLAME_H

#include "report_call_tree.h"
#include "report_frames.h"

/**
 * struct kprof_flame_key - what a colour means
 * @rgb: the colour
 * @words: in a word or two
 */
struct kprof_flame_key {
	uint32_t rgb;
	const char *words;
};

/**
 * struct kprof_flame - a flame graph
 * @report: what it is of
 * @tree: what it shows
 * @keys: what the colours mean, as far as they are there
 * @nr_keys: how many
 * @print_title: what stands above it
 * @print_summary: the line below that
 * @print_words: of the node @nr, what follows its name and binary
 * @colour: of the node @nr
 * @context: for these
 */
struct kprof_flame {
	const struct kprof_report *report;
	const kprof_call_tree *tree;
	const struct kprof_flame_key *keys;
	size_t nr_keys;
	void (*print_title)(const struct kprof_flame *flame);
	void (*print_summary)(const struct kprof_flame *flame);
	void (*print_words)(const struct kprof_flame *flame, uint32_t nr);
	uint32_t (*colour)(const struct kprof_flame *flame, uint32_t nr);
	void *context;
};

/*
 * The tree of a flame graph: finer and finer branches, as long as that leaves
 * the drawing small.
 */
int kprof_flame_build(const struct kprof_report *report, bool by_process,
		      kprof_call_tree *ret);
/* -ENODATA if there is nothing to draw. */
int kprof_flame_draw(const struct kprof_flame *flame);

/* What a node is; the root is "all". */
const struct kprof_frame *kprof_flame_frame(const struct kprof_flame *flame,
					    uint32_t nr);

/* The text in XML, at most @max_chars; the last is "..." if there are more. */
void kprof_flame_print_text(FILE *out, const char *text, size_t max_chars);

#endif /* CMD_FLAME_H */
