/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compiles and loads the unwind tables of files as a recording meets them.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The work is done by a thread of its own, so that nobody waits for it who
 * drains rings. It is started with the first file.
 */
#ifndef LIB_UNWIND_LOADER_H
#define LIB_UNWIND_LOADER_H

#include "lib/kprof.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kprof_binaries;
struct kprof_device;
struct kprof_unwind_loader;

/**
 * struct kprof_unwind_tally - what became of the files
 * @nr_loaded: the module has their tables
 * @nr_without: have no unwind information
 * @nr_refused: the module did not take their tables
 * @refused_error: why the first one was not taken, 0 if none
 */
struct kprof_unwind_tally {
	uint32_t nr_loaded;
	uint32_t nr_without;
	uint32_t nr_refused;
	int refused_error;
};

/*
 * @device is set up and stays open as long as the loader lives; so does what
 * @options points to.
 */
int kprof_unwind_loader_create(const struct kprof_device *device,
			       const struct kprof_unwind_options *options,
			       struct kprof_unwind_loader **ret);
/* Ends the thread, which finishes the file that it works on. NULL is fine. */
void kprof_unwind_loader_destroy(struct kprof_unwind_loader *loader);

/* Hands on what is new in @binaries since the last call. */
int kprof_unwind_loader_add(struct kprof_unwind_loader *loader,
			    const struct kprof_binaries *binaries);
/*
 * Hands on a program that is to run and the libraries that it will need. Those
 * that are not there are left out; -ENOEXEC if it is no ELF program.
 */
int kprof_unwind_loader_add_program(struct kprof_unwind_loader *loader,
				    const char *path);
/* Waits until everything is loaded; false after @timeout_ms. */
bool kprof_unwind_loader_wait(struct kprof_unwind_loader *loader,
			      unsigned int timeout_ms);
void kprof_unwind_loader_tally(struct kprof_unwind_loader *loader,
			       struct kprof_unwind_tally *ret);

#endif /* LIB_UNWIND_LOADER_H */
