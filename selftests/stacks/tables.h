/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Unwind tables of files, as the library compiles them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_TABLES_H
#define SELFTESTS_STACKS_TABLES_H

struct kprof_unwind_table;

/*
 * Compiled at each call. NULL, and a word on stderr, if the file has no unwind
 * information; ends the program if it cannot be read.
 */
const struct kprof_unwind_table *table_compile(const char *path);

#endif /* SELFTESTS_STACKS_TABLES_H */
