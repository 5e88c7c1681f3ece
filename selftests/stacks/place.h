/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tells whether an address is in a prologue, an epilogue or a linkage stub, by
 * the unwind information of its file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_PLACE_H
#define SELFTESTS_STACKS_PLACE_H

#include "stops.h"

struct place_file;

/**
 * place_file_get() - the file of that name, opened once
 * Returns NULL if it is no ELF file that can be read.
 */
struct place_file *place_file_get(const char *path);

/* Build-id in hexadecimal, "-" if it has none. */
const char *place_build_id(const struct place_file *file);

/* Where @offset of the file is in it. */
enum stops_place place_of(struct place_file *file, uint64_t offset);

#endif /* SELFTESTS_STACKS_PLACE_H */
