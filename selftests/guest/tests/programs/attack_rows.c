// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on the walker by unwind tables: sound ones that lie.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "attack.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	REG_OTHER = 0,
	REG_SP = 7,
};

static uint64_t address(const void *pointer)
{
	return (uintptr_t)pointer;
}

/* Every word of the stack returns into the loop. */
static bool endless(struct memory *m, struct regs *regs)
{
	for (uint32_t i = 0; i < AREA / 8; i++)
		((uint64_t *)m->ram)[i] = IN_LOOP;
	regs->sp = address(m->ram);
	return true;
}

static bool to_the_edge(struct memory *m, struct regs *regs)
{
	endless(m, regs);
	regs->sp = address(m->none) - 160;
	return true;
}

#define OTHER_IS(name, value)                                 \
	static bool name(struct memory *m, struct regs *regs) \
	{                                                     \
		endless(m, regs);                             \
		regs->other = value;                          \
		return true;                                  \
	}
OTHER_IS(other_in_kernel, KERNEL)
OTHER_IS(other_in_neither, NEITHER)
OTHER_IS(other_at_end, END_4)
OTHER_IS(other_in_hole, address(m->hole + 64))
OTHER_IS(other_in_none, address(m->none + 64))
OTHER_IS(other_odd, address(m->ram + 68))
#undef OTHER_IS

#define FIRST_WORD(name, value)                               \
	static bool name(struct memory *m, struct regs *regs) \
	{                                                     \
		endless(m, regs);                             \
		*(uint64_t *)m->ram = value;                  \
		return true;                                  \
	}
FIRST_WORD(word_of_kernel, KERNEL)
FIRST_WORD(word_of_text, TEXT)
FIRST_WORD(word_of_hole, address(m->hole + 64))
#undef FIRST_WORD

static bool stack_in_none(struct memory *m, struct regs *regs)
{
	regs->sp = address(m->none + 64);
	return true;
}

/* A signal that interrupted the loop with this stack pointer */
static void put_context(struct memory *m, struct regs *regs, uint64_t sp)
{
	struct sigcontext *context = (void *)m->ram;

	context->rip = CODE;
	context->rsp = sp;
	regs->sp = address(m->ram);
}

static bool signals(struct memory *m, struct regs *regs)
{
	put_context(m, regs, address(m->ram));
	return true;
}

static bool signal_from_kernel(struct memory *m, struct regs *regs)
{
	put_context(m, regs, KERNEL);
	return true;
}

static bool signal_from_neither(struct memory *m, struct regs *regs)
{
	put_context(m, regs, NEITHER);
	return true;
}

static const struct kprof_unwind_rule stays = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.ra_offset = -8,
};
static const struct kprof_unwind_rule goes_down = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.cfa_offset = -64,
	.ra_offset = -8,
};
static const struct kprof_unwind_rule stays_in_register = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.ra = KPROF_RA_REGISTER,
	.ra_offset = REG_OTHER,
};
static const struct kprof_unwind_rule goes_up = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.cfa_offset = 16,
	.ra_offset = -8,
};
static const struct kprof_unwind_rule far_down = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.cfa_offset = INT32_MIN,
	.ra_offset = INT16_MIN,
};
static const struct kprof_unwind_rule far_up = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.cfa_offset = INT32_MAX - 7,
	.ra_offset = INT16_MIN,
};
static const struct kprof_unwind_rule from_other = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_OTHER,
	.ra_offset = -8,
};
static const struct kprof_unwind_rule from_word = {
	.cfa = KPROF_CFA_MEMORY,
	.cfa_register = REG_SP,
	.ra_offset = -8,
};
static const struct kprof_unwind_rule frame_at_odd = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.cfa_offset = 16,
	.ra_offset = -8,
	.saved = KPROF_SAVED_CFA,
	.fp_offset = -12,
};
static const struct kprof_unwind_rule frame_at_kernel = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = REG_SP,
	.cfa_offset = 16,
	.ra_offset = -8,
	.saved = KPROF_SAVED_SELF,
};
static const struct kprof_unwind_rule signal_here = {
	.cfa = KPROF_CFA_SIGNAL,
};
static const struct kprof_unwind_rule signal_far_down = {
	.cfa = KPROF_CFA_SIGNAL,
	.cfa_offset = INT32_MIN,
};
static const struct kprof_unwind_rule stub = {
	.cfa = KPROF_CFA_PLT,
	.cfa_offset = -4096,
	.cfa_add = 15,
	.ra_offset = -8,
};

static bool frame_in_kernel(struct memory *m, struct regs *regs)
{
	endless(m, regs);
	regs->fp = KERNEL;
	return true;
}

const struct attack row_attacks[] = {
	ATTACK("cfa_stays", endless, ONLY(NO_UNWIND_INFO), 1, .rule = &stays),
	ATTACK("cfa_goes_down", endless, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &goes_down),
	ATTACK("cfa_far_down", endless, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &far_down),
	ATTACK("cfa_far_up", endless, ONLY(NO_UNWIND_INFO) | ONLY(UNREADABLE),
	       1, .rule = &far_up),
	ATTACK("leaf_without_end", other_in_kernel, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &stays_in_register),
	ATTACK("cfa_in_kernel", other_in_kernel, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &from_other),
	ATTACK("cfa_non_canonical", other_in_neither, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &from_other),
	ATTACK("cfa_at_end_of_user_space", other_at_end, ONLY(UNREADABLE), 1,
	       .rule = &from_other),
	ATTACK("cfa_unmapped", other_in_hole, ONLY(UNREADABLE), 1,
	       .rule = &from_other),
	ATTACK("cfa_no_access", other_in_none, ONLY(UNREADABLE), 1,
	       .rule = &from_other),
	ATTACK("cfa_misaligned", other_odd, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &from_other),
	ATTACK("cfa_word_of_kernel", word_of_kernel, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &from_word),
	ATTACK("cfa_word_of_kernel_text", word_of_text, ONLY(NO_UNWIND_INFO), 1,
	       .rule = &from_word),
	ATTACK("cfa_word_unmapped", word_of_hole, ONLY(UNREADABLE), 1,
	       .rule = &from_word),
	ATTACK("cfa_word_no_access", stack_in_none, ONLY(UNREADABLE), 1,
	       .rule = &from_word),
	ATTACK("frame_misaligned", endless, ONLY(UNREADABLE), 1,
	       .rule = &frame_at_odd),
	ATTACK("frame_from_kernel", frame_in_kernel, ONLY(UNREADABLE), 1,
	       .rule = &frame_at_kernel),
	ATTACK("endless", endless, ONLY(DEPTH), 127, .rule = &goes_up),
	ATTACK("endless_and_deep", endless, ONLY(DEPTH), 1024, .rule = &goes_up,
	       .max_depth = 1024, .max_sample_us = 10000),
	ATTACK("endless_in_time", endless, ONLY(TIME), 0, .rule = &goes_up,
	       .max_depth = 1024, .max_sample_us = 1),
	ATTACK("to_the_edge", to_the_edge, ONLY(UNREADABLE), 11,
	       .rule = &goes_up),
	ATTACK("stub_down", endless, ONLY(NO_UNWIND_INFO), 1, .rule = &stub),
	ATTACK("signals_without_end", signals, ONLY(NO_UNWIND_INFO), 9,
	       .rule = &signal_here),
	ATTACK("signal_from_kernel", signal_from_kernel, ONLY(UNREADABLE), 2,
	       .rule = &signal_here),
	ATTACK("signal_from_non_canonical", signal_from_neither,
	       ONLY(UNREADABLE), 2, .rule = &signal_here),
	ATTACK("signal_far_down", signals, ONLY(UNREADABLE), 1,
	       .rule = &signal_far_down),
};
const size_t nr_row_attacks = COUNT(row_attacks);
