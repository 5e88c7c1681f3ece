// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line of commands that make something else of one profile, with
 * the files that its binaries are in.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "conversion.h"

#include <stdio.h>

#include "cmd.h"

static int out_of_memory(int err)
{
	return err ? kprof_cmd_cannot(err, NULL, "read the options") : 0;
}

static int set(struct kprof_conversion *conversion, int option,
	       const char *value)
{
	switch (option) {
	case KPROF_OPT_OUTPUT:
		conversion->output = value;
		return 0;
	case KPROF_OPT_SYMBOLS:
		return out_of_memory(
			vector_push(&conversion->symbol_dirs, value));
	case KPROF_OPT_DEBUG_DIR:
		return out_of_memory(
			vector_push(&conversion->debug_dirs, value));
	}
	/* getopt_long() has said what is wrong. */
	if (option < KPROF_OPT_OWN || !conversion->set_own)
		return KPROF_EXIT_USAGE;
	return conversion->set_own(conversion->context, option, value);
}

int kprof_conversion_parse(struct kprof_conversion *conversion, int argc,
			   char **argv)
{
	int option, status;

	while ((option = getopt_long(argc, argv, "ho:",
				     conversion->long_options, NULL)) >= 0) {
		if (option == KPROF_OPT_HELP) {
			fputs(conversion->usage, stdout);
			return -1;
		}
		status = set(conversion, option, optarg);
		if (status)
			return status;
	}
	if (argc - optind != 1)
		return kprof_cmd_misuse(conversion->command,
					argc == optind ? "no profile given"
						       : "one profile please");
	if (!conversion->output)
		return kprof_cmd_misuse(conversion->command,
					"no output given (-o OUTPUT)");
	conversion->input = argv[optind];
	return 0;
}

void kprof_conversion_deinit(struct kprof_conversion *conversion)
{
	vector_free(&conversion->symbol_dirs);
	vector_free(&conversion->debug_dirs);
}
