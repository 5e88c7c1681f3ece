// SPDX-License-Identifier: GPL-2.0-only
/*
 * How fast a symbol map answers: prints "name value" lines.
 *
 *	gsym_speed MAP < ADDRESSES
 *
 * Times are CPU time of this process: of others on the machine it knows little.
 * start_us is what the system took to bring it to main(), first_us from there
 *to the first answer.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/kprof.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static uint64_t look_up_all(struct kprof_gsym *gsym, size_t nr)
{
	const struct kprof_symbol_frame *frames;
	struct kprof_gsym_function function;
	uint64_t start = cpu_ns();
	uint32_t nr_frames;

	for (size_t i = 0; i < nr; i++)
		kprof_gsym_frames(gsym, addresses[i], &function, &frames,
				  &nr_frames);
	return cpu_ns() - start;
}

int main(int argc, char **argv)
{
	const struct kprof_symbol_frame *frames;
	struct kprof_gsym_function function;
	uint64_t start = cpu_ns(), first;
	struct kprof_gsym *gsym;
	uint32_t nr_frames;
	size_t nr;

	if (argc != 2 || kprof_gsym_open(argv[1], &gsym) ||
	    scanf("%llx", (unsigned long long *)addresses) != 1 ||
	    kprof_gsym_frames(gsym, addresses[0], &function, &frames,
			      &nr_frames))
		return 1;
	first = cpu_ns() - start;
	nr = 1 + read_addresses(addresses + 1, MAX_ADDRESSES - 1);
	printf("start_us %llu\n", (unsigned long long)start / 1000);
	printf("first_us %llu\n", (unsigned long long)first / 1000);
	printf("per_second %.0f\n",
	       1e9 * (double)nr / (double)look_up_all(gsym, nr));
	printf("private_kib %lu\n", private_kib());
	kprof_gsym_close(gsym);
	return 0;
}
