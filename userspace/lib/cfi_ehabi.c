// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unwinding instructions of the exception handling ABI of 32-bit ARM.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * They move a virtual stack pointer up to where the caller's is, and say which
 * registers are popped on the way. Which are vector registers does not matter
 * here, only how much they take.
 */
#include "lib/cfi_ehabi.h"

#include "lib/cfi_bytes.h"

enum {
	NR_REGISTERS = 16,
	FRAME_THUMB = 7,
	FRAME_ARM = 11,
	SP = 13,
	LR = 14,
	PC = 15,
	FINISH = 0xb0,
};

/* The virtual stack pointer, and where from its base registers are saved. */
struct stack {
	unsigned int base;
	int32_t offset;
	bool is_saved[NR_REGISTERS];
	int32_t saved[NR_REGISTERS];
	bool has_popped;
};

/* Offsets of a frame that is larger than this are no real ones. */
static bool move(struct stack *stack, int64_t bytes)
{
	int64_t offset = stack->offset + bytes;

	stack->offset = (int32_t)offset;
	return offset == (int32_t)offset;
}

/* Bit n of @mask is register @first + n. */
static bool pop(struct stack *stack, unsigned int first, unsigned int mask)
{
	for (unsigned int reg = first; mask; reg++, mask >>= 1) {
		if (!(mask & 1))
			continue;
		/* The stack pointer itself: of signal frames only. */
		if (reg == SP)
			return false;
		stack->is_saved[reg] = true;
		stack->saved[reg] = stack->offset;
		stack->has_popped = true;
		if (!move(stack, 4))
			return false;
	}
	return true;
}

static bool pop_range(struct stack *stack, unsigned int op)
{
	unsigned int mask = (2U << (op & 7)) - 1;

	if (op & 8)
		mask |= 1U << (LR - 4);
	return pop(stack, 4, mask);
}

/* What was popped before counted from another register. */
static bool set_base(struct stack *stack, unsigned int reg)
{
	if (reg == SP || reg == PC || stack->has_popped)
		return false;
	stack->base = reg;
	stack->offset = 0;
	return true;
}

static bool operate_b(struct stack *stack, unsigned int op,
		      struct kprof_cfi_bytes *code)
{
	uint64_t value;

	switch (op) {
	case 0xb1:
		value = cfi_u8(code);
		return value && value < 16 && pop(stack, 0, (unsigned)value);
	case 0xb2:
		value = cfi_uleb128(code);
		return value < INT32_MAX / 4 &&
		       move(stack, 0x204 + (int64_t)(value << 2));
	case 0xb3:
		return move(stack, 8 * ((cfi_u8(code) & 15) + 1) + 4);
	/* The authentication code of the return address */
	case 0xb4:
		return move(stack, 4);
	default:
		return op >= 0xb8 && move(stack, 8 * ((op & 7) + 1) + 4);
	}
}

static bool operate_c(struct stack *stack, unsigned int op,
		      struct kprof_cfi_bytes *code)
{
	unsigned int value;

	if (op < 0xc6)
		return move(stack, 8 * ((op & 7) + 1));
	switch (op) {
	case 0xc6:
	case 0xc8:
	case 0xc9:
		return move(stack, 8 * ((cfi_u8(code) & 15) + 1));
	case 0xc7:
		value = cfi_u8(code);
		return value && value < 16 &&
		       move(stack, 4 * __builtin_popcount(value));
	default:
		return false;
	}
}

static bool operate(struct stack *stack, unsigned int op,
		    struct kprof_cfi_bytes *code)
{
	unsigned int mask;

	switch (op >> 4) {
	case 0x0:
	case 0x1:
	case 0x2:
	case 0x3:
		return move(stack, ((op & 0x3f) << 2) + 4);
	case 0x4:
	case 0x5:
	case 0x6:
	case 0x7:
		return move(stack, -(int64_t)((op & 0x3f) << 2) - 4);
	case 0x8:
		mask = (op & 15) << 8 | cfi_u8(code);
		return mask && pop(stack, 4, mask);
	case 0x9:
		return set_base(stack, op & 15);
	case 0xa:
		return pop_range(stack, op);
	case 0xb:
		return operate_b(stack, op, code);
	case 0xc:
		return operate_c(stack, op, code);
	case 0xd:
		return op < 0xd8 && move(stack, 8 * ((op & 7) + 1));
	default:
		return false;
	}
}

static bool fits_s16(int32_t value)
{
	return value == (int16_t)value;
}

static bool set_saved(const struct stack *stack, unsigned int reg,
		      unsigned int shift, int16_t *offset_ret,
		      struct kprof_unwind_rule *rule)
{
	if (!stack->is_saved[reg])
		return true;
	rule->saved |= (uint8_t)(KPROF_SAVED_CFA << shift);
	*offset_ret = (int16_t)(stack->saved[reg] - stack->offset);
	return fits_s16(stack->saved[reg] - stack->offset);
}

static bool make_rule(const struct stack *stack, struct kprof_unwind_rule *ret)
{
	unsigned int ra = stack->is_saved[PC] ? PC : LR;
	int32_t ra_offset = stack->saved[ra] - stack->offset;

	*ret = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = (uint8_t)stack->base,
		.cfa_offset = stack->offset,
		.ra = KPROF_RA_REGISTER,
		.ra_offset = LR,
	};
	if (stack->is_saved[ra]) {
		ret->ra = KPROF_RA_MEMORY;
		ret->ra_offset = (int16_t)ra_offset;
		if (!fits_s16(ra_offset))
			return false;
	}
	return set_saved(stack, FRAME_ARM, 0, &ret->fp_offset, ret) &&
	       set_saved(stack, FRAME_THUMB, 4, &ret->fp1_offset, ret);
}

bool kprof_cfi_ehabi(const uint8_t *data, size_t size,
		     struct kprof_unwind_rule *ret)
{
	struct kprof_cfi_bytes code = {.at = data, .end = data + size};
	struct stack stack = {.base = SP};

	while (code.at < code.end) {
		unsigned int op = cfi_u8(&code);

		if (op == FINISH)
			break;
		if (!operate(&stack, op, &code) || code.is_short)
			return false;
	}
	return make_rule(&stack, ret);
}
