// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs call frame instructions.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Only the CFA, the return address, the frame registers and the stack pointer
 * are kept; what is said of other registers is read and forgotten.
 */
#ifdef HAVE_LIBDW
#include "lib/cfi_program.h"

#include <dwarf.h>

enum {
	/* Compilers remember one state at a time, or two. */
	MAX_REMEMBERED = 16,
	/* What elfutils 0.188 has no names for. */
	CFA_AARCH64_NEGATE_RA_STATE_WITH_PC = 0x2c,
	CFA_AARCH64_NEGATE_RA_STATE = 0x2d,
};

/* A run under way. */
struct run {
	const struct kprof_cfi_program *program;
	struct kprof_cfi_bytes bytes;
	struct kprof_cfi_state state;
	struct kprof_cfi_state remembered[MAX_REMEMBERED];
	size_t nr_remembered;
	/* Where we are, in bytes from the function's start. */
	uint64_t location;
	uint64_t new_location;
	bool advances;
};

/* The column of a register that is kept, or NULL. */
static struct kprof_cfi_saved *column(struct run *run, uint64_t reg)
{
	const struct kprof_cfi_machine *machine = run->program->machine;

	if (reg == run->program->ra_register)
		return &run->state.columns[KPROF_CFI_RA];
	if (reg == machine->frame[0])
		return &run->state.columns[KPROF_CFI_FRAME_0];
	if (reg == machine->frame[1])
		return &run->state.columns[KPROF_CFI_FRAME_1];
	if (reg == machine->sp)
		return &run->state.columns[KPROF_CFI_SP];
	return NULL;
}

static void save(struct run *run, uint64_t reg, enum kprof_cfi_saved_kind kind,
		 int64_t value)
{
	struct kprof_cfi_saved *saved = column(run, reg);

	if (saved)
		*saved = (struct kprof_cfi_saved){.kind = kind, .value = value};
}

static int64_t factored(const struct run *run, int64_t offset)
{
	return (int64_t)((uint64_t)offset *
			 (uint64_t)run->program->data_factor);
}

static void save_offset(struct run *run, uint64_t reg,
			enum kprof_cfi_saved_kind kind, int64_t offset)
{
	save(run, reg, kind, factored(run, offset));
}

static struct kprof_cfi_block read_block(struct run *run)
{
	uint64_t size = cfi_uleb128(&run->bytes);
	const uint8_t *data = cfi_skip(&run->bytes, size);

	return (struct kprof_cfi_block){data, data ? (size_t)size : 0};
}

static void save_block(struct run *run, enum kprof_cfi_saved_kind kind)
{
	struct kprof_cfi_saved *saved = column(run, cfi_uleb128(&run->bytes));
	struct kprof_cfi_block block = read_block(run);

	if (saved && block.data)
		*saved = (struct kprof_cfi_saved){.kind = kind, .block = block};
}

static void restore(struct run *run, uint64_t reg)
{
	struct kprof_cfi_saved *saved = column(run, reg);

	if (saved)
		*saved = run->program->initial
				 .columns[saved - run->state.columns];
}

static void define_cfa(struct run *run, uint64_t reg, int64_t offset)
{
	run->state.has_cfa = true;
	run->state.cfa_block = (struct kprof_cfi_block){};
	run->state.cfa_register = reg;
	run->state.cfa_offset = offset;
}

/* Half of it: there must be another half. */
static bool change_cfa(struct run *run, uint64_t reg, int64_t offset)
{
	if (!run->state.has_cfa || run->state.cfa_block.data)
		return false;
	define_cfa(run, reg, offset);
	return true;
}

/* The assembler for riscv64 has long begun with this: the offset is 0 then. */
static bool change_cfa_register(struct run *run, uint64_t reg)
{
	if (run->state.has_cfa)
		return change_cfa(run, reg, run->state.cfa_offset);
	define_cfa(run, reg, 0);
	return true;
}

static bool define_cfa_expression(struct run *run)
{
	run->state.has_cfa = true;
	run->state.cfa_block = read_block(run);
	return run->state.cfa_block.data;
}

static void advance(struct run *run, uint64_t delta)
{
	uint64_t bytes;

	/* Beyond all code: nothing that follows can be seen. */
	if (__builtin_mul_overflow(delta, run->program->code_factor, &bytes) ||
	    __builtin_add_overflow(run->location, bytes, &run->new_location))
		run->new_location = UINT64_MAX;
	run->advances = true;
}

static bool set_location(struct run *run)
{
	size_t size = run->program->machine->word_bytes;
	uint64_t address = cfi_unsigned(&run->bytes, size);

	if (run->program->encoding != DW_EH_PE_absptr ||
	    address < run->program->vaddr ||
	    address - run->program->vaddr < run->location)
		return false;
	run->new_location = address - run->program->vaddr;
	run->advances = true;
	return true;
}

static bool remember(struct run *run)
{
	if (run->nr_remembered == MAX_REMEMBERED)
		return false;
	run->remembered[run->nr_remembered++] = run->state;
	return true;
}

static bool recall(struct run *run)
{
	if (!run->nr_remembered)
		return false;
	run->state = run->remembered[--run->nr_remembered];
	return true;
}

/* Operations that say where a register is. */
static bool operate_on_register(struct run *run, uint8_t op)
{
	struct kprof_cfi_bytes *bytes = &run->bytes;
	uint64_t reg;

	if (op == DW_CFA_expression || op == DW_CFA_val_expression) {
		save_block(run, op == DW_CFA_expression
					? KPROF_CFI_EXPRESSION
					: KPROF_CFI_VAL_EXPRESSION);
		return true;
	}
	reg = cfi_uleb128(bytes);
	switch (op) {
	case DW_CFA_offset_extended:
		save_offset(run, reg, KPROF_CFI_OFFSET,
			    (int64_t)cfi_uleb128(bytes));
		return true;
	case DW_CFA_offset_extended_sf:
		save_offset(run, reg, KPROF_CFI_OFFSET, cfi_sleb128(bytes));
		return true;
	case DW_CFA_GNU_negative_offset_extended:
		save_offset(run, reg, KPROF_CFI_OFFSET,
			    (int64_t)-cfi_uleb128(bytes));
		return true;
	case DW_CFA_val_offset:
		save_offset(run, reg, KPROF_CFI_VAL_OFFSET,
			    (int64_t)cfi_uleb128(bytes));
		return true;
	case DW_CFA_val_offset_sf:
		save_offset(run, reg, KPROF_CFI_VAL_OFFSET, cfi_sleb128(bytes));
		return true;
	case DW_CFA_register:
		save(run, reg, KPROF_CFI_REGISTER, (int64_t)cfi_uleb128(bytes));
		return true;
	case DW_CFA_same_value:
		save(run, reg, KPROF_CFI_SAME, 0);
		return true;
	case DW_CFA_undefined:
		save(run, reg, KPROF_CFI_UNDEFINED, 0);
		return true;
	case DW_CFA_restore_extended:
		restore(run, reg);
		return true;
	default:
		return false;
	}
}

static bool operate_on_cfa(struct run *run, uint8_t op)
{
	struct kprof_cfi_bytes *bytes = &run->bytes;
	uint64_t reg;

	switch (op) {
	case DW_CFA_def_cfa:
		reg = cfi_uleb128(bytes);
		define_cfa(run, reg, (int64_t)cfi_uleb128(bytes));
		return true;
	case DW_CFA_def_cfa_sf:
		reg = cfi_uleb128(bytes);
		define_cfa(run, reg, factored(run, cfi_sleb128(bytes)));
		return true;
	case DW_CFA_def_cfa_register:
		return change_cfa_register(run, cfi_uleb128(bytes));
	case DW_CFA_def_cfa_offset:
		return change_cfa(run, run->state.cfa_register,
				  (int64_t)cfi_uleb128(bytes));
	case DW_CFA_def_cfa_offset_sf:
		return change_cfa(run, run->state.cfa_register,
				  factored(run, cfi_sleb128(bytes)));
	case DW_CFA_def_cfa_expression:
		return define_cfa_expression(run);
	default:
		return operate_on_register(run, op);
	}
}

static bool operate(struct run *run)
{
	struct kprof_cfi_bytes *bytes = &run->bytes;
	uint8_t op = cfi_u8(bytes), low = op & 0x3f;

	switch (op & 0xc0) {
	case DW_CFA_advance_loc:
		advance(run, low);
		return true;
	case DW_CFA_offset:
		save_offset(run, low, KPROF_CFI_OFFSET,
			    (int64_t)cfi_uleb128(bytes));
		return true;
	case DW_CFA_restore:
		restore(run, low);
		return true;
	}
	switch (op) {
	case DW_CFA_nop:
	/* The walker takes signatures off whatever a return address is. */
	case CFA_AARCH64_NEGATE_RA_STATE:
	case CFA_AARCH64_NEGATE_RA_STATE_WITH_PC:
		return true;
	case DW_CFA_set_loc:
		return set_location(run);
	case DW_CFA_advance_loc1:
		advance(run, cfi_unsigned(bytes, 1));
		return true;
	case DW_CFA_advance_loc2:
		advance(run, cfi_unsigned(bytes, 2));
		return true;
	case DW_CFA_advance_loc4:
		advance(run, cfi_unsigned(bytes, 4));
		return true;
	case DW_CFA_remember_state:
		return remember(run);
	case DW_CFA_restore_state:
		return recall(run);
	/* Of exception handlers; the CFA does not change by it. */
	case DW_CFA_GNU_args_size:
		cfi_uleb128(bytes);
		return true;
	default:
		return operate_on_cfa(run, op);
	}
}

static void run_init(struct run *run, const struct kprof_cfi_program *program,
		     struct kprof_cfi_bytes bytes)
{
	/* Not remembered[]: it is large, and few use it. */
	run->program = program;
	run->bytes = bytes;
	run->state = program->initial;
	run->nr_remembered = 0;
	run->location = 0;
	run->new_location = 0;
	run->advances = false;
}

bool kprof_cfi_program_init(struct kprof_cfi_program *program,
			    struct kprof_cfi_bytes bytes)
{
	struct run run;

	program->initial = (struct kprof_cfi_state){};
	run_init(&run, program, bytes);
	while (run.bytes.at < run.bytes.end)
		if (!operate(&run) || run.bytes.is_short || run.advances)
			return false;
	program->initial = run.state;
	return true;
}

void kprof_cfi_program_run(const struct kprof_cfi_program *program,
			   struct kprof_cfi_bytes bytes, kprof_cfi_row_fn *row,
			   void *context)
{
	struct run run;

	run_init(&run, program, bytes);
	while (run.bytes.at < run.bytes.end) {
		if (!operate(&run) || run.bytes.is_short) {
			run.state = (struct kprof_cfi_state){};
			break;
		}
		if (!run.advances)
			continue;
		if (run.new_location > run.location &&
		    !row(program, run.location, run.new_location, &run.state,
			 context))
			return;
		run.location = run.new_location;
		run.advances = false;
	}
	row(program, run.location, UINT64_MAX, &run.state, context);
}
#endif /* HAVE_LIBDW */
