// SPDX-License-Identifier: GPL-2.0
/*
 * Works where stacks are not one plain chain of calls; compiled without frame
 * pointers.
 *
 *	oddstacks signal|context|deep|realigned|thread MILLISECONDS
 *
 * signal: in a handler that interrupted a recursion, on a stack of its own;
 * context: in a coroutine that makecontext() made; deep: below 16 MiB of
 * recursion; realigned: below functions that align their stack to 64 bytes;
 * thread: in a thread.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <pthread.h>
#include <signal.h>
#include <ucontext.h>

enum {
	DEPTH = 20,
	FRAME_BYTES = 4096,
	DEEP_BYTES = 16 << 20,
	STACK_BYTES = 256 << 10,
};

static uint64_t work_ns;
static volatile uint64_t sink;

FRAME static void work(void)
{
	uint64_t until = clock_ns(CLOCK_THREAD_CPUTIME_ID) + work_ns;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until)
		for (int i = 0; i < 20000; i++)
			sink = sink * 3 + 1;
}

FRAME static void on_signal(int signal)
{
	sink += signal;
	work();
	KEEP_FRAME();
}

FRAME static void interrupted(unsigned int depth)
{
	if (depth > 1)
		interrupted(depth - 1);
	else
		raise(SIGUSR1);
	KEEP_FRAME();
}

static void in_handler(void)
{
	stack_t stack = {.ss_sp = malloc(STACK_BYTES), .ss_size = STACK_BYTES};
	struct sigaction action = {
		.sa_handler = on_signal,
		.sa_flags = SA_ONSTACK,
	};

	if (!stack.ss_sp || sigaltstack(&stack, NULL) ||
	    sigaction(SIGUSR1, &action, NULL))
		die("signal");
	interrupted(DEPTH);
}

FRAME static void coroutine(void)
{
	work();
	KEEP_FRAME();
}

static void in_context(void)
{
	static ucontext_t caller, callee;

	getcontext(&callee);
	callee.uc_stack.ss_sp = malloc(STACK_BYTES);
	callee.uc_stack.ss_size = STACK_BYTES;
	callee.uc_link = &caller;
	makecontext(&callee, coroutine, 0);
	if (!callee.uc_stack.ss_sp || swapcontext(&caller, &callee))
		die("swapcontext");
}

FRAME static void deep(unsigned int depth)
{
	volatile char frame[FRAME_BYTES];

	frame[0] = depth;
	if (depth > 1)
		deep(depth - 1);
	else
		work();
	sink += frame[0];
}

/* The main thread's stack may grow to 8 MiB only. */
static void *deep_thread(void *unused)
{
	deep(DEEP_BYTES / FRAME_BYTES);
	return unused;
}

static void run_thread(void *(*function)(void *), size_t stack_bytes)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, stack_bytes) ||
	    pthread_create(&thread, &attributes, function, NULL))
		die("pthread_create");
	pthread_join(thread, NULL);
}

/* gcc finds the caller's frame through memory there. */
FRAME static void realigned(unsigned int depth)
{
	_Alignas(64) volatile char frame[64 * (depth % 3 + 1)];

	frame[depth] = 1;
	if (depth > 1)
		realigned(depth - 1);
	else
		work();
	sink += frame[depth];
}

FRAME static void *threaded(void *unused)
{
	work();
	KEEP_FRAME();
	return unused;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return fputs("usage: oddstacks MODE MILLISECONDS\n", stderr), 2;
	work_ns = strtoull(argv[2], NULL, 10) * 1000000;
	if (!strcmp(argv[1], "signal"))
		in_handler();
	else if (!strcmp(argv[1], "context"))
		in_context();
	else if (!strcmp(argv[1], "deep"))
		run_thread(deep_thread, 2 * DEEP_BYTES);
	else if (!strcmp(argv[1], "realigned"))
		realigned(DEPTH);
	else if (!strcmp(argv[1], "thread"))
		run_thread(threaded, STACK_BYTES);
	else
		return 2;
	return 0;
}
