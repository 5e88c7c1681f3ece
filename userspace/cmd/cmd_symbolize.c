// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl symbolize: names the functions of a profile, on any machine.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include "conversion.h"
#include "input.h"
#include "output.h"

enum {
	OPT_NO_LINES = KPROF_OPT_OWN,
	OPT_MAX_MEMORY,
	OPT_FORCE,
	OPT_DEBUGINFOD,
};

static const char usage[] =
	"Usage: kprofctl symbolize [OPTION]... -o OUTPUT FILE\n\n"
	"Names the functions of a profile that has addresses, as 'record\n"
	"--no-symbolize' or another tool wrote it. What has a name keeps it.\n"
	"FILE may be - for the standard input.\n\n"
	"  -o OUTPUT            write to it, - for stdout\n"
	"      --symbols DIR    look for binaries, debug files and symbol maps "
	"here,\n"
	"                       too; may be repeated\n"
	"      --debug-dir DIR  separate debug files, may be repeated\n"
	"                       (default /usr/lib/debug)\n"
	"      --no-lines       names of functions only: no source lines, no "
	"inlines\n"
	"      --max-memory MIB for the debug information of a file, else no "
	"lines\n"
	"                       (default a quarter of the machine's)\n"
	"      --debuginfod     ask the servers in DEBUGINFOD_URLS for debug "
	"files\n"
	"      --force          name everything anew\n"
	"  -h, --help           show this\n";

static const struct option long_options[] = {
	{"output", required_argument, NULL, KPROF_OPT_OUTPUT},
	{"symbols", required_argument, NULL, KPROF_OPT_SYMBOLS},
	{"debug-dir", required_argument, NULL, KPROF_OPT_DEBUG_DIR},
	{"no-lines", no_argument, NULL, OPT_NO_LINES},
	{"max-memory", required_argument, NULL, OPT_MAX_MEMORY},
	{"debuginfod", no_argument, NULL, OPT_DEBUGINFOD},
	{"force", no_argument, NULL, OPT_FORCE},
	{"help", no_argument, NULL, KPROF_OPT_HELP},
	{}};

static int set_own(void *context, int option, const char *value)
{
	struct kprof_symbolize_options *names = context;

	switch (option) {
	case OPT_NO_LINES:
		names->no_lines = true;
		return 0;
	case OPT_MAX_MEMORY:
		return kprof_cmd_parse_memory(value, &names->max_memory);
	case OPT_DEBUGINFOD:
		names->debuginfod = true;
		return kprof_cmd_check_debuginfod("symbolize");
	default:
		names->force = true;
		return 0;
	}
}

static int symbolize(const struct kprof_conversion *options,
		     struct kprof_symbolize_options *names)
{
	struct kprof_profile *profile;
	int status = kprof_input_read(options->input, &profile);
	int err;

	if (status)
		return status;
	names->symbol_dirs = options->symbol_dirs.data;
	names->nr_symbol_dirs = options->symbol_dirs.nr;
	names->debug_dirs = options->debug_dirs.data;
	names->nr_debug_dirs = options->debug_dirs.nr;
	err = kprof_symbolize(profile, names);
	status = err ? kprof_cmd_cannot(err, NULL,
					"find the names of functions in %s",
					kprof_input_name(options->input))
		     : kprof_output_profile(profile, options->output);
	kprof_profile_destroy(profile);
	return status;
}

int kprof_cmd_symbolize(int argc, char **argv)
{
	/* A file does not say which boot of which kernel it is from. */
	struct kprof_symbolize_options names = {.other_machine = true};
	struct kprof_conversion options = {
		.command = "symbolize",
		.usage = usage,
		.long_options = long_options,
		.set_own = set_own,
		.context = &names,
	};
	int status = kprof_conversion_parse(&options, argc, argv);

	if (!status)
		status = symbolize(&options, &names);
	kprof_conversion_deinit(&options);
	return status < 0 ? KPROF_EXIT_DONE : status;
}
