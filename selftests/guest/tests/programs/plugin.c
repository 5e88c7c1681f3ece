// SPDX-License-Identifier: GPL-2.0
/*
 * One of two libraries with the same layout, byte for byte, in which only the
 * names of the functions differ: PLUGIN is alpha or bravo.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b)  JOIN_(a, b)

uint64_t JOIN(PLUGIN, _inner)(uint64_t seed);
uint64_t plugin_run(uint64_t cpu_ns);

FRAME uint64_t JOIN(PLUGIN, _inner)(uint64_t seed)
{
	LEAF_FRAME();
	return multiply_add(seed, 3000);
}

FRAME static uint64_t JOIN(PLUGIN, _outer)(uint64_t seed)
{
	uint64_t value = 0;

	for (int i = 0; i < 10; i++)
		value += JOIN(PLUGIN, _inner)(seed);
	KEEP_FRAME();
	return value;
}

/* The one name that both have, for dlsym() */
FRAME uint64_t plugin_run(uint64_t cpu_ns)
{
	uint64_t end = clock_ns(CLOCK_THREAD_CPUTIME_ID) + cpu_ns, value = 0;

	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < end)
		value += JOIN(PLUGIN, _outer)(value);
	KEEP_FRAME();
	return value;
}
