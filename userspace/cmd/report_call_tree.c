// SPDX-License-Identifier: GPL-2.0-only
/*
 * Call tree: stacks merged from the root on.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The samples below a node are a range of one array. To make its children the
 * range is sorted by the next frame, which splits it into their ranges; those
 * that are too small are not looked at again.
 */
#include "report_call_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report_frames.h"
#include "util/cleanup.h"

enum {
	/* No unwinder goes so deep; only a made-up file would. */
	MAX_DEPTH = 4096,
};

/**
 * struct entry - a sample on its way down
 * @sample: index
 * @locations_left: of its stack
 * @frames_left: of the location in hand
 * @next: its frame below the node in hand; one too many if it ends there
 */
struct entry {
	uint32_t sample;
	uint32_t locations_left;
	uint32_t frames_left;
	uint32_t next;
};

/* Entries with the same next frame. */
struct group {
	uint32_t frame;
	uint32_t nr;
	uint32_t first;
	int64_t value;
	int64_t count;
	int64_t sides[2];
};

/* A node to be made, with its entries. */
struct branch {
	struct kprof_tree_node node;
	size_t first;
	size_t nr;
};

/**
 * struct builder - a tree being built
 * @entries: all samples that count
 * @scratch: as many, for sorting
 * @group_of: of each frame, its group + 1, 0 if it has none now
 * @groups: of the range in hand
 * @branches: still to be made, the next one last
 */
struct builder {
	const struct kprof_report *report;
	int64_t min_value;
	bool by_process;
	struct entry *entries;
	struct entry *scratch;
	uint32_t *group_of;
	vector(struct group) groups;
	vector(struct branch) branches;
	kprof_call_tree tree;
};

static const struct kprof_sample *sample_of(const struct builder *builder,
					    const struct entry *entry)
{
	return &builder->report->profile->samples[entry->sample];
}

/* How the process of a sample is called, as a frame. */
static int process_frame(struct builder *builder,
			 const struct kprof_sample *sample, uint32_t *ret)
{
	const struct kprof_label *labels =
		builder->report->profile->labels + sample->first_label;
	const char *name = "(unknown process)";

	for (uint32_t i = 0; i < sample->nr_labels; i++)
		if (labels[i].str && !strcmp(labels[i].key, "comm"))
			name = labels[i].str;
	return kprof_frames_add(builder->report->frames, name, "", ret);
}

/* The frame below; the number of frames if there is none. */
static uint32_t next_frame(struct builder *builder, struct entry *entry)
{
	const struct kprof_frames *frames = builder->report->frames;
	const struct kprof_sample *sample = sample_of(builder, entry);
	const uint32_t *stack = builder->report->profile->location_indices;
	uint32_t location;

	if (!entry->frames_left && entry->locations_left) {
		location =
			stack[sample->first_location + --entry->locations_left];
		entry->frames_left = frames->first_ids.data[location + 1] -
				     frames->first_ids.data[location];
	}
	if (!entry->frames_left)
		return frames->frames.nr;
	/* Innermost first, so the root comes last. */
	location = stack[sample->first_location + entry->locations_left];
	return frames->ids
		.data[frames->first_ids.data[location] + --entry->frames_left];
}

static void add_sides(const struct kprof_report *report,
		      const struct kprof_sample *sample, int64_t sides[2])
{
	for (int i = 0; report->mean && i < 2; i++)
		sides[i] += sample->values[report->mean->types[i]];
}

/* Looks up the next frame of a range's entries and counts the groups. */
static int group_entries(struct builder *builder, const struct branch *branch)
{
	const struct kprof_report *report = builder->report;
	const struct kprof_sample *sample;
	struct group *group;
	struct entry *entry;
	uint32_t *group_of;
	int err;

	builder->groups.nr = 0;
	for (size_t i = 0; i < branch->nr; i++) {
		entry = &builder->entries[branch->first + i];
		sample = sample_of(builder, entry);
		if (!builder->by_process || branch->node.depth)
			entry->next = next_frame(builder, entry);
		group_of = &builder->group_of[entry->next];
		if (!*group_of) {
			err = vector_push(&builder->groups,
					  (struct group){.frame = entry->next});
			if (err)
				return err;
			*group_of = builder->groups.nr;
		}
		group = &builder->groups.data[*group_of - 1];
		group->nr++;
		group->value += kprof_report_value(report, sample);
		group->count += kprof_report_count(report, sample);
		add_sides(report, sample, group->sides);
	}
	return 0;
}

/* Sorts a range by group; entries of a group keep their order. */
static void sort_entries(struct builder *builder, const struct branch *branch)
{
	struct entry *entries = builder->entries + branch->first;
	struct group *group;
	uint32_t first = 0;

	vector_for_each (&builder->groups, g) {
		g->first = first;
		first += g->nr;
	}
	if (builder->groups.nr == 1)
		return;
	for (size_t i = 0; i < branch->nr; i++) {
		group = &builder->groups
				 .data[builder->group_of[entries[i].next] - 1];
		builder->scratch[group->first++] = entries[i];
	}
	memcpy(entries, builder->scratch, branch->nr * sizeof(*entries));
	vector_for_each (&builder->groups, g)
		g->first -= g->nr;
}

/* The smallest comes first: branches are made from the end of their list. */
static int compare_groups(const void *pa, const void *pb, void *context)
{
	const struct kprof_frames *frames = context;
	const struct group *a = pa, *b = pb;
	uint32_t end = frames->frames.nr;

	if (a->value != b->value)
		return a->value < b->value ? -1 : 1;
	if (a->frame == end || b->frame == end)
		return (a->frame == end) - (b->frame == end);
	return strcmp(frames->frames.data[b->frame].name,
		      frames->frames.data[a->frame].name)
		       ?: strcmp(frames->frames.data[b->frame].binary,
				 frames->frames.data[a->frame].binary);
}

/* Makes the branches of node @parent of its groups. */
static int add_branches(struct builder *builder, uint32_t parent,
			const struct branch *branch)
{
	struct kprof_tree_node *node = &builder->tree.data[parent];
	struct branch child = {
		.node = {.parent = parent, .depth = branch->node.depth + 1}};
	int err = 0;

	vector_for_each (&builder->groups, group) {
		if (group->frame == builder->report->frames->frames.nr) {
			node->self += group->value;
		} else if (group->value < builder->min_value) {
			node->cut += group->value;
		} else if (!err) {
			child.node.frame = group->frame;
			child.node.value = group->value;
			child.node.count = group->count;
			memcpy(child.node.sides, group->sides,
			       sizeof(group->sides));
			child.first = branch->first + group->first;
			child.nr = group->nr;
			node->nr_children++;
			err = vector_push(&builder->branches, child);
		}
	}
	return err;
}

static int make_node(struct builder *builder, const struct branch *branch)
{
	uint32_t index = builder->tree.nr;
	int err = vector_push(&builder->tree, branch->node);

	if (err)
		return err;
	if (branch->node.depth == MAX_DEPTH) {
		builder->tree.data[index].self = branch->node.value;
		return 0;
	}
	err = group_entries(builder, branch);
	if (!err)
		sort_entries(builder, branch);
	vector_for_each (&builder->groups, group)
		builder->group_of[group->frame] = 0;
	if (err)
		return err;
	if (builder->groups.nr > 1)
		qsort_r(builder->groups.data, builder->groups.nr,
			sizeof(*builder->groups.data), compare_groups,
			builder->report->frames);
	return add_branches(builder, index, branch);
}

/* Everything, as the branch that is the root. */
static int add_root(struct builder *builder)
{
	const struct kprof_report *report = builder->report;
	const struct kprof_profile *profile = report->profile;
	struct branch root = {
		.node = {.frame = KPROF_NO_INDEX, .parent = KPROF_NO_INDEX}};
	const struct kprof_sample *sample;
	struct entry *entry;
	int err = 0;

	for (uint32_t i = 0; i < profile->nr_samples && !err; i++) {
		sample = &profile->samples[i];
		if (kprof_report_value(report, sample) <= 0)
			continue;
		entry = &builder->entries[root.nr++];
		*entry = (struct entry){i, sample->nr_locations, 0, 0};
		if (builder->by_process)
			err = process_frame(builder, sample, &entry->next);
		root.node.value += kprof_report_value(report, sample);
		root.node.count += kprof_report_count(report, sample);
		add_sides(report, sample, root.node.sides);
	}
	return err ?: vector_push(&builder->branches, root);
}

static int allocate(struct builder *builder)
{
	size_t nr = builder->report->profile->nr_samples + 1ULL;

	builder->entries = calloc(nr, sizeof(*builder->entries));
	builder->scratch = calloc(nr, sizeof(*builder->scratch));
	return builder->entries && builder->scratch ? 0 : -ENOMEM;
}

static int build(struct builder *builder)
{
	struct branch branch;
	int err = allocate(builder);

	if (!err)
		err = add_root(builder);
	if (err)
		return err;
	/* Only now: processes have become frames. */
	builder->group_of = calloc(builder->report->frames->frames.nr + 1,
				   sizeof(*builder->group_of));
	if (!builder->group_of)
		return -ENOMEM;
	while (builder->branches.nr && !err) {
		branch = builder->branches.data[--builder->branches.nr];
		err = make_node(builder, &branch);
	}
	return err;
}

int kprof_call_tree_build(const struct kprof_report *report, int64_t min_value,
			  bool by_process, kprof_call_tree *ret)
{
	struct builder builder = {
		.report = report,
		.min_value = min_value,
		.by_process = by_process,
	};
	int err = build(&builder);

	free(builder.entries);
	free(builder.scratch);
	free(builder.group_of);
	vector_free(&builder.groups);
	vector_free(&builder.branches);
	if (err)
		vector_free(&builder.tree);
	else
		memcpy(ret, &builder.tree, sizeof(*ret));
	return err;
}
