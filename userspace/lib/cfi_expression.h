/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DWARF expressions in unwind information, as far as rules can say them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_EXPRESSION_H
#define LIB_CFI_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kprof_cfi_value_kind {
	/* add */
	KPROF_CFI_VALUE_CONSTANT,
	/* CFA + add */
	KPROF_CFI_VALUE_CFA,
	/* register + offset */
	KPROF_CFI_VALUE_REGISTER,
	/* word at (register + offset), + add */
	KPROF_CFI_VALUE_MEMORY,
	/* register + offset, and a word if the pc's low bits are add or more */
	KPROF_CFI_VALUE_PLT,
};

/**
 * struct kprof_cfi_value - what an expression comes to
 * @kind: how to get it
 * @reg: DWARF's number of the register
 * @offset: bytes
 * @add: bytes
 */
struct kprof_cfi_value {
	enum kprof_cfi_value_kind kind;
	uint64_t reg;
	int64_t offset;
	int64_t add;
};

/*
 * The value of an expression of @size bytes; with @has_cfa it starts with the
 * CFA on its stack. False if it is another one than these.
 */
bool kprof_cfi_expression(const uint8_t *data, size_t size, bool has_cfa,
			  struct kprof_cfi_value *ret);

#endif /* LIB_CFI_EXPRESSION_H */
