/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an instruction of 32-bit ARM does to the stack.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_ARM_DECODE_H
#define LIB_CFI_ARM_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kprof_arm_kind {
	/* Nothing that matters here */
	KPROF_ARM_OTHER,
	/* sp += value */
	KPROF_ARM_MOVE_SP,
	/* sp -= value, then the registers of mask from there upwards */
	KPROF_ARM_PUSH,
	/* sp += value; they have their old values */
	KPROF_ARM_POP,
	/* reg = sp + value */
	KPROF_ARM_SET_FRAME,
	/* reg += value */
	KPROF_ARM_MOVE_FRAME,
	/* sp = reg + value */
	KPROF_ARM_SP_FROM_FRAME,
	/* nobody knows how much it moves */
	KPROF_ARM_SP_LOST,
	/* data at value, from this instruction on; mask bytes */
	KPROF_ARM_LITERAL,
	/* a jump through the table behind it, of bytes or halfwords (value) */
	KPROF_ARM_TABLE,
	/* the next value instructions are conditional */
	KPROF_ARM_IF_THEN,
};

/**
 * struct kprof_arm_step - an instruction
 * @kind: what it does
 * @size: its bytes
 * @reg: a register
 * @mask: registers, by bits
 * @value: bytes
 * @is_conditional: it may not be executed
 * @ends: what comes next is not executed behind it
 */
struct kprof_arm_step {
	enum kprof_arm_kind kind;
	uint8_t size;
	uint8_t reg;
	uint16_t mask;
	int32_t value;
	bool is_conditional;
	bool ends;
};

/*
 * Decodes the instruction at @code[@at], of a Thumb or an ARM function, which
 * is there whole. @code is aligned to 4 where its file is.
 */
struct kprof_arm_step kprof_arm_decode(const uint8_t *code, size_t at,
				       bool is_thumb);
/* How many bytes that takes; more than @size - @at if it is cut off. */
size_t kprof_arm_length(const uint8_t *code, size_t at, size_t size,
			bool is_thumb);

#endif /* LIB_CFI_ARM_DECODE_H */
