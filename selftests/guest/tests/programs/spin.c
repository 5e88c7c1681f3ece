// SPDX-License-Identifier: GPL-2.0
/*
 * Works until it is killed, or for a while.
 *
 *	spin [CPU_MS]
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

FRAME static uint64_t spin_work(void)
{
	LEAF_FRAME();
	return multiply_add(9, 20000);
}

int main(int argc, char **argv)
{
	uint64_t cpu_ns = argc > 1 ? number(argv[1]) * 1000000 : UINT64_MAX;

	while (clock_ns(CLOCK_PROCESS_CPUTIME_ID) < cpu_ns)
		spin_work();
	return 0;
}
