/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names that were found before, for those who want names again and again.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Windows of one recording show mostly the same code. Reading the symbols of
 * its files for each of them would cost more than sampling it.
 */
#ifndef CMD_NAMES_H
#define CMD_NAMES_H

#include "lib/kprof.h"

struct kprof_names;

/* @options as for kprof_symbolize(); they have to stay. 0 or -ENOMEM. */
int kprof_names_create(const struct kprof_symbolize_options *options,
		       struct kprof_names **ret);
void kprof_names_destroy(struct kprof_names *names);
/*
 * As kprof_symbolize(), but that no comment says where names are from. Only
 * code of files with a build-id, and of the kernel, is remembered: other code
 * may be something else at the same place the next time.
 */
int kprof_names_give(struct kprof_names *names, struct kprof_profile *profile);

#endif /* CMD_NAMES_H */
