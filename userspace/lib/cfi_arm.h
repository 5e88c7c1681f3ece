/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prologues and epilogues of 32-bit ARM code.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_ARM_H
#define LIB_CFI_ARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kprof_unwind.h>

struct kprof_cfi_builder;

/**
 * kprof_cfi_arm_add() - the rows of functions of which one rule is known
 * @builder: takes the rows
 * @offset: of the code in the file
 * @code: one function, or some with the same rule, one behind the other
 * @size: bytes
 * @rule: what holds between prologue and epilogue
 *
 * Follows the stack pointer through the instructions, ARM or Thumb, from the
 * function's start, and believes what it sees if that comes to @rule.
 *
 * Return: false, and no row was added, if it does not.
 */
bool kprof_cfi_arm_add(struct kprof_cfi_builder *builder, uint64_t offset,
		       const uint8_t *code, size_t size,
		       const struct kprof_unwind_rule *rule);

#endif /* LIB_CFI_ARM_H */
