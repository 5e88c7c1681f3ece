/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From counted stacks to a profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_ASSEMBLE_H
#define LIB_ASSEMBLE_H

#include "lib/aggregate.h"
#include "lib/kprof.h"

#include <stdint.h>

/**
 * struct kprof_tally - what a profile was made of, in samples
 * @ends: by the end of their stacks
 * @changing: with a frame whose mapping is not certain
 * @fallback: walked in part by frame pointers, for want of unwind rows
 * @nr_threads: that they are of
 */
struct kprof_tally {
	uint64_t ends[KPROF_NR_STACK_ENDS];
	uint64_t changing;
	uint64_t fallback;
	uint64_t nr_threads;
};

/**
 * struct kprof_assemble_options - how
 * @period_ns: that a weight of 1 stands for
 * @pid: whose program is to be the first mapping; 0 for the one with most
 *	samples
 * @walks_rows: by unwind tables: a frame is only found through those before
 * @symbolize: to tell repeated frames by, NULL is without symbols
 */
struct kprof_assemble_options {
	uint64_t period_ns;
	int32_t pid;
	bool walks_rows;
	const struct kprof_symbolize_options *symbolize;
};

/*
 * Adds mappings, locations and samples to an empty @profile. The files of
 * @aggregate's binaries go over to it as copies.
 */
int kprof_assemble(const struct kprof_aggregate *aggregate,
		   const struct kprof_assemble_options *options,
		   struct kprof_profile *profile,
		   struct kprof_tally *tally_ret);

#endif /* LIB_ASSEMBLE_H */
