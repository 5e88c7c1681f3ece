/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stacks to counts.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Samples are counted by what they show, so memory is bounded by distinct
 * stacks, threads and mappings, never by the length of a recording. A sample
 * that no snapshot of its address space follows yet waits (pending.h).
 */
#ifndef LIB_AGGREGATE_H
#define LIB_AGGREGATE_H

#include "lib/label_values.h"
#include "lib/pending.h"
#include "lib/record.h"
#include "lib/space.h"
#include "util/hash.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>

/* Beyond so many, all further threads share one set of labels: (other). */
#define KPROF_MAX_LABEL_SETS 65536
#define KPROF_OTHER_COMM     "(other)"

/**
 * struct kprof_stack - a stack, as it was sampled
 * @first_word: in the words: its frames, then its bits of exact ones
 * @nr_kernel: kernel frames
 * @nr_user: user frames, after them
 * @end: how it ended, enum kprof_stack_end
 * @is_in_kernel: see struct kprof_event_stack
 * @has_link_register: likewise
 * @is_fallback: likewise
 * @is_missing: stands for stacks that were never defined
 */
struct kprof_stack {
	uint64_t first_word;
	uint16_t nr_kernel;
	uint16_t nr_user;
	uint8_t end;
	bool is_in_kernel : 1;
	bool has_link_register : 1;
	bool is_fallback : 1;
	bool is_missing : 1;
};

/* Whose samples: one thread on one CPU. */
struct kprof_label_set {
	int32_t pid;
	int32_t tid;
	int32_t ns_pid;
	int32_t cpu;
	char comm[KPROF_EVENT_COMM_LEN];
	char thread_comm[KPROF_EVENT_COMM_LEN];
};

/**
 * struct kprof_placed - a stack in an address space
 * @stack: index
 * @space: index, KPROF_NO_INDEX if there is none
 * @first_vma: in the vmas: per user frame its mapping or KPROF_VMA_*
 * @is_exact: not to be doubted where the space is contested
 */
struct kprof_placed {
	uint32_t stack;
	uint32_t space;
	uint32_t first_vma;
	bool is_exact;
};

/* How often a placed stack was met with these labels. */
struct kprof_entry {
	uint32_t placed;
	uint32_t labels;
	struct kprof_count count;
};

struct kprof_context;
struct kprof_placed_slot;

/**
 * struct kprof_aggregate - {} and kprof_aggregate_init() make one
 * @spaces: the caller's
 * @entries: what all this is for
 * @total: of all samples, those that wait too
 * @folded_samples: of those, labelled (other)
 * @missing_samples: of those, without the stack they name
 * @max_label_values: of comm, and of thread_name; from then on it is (other)
 * @other_comms: of all samples, those whose comm is therefore (other)
 * @other_threads: likewise their thread_name
 *
 * The rest is storage: what it is named for, each once, and its index.
 */
struct kprof_aggregate {
	struct kprof_spaces *spaces;
	vector(struct kprof_entry) entries;
	struct kprof_count total;
	uint64_t folded_samples;
	uint64_t missing_samples;
	uint32_t max_label_values;
	uint64_t other_comms;
	uint64_t other_threads;

	struct kprof_index entry_index;
	vector(uint64_t) words;
	vector(struct kprof_stack) stacks;
	struct kprof_map stacks_by_id;
	vector(struct kprof_label_set) label_sets;
	struct kprof_index label_index;
	struct kprof_label_values comms;
	struct kprof_label_values threads;
	vector(struct kprof_context) contexts;
	struct kprof_map contexts_by_id;
	vector(uint32_t) vmas;
	vector(struct kprof_placed) placed;
	struct kprof_index placed_index;
	struct kprof_placed_slot *cache;
	vector(struct kprof_pending *) pending;
};

int kprof_aggregate_init(struct kprof_aggregate *aggregate,
			 struct kprof_spaces *spaces);
void kprof_aggregate_deinit(struct kprof_aggregate *aggregate);

/* Records of the sample ring of @cpu, in the order in which they come. */
int kprof_aggregate_add_stack(struct kprof_aggregate *aggregate,
			      const struct kprof_event_stack *stack);
int kprof_aggregate_add_context(struct kprof_aggregate *aggregate, int cpu,
				const struct kprof_event_context *context);
int kprof_aggregate_add_sample(struct kprof_aggregate *aggregate, int cpu,
			       const struct kprof_event_sample *sample);
/* @count samples that are alike; the weight of @sample does not count. */
int kprof_aggregate_add_samples(struct kprof_aggregate *aggregate, int cpu,
				const struct kprof_event_sample *sample,
				const struct kprof_count *count);

/* @space has got a snapshot, or will get none any more. */
int kprof_aggregate_fold(struct kprof_aggregate *aggregate, uint32_t space);
/*
 * Forgets how often, but not what: the ids of stacks and contexts stay valid.
 * What waits goes on waiting, and @total goes on counting.
 */
void kprof_aggregate_restart(struct kprof_aggregate *aggregate);
/* After kprof_spaces_end(): nothing waits any more. */
int kprof_aggregate_end(struct kprof_aggregate *aggregate);

/*
 * The address of user frame @frame to look at: that of the call, not the one
 * behind it.
 */
uint64_t kprof_stack_address(const struct kprof_aggregate *aggregate,
			     const struct kprof_stack *stack, uint32_t frame);

#endif /* LIB_AGGREGATE_H */
