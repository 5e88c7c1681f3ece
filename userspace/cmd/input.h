/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Profiles that commands read.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

struct kprof_profile;

/*
 * Reads a profile from a file, or from standard input for "-". 0, or what to
 * exit with: it was said what is wrong.
 */
int kprof_input_read(const char *input, struct kprof_profile **ret);
/* For words. */
const char *kprof_input_name(const char *input);

#endif /* CMD_INPUT_H */
