/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Code that runs with a stack pointer and a frame pointer of one's choice.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef PROGRAMS_REGISTERS_H
#define PROGRAMS_REGISTERS_H

#include <stdint.h>

/* The loop: between these the registers are as wished. */
extern const char hold_loop[], hold_loop_end[];

/*
 * Counts @rounds down with the stack pointer and the frame pointer that are
 * given, and @other in another register (x86-64 rax, arm64 x9, riscv64 t3), in
 * a loop that touches no memory. No signal may come.
 */
void hold_registers(uint64_t sp, uint64_t fp, uint64_t rounds, uint64_t other);

/* Once in a program */
#if defined(__x86_64__)
#define DEFINE_HOLD_REGISTERS()                                     \
	__asm__(".globl hold_registers, hold_loop, hold_loop_end\n" \
		".type hold_registers, @function\n"                 \
		"hold_registers:\n"                                 \
		"	push %rbp\n"                                      \
		"	mov %rsp, %r8\n"                                  \
		"	mov %rcx, %rax\n"                                 \
		"	mov %rdi, %rsp\n"                                 \
		"	mov %rsi, %rbp\n"                                 \
		"hold_loop:\n"                                      \
		"	dec %rdx\n"                                       \
		"	jnz hold_loop\n"                                  \
		"hold_loop_end:\n"                                  \
		"	mov %r8, %rsp\n"                                  \
		"	pop %rbp\n"                                       \
		"	ret\n")
#elif defined(__aarch64__)
#define DEFINE_HOLD_REGISTERS()                                     \
	__asm__(".globl hold_registers, hold_loop, hold_loop_end\n" \
		".type hold_registers, %function\n"                 \
		"hold_registers:\n"                                 \
		"	mov x10, sp\n"                                    \
		"	mov x11, x29\n"                                   \
		"	mov x12, x30\n"                                   \
		"	mov x9, x3\n"                                     \
		"	mov x30, xzr\n"                                   \
		"	mov sp, x0\n"                                     \
		"	mov x29, x1\n"                                    \
		"hold_loop:\n"                                      \
		"	subs x2, x2, #1\n"                                \
		"	b.ne hold_loop\n"                                 \
		"hold_loop_end:\n"                                  \
		"	mov sp, x10\n"                                    \
		"	mov x29, x11\n"                                   \
		"	mov x30, x12\n"                                   \
		"	ret\n")
#elif defined(__riscv) && __riscv_xlen == 64
#define DEFINE_HOLD_REGISTERS()                                     \
	__asm__(".globl hold_registers, hold_loop, hold_loop_end\n" \
		".type hold_registers, @function\n"                 \
		"hold_registers:\n"                                 \
		"	mv t0, sp\n"                                      \
		"	mv t1, s0\n"                                      \
		"	mv t2, ra\n"                                      \
		"	mv t3, a3\n"                                      \
		"	li ra, 0\n"                                       \
		"	mv sp, a0\n"                                      \
		"	mv s0, a1\n"                                      \
		"hold_loop:\n"                                      \
		"	addi a2, a2, -1\n"                                \
		"	bnez a2, hold_loop\n"                             \
		"hold_loop_end:\n"                                  \
		"	mv sp, t0\n"                                      \
		"	mv s0, t1\n"                                      \
		"	mv ra, t2\n"                                      \
		"	ret\n")
#else
/* Nobody has written it for this machine: the loop alone. */
#define DEFINE_HOLD_REGISTERS()                                        \
	const char hold_loop[1], hold_loop_end[1];                     \
	void hold_registers(uint64_t sp, uint64_t fp, uint64_t rounds, \
			    uint64_t other)                            \
	{                                                              \
		(void)sp;                                              \
		(void)fp;                                              \
		(void)other;                                           \
		while (rounds--)                                       \
			__asm__ volatile("");                          \
	}
#endif

#endif /* PROGRAMS_REGISTERS_H */
