/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lines and inlined functions at an instruction, from Go's table of functions.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_GOPCLNTAB_FRAMES_H
#define LIB_GOPCLNTAB_FRAMES_H

#include <stddef.h>
#include <stdint.h>

struct kprof_gopclntab;
struct kprof_gopclntab_function;

/**
 * struct kprof_gopclntab_frame - a function, inlined or not, and where in it
 * @name: address of its name
 * @file: address of the file's name, 0 if unknown
 * @line: 0 if unknown
 * @start_line: of the function, 0 if unknown
 */
struct kprof_gopclntab_frame {
	uint64_t name;
	uint64_t file;
	uint32_t line;
	uint32_t start_line;
};

/*
 * What is at @address of @function: the innermost inlined function first, the
 * function itself last. Returns how many, at least one; @max is at least one.
 */
size_t kprof_gopclntab_frames(struct kprof_gopclntab *table,
			      const struct kprof_gopclntab_function *function,
			      uint64_t address,
			      struct kprof_gopclntab_frame *ret, size_t max);

#endif /* LIB_GOPCLNTAB_FRAMES_H */
