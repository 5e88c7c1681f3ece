/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Call tree: stacks merged from the root on.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Only branches that are large enough to be shown become nodes: memory is 16
 * bytes per sample and what is shown, however many distinct stacks there are.
 */
#ifndef CMD_REPORT_CALL_TREE_H
#define CMD_REPORT_CALL_TREE_H

#include "report.h"
#include "util/vector.h"

/**
 * struct kprof_tree_node - a function as called along one path
 * @frame: index; KPROF_NO_INDEX for the root, which stands for everything
 * @parent: index of the caller's node; KPROF_NO_INDEX for the root
 * @depth: 0 for the root
 * @nr_children: nodes that it calls
 * @value: of the samples in it and below
 * @count: samples likewise
 * @self: value of the samples that end in it
 * @sides: when two profiles are compared, the values of both
 * @cut: value of the branches below it that are too small
 */
struct kprof_tree_node {
	uint32_t frame;
	uint32_t parent;
	uint32_t depth;
	uint32_t nr_children;
	int64_t value;
	int64_t count;
	int64_t self;
	int64_t cut;
	int64_t sides[2];
};

/* Callers before what they call, of that the largest first. */
typedef vector(struct kprof_tree_node) kprof_call_tree;

/**
 * kprof_call_tree_build() - makes a tree
 * @report: what of
 * @min_value: a branch with less is cut
 * @by_process: the first level is the names of the processes
 * @ret: the tree, for vector_free(); has the root at least
 *
 * Samples without a positive value are left out.
 *
 * Return: 0 or -ENOMEM.
 */
int kprof_call_tree_build(const struct kprof_report *report, int64_t min_value,
			  bool by_process, kprof_call_tree *ret);

#endif /* CMD_REPORT_CALL_TREE_H */
