// SPDX-License-Identifier: GPL-2.0
/*
 * What is profiled to see what profiling costs.
 *
 *	deep work DEPTH ITERATIONS
 *		recurses DEPTH deep into a leaf of 200 multiply-adds, again and
 *		again; prints how long that took
 *	deep gaps DEPTH MILLISECONDS
 *		stays DEPTH deep and reads the clock; prints the longest time
 *		between two readings, which is the longest interrupt, the way
 *		into it and out of it included
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

enum {
	ROUNDS = 200,
};

struct gaps {
	uint64_t end_ns;
	uint64_t shortest_ns;
	uint64_t longest_ns;
	long switches;
};

FRAME static uint64_t leaf(uint64_t seed)
{
	for (int i = 0; i < ROUNDS; i++)
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed;
}

FRAME static uint64_t recurse(uint64_t seed, unsigned int depth)
{
	uint64_t value = depth > 1 ? recurse(seed + 1, depth - 1) : leaf(seed);

	return (value ^ value >> 7) * 5 + depth;
}

FRAME static void work(unsigned int depth, uint64_t iterations)
{
	uint64_t start = now_ns();

	for (uint64_t i = 0; i < iterations; i++)
		recurse(i, depth);
	printf("elapsed_ns %llu\n", (unsigned long long)(now_ns() - start));
}

static long involuntary_switches(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		die("getrusage");
	return usage.ru_nivcsw;
}

/* A gap in which another task ran is no interrupt. */
static void note_gap(struct gaps *gaps, uint64_t gap)
{
	long switches = involuntary_switches();

	if (switches == gaps->switches)
		gaps->longest_ns = gap;
	gaps->switches = switches;
}

FRAME static void read_clock(struct gaps *gaps)
{
	uint64_t last, now;

	gaps->switches = involuntary_switches();
	for (last = now_ns(); last < gaps->end_ns; last = now) {
		now = now_ns();
		if (now - last < gaps->shortest_ns)
			gaps->shortest_ns = now - last;
		if (now - last <= gaps->longest_ns)
			continue;
		note_gap(gaps, now - last);
		now = now_ns();
	}
}

FRAME static void read_clock_below(unsigned int depth, struct gaps *gaps)
{
	if (depth <= 1)
		read_clock(gaps);
	else
		read_clock_below(depth - 1, gaps);
	KEEP_FRAME();
}

static void find_gaps(unsigned int depth, uint64_t milliseconds)
{
	struct gaps gaps = {.shortest_ns = UINT64_MAX};

	gaps.end_ns = now_ns() + milliseconds * 1000000;
	read_clock_below(depth, &gaps);
	printf("shortest_gap_ns %llu\nlongest_gap_ns %llu\n",
	       (unsigned long long)gaps.shortest_ns,
	       (unsigned long long)gaps.longest_ns);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "work"))
		work((unsigned int)number(argv[2]), number(argv[3]));
	else if (argc == 4 && !strcmp(argv[1], "gaps"))
		find_gaps((unsigned int)number(argv[2]), number(argv[3]));
	else
		return fputs("usage: deep work|gaps DEPTH AMOUNT\n", stderr), 2;
	return 0;
}
