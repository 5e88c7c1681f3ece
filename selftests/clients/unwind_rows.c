// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are the rows of an unwind table what libdw says of each byte of the code?
 *
 *	unwind_rows ELF [DEBUG] [alone]
 *
 * With "alone" only libdw sees the debug file. It answers for each address with
 *expressions. They and our rule are evaluated with the same made-up registers
 *and memory, and must come to the same CFA, return address and frame registers.
 *Prints
 *
 *	BYTES WORD [what differs]
 *
 * for how many bytes of code they agree (same), we say nothing though libdw
 * knows (unsaid), we call a frame register lost (lost), we know what libdw does
 * not (more), and both know nothing (none); "different" has its first places.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kmod/unwind_table.h"
#include "lib/cfi.h"
#include "lib/elf_file.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MAX_SHOWN = 8,
	MAX_STACK = 16,
	NR_REGISTERS = 128,
	PC_ON_X86 = 16,
};

enum verdict {
	SAME,
	UNSAID,
	LOST,
	MORE,
	NONE,
	DIFFERENT,
	NR_VERDICTS,
};

static const char *const words[] = {
	"same", "unsaid", "lost", "more", "none", "different",
};

struct machine {
	unsigned int machine;
	unsigned int word;
	unsigned int sp;
	unsigned int fp;
	unsigned int fp1;
	uint64_t signal_sp;
	uint64_t signal_ra;
};

static const struct machine machines[] = {
	{EM_X86_64, 8, 7, 6, 0, 120, 128},
	{EM_AARCH64, 8, 31, 29, 0, 256, 264},
	{EM_RISCV, 8, 2, 8, 0, 16, 0},
	{EM_ARM, 4, 13, 11, 7, 64, 68},
};

/* Where a value comes from: memory, a register, nowhere; or it is a number. */
enum place {
	UNDEFINED,
	MEMORY,
	REGISTER,
	VALUE,
};

struct location {
	enum place place;
	uint64_t value;
};

struct frame {
	bool is_known;
	uint64_t cfa;
	struct location ra;
	struct location fp;
	struct location fp1;
	struct location sp;
	bool is_signal;
	bool is_outermost;
};

static const struct machine *machine;
static uint64_t registers[NR_REGISTERS];
static Dwarf_CFI *cfis[2];
static uint64_t totals[NR_VERDICTS];
static unsigned int nr_shown;

static void die(const char *what)
{
	fprintf(stderr, "unwind_rows: %s\n", what);
	exit(1);
}

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= 0x9e3779b97f4a7c15;
	return x ^ x >> 29;
}

static uint64_t truncate_word(uint64_t value)
{
	return machine->word == 4 ? (uint32_t)value : value;
}

/* Memory has in it what no register has. */
static uint64_t load(uint64_t address)
{
	return truncate_word(mix(truncate_word(address) + 0x1234567));
}

/* libdw's side */

static bool evaluate(const Dwarf_Op *ops, size_t nr, uint64_t cfa,
		     struct location *ret)
{
	uint64_t stack[MAX_STACK] = {};
	size_t depth = 0;
	bool is_value = false;

	for (size_t i = 0; i < nr; i++) {
		const Dwarf_Op *op = &ops[i];

		if (depth + 1 >= MAX_STACK)
			return false;
		if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31) {
			stack[depth++] =
				registers[op->atom - DW_OP_breg0] + op->number;
			continue;
		}
		if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
			stack[depth++] = op->atom - DW_OP_lit0;
			continue;
		}
		if (op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) {
			*ret = (struct location){REGISTER,
						 op->atom - DW_OP_reg0};
			return nr == 1;
		}
		switch (op->atom) {
		case DW_OP_regx:
			*ret = (struct location){REGISTER, op->number};
			return nr == 1;
		case DW_OP_bregx:
			if (op->number >= NR_REGISTERS)
				return false;
			stack[depth++] = registers[op->number] + op->number2;
			break;
		case DW_OP_call_frame_cfa:
			stack[depth++] = cfa;
			break;
		case DW_OP_const1u:
		case DW_OP_const2u:
		case DW_OP_const4u:
		case DW_OP_const1s:
		case DW_OP_const2s:
		case DW_OP_const4s:
		case DW_OP_constu:
		case DW_OP_consts:
			stack[depth++] = op->number;
			break;
		case DW_OP_stack_value:
			is_value = true;
			break;
		case DW_OP_plus_uconst:
			if (!depth)
				return false;
			stack[depth - 1] += op->number;
			break;
		case DW_OP_deref:
			if (!depth)
				return false;
			stack[depth - 1] = load(stack[depth - 1]);
			break;
		case DW_OP_plus:
		case DW_OP_minus:
		case DW_OP_and:
		case DW_OP_ge:
		case DW_OP_shl: {
			uint64_t a, b;

			if (depth < 2)
				return false;
			b = stack[--depth];
			a = stack[depth - 1];
			stack[depth - 1] =
				op->atom == DW_OP_plus	  ? a + b
				: op->atom == DW_OP_minus ? a - b
				: op->atom == DW_OP_and	  ? (a & b)
				: op->atom == DW_OP_ge
					? (uint64_t)((int64_t)a >= (int64_t)b)
					: a << (b & 63);
			break;
		}
		default:
			return false;
		}
	}
	if (!depth)
		return false;
	*ret = (struct location){is_value ? VALUE : MEMORY,
				 truncate_word(stack[depth - 1])};
	return true;
}

/* @same: libdw says that nothing changed. */
static bool find_register(Dwarf_Frame *frame, unsigned int reg, uint64_t cfa,
			  struct location *ret)
{
	Dwarf_Op mem[3], *ops;
	size_t nr;

	if (dwarf_frame_register(frame, (int)reg, mem, &ops, &nr))
		return false;
	if (nr == 0) {
		*ret = (struct location){ops ? UNDEFINED : REGISTER,
					 ops ? 0 : reg};
		return true;
	}
	return evaluate(ops, nr, cfa, ret);
}

static bool read_frame(Dwarf_Frame *dwarf_frame, bool is_signal,
		       int ra_register, struct frame *ret)
{
	struct location cfa;
	Dwarf_Op *ops;
	size_t nr;

	*ret = (struct frame){.is_signal = is_signal};
	if (dwarf_frame_cfa(dwarf_frame, &ops, &nr) || !nr ||
	    !evaluate(ops, nr, 0, &cfa))
		return false;
	ret->cfa = cfa.value;
	if (!find_register(dwarf_frame, (unsigned int)ra_register, ret->cfa,
			   &ret->ra))
		return false;
	if (!find_register(dwarf_frame, machine->fp, ret->cfa, &ret->fp))
		ret->fp = (struct location){UNDEFINED, 0};
	if (machine->fp1 &&
	    !find_register(dwarf_frame, machine->fp1, ret->cfa, &ret->fp1))
		ret->fp1 = (struct location){UNDEFINED, 0};
	if (!find_register(dwarf_frame, machine->sp, ret->cfa, &ret->sp))
		ret->sp = (struct location){UNDEFINED, 0};
	ret->is_outermost = ret->ra.place == UNDEFINED;
	ret->is_known = true;
	return true;
}

/* Our side */

static struct location our_saved(unsigned int saved, int offset,
				 unsigned int reg, uint64_t cfa)
{
	switch (saved) {
	case KPROF_SAVED_SAME:
		return (struct location){REGISTER, reg};
	case KPROF_SAVED_CFA:
		return (struct location){MEMORY, truncate_word(cfa + offset)};
	case KPROF_SAVED_SELF:
		return (struct location){
			MEMORY, truncate_word(registers[reg] + offset)};
	default:
		return (struct location){UNDEFINED, 0};
	}
}

static struct frame our_frame(const struct kprof_unwind_rule *rule, uint64_t pc)
{
	struct frame frame = {.is_known = true};

	switch (rule->cfa) {
	case KPROF_CFA_OUTERMOST:
		frame.is_outermost = true;
		return frame;
	case KPROF_CFA_SIGNAL: {
		uint64_t at = registers[machine->sp] + rule->cfa_offset;

		frame.is_signal = true;
		frame.cfa = load(at + machine->signal_sp);
		frame.ra = (struct location){
			MEMORY, truncate_word(at + machine->signal_ra)};
		return frame;
	}
	case KPROF_CFA_REGISTER:
		frame.cfa = registers[rule->cfa_register] + rule->cfa_offset;
		break;
	case KPROF_CFA_MEMORY:
		frame.cfa =
			load(registers[rule->cfa_register] + rule->cfa_offset) +
			rule->cfa_add;
		break;
	case KPROF_CFA_PLT:
		frame.cfa = registers[machine->sp] + rule->cfa_offset;
		if ((pc & 15) >= (uint64_t)rule->cfa_add)
			frame.cfa += machine->word;
		break;
	default:
		return (struct frame){};
	}
	frame.cfa = truncate_word(frame.cfa);
	frame.ra =
		rule->ra == KPROF_RA_REGISTER
			? (struct location){REGISTER, (uint64_t)rule->ra_offset}
			: (struct location){
				  MEMORY,
				  truncate_word(frame.cfa + rule->ra_offset)};
	frame.fp = our_saved(rule->saved & 15, rule->fp_offset, machine->fp,
			     frame.cfa);
	frame.fp1 = our_saved(rule->saved >> 4, rule->fp1_offset, machine->fp1,
			      frame.cfa);
	return frame;
}

/* Comparison */

static bool same(struct location a, struct location b)
{
	return a.place == b.place && a.value == b.value;
}

static uint64_t caller_sp(const struct frame *frame)
{
	return frame->sp.place == MEMORY ? load(frame->sp.value)
					 : frame->sp.value;
}

static enum verdict compare(const struct frame *ours,
			    const struct frame *theirs)
{
	bool sp_is_cfa =
		theirs->sp.place == VALUE && theirs->sp.value == theirs->cfa;

	if (!ours->is_known && !theirs->is_known)
		return NONE;
	if (!ours->is_known)
		return UNSAID;
	if (!theirs->is_known)
		return MORE;
	if (ours->is_outermost || theirs->is_outermost)
		return ours->is_outermost == theirs->is_outermost ? SAME
								  : DIFFERENT;
	if (ours->is_signal || theirs->is_signal)
		return ours->is_signal == theirs->is_signal &&
				       same(ours->ra, theirs->ra) &&
				       ours->cfa == caller_sp(theirs)
			       ? SAME
			       : DIFFERENT;
	if (ours->cfa != theirs->cfa || !same(ours->ra, theirs->ra))
		return DIFFERENT;
	if (!sp_is_cfa && theirs->sp.place != UNDEFINED)
		return DIFFERENT;
	if (same(ours->fp, theirs->fp) &&
	    (!machine->fp1 || same(ours->fp1, theirs->fp1)))
		return SAME;
	return ours->fp.place == UNDEFINED || ours->fp1.place == UNDEFINED
		       ? LOST
		       : DIFFERENT;
}

static void show(uint64_t address, const struct frame *ours,
		 const struct frame *theirs, enum verdict verdict)
{
	if (nr_shown++ >= MAX_SHOWN)
		return;
	printf("# %#" PRIx64 " %s: cfa %#" PRIx64 " %#" PRIx64
	       ", ra %d:%#" PRIx64 " %d:%#" PRIx64 ", fp %d:%#" PRIx64
	       " %d:%#" PRIx64 ", sp %d:%#" PRIx64 ", outermost %d %d\n",
	       address, words[verdict], ours->cfa, theirs->cfa, ours->ra.place,
	       ours->ra.value, theirs->ra.place, theirs->ra.value,
	       ours->fp.place, ours->fp.value, theirs->fp.place,
	       theirs->fp.value, theirs->sp.place, theirs->sp.value,
	       ours->is_outermost, theirs->is_outermost);
}

/* libdw's frame of an address, and up to where it holds. */
static bool libdw_frame(uint64_t address, Dwarf_Frame **frame_ret,
			uint64_t *end_ret, bool *is_signal_ret, int *ra_ret)
{
	for (size_t i = 0; i < 2; i++) {
		Dwarf_Addr start, end;

		if (!cfis[i] ||
		    dwarf_cfi_addrframe(cfis[i], address, frame_ret))
			continue;
		*ra_ret = dwarf_frame_info(*frame_ret, &start, &end,
					   is_signal_ret);
		if (*ra_ret < 0) {
			free(*frame_ret);
			continue;
		}
		*end_ret = end;
		return true;
	}
	return false;
}

static void compare_byte(const struct kprof_unwind_table *table,
			 uint64_t address, uint64_t offset, Dwarf_Frame *frame,
			 bool is_signal, int ra_register)
{
	const struct kprof_unwind_rule *rule =
		kprof_unwind_table_find(table, offset);
	struct frame ours = {}, theirs = {};
	enum verdict verdict;

	registers[PC_ON_X86] =
		machine->machine == EM_X86_64 ? address : registers[16];
	if (rule)
		ours = our_frame(rule, address);
	if (frame)
		read_frame(frame, is_signal, ra_register, &theirs);
	verdict = compare(&ours, &theirs);
	totals[verdict]++;
	if (verdict == DIFFERENT || verdict == LOST)
		show(address, &ours, &theirs, verdict);
}

static void compare_segment(const struct kprof_unwind_table *table,
			    const struct kprof_elf_segment *segment)
{
	uint64_t end = segment->vaddr + segment->file_bytes;
	uint64_t address = segment->vaddr;

	while (address < end) {
		Dwarf_Frame *frame = NULL;
		uint64_t row_end = address + 1;
		bool is_signal = false;
		int ra_register = 0;

		libdw_frame(address, &frame, &row_end, &is_signal,
			    &ra_register);
		if (row_end <= address)
			row_end = address + 1;
		for (; address < row_end && address < end; address++)
			compare_byte(table, address,
				     address - segment->vaddr + segment->offset,
				     frame, is_signal, ra_register);
		free(frame);
	}
}

int main(int argc, char **argv)
{
	struct kprof_elf_file *file, *debug = NULL;
	struct kprof_unwind_image image;
	const char *dwarf_path = argc > 2 ? argv[2] : argv[1];
	int err;

	if (argc < 2 || kprof_elf_file_open(argv[1], &file) ||
	    (argc > 2 && kprof_elf_file_open_object(argv[2], &debug)))
		die("usage: unwind_rows ELF [DEBUG]");
	err = kprof_cfi_compile(file, argc > 3 ? NULL : debug, &image);
	if (err)
		die(strerror(-err));
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == file->machine)
			machine = &machines[i];
	for (size_t i = 0; i < NR_REGISTERS; i++)
		registers[i] = truncate_word(mix(i + 77) & ~15ULL);
	cfis[0] = dwarf_getcfi_elf(
		elf_begin(open(argv[1], O_RDONLY), ELF_C_READ, NULL));
	cfis[1] = dwarf_getcfi(
		dwarf_begin(open(dwarf_path, O_RDONLY), DWARF_C_READ));
	for (size_t i = 0; i < file->nr_segments; i++)
		if (file->segments[i].is_executable)
			compare_segment(image.table, &file->segments[i]);
	for (size_t i = 0; i < NR_VERDICTS; i++)
		printf("%" PRIu64 " %s\n", totals[i], words[i]);
	kprof_unwind_image_deinit(&image);
	return 0;
}
