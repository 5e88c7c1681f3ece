// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an instruction of 32-bit ARM does to the stack.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Only what compilers use in prologues and epilogues, and what tells code from
 * the data between it.
 */
#include "lib/cfi_arm_decode.h"

#include "util/le.h"

enum {
	SP = 13,
	PC = 15,
	ALWAYS = 14,
	/* Wide Thumb instructions start with this or more. */
	FIRST_WIDE = 0xe800,
};

static uint32_t half(const uint8_t *code, size_t at)
{
	return (uint32_t)code[at] | (uint32_t)code[at + 1] << 8;
}

static bool is_frame(unsigned int reg)
{
	return reg == 7 || reg == 11;
}

static struct kprof_arm_step push(uint32_t mask)
{
	return (struct kprof_arm_step){
		.kind = KPROF_ARM_PUSH,
		.mask = (uint16_t)mask,
		.value = 4 * __builtin_popcount(mask),
	};
}

static struct kprof_arm_step pop(uint32_t mask)
{
	return (struct kprof_arm_step){
		.kind = KPROF_ARM_POP,
		.mask = (uint16_t)mask,
		.value = 4 * __builtin_popcount(mask),
		.ends = mask & 1U << PC,
	};
}

static struct kprof_arm_step simple(enum kprof_arm_kind kind, int32_t value)
{
	return (struct kprof_arm_step){.kind = kind, .value = value};
}

static struct kprof_arm_step other(bool ends)
{
	return (struct kprof_arm_step){.ends = ends};
}

/* @to = @from + @value, where one of them is the stack pointer or a frame's. */
static struct kprof_arm_step add(unsigned int to, unsigned int from,
				 int32_t value)
{
	struct kprof_arm_step step = {.value = value};

	if (to == SP && from == SP)
		step.kind = KPROF_ARM_MOVE_SP;
	else if (to == SP && is_frame(from))
		step.kind = KPROF_ARM_SP_FROM_FRAME;
	else if (to == SP)
		step.kind = KPROF_ARM_SP_LOST;
	else if (is_frame(to) && from == SP)
		step.kind = KPROF_ARM_SET_FRAME;
	else if (is_frame(to) && from == to)
		step.kind = KPROF_ARM_MOVE_FRAME;
	step.reg = (uint8_t)(to == SP ? from : to);
	return step;
}

static struct kprof_arm_step literal(int64_t value, unsigned int bytes)
{
	struct kprof_arm_step step = {
		.kind = KPROF_ARM_LITERAL,
		.mask = (uint16_t)bytes,
		.value = (int32_t)value,
	};

	return step;
}

/* Thumb, 16 bits */

static struct kprof_arm_step decode_narrow(uint32_t op, size_t at)
{
	unsigned int to = (op & 7) | (op >> 4 & 8), from = op >> 3 & 15;

	switch (op >> 8) {
	case 0xb4:
		return push(op & 0xff);
	case 0xb5:
		return push((op & 0xff) | 1U << 14);
	case 0xbc:
		return pop(op & 0xff);
	case 0xbd:
		return pop((op & 0xff) | 1U << PC);
	case 0xb0:
		return simple(KPROF_ARM_MOVE_SP,
			      op & 0x80 ? -(int32_t)(op & 0x7f) * 4
					: (int32_t)(op & 0x7f) * 4);
	case 0xaf:
		return add(7, SP, (int32_t)(op & 0xff) * 4);
	case 0x37:
		return add(7, 7, (int32_t)(op & 0xff));
	case 0x3f:
		return add(7, 7, -(int32_t)(op & 0xff));
	case 0x46:
		return to == PC ? other(true) : add(to, from, 0);
	case 0x44:
		if (to == SP)
			return simple(KPROF_ARM_SP_LOST, 0);
		return other(to == PC);
	case 0x47:
		return other(!(op & 0x80));
	case 0xde:
		return other(true);
	case 0xbf:
		if (op & 15)
			return simple(KPROF_ARM_IF_THEN,
				      4 - __builtin_ctz(op & 15));
		return other(false);
	}
	if (op >> 11 == 9)
		return literal((int64_t)((at + 4) & ~3UL) - (int64_t)at +
				       (op & 0xff) * 4,
			       4);
	return other(op >> 11 == 0x1c);
}

/* Thumb, 32 bits */

/* The constants of data processing: bytes repeated, or shifted. */
static uint32_t expand(uint32_t high, uint32_t low)
{
	uint32_t imm12 =
		(high & 0x400) << 1 | (low >> 4 & 0x700) | (low & 0xff);
	uint32_t byte = imm12 & 0xff, shift = imm12 >> 7;

	switch (imm12 >> 8) {
	case 0:
		return byte;
	case 1:
		return byte << 16 | byte;
	case 2:
		return byte << 24 | byte << 8;
	case 3:
		return byte * 0x01010101;
	default:
		byte = 0x80 | (imm12 & 0x7f);
		return byte >> shift | byte << (32 - shift);
	}
}

static struct kprof_arm_step decode_wide_add(uint32_t high, uint32_t low)
{
	unsigned int to = low >> 8 & 15, from = high & 15;
	int32_t plain = (int32_t)((high & 0x400) << 1 | (low >> 4 & 0x700) |
				  (low & 0xff));

	switch (high & 0xfbf0) {
	case 0xf100:
		return add(to, from, (int32_t)expand(high, low));
	case 0xf1a0:
		return add(to, from, -(int32_t)expand(high, low));
	case 0xf200:
		return add(to, from, plain);
	case 0xf2a0:
		return add(to, from, -plain);
	}
	return other(false);
}

/* Loads and stores that move the stack pointer, and vectors. */
static struct kprof_arm_step decode_wide_memory(uint32_t high, uint32_t low)
{
	struct kprof_arm_step step;
	unsigned int reg = low >> 12;

	if (high == 0xe92d)
		return push(low);
	if (high == 0xe8bd)
		return pop(low);
	if (high == 0xf84d && (low & 0xf00) == 0xd00) {
		step = push(1U << reg);
		step.value = (int32_t)(low & 0xff);
		return step;
	}
	if (high == 0xf85d && (low & 0xf00) == 0xb00) {
		step = pop(1U << reg);
		step.value = (int32_t)(low & 0xff);
		return step;
	}
	if (high == 0xe96d || high == 0xe8fd) {
		uint32_t mask = 1U << reg | 1U << (low >> 8 & 15);

		step = high == 0xe96d ? push(mask) : pop(mask);
		step.value = (int32_t)(low & 0xff) * 4;
		return step;
	}
	if ((high & 0xffbf) == 0xed2d && (low & 0xe00) == 0xa00)
		return simple(KPROF_ARM_MOVE_SP, -(int32_t)(low & 0xff) * 4);
	if ((high & 0xffbf) == 0xecbd && (low & 0xe00) == 0xa00)
		return simple(KPROF_ARM_MOVE_SP, (int32_t)(low & 0xff) * 4);
	return other(false);
}

static struct kprof_arm_step decode_wide_literal(uint32_t high, uint32_t low,
						 size_t at)
{
	int64_t base = (int64_t)((at + 4) & ~3UL) - (int64_t)at;
	int64_t offset = low & 0xfff;
	struct kprof_arm_step step;
	unsigned int bytes = 4;

	if ((high & 0xff7f) != 0xf85f) {
		offset = (low & 0xff) * 4;
		bytes = 8;
	}
	step = literal(high & 0x80 ? base + offset : base - offset, bytes);
	step.ends = bytes == 4 && low >> 12 == PC;
	return step;
}

static struct kprof_arm_step decode_wide(uint32_t high, uint32_t low, size_t at)
{
	if ((high & 0xff7f) == 0xf85f || (high & 0xff7f) == 0xe95f ||
	    ((high & 0xff3f) == 0xed1f && (low & 0xe00) == 0xa00))
		return decode_wide_literal(high, low, at);
	if ((high & 0xfff0) == 0xe8d0 && (low & 0xffe0) == 0xf000) {
		struct kprof_arm_step step =
			simple(KPROF_ARM_TABLE, low & 0x10 ? 2 : 1);

		step.ends = true;
		return step;
	}
	/* sp - register, sp + register */
	if (((high & 0xffef) == 0xebad || (high & 0xffef) == 0xeb0d) &&
	    (low & 0xf00) == 0xd00)
		return simple(KPROF_ARM_SP_LOST, 0);
	if ((high & 0xf800) == 0xf000 && low & 0x8000)
		return other((low & 0xd000) == 0x9000);
	if ((high & 0xf800) == 0xf000)
		return decode_wide_add(high, low);
	return decode_wide_memory(high, low);
}

/* ARM */

static int32_t rotated(uint32_t op)
{
	uint32_t byte = op & 0xff, by = (op >> 8 & 15) * 2;

	return (int32_t)(by ? byte >> by | byte << (32 - by) : byte);
}

static struct kprof_arm_step decode_arm_add(uint32_t op)
{
	unsigned int to = op >> 12 & 15, from = op >> 16 & 15;

	switch (op >> 20 & 0xff) {
	case 0x28:
		return add(to, from, rotated(op));
	case 0x24:
		return add(to, from, (int32_t) - (uint32_t)rotated(op));
	case 0x1a:
		if (op & 0xff0)
			return other(to == PC);
		return to == PC ? other(true) : add(to, op & 15, 0);
	}
	/* Any other way to compute the stack pointer; compares have none */
	if ((op & 0x0c00f000) == 0x0000d000 && (op >> 23 & 3) != 2 &&
	    (op & 0x90) != 0x90)
		return simple(KPROF_ARM_SP_LOST, 0);
	return other(false);
}

static struct kprof_arm_step decode_arm(uint32_t op)
{
	uint32_t bits = op & 0x0fffffff;

	if (bits >> 16 == 0x92d)
		return push(op & 0xffff);
	if (bits >> 16 == 0x8bd)
		return pop(op & 0xffff);
	if ((bits & 0x0fff0fff) == 0x052d0004)
		return push(1U << (op >> 12 & 15));
	if ((bits & 0x0fff0fff) == 0x049d0004)
		return pop(1U << (op >> 12 & 15));
	if ((bits & 0x0fbf0e00) == 0x0d2d0a00)
		return simple(KPROF_ARM_MOVE_SP, -(int32_t)(op & 0xff) * 4);
	if ((bits & 0x0fbf0e00) == 0x0cbd0a00)
		return simple(KPROF_ARM_MOVE_SP, (int32_t)(op & 0xff) * 4);
	if ((bits & 0x0f7f0000) == 0x051f0000) {
		struct kprof_arm_step step =
			literal(op & 1U << 23 ? 8 + (int64_t)(op & 0xfff)
					      : 8 - (int64_t)(op & 0xfff),
				4);

		step.ends = (op >> 12 & 15) == PC;
		return step;
	}
	if ((bits & 0x0f3f0e00) == 0x0d1f0a00)
		return literal(op & 1U << 23 ? 8 + (int64_t)(op & 0xff) * 4
					     : 8 - (int64_t)(op & 0xff) * 4,
			       8);
	/* bx, b, and loads of the pc */
	if ((bits & 0x0ffffff0) == 0x012fff10 || bits >> 24 == 0xa ||
	    (bits & 0x0c50f000) == 0x0410f000)
		return other(true);
	return decode_arm_add(bits);
}

size_t kprof_arm_length(const uint8_t *code, size_t at, size_t size,
			bool is_thumb)
{
	if (!is_thumb || size - at < 2)
		return 4;
	return half(code, at) >= FIRST_WIDE ? 4 : 2;
}

struct kprof_arm_step kprof_arm_decode(const uint8_t *code, size_t at,
				       bool is_thumb)
{
	struct kprof_arm_step step;
	uint32_t op;

	if (!is_thumb) {
		op = le_get32(code + at);
		step = op >> 28 > ALWAYS ? other(false) : decode_arm(op);
		step.size = 4;
		step.is_conditional = op >> 28 < ALWAYS;
		return step;
	}
	op = half(code, at);
	if (op < FIRST_WIDE) {
		step = decode_narrow(op, at);
		step.size = 2;
	} else {
		step = decode_wide(op, half(code, at + 2), at);
		step.size = 4;
	}
	return step;
}
