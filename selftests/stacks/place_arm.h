/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of 32-bit ARM files: by .debug_frame of the debug file, and by
 * .ARM.exidx.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_PLACE_ARM_H
#define SELFTESTS_STACKS_PLACE_ARM_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place_arm;

/*
 * Debug files are searched for where the environment's DEBUG_FILES says, by
 * build-id, and by name beside the file.
 */
struct place_arm *place_arm_open(const char *path, Elf *elf);

/* What .debug_frame says; NULL if there is none. */
Dwarf_CFI *place_arm_cfi(const struct place_arm *arm);

/* Starts of all functions, in any order; the caller frees @ret. */
size_t place_arm_functions(const struct place_arm *arm, uint64_t **ret);

/* The function of .ARM.exidx; false if that cannot unwind it. */
bool place_arm_function(const struct place_arm *arm, uint64_t address,
			uint64_t *start_ret, uint64_t *end_ret);

#endif /* SELFTESTS_STACKS_PLACE_ARM_H */
