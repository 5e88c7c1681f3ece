/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of kprofctl symmap.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Each takes its own arguments, argv[0] is its name; it returns what kprofctl
 * exits with.
 */
#ifndef CMD_SYMMAP_H
#define CMD_SYMMAP_H

struct kprof_gsym;

int kprof_symmap_build(int argc, char **argv);
int kprof_symmap_import(int argc, char **argv);
int kprof_symmap_add(int argc, char **argv);
int kprof_symmap_show(int argc, char **argv);
int kprof_symmap_lookup(int argc, char **argv);
int kprof_symmap_verify(int argc, char **argv);

/* Opens a map, or says why not. 0 or what to exit with. */
int kprof_symmap_open(const char *path, struct kprof_gsym **ret);

#endif /* CMD_SYMMAP_H */
