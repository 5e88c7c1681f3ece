/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of commands that make something else of one profile, with
 * the files that its binaries are in.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_CONVERSION_H
#define CMD_CONVERSION_H

#include "util/vector.h"

#include <getopt.h>

/* What getopt_long() is to give for the options that all have. */
enum {
	KPROF_OPT_OUTPUT = 'o',
	KPROF_OPT_HELP = 'h',
	KPROF_OPT_SYMBOLS = 256,
	KPROF_OPT_DEBUG_DIR,
	/* The command's own options start here. */
	KPROF_OPT_OWN,
};

/**
 * struct kprof_conversion - a command line
 * @command: name of the command; to be set before, like the next four
 * @usage: what --help shows
 * @long_options: for getopt_long()
 * @set_own: takes an option from KPROF_OPT_OWN on; 0, or what to exit with;
 *	NULL if there are none
 * @context: for @set_own
 * @input: profile
 * @output: where to
 * @symbol_dirs: to look into
 * @debug_dirs: likewise
 */
struct kprof_conversion {
	const char *command;
	const char *usage;
	const struct option *long_options;
	int (*set_own)(void *context, int option, const char *value);
	void *context;
	const char *input;
	const char *output;
	vector(const char *) symbol_dirs;
	vector(const char *) debug_dirs;
};

/* 0, or what to exit with; -1 if help was shown. */
int kprof_conversion_parse(struct kprof_conversion *conversion, int argc,
			   char **argv);
void kprof_conversion_deinit(struct kprof_conversion *conversion);

#endif /* CMD_CONVERSION_H */
