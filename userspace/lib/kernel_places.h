/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which part of the running kernel an address is in: the kernel itself, or a
 * module.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_KERNEL_PLACES_H
#define LIB_KERNEL_PLACES_H

#include <stdint.h>

struct kprof_profile;

/* How the kernel itself is called as a mapping. */
#define KPROF_KERNEL_MAPPING "[kernel.kallsyms]"

/* The symbol that a kernel's addresses are counted from. */
#define KPROF_KERNEL_START "_stext"

/* The mapping of that name, added if there is none. */
int kprof_kernel_mapping(struct kprof_profile *profile, const char *name,
			 uint32_t *ret);

/**
 * struct kprof_kernel_files - where the running kernel tells of itself
 * @kallsyms: /proc/kallsyms
 * @modules: /proc/modules
 * @sys: /sys, with the build-ids
 */
struct kprof_kernel_files {
	const char *kallsyms;
	const char *modules;
	const char *sys;
};

/* As kprof_place_kernel(), from other files. */
int kprof_kernel_place(struct kprof_profile *profile,
		       const struct kprof_kernel_files *files);

#endif /* LIB_KERNEL_PLACES_H */
