// SPDX-License-Identifier: GPL-2.0
/*
 * Loads one library, calls it, unloads it, loads another one of the same size
 * at the same address, and so on. Alpha is only ever called by call_alpha(),
 * bravo by call_bravo(): a stack with both names is wrong.
 *
 *	reload ALPHA.so BRAVO.so ROUNDS CPU_MS PAUSE_MS
 *
 * Prints "same_address N" of how many loads met the address of the one before.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <dlfcn.h>
#include <link.h>

typedef uint64_t plugin_fn(uint64_t cpu_ns);

FRAME static uint64_t call_alpha(plugin_fn *run, uint64_t cpu_ns)
{
	uint64_t value = run(cpu_ns);

	KEEP_FRAME();
	return value + 1;
}

FRAME static uint64_t call_bravo(plugin_fn *run, uint64_t cpu_ns)
{
	uint64_t value = run(cpu_ns);

	KEEP_FRAME();
	return value + 2;
}

static ElfW(Addr) use(const char *path, bool is_alpha, uint64_t cpu_ns)
{
	void *library = dlopen(path, RTLD_NOW);
	struct link_map *map;
	ElfW(Addr) address;
	plugin_fn *run;

	if (!library || dlinfo(library, RTLD_DI_LINKMAP, &map)) {
		fprintf(stderr, "%s\n", dlerror());
		exit(1);
	}
	run = (plugin_fn *)dlsym(library, "plugin_run");
	if (is_alpha)
		call_alpha(run, cpu_ns);
	else
		call_bravo(run, cpu_ns);
	address = map->l_addr;
	dlclose(library);
	return address;
}

int main(int argc, char **argv)
{
	uint64_t rounds, cpu_ns, same = 0;
	ElfW(Addr) last = 0, address;
	struct timespec pause;

	if (argc != 6) {
		fprintf(stderr, "usage: reload A B ROUNDS CPU_MS PAUSE_MS\n");
		return 2;
	}
	rounds = number(argv[3]);
	cpu_ns = number(argv[4]) * 1000000;
	pause = (struct timespec){.tv_nsec = (long)number(argv[5]) * 1000000};
	for (uint64_t i = 0; i < rounds; i++) {
		address = use(argv[1 + i % 2], i % 2 == 0, cpu_ns);
		same += address == last;
		last = address;
		if (pause.tv_nsec)
			nanosleep(&pause, NULL);
	}
	printf("same_address %llu\ncpu_ns %llu\n", (unsigned long long)same,
	       (unsigned long long)rusage_ns(RUSAGE_SELF));
	return 0;
}
