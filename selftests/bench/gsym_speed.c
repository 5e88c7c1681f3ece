// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast a symbol map answers: prints "name value" lines.
 *
 *	gsym_speed MAP [EXEC_NS] < ADDRESSES
 *
 * Times are CPU time of this process: of others on the machine it knows little.
 * It starts itself once more, so that it knows its time at exec, EXEC_NS: from
 * there start_us is to main(), which is the system's, and first_us to the first
 * answer. per_second is of all addresses at once, in the order in which they
 * are given, sorting included, with lines and inlined functions.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_ADDRESSES = 1 << 20,
};

static uint64_t addresses[MAX_ADDRESSES];

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What is no file's: "RssAnon:  123 kB". */
static unsigned long private_kib(void)
{
	unsigned long ret = 0;
	char line[256];
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %lu", &ret) == 1)
			break;
	if (file)
		fclose(file);
	return ret;
}

static size_t read_addresses(uint64_t *ret, size_t most)
{
	unsigned long long address;
	size_t nr = 0;

	while (nr < most && scanf("%llx", &address) == 1)
		ret[nr++] = address;
	return nr;
}

/**
 * struct sum - of all answers
 * @nr_left: that are still to come
 * @nr_frames: of those that came, so that none goes unread
 * @private_kib: when the last one came
 */
struct sum {
	size_t nr_left;
	uint64_t nr_frames;
	unsigned long private_kib;
};

static int add(void *context, const struct kprof_gsym_answer *answer)
{
	struct sum *sum = context;

	if (!answer->err)
		sum->nr_frames += answer->nr_frames;
	if (!--sum->nr_left)
		sum->private_kib = private_kib();
	return 0;
}

static void look_up_all(struct kprof_gsym *gsym, size_t nr)
{
	struct sum sum = {.nr_left = nr};
	const struct kprof_gsym_visitor visitor = {add, &sum};
	uint64_t start = cpu_ns();

	if (kprof_gsym_frames_all(gsym, addresses, nr, &visitor) ||
	    !sum.nr_frames)
		exit(1);
	printf("per_second %.0f\n",
	       1e9 * (double)nr / (double)(cpu_ns() - start));
	printf("private_kib %lu\n", sum.private_kib);
}

static void start_again(char **argv)
{
	char now[32];

	snprintf(now, sizeof(now), "%llu", (unsigned long long)cpu_ns());
	execl("/proc/self/exe", argv[0], argv[1], now, NULL);
	exit(1);
}

int main(int argc, char **argv)
{
	const struct kprof_symbol_frame *frames;
	uint64_t start = cpu_ns(), exec, first;
	struct kprof_gsym_function function;
	struct kprof_gsym *gsym;
	uint32_t nr_frames;
	size_t nr;

	if (argc == 2)
		start_again(argv);
	if (argc != 3 || kprof_gsym_open(argv[1], &gsym) ||
	    scanf("%llx", (unsigned long long *)addresses) != 1 ||
	    kprof_gsym_frames(gsym, addresses[0], &function, &frames,
			      &nr_frames))
		return 1;
	first = cpu_ns();
	exec = strtoull(argv[2], NULL, 10);
	nr = 1 + read_addresses(addresses + 1, MAX_ADDRESSES - 1);
	printf("start_us %llu\n", (unsigned long long)(start - exec) / 1000);
	printf("first_us %llu\n", (unsigned long long)(first - exec) / 1000);
	look_up_all(gsym, nr);
	kprof_gsym_close(gsym);
	return 0;
}
