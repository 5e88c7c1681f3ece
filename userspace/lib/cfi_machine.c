// SPDX-License-Identifier: GPL-2.0-only
/*
 * What unwinding has to know of a machine.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Signal frames are part of the kernel's ABI: where the handler has returned
 * to the trampoline, the stack pointer is at
 *
 *	x86-64	struct ucontext		sigcontext at + 40
 *	arm64	struct rt_sigframe	siginfo 128, ucontext: sigcontext at +
 *176 riscv64	struct rt_sigframe	siginfo 128, ucontext: sigcontext at +
 *176 arm	struct sigframe		ucontext: sigcontext at + 20 arm
 *struct rt_sigframe	siginfo 128, then the same
 */
#include "lib/cfi_machine.h"

#include <elf.h>
#include <string.h>

enum {
	X86_SIGCONTEXT = 40,
	WIDE_SIGCONTEXT = 128 + 176,
	ARM_SIGCONTEXT = 20,
	ARM_RT_SIGCONTEXT = 128 + 20,
};

static const struct kprof_cfi_machine machines[] = {
	{
		.machine = EM_X86_64,
		.word_bytes = 8,
		.nr_registers = 16,
		.sp = 7,
		.frame = {6, KPROF_CFI_NONE},
		.link = KPROF_CFI_NONE,
		.signal_sp = 120,
		.signal_ra = 128,
		.signal_frame = 80,
	},
	{
		.machine = EM_AARCH64,
		.word_bytes = 8,
		.nr_registers = 32,
		.sp = 31,
		.frame = {29, KPROF_CFI_NONE},
		.link = 30,
		.signal_sp = 8 + 31 * 8,
		.signal_ra = 8 + 32 * 8,
		.signal_frame = 8 + 29 * 8,
	},
	{
		.machine = EM_RISCV,
		.word_bytes = 8,
		.nr_registers = 32,
		.sp = 2,
		.frame = {8, KPROF_CFI_NONE},
		.link = 1,
		.signal_sp = 2 * 8,
		.signal_ra = 0,
		.signal_frame = 8 * 8,
	},
	{
		.machine = EM_ARM,
		.word_bytes = 4,
		.nr_registers = 16,
		.sp = 13,
		.frame = {11, 7},
		.link = 14,
		.signal_sp = 12 + 13 * 4,
		.signal_ra = 12 + 14 * 4,
		.signal_frame = 12 + 11 * 4,
	},
};

/**
 * struct known_code - instructions that mean one thing
 * @machine: e_machine
 * @size: bytes
 * @step: where it may start: at multiples of this
 * @cfa: KPROF_CFA_SIGNAL or KPROF_CFA_OUTERMOST
 * @sigcontext: where the stack pointer is, from here
 * @bytes: the code
 */
struct known_code {
	uint16_t machine;
	uint8_t size;
	uint8_t step;
	uint8_t cfa;
	uint16_t sigcontext;
	uint8_t bytes[KPROF_CFI_KNOWN_CODE_BYTES];
};

// clang-format off
static const struct known_code known_codes[] = {
	/* mov $15, %rax; syscall: glibc, musl, Go */
	{ EM_X86_64, 9, 1, KPROF_CFA_SIGNAL, X86_SIGCONTEXT,
	  { 0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05 } },
	/* mov $15, %eax; syscall */
	{ EM_X86_64, 7, 1, KPROF_CFA_SIGNAL, X86_SIGCONTEXT,
	  { 0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05 } },
	/* musl's thread: xor %ebp, %ebp; pop %rdi; call *%r9; mov %eax, %edi */
	{ EM_X86_64, 8, 1, KPROF_CFA_OUTERMOST, 0,
	  { 0x31, 0xed, 0x5f, 0x41, 0xff, 0xd1, 0x89, 0xc7 } },
	/* mov x8, #139; svc #0: vdso, musl */
	{ EM_AARCH64, 8, 4, KPROF_CFA_SIGNAL, WIDE_SIGCONTEXT,
	  { 0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4 } },
	/* musl's thread: ldp x1, x0, [sp], #16; blr x1; mov x8, #93; svc #0 */
	{ EM_AARCH64, 16, 4, KPROF_CFA_OUTERMOST, 0,
	  { 0xe1, 0x03, 0xc1, 0xa8, 0x20, 0, 0x3f, 0xd6,
	    0xa8, 0x0b, 0x80, 0xd2, 0x01, 0, 0, 0xd4 } },
	/* li a7, 139; ecall: vdso, musl */
	{ EM_RISCV, 8, 2, KPROF_CFA_SIGNAL, WIDE_SIGCONTEXT,
	  { 0x93, 0x08, 0xb0, 0x08, 0x73, 0, 0, 0 } },
	/* mov r7, #119; svc 0: ARM, then Thumb */
	{ EM_ARM, 8, 4, KPROF_CFA_SIGNAL, ARM_SIGCONTEXT,
	  { 0x77, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef } },
	{ EM_ARM, 4, 2, KPROF_CFA_SIGNAL, ARM_SIGCONTEXT,
	  { 0x77, 0x27, 0x00, 0xdf } },
	{ EM_ARM, 6, 2, KPROF_CFA_SIGNAL, ARM_SIGCONTEXT,
	  { 0x4f, 0xf0, 0x77, 0x07, 0x00, 0xdf } },
	/* mov r7, #173; svc 0 */
	{ EM_ARM, 8, 4, KPROF_CFA_SIGNAL, ARM_RT_SIGCONTEXT,
	  { 0xad, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef } },
	{ EM_ARM, 4, 2, KPROF_CFA_SIGNAL, ARM_RT_SIGCONTEXT,
	  { 0xad, 0x27, 0x00, 0xdf } },
	{ EM_ARM, 6, 2, KPROF_CFA_SIGNAL, ARM_RT_SIGCONTEXT,
	  { 0x4f, 0xf0, 0xad, 0x07, 0x00, 0xdf } },
};
// clang-format on

/* Stubs of a procedure linkage table: they touch neither stack nor link. */
static const struct {
	uint16_t machine;
	uint8_t nr_words;
	uint32_t words[4];
	uint32_t masks[4];
} stubs[] = {
	/* adrp x16; ldr x17, [x16]; add x16, x16; br x17 */
	{EM_AARCH64,
	 4,
	 {0x90000010, 0xf9400211, 0x91000210, 0xd61f0220},
	 {0x9f00001f, 0xffc003ff, 0xffc003ff, 0xffffffff}},
	/* auipc t3; ld t3, (t3); jalr t1, t3 */
	{EM_RISCV,
	 3,
	 {0x00000e17, 0x000e3e03, 0x000e0367},
	 {0x00000fff, 0x000fffff, 0xffffffff}},
	/* add ip, pc; add ip, ip; ldr pc, [ip]! */
	{EM_ARM,
	 3,
	 {0xe28fc600, 0xe28cca00, 0xe5bcf000},
	 {0xffffff00, 0xffffff00, 0xfffff000}},
};

const struct kprof_cfi_machine *kprof_cfi_machine_find(unsigned int machine,
						       size_t word_bytes)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (machines[i].machine == machine &&
		    machines[i].word_bytes == word_bytes)
			return &machines[i];
	return NULL;
}

static const uint8_t *find_aligned(const struct known_code *known,
				   const uint8_t *code, size_t size)
{
	const uint8_t *at = code;

	while ((at = memmem(at, size - (size_t)(at - code), known->bytes,
			    known->size))) {
		if ((size_t)(at - code) % known->step == 0)
			return at;
		at++;
	}
	return NULL;
}

static uint32_t word_at(const uint8_t *code, size_t at)
{
	uint32_t word;

	memcpy(&word, code + at, sizeof(word));
	return word;
}

static bool is_stub(const uint8_t *code, size_t i)
{
	for (size_t k = 0; k < stubs[i].nr_words; k++)
		if ((word_at(code, 4 * k) & stubs[i].masks[k]) !=
		    stubs[i].words[k])
			return false;
	return true;
}

static bool find_stub(const struct kprof_cfi_machine *machine,
		      const uint8_t *code, size_t size, size_t *offset_ret,
		      size_t *size_ret)
{
	for (size_t i = 0; i < sizeof(stubs) / sizeof(stubs[0]); i++) {
		*size_ret = 4 * stubs[i].nr_words;
		if (stubs[i].machine != machine->machine)
			continue;
		for (size_t at = 0; at + *size_ret <= size; at += 2) {
			if (!is_stub(code + at, i))
				continue;
			*offset_ret = at;
			return true;
		}
	}
	return false;
}

bool kprof_cfi_known_code(const struct kprof_cfi_machine *machine,
			  const uint8_t *code, size_t size, size_t *offset_ret,
			  size_t *size_ret, struct kprof_unwind_rule *rule_ret)
{
	const uint8_t *first = NULL;

	if (find_stub(machine, code, size, offset_ret, size_ret)) {
		first = code + *offset_ret;
		*rule_ret = (struct kprof_unwind_rule){
			.cfa = KPROF_CFA_REGISTER,
			.cfa_register = machine->sp,
			.ra = KPROF_RA_REGISTER,
			.ra_offset = machine->link,
		};
	}
	for (size_t i = 0; i < sizeof(known_codes) / sizeof(known_codes[0]);
	     i++) {
		const struct known_code *known = &known_codes[i];
		const uint8_t *at;

		if (known->machine != machine->machine)
			continue;
		at = find_aligned(known, code, size);
		if (!at || (first && at >= first))
			continue;
		first = at;
		*offset_ret = (size_t)(at - code);
		*size_ret = known->size;
		*rule_ret = (struct kprof_unwind_rule){
			.cfa = known->cfa,
			.cfa_offset = known->sigcontext,
		};
	}
	return first;
}

/* Entry */

/* endbr64 or not; xor %ebp, %ebp; up to a call of or through an address */
static size_t x86_entry(const uint8_t *code, size_t size)
{
	static const uint8_t endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
	size_t at = 0;

	if (size < sizeof(endbr) + 3)
		return 0;
	if (!memcmp(code, endbr, sizeof(endbr)))
		at = sizeof(endbr);
	if (code[at] == 0x48)
		at++;
	if (code[at] != 0x31 || code[at + 1] != 0xed)
		return 0;
	for (at += 2; at + 6 <= size; at++) {
		if (code[at] == 0xe8)
			return at + 5;
		if (code[at] == 0xff && code[at + 1] == 0x15)
			return at + 6;
	}
	return 0;
}

/* Of fixed size: clears two registers, and later calls. */
static size_t word_entry(const uint8_t *code, size_t size, uint32_t clear_frame,
			 uint32_t clear_link, uint32_t call_mask, uint32_t call)
{
	bool clears_frame = false, clears_link = false;

	for (size_t at = 0; at + 4 <= size; at += 4) {
		uint32_t word = word_at(code, at);

		clears_frame |= word == clear_frame;
		clears_link |= word == clear_link;
		if ((word & call_mask) == call)
			return clears_frame && clears_link ? at + 4 : 0;
	}
	return 0;
}

size_t kprof_cfi_entry_code(const struct kprof_cfi_machine *machine,
			    const uint8_t *code, size_t size)
{
	switch (machine->machine) {
	case EM_X86_64:
		return x86_entry(code, size);
	case EM_AARCH64:
		/* mov x29, #0; mov x30, #0; bl */
		return word_entry(code, size, 0xd280001d, 0xd280001e,
				  0xfc000000, 0x94000000);
	case EM_ARM:
		/* mov fp, #0; mov lr, #0; bl */
		return word_entry(code, size, 0xe3a0b000, 0xe3a0e000,
				  0xff000000, 0xeb000000);
	default:
		return 0;
	}
}
