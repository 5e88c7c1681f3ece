/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unwinding instructions of the exception handling ABI of 32-bit ARM.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_EHABI_H
#define LIB_CFI_EHABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kprof_unwind.h>

/*
 * The rule that @size bytes of instructions come to. False if they refuse to
 * unwind, are reserved, or do what no rule can say.
 */
bool kprof_cfi_ehabi(const uint8_t *code, size_t size,
		     struct kprof_unwind_rule *ret);

#endif /* LIB_CFI_EHABI_H */
