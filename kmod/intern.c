// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the reader of one ring has been told already: stacks and contexts.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "intern.h"
#include "ring.h"

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

static void set_exact(u64 *bits, u32 frame)
{
	bits[frame / 64] |= BIT_ULL(frame % 64);
}

/* Few frames are exact, see struct kprof_stack. */
static void append_exact_bits(const struct kprof_stack *stack, u32 nr,
			      u32 nr_words)
{
	u64 *bits = stack->frames + nr;
	u32 n;

	memset(bits, 0, nr_words * sizeof(*bits));
	if (stack->nr_kernel)
		set_exact(bits, 0);
	if (stack->nr_user)
		set_exact(bits, stack->nr_kernel);
	for (n = 0; n < stack->nr_signals; n++)
		if (stack->signals[n] < stack->nr_user)
			set_exact(bits, stack->nr_kernel + stack->signals[n]);
}

static bool put_stack(struct kprof_ring *ring, const struct kprof_stack *stack)
{
	u32 nr = stack->nr_kernel + stack->nr_user;
	u32 nr_words = DIV_ROUND_UP(nr, 64);
	u32 bytes = sizeof(struct kprof_record_stack) +
		    (nr + nr_words) * sizeof(u64);
	struct kprof_record_stack rec = {
		.rec = { .type = KPROF_REC_STACK, .size = bytes },
		.nr_kernel = stack->nr_kernel,
		.nr_user = stack->nr_user,
		.stack_id = stack->hash,
		.user_end = stack->user_end,
		.kernel_end = stack->kernel_end,
		.flags = stack->flags,
	};

	if (!kprof_ring_reserve(ring, bytes))
		return false;
	append_exact_bits(stack, nr, nr_words);
	kprof_ring_put(ring, &rec, sizeof(rec));
	kprof_ring_put_words(ring, stack->frames, nr + nr_words);
	kprof_ring_commit(ring);
	return true;
}

/*
 * A new stack takes the first place and pushes what was there to the second,
 * so that one hot stack cannot be evicted by one cold stack.
 */
bool kprof_intern_tell_stack(struct kprof_intern *intern,
			     struct kprof_ring *ring,
			     const struct kprof_stack *stack)
{
	u64 *places = kprof_intern_places(intern, stack->hash);

	if (!put_stack(ring, stack))
		return false;
	places[1] = places[0];
	places[0] = stack->hash;
	return true;
}
