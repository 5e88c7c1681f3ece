// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prologues and epilogues of 32-bit ARM code.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Instructions are followed in the order in which they lie, not in which they
 * are executed. That works because compilers lay functions out as a prologue, a
 * body, and epilogues that end in a jump: behind each jump the body goes on, or
 * the next function starts with the push that this one started with. It is
 * believed only if the prologue comes to what the unwind information says of
 * the body.
 */
#include "lib/cfi_arm.h"

#include "lib/cfi_arm_decode.h"
#include "lib/cfi_builder.h"

#include <string.h>

enum {
	SP = 13,
	LR = 14,
	PC = 15,
	/* Longer functions have the one rule. */
	MAX_BYTES = 32768,
	NR_KEPT = 3,
};

/* Of frame register 0, 1, and of the link register, as in struct rule. */
static const uint8_t kept[NR_KEPT] = {11, 7, LR};

/* Where things are, from the canonical frame address. */
struct state {
	/* CFA - sp */
	int32_t depth;
	bool has_depth;
	/* CFA - frame register, if the body counts from that */
	int32_t frame;
	bool has_frame;
	bool is_saved[NR_KEPT];
	int32_t saved[NR_KEPT];
};

struct follow {
	const uint8_t *code;
	size_t size;
	bool is_thumb;
	const struct kprof_unwind_rule *body;
	/* Halfwords that are data */
	uint8_t data[MAX_BYTES / 2 / 8];
	struct state state;
	/* What holds in the body: the state when it came to the rule. */
	struct state in_body;
	bool is_complete;
	uint16_t first_push;
	/* In an if-then block: how much of it is left, what holds behind it */
	int32_t nr_conditional;
	bool block_ends;
	struct state behind_block;
	/* Rows go here, unless NULL */
	struct kprof_cfi_builder *builder;
	uint64_t offset;
};

static const struct state at_entry = {.has_depth = true};

/* Data in the code */

static void mark(struct follow *f, size_t from, size_t bytes)
{
	for (size_t i = from / 2; i < (from + bytes) / 2 && i < f->size / 2;
	     i++)
		f->data[i / 8] |= (uint8_t)(1 << i % 8);
}

static bool is_data(const struct follow *f, size_t at)
{
	return f->data[at / 2 / 8] >> at / 2 % 8 & 1;
}

/* A table ends where the first of its targets is, and they are behind it. */
static void mark_table(struct follow *f, size_t at, size_t entry_bytes)
{
	size_t limit = f->size - at, i = 0;

	while (i + entry_bytes <= limit) {
		size_t target = f->code[at + i];

		if (entry_bytes == 2)
			target |= (size_t)f->code[at + i + 1] << 8;
		target *= 2;
		if (target > i && target < limit)
			limit = target;
		i += entry_bytes;
	}
	mark(f, at, (i + 1) & ~1UL);
}

static void mark_step(struct follow *f, size_t at,
		      const struct kprof_arm_step *step)
{
	int64_t target = (int64_t)at + step->value;

	if (step->kind == KPROF_ARM_TABLE)
		mark_table(f, at + step->size, (size_t)step->value);
	else if (step->kind == KPROF_ARM_LITERAL && target >= 0 &&
		 target < (int64_t)f->size)
		mark(f, (size_t)target, step->mask);
}

/* The next instruction at @at or behind data there; false at the end. */
static bool next_step(const struct follow *f, size_t *at,
		      struct kprof_arm_step *ret)
{
	size_t step_bytes = f->is_thumb ? 2 : 4;

	while (*at < f->size && is_data(f, *at))
		*at += step_bytes;
	if (*at >= f->size || kprof_arm_length(f->code, *at, f->size,
					       f->is_thumb) > f->size - *at)
		return false;
	*ret = kprof_arm_decode(f->code, *at, f->is_thumb);
	return true;
}

static void find_data(struct follow *f)
{
	struct kprof_arm_step step;

	for (size_t at = 0; next_step(f, &at, &step); at += step.size)
		mark_step(f, at, &step);
}

/* Rules */

static struct kprof_unwind_rule rule_of(const struct follow *f,
					const struct state *state)
{
	struct kprof_unwind_rule rule = {};
	bool by_frame = f->body->cfa_register != SP && state->has_frame;

	if (!by_frame && !state->has_depth)
		return rule;
	rule.cfa = KPROF_CFA_REGISTER;
	rule.cfa_register = by_frame ? f->body->cfa_register : SP;
	rule.cfa_offset = by_frame ? state->frame : state->depth;
	rule.ra = KPROF_RA_REGISTER;
	rule.ra_offset = LR;
	if (state->is_saved[2]) {
		rule.ra = KPROF_RA_MEMORY;
		rule.ra_offset = (int16_t)state->saved[2];
	}
	if (state->is_saved[0]) {
		rule.saved |= KPROF_SAVED_CFA;
		rule.fp_offset = (int16_t)state->saved[0];
	}
	if (state->is_saved[1]) {
		rule.saved |= KPROF_SAVED_CFA << 4;
		rule.fp1_offset = (int16_t)state->saved[1];
	}
	return rule;
}

static bool is_body(const struct follow *f)
{
	struct kprof_unwind_rule rule = rule_of(f, &f->state);

	return !memcmp(&rule, f->body, sizeof(rule));
}

/* Following */

static void push(struct follow *f, const struct kprof_arm_step *step)
{
	struct state *state = &f->state;

	state->depth += step->value;
	for (size_t i = 0; i < NR_KEPT; i++) {
		uint32_t below = step->mask & ((1U << kept[i]) - 1);

		if (!(step->mask & 1U << kept[i]) || state->is_saved[i])
			continue;
		state->is_saved[i] = true;
		state->saved[i] = -state->depth + 4 * __builtin_popcount(below);
	}
}

static void pop(struct follow *f, const struct kprof_arm_step *step)
{
	struct state *state = &f->state;

	state->depth -= step->value;
	/* What lies below the stack pointer may be gone. */
	for (size_t i = 0; i < NR_KEPT; i++)
		if (state->has_depth && -state->saved[i] > state->depth)
			state->is_saved[i] = false;
}

static void apply(struct follow *f, const struct kprof_arm_step *step)
{
	struct state *state = &f->state;
	bool is_base = step->reg == f->body->cfa_register;

	switch (step->kind) {
	case KPROF_ARM_MOVE_SP:
		state->depth -= step->value;
		break;
	case KPROF_ARM_PUSH:
		push(f, step);
		break;
	case KPROF_ARM_POP:
		pop(f, step);
		break;
	case KPROF_ARM_SET_FRAME:
		if (is_base && state->has_depth) {
			state->has_frame = true;
			state->frame = state->depth - step->value;
		}
		break;
	case KPROF_ARM_MOVE_FRAME:
		if (is_base)
			state->frame -= step->value;
		break;
	case KPROF_ARM_SP_FROM_FRAME:
		state->has_depth = is_base && state->has_frame;
		state->depth = state->frame - step->value;
		/* The frame register is restored from here on. */
		state->has_frame = !state->has_depth && state->has_frame;
		break;
	case KPROF_ARM_SP_LOST:
		state->has_depth = false;
		break;
	default:
		break;
	}
}

/* Frames are no larger than what a rule can say, so that nothing overflows. */
static bool is_sane(const struct state *state)
{
	return state->depth >= 0 && state->depth < INT16_MAX &&
	       state->frame > INT16_MIN && state->frame < INT16_MAX;
}

/*
 * What holds where nothing falls through: the body, or the start of another
 * function of the same kind.
 */
static void begin_anew(struct follow *f, size_t at)
{
	struct kprof_arm_step step;

	f->state = f->is_complete ? f->in_body : at_entry;
	while (next_step(f, &at, &step) && step.kind == KPROF_ARM_OTHER &&
	       !step.ends && step.size == 2 && f->code[at + 1] == 0xbf)
		at += step.size;
	if (next_step(f, &at, &step) && step.kind == KPROF_ARM_PUSH &&
	    step.mask == f->first_push)
		f->state = at_entry;
}

static bool is_conditional(struct follow *f, const struct kprof_arm_step *step)
{
	return step->is_conditional || f->nr_conditional > 0;
}

/* A conditional return leaves things as they were where it is not taken. */
static void step_over(struct follow *f, size_t at,
		      const struct kprof_arm_step *step)
{
	struct state before = f->state;

	if (step->kind == KPROF_ARM_IF_THEN) {
		f->nr_conditional = step->value + 1;
		f->behind_block = f->state;
		f->block_ends = false;
	}
	apply(f, step);
	if (!is_sane(&f->state))
		f->state = before;
	if (!f->first_push && step->kind == KPROF_ARM_PUSH)
		f->first_push = step->mask;
	if (step->ends && !is_conditional(f, step))
		begin_anew(f, at + step->size);
	else if (step->ends && !f->nr_conditional)
		f->state = before;
	f->block_ends |= step->ends;
	if (f->nr_conditional > 0 && --f->nr_conditional == 0 && f->block_ends)
		f->state = f->behind_block;
	if (!f->is_complete && is_body(f)) {
		f->is_complete = true;
		f->in_body = f->state;
	}
}

static void add_row(struct follow *f, size_t from, size_t to)
{
	struct kprof_unwind_rule rule;

	if (!f->builder)
		return;
	rule = rule_of(f, &f->state);
	kprof_cfi_builder_add(f->builder, f->offset + from, f->offset + to,
			      &rule);
}

/*
 * Behind a call that does not return another function may begin. None saves
 * the link register twice.
 */
static bool begins_function(const struct follow *f,
			    const struct kprof_arm_step *step)
{
	return f->is_complete && step->kind == KPROF_ARM_PUSH &&
	       step->mask == f->first_push && step->mask & 1U << LR;
}

/* Nothing falls through data either. */
static void follow(struct follow *f)
{
	struct kprof_arm_step step;
	size_t at = 0, done = 0;

	f->state = at_entry;
	f->nr_conditional = 0;
	f->block_ends = false;
	while (next_step(f, &at, &step)) {
		if (at > done || begins_function(f, &step))
			begin_anew(f, at);
		add_row(f, done, at + step.size);
		step_over(f, at, &step);
		at += step.size;
		done = at;
	}
	add_row(f, done, f->size);
}

/* Once to see whether it works out, and once more to write it down. */
static bool try_mode(struct follow *f, bool is_thumb,
		     struct kprof_cfi_builder *builder)
{
	f->is_thumb = is_thumb;
	f->is_complete = false;
	f->first_push = 0;
	memset(f->data, 0, sizeof(f->data));
	find_data(f);
	f->builder = NULL;
	follow(f);
	if (!f->is_complete)
		return false;
	f->builder = builder;
	follow(f);
	return true;
}

bool kprof_cfi_arm_add(struct kprof_cfi_builder *builder, uint64_t offset,
		       const uint8_t *code, size_t size,
		       const struct kprof_unwind_rule *rule)
{
	struct follow f = {
		.code = code,
		.size = size,
		.body = rule,
		.offset = offset,
	};

	/* A function that pushes nothing has neither prologue nor epilogue. */
	if (size > MAX_BYTES || rule->cfa != KPROF_CFA_REGISTER ||
	    (rule->cfa_register == SP && !rule->cfa_offset))
		return false;
	return try_mode(&f, true, builder) ||
	       (offset % 4 == 0 && try_mode(&f, false, builder));
}
