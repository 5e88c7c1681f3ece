// SPDX-License-Identifier: GPL-2.0-only
/*
 * What call frame instructions have said so far, as a rule of the format.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi_rules.h"

#include "lib/cfi_expression.h"

#include <elf.h>

static bool fits_s16(int64_t value)
{
	return value == (int16_t)value;
}

static bool fits_s32(int64_t value)
{
	return value == (int32_t)value;
}

/* The canonical frame address */

static bool cfa_value(const struct kprof_cfi_state *state,
		      struct kprof_cfi_value *ret)
{
	if (state->cfa_block.data)
		return kprof_cfi_expression(state->cfa_block.data,
					    state->cfa_block.size, false, ret);
	*ret = (struct kprof_cfi_value){
		.kind = KPROF_CFI_VALUE_REGISTER,
		.reg = state->cfa_register,
		.offset = state->cfa_offset,
	};
	return state->has_cfa;
}

static bool set_cfa(const struct kprof_cfi_machine *machine,
		    const struct kprof_cfi_value *cfa,
		    struct kprof_unwind_rule *rule)
{
	if (cfa->reg >= machine->nr_registers || !fits_s32(cfa->offset) ||
	    !fits_s16(cfa->add))
		return false;
	rule->cfa_offset = (int32_t)cfa->offset;
	rule->cfa_add = (int16_t)cfa->add;
	switch (cfa->kind) {
	case KPROF_CFI_VALUE_REGISTER:
		rule->cfa = KPROF_CFA_REGISTER;
		rule->cfa_register = (uint8_t)cfa->reg;
		return true;
	case KPROF_CFI_VALUE_MEMORY:
		rule->cfa = KPROF_CFA_MEMORY;
		rule->cfa_register = (uint8_t)cfa->reg;
		return true;
	case KPROF_CFI_VALUE_PLT:
		rule->cfa = KPROF_CFA_PLT;
		return machine->machine == EM_X86_64;
	default:
		return false;
	}
}

/* Saved registers */

/* Where the word is that an expression leads to. */
static bool expression_address(const struct kprof_cfi_saved *saved,
			       struct kprof_cfi_value *ret)
{
	if (!kprof_cfi_expression(saved->block.data, saved->block.size, true,
				  ret))
		return false;
	if (saved->kind == KPROF_CFI_EXPRESSION)
		return true;
	/* The value itself: it must be a word in memory, as it is. */
	if (ret->kind != KPROF_CFI_VALUE_MEMORY || ret->add)
		return false;
	ret->kind = KPROF_CFI_VALUE_REGISTER;
	return true;
}

static bool same_register(const struct kprof_cfi_value *a,
			  const struct kprof_cfi_value *b)
{
	return a->kind == b->kind && a->reg == b->reg;
}

/* Where a register is saved, from the CFA. */
static bool cfa_offset(const struct kprof_cfi_saved *saved,
		       const struct kprof_cfi_value *cfa, int64_t *ret)
{
	struct kprof_cfi_value at;

	if (saved->kind == KPROF_CFI_OFFSET) {
		*ret = saved->value;
		return true;
	}
	if ((saved->kind != KPROF_CFI_EXPRESSION &&
	     saved->kind != KPROF_CFI_VAL_EXPRESSION) ||
	    !expression_address(saved, &at))
		return false;
	if (at.kind == KPROF_CFI_VALUE_CFA)
		*ret = at.add;
	else if (at.kind == KPROF_CFI_VALUE_REGISTER && same_register(&at, cfa))
		*ret = (int64_t)((uint64_t)at.offset - (uint64_t)cfa->offset);
	else if (at.kind == KPROF_CFI_VALUE_MEMORY && same_register(&at, cfa) &&
		 at.offset == cfa->offset)
		*ret = (int64_t)((uint64_t)at.add - (uint64_t)cfa->add);
	else
		return false;
	return true;
}

static bool set_ra(const struct kprof_cfi_machine *machine,
		   const struct kprof_cfi_saved *saved,
		   const struct kprof_cfi_value *cfa, uint64_t ra_register,
		   struct kprof_unwind_rule *rule)
{
	int64_t offset = (int64_t)ra_register;

	if (saved->kind == KPROF_CFI_REGISTER)
		offset = saved->value;
	if (saved->kind == KPROF_CFI_REGISTER ||
	    saved->kind == KPROF_CFI_UNSET || saved->kind == KPROF_CFI_SAME) {
		rule->ra = KPROF_RA_REGISTER;
		rule->ra_offset = (int16_t)offset;
		return offset >= 0 && offset < machine->nr_registers;
	}
	if (!cfa_offset(saved, cfa, &offset) || !fits_s16(offset))
		return false;
	rule->ra = KPROF_RA_MEMORY;
	rule->ra_offset = (int16_t)offset;
	return true;
}

/* KPROF_SAVED_* of a frame register, and its offset. */
static unsigned int frame_saved(uint8_t reg,
				const struct kprof_cfi_saved *saved,
				const struct kprof_cfi_value *cfa, int16_t *ret)
{
	struct kprof_cfi_value at;
	int64_t offset;

	if (saved->kind == KPROF_CFI_UNSET || saved->kind == KPROF_CFI_SAME ||
	    (saved->kind == KPROF_CFI_REGISTER && saved->value == reg))
		return KPROF_SAVED_SAME;
	if (cfa_offset(saved, cfa, &offset) && fits_s16(offset)) {
		*ret = (int16_t)offset;
		return KPROF_SAVED_CFA;
	}
	if ((saved->kind == KPROF_CFI_EXPRESSION ||
	     saved->kind == KPROF_CFI_VAL_EXPRESSION) &&
	    expression_address(saved, &at) &&
	    at.kind == KPROF_CFI_VALUE_REGISTER && at.reg == reg &&
	    fits_s16(at.offset)) {
		*ret = (int16_t)at.offset;
		return KPROF_SAVED_SELF;
	}
	return KPROF_SAVED_LOST;
}

static void set_frame_registers(const struct kprof_cfi_machine *machine,
				const struct kprof_cfi_state *state,
				const struct kprof_cfi_value *cfa,
				struct kprof_unwind_rule *rule)
{
	unsigned int saved;

	saved = frame_saved(machine->frame[0],
			    &state->columns[KPROF_CFI_FRAME_0], cfa,
			    &rule->fp_offset);
	if (machine->frame[1] != KPROF_CFI_NONE)
		saved |= frame_saved(machine->frame[1],
				     &state->columns[KPROF_CFI_FRAME_1], cfa,
				     &rule->fp1_offset)
			 << 4;
	rule->saved = (uint8_t)saved;
}

/* The caller's stack pointer is the CFA: nothing else can be said of it. */
static bool sp_is_cfa(const struct kprof_cfi_state *state)
{
	const struct kprof_cfi_saved *sp = &state->columns[KPROF_CFI_SP];

	return sp->kind == KPROF_CFI_UNSET ||
	       (sp->kind == KPROF_CFI_VAL_OFFSET && sp->value == 0);
}

/* Signal frames */

/* Where from the stack pointer a register is saved. */
static bool stack_offset(const struct kprof_cfi_machine *machine,
			 const struct kprof_cfi_saved *saved,
			 const struct kprof_cfi_value *cfa, int64_t *ret)
{
	struct kprof_cfi_value at;

	if (saved->kind == KPROF_CFI_OFFSET &&
	    cfa->kind == KPROF_CFI_VALUE_REGISTER) {
		at = *cfa;
		at.offset = (int64_t)((uint64_t)cfa->offset +
				      (uint64_t)saved->value);
	} else if (saved->kind != KPROF_CFI_EXPRESSION ||
		   !expression_address(saved, &at)) {
		return false;
	}
	*ret = at.offset;
	return at.kind == KPROF_CFI_VALUE_REGISTER && at.reg == machine->sp &&
	       fits_s32(at.offset);
}

/* The stack pointer is the CFA, which is then a word in memory; or is saved. */
static bool signal_sp_offset(const struct kprof_cfi_machine *machine,
			     const struct kprof_cfi_state *state,
			     const struct kprof_cfi_value *cfa, int64_t *ret)
{
	if (!sp_is_cfa(state))
		return stack_offset(machine, &state->columns[KPROF_CFI_SP], cfa,
				    ret);
	*ret = cfa->offset;
	return cfa->kind == KPROF_CFI_VALUE_MEMORY && cfa->reg == machine->sp &&
	       !cfa->add && fits_s32(cfa->offset);
}

/* Everything that is said must be where struct sigcontext has it. */
static bool is_signal_frame(const struct kprof_cfi_machine *machine,
			    const struct kprof_cfi_state *state,
			    int64_t *sigcontext_ret)
{
	const struct kprof_cfi_saved *columns = state->columns;
	int64_t sp, ra, frame;
	struct kprof_cfi_value cfa;

	if (!cfa_value(state, &cfa) ||
	    !signal_sp_offset(machine, state, &cfa, &sp) ||
	    !stack_offset(machine, &columns[KPROF_CFI_RA], &cfa, &ra) ||
	    !stack_offset(machine, &columns[KPROF_CFI_FRAME_0], &cfa, &frame))
		return false;
	*sigcontext_ret = sp - machine->signal_sp;
	return fits_s32(*sigcontext_ret) &&
	       ra - sp == machine->signal_ra - machine->signal_sp &&
	       frame - sp == machine->signal_frame - machine->signal_sp;
}

struct kprof_unwind_rule kprof_cfi_rule(const struct kprof_cfi_machine *machine,
					const struct kprof_cfi_state *state,
					uint64_t ra_register, bool is_signal)
{
	const struct kprof_cfi_saved *ra = &state->columns[KPROF_CFI_RA];
	const struct kprof_unwind_rule unknown = {};
	struct kprof_unwind_rule rule = {};
	struct kprof_cfi_value cfa;
	int64_t sigcontext;

	if (is_signal) {
		if (!is_signal_frame(machine, state, &sigcontext))
			return unknown;
		rule.cfa = KPROF_CFA_SIGNAL;
		rule.cfa_offset = (int32_t)sigcontext;
		return rule;
	}
	if (ra->kind == KPROF_CFI_UNDEFINED) {
		rule.cfa = KPROF_CFA_OUTERMOST;
		return rule;
	}
	if (!sp_is_cfa(state) || !cfa_value(state, &cfa) ||
	    !set_cfa(machine, &cfa, &rule) ||
	    !set_ra(machine, ra, &cfa, ra_register, &rule))
		return unknown;
	set_frame_registers(machine, state, &cfa, &rule);
	return rule;
}
