/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What call frame instructions have said so far, as a rule of the format.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_RULES_H
#define LIB_CFI_RULES_H

#include "lib/cfi_machine.h"

/* What is kept of the registers that can be spoken of. */
enum kprof_cfi_column {
	KPROF_CFI_RA,
	KPROF_CFI_FRAME_0,
	KPROF_CFI_FRAME_1,
	KPROF_CFI_SP,
	KPROF_CFI_NR_COLUMNS,
};

enum kprof_cfi_saved_kind {
	/* Nothing was said */
	KPROF_CFI_UNSET,
	KPROF_CFI_SAME,
	KPROF_CFI_UNDEFINED,
	/* At CFA + value */
	KPROF_CFI_OFFSET,
	/* It is CFA + value */
	KPROF_CFI_VAL_OFFSET,
	/* In register number value */
	KPROF_CFI_REGISTER,
	/* At the address that the expression is */
	KPROF_CFI_EXPRESSION,
	/* It is what the expression is */
	KPROF_CFI_VAL_EXPRESSION,
};

/* Bytes of an expression, in the section that it came from. */
struct kprof_cfi_block {
	const uint8_t *data;
	size_t size;
};

struct kprof_cfi_saved {
	enum kprof_cfi_saved_kind kind;
	int64_t value;
	struct kprof_cfi_block block;
};

/**
 * struct kprof_cfi_state - what holds at one place in the code
 * @has_cfa: anything was said of the CFA
 * @cfa_block: its expression; if there is none, it is register + offset
 * @cfa_register: its register
 * @cfa_offset: from it
 * @columns: KPROF_CFI_*
 */
struct kprof_cfi_state {
	bool has_cfa;
	struct kprof_cfi_block cfa_block;
	uint64_t cfa_register;
	int64_t cfa_offset;
	struct kprof_cfi_saved columns[KPROF_CFI_NR_COLUMNS];
};

/**
 * kprof_cfi_rule() - a state as a rule
 * @machine: its machine
 * @state: the state
 * @ra_register: the column of the return address in the unwind information
 * @is_signal: of a frame that the kernel made for a signal handler
 *
 * Return: a rule, KPROF_CFA_UNKNOWN if no other can say it.
 */
struct kprof_unwind_rule kprof_cfi_rule(const struct kprof_cfi_machine *machine,
					const struct kprof_cfi_state *state,
					uint64_t ra_register, bool is_signal);

#endif /* LIB_CFI_RULES_H */
