// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzz target: what a module that lies may write, from record.c on through
 * address spaces and counts to a profile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The input is what read() gives: records, one after the other. A ring record
 * says whose records follow.
 */
#include "lib/aggregate.h"
#include "lib/assemble.h"
#include "lib/record.h"
#include "lib/space.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* KPROF_REC_RING; the other types are record.c's business. */
enum { RING_TYPE = 32 };

struct head {
	uint16_t type;
	uint16_t size;
	int32_t cpu;
};

static void handle(struct kprof_spaces *spaces,
		   struct kprof_aggregate *aggregate, int cpu,
		   struct kprof_event *event)
{
	uint32_t space;

	switch (event->type) {
	case KPROF_EVENT_SAMPLE:
		kprof_aggregate_add_sample(aggregate, cpu, &event->sample);
		break;
	case KPROF_EVENT_STACK:
		kprof_aggregate_add_stack(aggregate, &event->stack);
		break;
	case KPROF_EVENT_CONTEXT:
		kprof_aggregate_add_context(aggregate, cpu, &event->context);
		break;
	case KPROF_EVENT_MMAP:
		/* Not the files of this machine. */
		event->mmap.is_special = true;
		kprof_spaces_add_mmap(spaces, &event->mmap);
		break;
	case KPROF_EVENT_MAPS:
		event->maps.pid = 0;
		if (!kprof_spaces_add_maps(spaces, &event->maps, &space))
			kprof_aggregate_fold(aggregate, space);
		kprof_spaces_next_pass(spaces);
		break;
	default:
		break;
	}
}

/* The size of the next record: what it says, or what is left. */
static size_t record_size(const struct head *head, size_t left)
{
	size_t size = head->size & ~7U;

	return size < 8 || size > left ? left : size;
}

static void feed(const uint8_t *data, size_t left, struct kprof_spaces *spaces,
		 struct kprof_aggregate *aggregate)
{
	int cpu = 0;
	size_t size;

	for (; left >= sizeof(struct head); data += size, left -= size) {
		struct kprof_event event;
		struct head head;
		void *copy;

		memcpy(&head, data, sizeof(head));
		size = record_size(&head, left);
		if (head.type == RING_TYPE) {
			cpu = head.cpu;
			continue;
		}
		/* Of exactly its size: the sanitizer sees every step beyond. */
		copy = malloc(size);
		if (!copy)
			return;
		memcpy(copy, data, size);
		if (!kprof_record_parse(copy, size, &event))
			handle(spaces, aggregate, cpu, &event);
		free(copy);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kprof_assemble_options options = {.period_ns = 1000};
	struct kprof_aggregate aggregate;
	struct kprof_profile *profile;
	struct kprof_spaces spaces;
	struct kprof_tally tally;

	kprof_spaces_init(&spaces, true);
	if (kprof_aggregate_init(&aggregate, &spaces))
		return 0;
	feed(data, size, &spaces, &aggregate);
	kprof_spaces_end(&spaces);
	kprof_aggregate_end(&aggregate);
	if (!kprof_profile_create(&profile)) {
		kprof_profile_add_sample_type(profile, "samples", "count");
		kprof_profile_add_sample_type(profile, "cpu", "nanoseconds");
		kprof_assemble(&aggregate, &options, profile, &tally);
		kprof_profile_destroy(profile);
	}
	kprof_aggregate_deinit(&aggregate);
	kprof_spaces_deinit(&spaces);
	return 0;
}
