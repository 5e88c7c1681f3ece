// SPDX-License-Identifier: GPL-2.0
/*
 * Programs whose true profile is known.
 *
 *	recursion depth DEPTH SECONDS_MS
 *		stays DEPTH calls deep in a leaf
 *	recursion free CPU_MS
 *		DEPTH 30 into a leaf of 200 rounds, as fast as it goes
 *	recursion locked PERIOD_NS PHASE_PERCENT CYCLES
 *		the same, each iteration starting at a multiple of a 64th of
 *		PERIOD_NS, so that its length divides the sampling period
 *	recursion cycle PERIOD_NS PHASE_PERCENT CYCLES
 *		a loop exactly as long as PERIOD_NS: 56 % of it in one function,
 *		the rest in another
 *	recursion count
 *		counts instructions of an iteration by single-stepping it, or
 *		where the processor cannot step, where an instruction takes a
 *		nanosecond, by the clock
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <signal.h>
#include <elf.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#define DEPTH	      30
#define ROUNDS	      200
#define FIRST_PERCENT 56

/* A section of its own, whose limits the linker names */
extern const char __start_leaf_text[], __stop_leaf_text[];

FRAME __attribute__((section("leaf_text"))) static uint64_t
leaf(uint64_t seed, unsigned int rounds)
{
	LEAF_FRAME();
	return multiply_add(seed, rounds);
}

FRAME static uint64_t recurse(uint64_t seed, unsigned int depth,
			      unsigned int rounds)
{
	uint64_t value;

	if (depth <= 1)
		value = leaf(seed, rounds);
	else
		value = recurse(seed + 1, depth - 1, rounds);
	KEEP_FRAME();
	value ^= value >> 7;
	return value * 5 + depth;
}

FRAME static void iterate(uint64_t iterations)
{
	for (uint64_t i = 0; i < iterations; i++)
		recurse(i, DEPTH, ROUNDS);
	KEEP_FRAME();
}

/*
 * libc was built without frame pointers: what the register holds when main()
 * is called means nothing. Makes main's part of the stack end where it starts.
 */
FRAME static int call_outermost(int (*function)(char **), char **argv)
{
	int result;

#if defined(__x86_64__)
	/* Below the red zone, and aligned as a call wants it */
	__asm__ volatile(
		"mov %%rsp, %%r12\n\t"
		"sub $128, %%rsp\n\t"
		"and $-16, %%rsp\n\t"
		"push %%rbp\n\t"
		"push %%rbp\n\t"
		"xor %%ebp, %%ebp\n\t"
		"call *%1\n\t"
		"pop %%rbp\n\t"
		"mov %%r12, %%rsp\n\t"
		: "=a"(result)
		: "b"(function), "D"(argv)
		: "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "r12", "cc",
		  "memory");
#elif defined(__i386__)
	__asm__ volatile(
		"mov %%esp, %%esi\n\t"
		"and $-16, %%esp\n\t"
		"push %%ebp\n\t"
		"push %%ebp\n\t"
		"push %%ebp\n\t"
		"push %2\n\t"
		"mov %%ebp, %%edi\n\t"
		"xor %%ebp, %%ebp\n\t"
		"call *%1\n\t"
		"mov %%edi, %%ebp\n\t"
		"mov %%esi, %%esp\n\t"
		: "=a"(result)
		: "b"(function), "r"(argv)
		: "ecx", "esi", "edi", "cc", "memory");
#elif defined(__aarch64__)
	register char **argument __asm__("x0") = argv;

	__asm__ volatile(
		"mov x19, x29\n\t"
		"mov x29, xzr\n\t"
		"blr %1\n\t"
		"mov x29, x19\n\t"
		: "+r"(argument)
		: "r"(function)
		: "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10",
		  "x11", "x12", "x13", "x14", "x15", "x16", "x17", "x19", "x30",
		  "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17",
		  "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26",
		  "v27", "v28", "v29", "v30", "v31", "cc", "memory");
	result = (int)(intptr_t)argument;
#elif defined(__riscv)
	register char **argument __asm__("a0") = argv;

	__asm__ volatile(
		"mv s1, s0\n\t"
		"mv s0, zero\n\t"
		"jalr %1\n\t"
		"mv s0, s1\n\t"
		: "+r"(argument)
		: "r"(function)
		: "ra", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1",
		  "t2", "t3", "t4", "t5", "t6", "s1", "ft0", "ft1", "ft2",
		  "ft3", "ft4", "ft5", "ft6", "ft7", "ft8", "ft9", "ft10",
		  "ft11", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5", "fa6",
		  "fa7", "memory");
	result = (int)(intptr_t)argument;
#elif defined(__arm__)
	register char **argument __asm__("r0") = argv;

	__asm__ volatile(
		"mov r4, fp\n\t"
		"mov fp, #0\n\t"
		"blx %1\n\t"
		"mov fp, r4\n\t"
		: "+r"(argument)
		: "r"(function)
		: "r1", "r2", "r3", "r4", "ip", "lr", "d0", "d1", "d2", "d3",
		  "d4", "d5", "d6", "d7", "cc", "memory");
	result = (int)(intptr_t)argument;
#else
#error "which register holds the frame pointer?"
#endif
	return result;
}

/* The processor's own clock: a call of clock_gettime() would be seen. */
static inline __attribute__((always_inline)) uint64_t cycles(void)
{
#if defined(__x86_64__) || defined(__i386__)
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
	uint64_t value;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(value));
	return value;
#elif defined(__riscv)
	uint64_t value;

	__asm__ volatile("rdtime %0" : "=r"(value));
	return value;
#elif defined(__arm__)
	uint64_t value;

	__asm__ volatile("isb; mrrc p15, 1, %Q0, %R0, c14" : "=r"(value));
	return value;
#else
	return now_ns();
#endif
}

static double cycles_per_ns;

static void calibrate(void)
{
	uint64_t start_ns = now_ns(), start = cycles(), end_ns, end;

	do {
		end_ns = now_ns();
		end = cycles();
	} while (end_ns - start_ns < 50000000);
	cycles_per_ns = (double)(end - start) / (double)(end_ns - start_ns);
}

/* What the cycle counter shows at @ns of CLOCK_MONOTONIC, or showed */
static inline uint64_t cycles_at(uint64_t ns, uint64_t base_ns, uint64_t base)
{
	double away_ns = (double)(int64_t)(ns - base_ns);

	return base + (uint64_t)(int64_t)(away_ns * cycles_per_ns);
}

FRAME static void first_part(uint64_t until)
{
	LEAF_FRAME();
	while (cycles() < until)
		multiply_add(1, 40);
}

FRAME static void second_part(uint64_t until)
{
	LEAF_FRAME();
	while (cycles() < until)
		multiply_add(1, 40);
}

/* Start of a grid of @period_ns that is @percent of a period off zero */
static uint64_t grid_start(uint64_t period_ns, uint64_t percent)
{
	uint64_t now = now_ns();

	return now - now % period_ns + 4 * period_ns +
	       period_ns * percent / 100;
}

/* Looks at the real clock once in a cycle, so that nothing adds up. */
static int run_cycle(char **argv)
{
	uint64_t period_ns = number(argv[2]), nr = number(argv[4]);
	uint64_t start = grid_start(period_ns, number(argv[3]));
	uint64_t first_ns = 0, total_ns = 0;

	for (uint64_t i = 0; i < nr; i++) {
		uint64_t base = cycles(), base_ns = now_ns();
		uint64_t middle = start + period_ns * FIRST_PERCENT / 100;

		first_part(cycles_at(middle, base_ns, base));
		second_part(cycles_at(start + period_ns, base_ns, base));
		/* Where it was kept from running, it skips whole cycles. */
		if (base_ns < middle && i) {
			first_ns +=
				middle - (base_ns > start ? base_ns : start);
			total_ns += period_ns;
		}
		do
			start += period_ns;
		while (start + period_ns < now_ns());
	}
	printf("first_share %.6f\n", (double)first_ns / (double)total_ns);
	return 0;
}

FRAME static void pad(uint64_t until)
{
	LEAF_FRAME();
	while (cycles() < until)
		;
}

/* Prints its length in nanoseconds: the leaf's part of it is known. */
static int run_locked(char **argv)
{
	uint64_t period_ns = number(argv[2]), nr = number(argv[4]);
	uint64_t start = grid_start(period_ns, number(argv[3]));
	uint64_t begin_ns = now_ns(), iterations = 0;

	for (uint64_t i = 0; i < nr; i++) {
		uint64_t base = cycles(), base_ns = now_ns();
		uint64_t end = start + period_ns;
		uint64_t end_cycles = cycles_at(end, base_ns, base);
		double step = (double)period_ns * cycles_per_ns / 64;

		for (int slot = 0; slot < 64;) {
			uint64_t at = cycles(), next;

			recurse(i, DEPTH, ROUNDS);
			iterations++;
			at = cycles();
			next = end_cycles > at ? end_cycles - at : 0;
			slot = 64 - (int)((double)next / step);
			if (slot > 64)
				slot = 64;
			pad(end_cycles - (uint64_t)((64 - slot) * step));
		}
		start = end;
		while (start + period_ns < now_ns())
			start += period_ns;
	}
	printf("iterations %llu\nelapsed_ns %llu\n",
	       (unsigned long long)iterations,
	       (unsigned long long)(now_ns() - begin_ns));
	return 0;
}

static int run_free(char **argv)
{
	uint64_t end = number(argv[2]) * 1000000;

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		iterate(1000);
	return 0;
}

static int run_depth(char **argv)
{
	unsigned int depth = (unsigned int)number(argv[2]);
	uint64_t end = number(argv[3]) * 1000000;

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < end)
		recurse(1, depth, 200000);
	return 0;
}

#if defined(__x86_64__) || defined(__aarch64__) || defined(__i386__)
enum { CAN_STEP = true };

static uint64_t program_counter(pid_t pid)
{
	struct user_regs_struct regs;
	struct iovec iov = {&regs, sizeof(regs)};

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov))
		die("PTRACE_GETREGSET");
#if defined(__x86_64__)
	return regs.rip;
#elif defined(__i386__)
	return (unsigned long)regs.eip;
#else
	return regs.pc;
#endif
}
#else
enum { CAN_STEP = false };

static uint64_t program_counter(pid_t pid)
{
	(void)pid;
	return 0;
}
#endif

/* One iteration lies between two stops that the child makes itself. */
static void count_child(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		die("ptrace");
	for (int i = 0; i < 2; i++) {
		raise(SIGSTOP);
		iterate(i * 10);
	}
	raise(SIGSTOP);
	_exit(0);
}

static void wait_stop(pid_t pid, int *status)
{
	if (waitpid(pid, status, 0) != pid || !WIFSTOPPED(*status))
		die("the counted child did not stop");
}

/* Steps to the next SIGSTOP; counts instructions, and those in the leaf. */
static void step_to_stop(pid_t pid, uint64_t *all, uint64_t *in_leaf)
{
	uint64_t pc;
	int status;

	*all = *in_leaf = 0;
	for (;;) {
		pc = program_counter(pid);
		if (ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL))
			die("PTRACE_SINGLESTEP");
		wait_stop(pid, &status);
		if (WSTOPSIG(status) == SIGSTOP)
			return;
		++*all;
		if (pc >= (uint64_t)(uintptr_t)__start_leaf_text &&
		    pc < (uint64_t)(uintptr_t)__stop_leaf_text)
			++*in_leaf;
	}
}

FRAME static void call_leaf(uint64_t iterations)
{
	for (uint64_t i = 0; i < iterations; i++)
		leaf(i, ROUNDS);
	KEEP_FRAME();
}

static double ns_of_one(void (*function)(uint64_t iterations))
{
	const uint64_t iterations = 20000;
	uint64_t start = now_ns();

	function(iterations);
	return (double)(now_ns() - start) / (double)iterations;
}

/* The loop around the leaf is a handful of instructions. */
static void count_by_clock(void)
{
	printf("iteration_instructions %.1f\nleaf_instructions %.1f\n",
	       ns_of_one(iterate), ns_of_one(call_leaf));
}

/* Ten iterations less none: what surrounds them falls out. */
static void count_by_steps(void)
{
	uint64_t none, none_leaf, ten, ten_leaf;
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid)
		count_child();
	wait_stop(pid, &status);
	step_to_stop(pid, &none, &none_leaf);
	step_to_stop(pid, &ten, &ten_leaf);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	printf("iteration_instructions %.1f\nleaf_instructions %.1f\n",
	       (double)(ten - none) / 10, (double)(ten_leaf - none_leaf) / 10);
}

static int run_count(char **argv)
{
	(void)argv;
	if (CAN_STEP)
		count_by_steps();
	else
		count_by_clock();
	return 0;
}

static const struct mode {
	const char *name;
	int arguments;
	int (*run)(char **argv);
} modes[] = {
	{"depth", 2, run_depth},   {"free", 1, run_free},
	{"locked", 3, run_locked}, {"cycle", 3, run_cycle},
	{"count", 0, run_count},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof(modes) / sizeof(*modes);
	     i++) {
		if (strcmp(argv[1], modes[i].name) ||
		    argc != modes[i].arguments + 2)
			continue;
		if (modes[i].run == run_cycle || modes[i].run == run_locked)
			calibrate();
		return call_outermost(modes[i].run, argv);
	}
	fprintf(stderr, "usage: recursion depth|free|locked|cycle|count ...\n");
	return 2;
}
