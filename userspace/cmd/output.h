/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that commands write.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <stdio.h>

struct kprof_profile;

/*
 * Writes a profile to a file, or to standard output for "-". 0, or what to
 * exit with: it was said what is wrong.
 */
int kprof_output_profile(const struct kprof_profile *profile,
			 const char *output);

/**
 * kprof_output_text() - writes text
 * @output: its file; NULL or "-" for standard output
 * @write: writes it; 0, or what to exit with when it has said what is wrong.
 *	That the file failed it need not notice
 * @context: for @write
 *
 * Return: 0, or what to exit with: it was said what is wrong.
 */
int kprof_output_text(const char *output,
		      int (*write)(FILE *out, void *context), void *context);

#endif /* CMD_OUTPUT_H */
