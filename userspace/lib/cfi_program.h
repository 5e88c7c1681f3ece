/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs call frame instructions.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_CFI_PROGRAM_H
#define LIB_CFI_PROGRAM_H

#include "lib/cfi_bytes.h"
#include "lib/cfi_rules.h"

/**
 * struct kprof_cfi_program - instructions of one function
 * @machine: its machine
 * @code_factor: what advances count in, bytes
 * @data_factor: what factored offsets count in
 * @ra_register: the column of the return address
 * @initial: what holds where the function starts
 * @is_signal: of a frame that the kernel made for a signal handler
 * @vaddr: where the function starts
 * @encoding: of an address in the instructions; DW_EH_PE_absptr
 */
struct kprof_cfi_program {
	const struct kprof_cfi_machine *machine;
	uint64_t code_factor;
	int64_t data_factor;
	uint64_t ra_register;
	struct kprof_cfi_state initial;
	bool is_signal;
	uint64_t vaddr;
	uint8_t encoding;
};

/*
 * @state holds for the bytes [@from, @to) of the function, of which there are
 * no more than UINT64_MAX. False ends the run.
 */
typedef bool kprof_cfi_row_fn(const struct kprof_cfi_program *program,
			      uint64_t from, uint64_t to,
			      const struct kprof_cfi_state *state,
			      void *context);

/*
 * Runs the initial instructions of a CIE, from nothing to program->initial.
 * False if they cannot be understood.
 */
bool kprof_cfi_program_init(struct kprof_cfi_program *program,
			    struct kprof_cfi_bytes bytes);
/*
 * Runs the instructions of an FDE and calls @row for each change. What comes
 * behind an instruction that is not known has a state without a CFA.
 */
void kprof_cfi_program_run(const struct kprof_cfi_program *program,
			   struct kprof_cfi_bytes bytes, kprof_cfi_row_fn *row,
			   void *context);

#endif /* LIB_CFI_PROGRAM_H */
