/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the reader of one ring has been told already: stacks and contexts.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Both tables are caches of one CPU's interrupt. Forgetting an entry costs a
 * second definition, never a sample.
 */
#ifndef KPROF_INTERN_H
#define KPROF_INTERN_H

#include "unwind.h"

#include <linux/hash.h>
#include <linux/kprof.h>
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/types.h>

struct kprof_ring;
struct kprof_space;

enum {
	KPROF_INTERN_STACKS = 4096,
	KPROF_INTERN_CONTEXTS = 256,
};

/**
 * struct kprof_context - what a context id stands for
 * @task: compared with current, never followed
 * @start_ns: tells a task from an earlier one at the same address
 * @space: its address space, NULL if it has none or the table was full
 * @space_id: id of @space; another one has been freed and taken anew
 * @told: the reader knows this content
 * @comm: as last told
 * @thread_comm: as last told
 *
 * One cache line.
 */
struct kprof_context {
	const struct task_struct *task;
	u64 start_ns;
	struct kprof_space *space;
	u32 space_id;
	bool told;
	char comm[KPROF_COMM_LEN] __aligned(8);
	char thread_comm[KPROF_COMM_LEN] __aligned(8);
} __aligned(64);

struct kprof_intern {
	u64 stacks[KPROF_INTERN_STACKS];
	struct kprof_context contexts[KPROF_INTERN_CONTEXTS];
};

/* Hard interrupt, this CPU only. False if there is no room to tell. */
bool kprof_intern_tell_stack(struct kprof_intern *intern,
			     struct kprof_ring *ring,
			     const struct kprof_stack *stack);

/* Two places for each hash. */
static inline u64 *kprof_intern_places(struct kprof_intern *intern, u64 hash)
{
	return &intern->stacks[hash & (KPROF_INTERN_STACKS - 2)];
}

/*
 * Hard interrupt, this CPU only. Makes the reader of @ring know @stack;
 * false if there is no room to tell.
 */
static inline bool kprof_intern_stack(struct kprof_intern *intern,
				      struct kprof_ring *ring,
				      const struct kprof_stack *stack)
{
	const u64 *places = kprof_intern_places(intern, stack->hash);

	return likely(places[0] == stack->hash || places[1] == stack->hash) ||
	       kprof_intern_tell_stack(intern, ring, stack);
}

/* Hard interrupt, this CPU only. The entry that @task has or may take. */
static inline struct kprof_context *
kprof_intern_context(struct kprof_intern *intern,
		     const struct task_struct *task)
{
	return &intern->contexts[hash_ptr(task, ilog2(KPROF_INTERN_CONTEXTS))];
}

static inline u32 kprof_context_id(const struct kprof_intern *intern,
				   const struct kprof_context *context)
{
	return context - intern->contexts;
}

#endif /* KPROF_INTERN_H */
