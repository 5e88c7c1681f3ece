// SPDX-License-Identifier: GPL-2.0-only
/*
 * DWARF expressions in unwind information, as far as rules can say them.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Compilers and assembly use a handful of forms. They are evaluated with
 * values that are not known yet; what leads to anything else than one of these
 * values is not understood.
 */
#include "lib/cfi_expression.h"

#include "lib/cfi_bytes.h"

#include <dwarf.h>

enum {
	MAX_DEPTH = 4,
	MAX_OPERATIONS = 32,
};

struct stack {
	struct kprof_cfi_value values[MAX_DEPTH];
	size_t depth;
};

static bool push(struct stack *stack, struct kprof_cfi_value value)
{
	if (stack->depth == MAX_DEPTH)
		return false;
	stack->values[stack->depth++] = value;
	return true;
}

static bool push_constant(struct stack *stack, int64_t constant)
{
	return push(stack, (struct kprof_cfi_value){
				   .kind = KPROF_CFI_VALUE_CONSTANT,
				   .add = constant,
			   });
}

static bool push_register(struct stack *stack, uint64_t reg, int64_t offset)
{
	return push(stack, (struct kprof_cfi_value){
				   .kind = KPROF_CFI_VALUE_REGISTER,
				   .reg = reg,
				   .offset = offset,
			   });
}

/* Wraps around like the machine. */
static int64_t sum(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static bool add(struct stack *stack, int64_t constant)
{
	struct kprof_cfi_value *top;

	if (!stack->depth)
		return false;
	top = &stack->values[stack->depth - 1];
	if (top->kind == KPROF_CFI_VALUE_REGISTER)
		top->offset = sum(top->offset, constant);
	else
		top->add = sum(top->add, constant);
	return true;
}

static bool add_two(struct stack *stack, bool negative)
{
	struct kprof_cfi_value top;

	if (stack->depth < 2)
		return false;
	top = stack->values[--stack->depth];
	if (top.kind != KPROF_CFI_VALUE_CONSTANT)
		return false;
	return add(stack, negative ? (int64_t) - (uint64_t)top.add : top.add);
}

static bool dereference(struct stack *stack)
{
	struct kprof_cfi_value *top;

	if (!stack->depth)
		return false;
	top = &stack->values[stack->depth - 1];
	if (top->kind != KPROF_CFI_VALUE_REGISTER)
		return false;
	top->kind = KPROF_CFI_VALUE_MEMORY;
	top->add = 0;
	return true;
}

static bool operate(struct stack *stack, struct kprof_cfi_bytes *bytes)
{
	uint8_t op = cfi_u8(bytes);
	uint64_t reg;

	if (op >= DW_OP_breg0 && op <= DW_OP_breg31)
		return push_register(stack, op - DW_OP_breg0,
				     cfi_sleb128(bytes));
	if (op >= DW_OP_lit0 && op <= DW_OP_lit31)
		return push_constant(stack, op - DW_OP_lit0);
	switch (op) {
	case DW_OP_bregx:
		reg = cfi_uleb128(bytes);
		return push_register(stack, reg, cfi_sleb128(bytes));
	case DW_OP_const1u:
		return push_constant(stack, (int64_t)cfi_unsigned(bytes, 1));
	case DW_OP_const1s:
		return push_constant(stack, cfi_signed(bytes, 1));
	case DW_OP_const2u:
		return push_constant(stack, (int64_t)cfi_unsigned(bytes, 2));
	case DW_OP_const2s:
		return push_constant(stack, cfi_signed(bytes, 2));
	case DW_OP_const4u:
		return push_constant(stack, (int64_t)cfi_unsigned(bytes, 4));
	case DW_OP_const4s:
		return push_constant(stack, cfi_signed(bytes, 4));
	case DW_OP_constu:
		return push_constant(stack, (int64_t)cfi_uleb128(bytes));
	case DW_OP_consts:
		return push_constant(stack, cfi_sleb128(bytes));
	case DW_OP_plus_uconst:
		return add(stack, (int64_t)cfi_uleb128(bytes));
	case DW_OP_plus:
		return add_two(stack, false);
	case DW_OP_minus:
		return add_two(stack, true);
	case DW_OP_deref:
		return dereference(stack);
	case DW_OP_nop:
		return true;
	default:
		return false;
	}
}

/*
 * Linkers describe a procedure linkage table at once: stack pointer + 8, and a
 * word more behind the push, which ends at a fixed place in each stub.
 */
static bool is_plt(const uint8_t *data, size_t size,
		   struct kprof_cfi_value *ret)
{
	static const uint8_t tail[] = {DW_OP_ge, DW_OP_lit3, DW_OP_shl,
				       DW_OP_plus};

	if (size != 11 || data[0] != DW_OP_breg7 || data[1] >= 0x40 ||
	    data[2] != DW_OP_breg16 || data[3] || data[4] != DW_OP_lit15 ||
	    data[5] != DW_OP_and || data[6] < DW_OP_lit0 ||
	    data[6] > DW_OP_lit15 || memcmp(data + 7, tail, sizeof(tail)))
		return false;
	*ret = (struct kprof_cfi_value){
		.kind = KPROF_CFI_VALUE_PLT,
		.reg = 7,
		.offset = data[1],
		.add = data[6] - DW_OP_lit0,
	};
	return true;
}

bool kprof_cfi_expression(const uint8_t *data, size_t size, bool has_cfa,
			  struct kprof_cfi_value *ret)
{
	struct kprof_cfi_bytes bytes = {.at = data, .end = data + size};
	struct stack stack = {};

	if (is_plt(data, size, ret))
		return true;
	if (has_cfa)
		push(&stack,
		     (struct kprof_cfi_value){.kind = KPROF_CFI_VALUE_CFA});
	for (size_t i = 0; bytes.at < bytes.end; i++)
		if (i == MAX_OPERATIONS || !operate(&stack, &bytes))
			return false;
	if (bytes.is_short || !stack.depth)
		return false;
	*ret = stack.values[stack.depth - 1];
	return true;
}
