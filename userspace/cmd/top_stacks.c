// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl top: the stacks that a function is in.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "top.h"

#include <errno.h>
#include <stdlib.h>

#include "util/hash.h"
#include "util/strbuf.h"

/* A stack: samples with the same frames, whatever their labels. */
struct stack {
	uint32_t sample;
	int64_t value;
};

/**
 * struct stacks - being counted
 * @all: stacks that have the function
 * @ids: from the hash of the frames to the index in @all
 */
struct stacks {
	const struct kprof_top *top;
	vector(struct stack) all;
	struct kprof_map ids;
};

static const struct kprof_frame *frame_of(const struct kprof_top *top,
					  uint32_t frame)
{
	return &top->frames.frames.data[frame];
}

static bool has_function(const struct kprof_top *top,
			 const kprof_frame_list *list, uint32_t function)
{
	vector_for_each (list, frame)
		if (frame_of(top, *frame)->function == function)
			return true;
	return false;
}

static int count_stack(struct stacks *stacks, uint32_t sample,
		       const kprof_frame_list *list)
{
	const struct kprof_top *top = stacks->top;
	int64_t value =
		kprof_report_value(&top->report, &top->sum->samples[sample]);
	uint64_t hash =
		kprof_hash_bytes(list->data, list->nr * sizeof(*list->data));
	uint64_t id;
	int err;

	if (kprof_map_get(&stacks->ids, hash, &id)) {
		stacks->all.data[id].value += value;
		return 0;
	}
	err = kprof_map_set(&stacks->ids, hash, stacks->all.nr);
	return err ?: vector_push(&stacks->all, (struct stack){sample, value});
}

static int count_stacks(struct stacks *stacks, uint32_t function,
			kprof_frame_list *list)
{
	const struct kprof_top *top = stacks->top;
	int err = 0;

	for (uint32_t i = 0; !err && i < top->sum->nr_samples; i++) {
		err = kprof_frames_expand(&top->frames, &top->sum->samples[i],
					  list);
		if (!err && list->nr && has_function(top, list, function))
			err = count_stack(stacks, i, list);
	}
	return err;
}

static int compare(const void *pa, const void *pb)
{
	const struct stack *a = pa, *b = pb;

	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return (a->sample > b->sample) - (a->sample < b->sample);
}

static int add_line(kprof_top_lines *lines, const char *before,
		    const struct kprof_frame *frame)
{
	struct kprof_strbuf text = {};
	char *line;
	int err;

	kprof_strbuf_appendf(&text, "%s%s", before, frame->name);
	if (*frame->binary)
		kprof_strbuf_appendf(&text, "  (%s)",
				     kprof_report_basename(frame->binary));
	line = kprof_strbuf_steal(&text);
	err = line ? vector_push(lines, line) : -ENOMEM;
	if (err)
		free(line);
	return err;
}

static int write_stack(const struct kprof_top *top, const struct stack *stack,
		       kprof_frame_list *list, kprof_top_lines *ret)
{
	char before[32];
	int err = kprof_frames_expand(&top->frames,
				      &top->sum->samples[stack->sample], list);

	snprintf(before, sizeof(before), "%6.2f%%  ",
		 kprof_report_percent(stack->value, top->report.total));
	for (size_t i = 0; !err && i < list->nr; i++)
		err = add_line(ret, i ? "         " : before,
			       frame_of(top, list->data[i]));
	return err;
}

int kprof_top_stacks(const struct kprof_top *top, size_t row,
		     kprof_top_lines *ret)
{
	struct stacks stacks = {.top = top};
	kprof_frame_list list = {};
	uint32_t function = frame_of(top, top->rows[row].frame)->function;
	int err = count_stacks(&stacks, function, &list);

	if (!err && stacks.all.nr)
		qsort(stacks.all.data, stacks.all.nr, sizeof(*stacks.all.data),
		      compare);
	vector_for_each (&stacks.all, stack)
		if (!err)
			err = write_stack(top, stack, &list, ret);
	vector_free(&list);
	vector_free(&stacks.all);
	kprof_map_deinit(&stacks.ids);
	return err;
}

void kprof_top_free_lines(kprof_top_lines *lines)
{
	vector_for_each (lines, line)
		free(*line);
	vector_free(lines);
}
