// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that walk through thousands of different stacks. Waits for a line on
 * stdin before it starts; prints the CPU time it used from then on.
 *
 *	forest THREADS CPU_MS_PER_THREAD
 *
 * 0 is until SIGTERM.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <pthread.h>
#include <signal.h>

/* 2^LEVELS paths */
#define LEVELS	11
#define THREADS 8

static uint64_t thread_cpu_ns;
static volatile sig_atomic_t is_over;

static void end(int signal)
{
	(void)signal;
	is_over = 1;
}

FRAME static uint64_t tree_leaf(uint64_t seed)
{
	LEAF_FRAME();
	return multiply_add(seed, 4000);
}

static uint64_t left(uint32_t path, unsigned int level);
static uint64_t right(uint32_t path, unsigned int level);

static inline __attribute__((always_inline)) uint64_t
descend(uint32_t path, unsigned int level)
{
	uint64_t value;

	if (!level)
		value = tree_leaf(path);
	else if (path & 1)
		value = right(path >> 1, level - 1);
	else
		value = left(path >> 1, level - 1);
	KEEP_FRAME();
	return value + level;
}

FRAME static uint64_t left(uint32_t path, unsigned int level)
{
	return descend(path, level) + 1;
}

FRAME static uint64_t right(uint32_t path, unsigned int level)
{
	return descend(path, level) + 2;
}

FRAME static void *walk(void *argument)
{
	uint64_t start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t path = (uint64_t)(uintptr_t)argument;

	while (!is_over &&
	       clock_ns(CLOCK_THREAD_CPUTIME_ID) - start < thread_cpu_ns) {
		/* Visits every path, in an order without a pattern. */
		path = path * 6364136223846793005ULL + 1442695040888963407ULL;
		left((uint32_t)(path >> 40), LEVELS);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	uint64_t nr, start;

	if (argc != 3 || (nr = number(argv[1])) > THREADS) {
		fprintf(stderr, "usage: forest THREADS CPU_MS_PER_THREAD\n");
		return 2;
	}
	thread_cpu_ns = number(argv[2]) * 1000000 ?: UINT64_MAX;
	signal(SIGTERM, end);
	wait_for_go();
	start = rusage_ns(RUSAGE_SELF);
	for (uint64_t i = 0; i < nr; i++)
		if (pthread_create(&threads[i], NULL, walk,
				   (void *)(uintptr_t)i))
			die("pthread_create");
	for (uint64_t i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	printf("cpu_ns %llu\npid %d\n",
	       (unsigned long long)(rusage_ns(RUSAGE_SELF) - start), getpid());
	return 0;
}
