// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl symbolize: names the functions of a profile, on any machine.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "input.h"
#include "util/cleanup.h"
#include "util/outfile.h"
#include "util/vector.h"

/**
 * struct options - the command line
 * @input: profile
 * @output: where to
 * @symbol_dirs: for names
 * @debug_dirs: for names
 * @names: the rest of how to symbolize
 */
struct options {
	const char *input;
	const char *output;
	vector(const char *) symbol_dirs;
	vector(const char *) debug_dirs;
	struct kprof_symbolize_options names;
};

enum {
	OPT_SYMBOLS = 256,
	OPT_DEBUG_DIR,
	OPT_NO_LINES,
	OPT_MAX_MEMORY,
	OPT_FORCE,
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
	"      --force          name everything anew\n"
	"  -h, --help           show this\n";

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"symbols", required_argument, NULL, OPT_SYMBOLS},
	{"debug-dir", required_argument, NULL, OPT_DEBUG_DIR},
	{"no-lines", no_argument, NULL, OPT_NO_LINES},
	{"max-memory", required_argument, NULL, OPT_MAX_MEMORY},
	{"force", no_argument, NULL, OPT_FORCE},
	{"help", no_argument, NULL, 'h'},
	{}};

/* Options */

static int out_of_memory(int err)
{
	return err ? kprof_cmd_cannot(err, NULL, "read the options") : 0;
}

static int parse_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'o':
		options->output = value;
		return 0;
	case OPT_SYMBOLS:
		return out_of_memory(vector_push(&options->symbol_dirs, value));
	case OPT_DEBUG_DIR:
		return out_of_memory(vector_push(&options->debug_dirs, value));
	case OPT_NO_LINES:
		options->names.no_lines = true;
		return 0;
	case OPT_MAX_MEMORY:
		return kprof_cmd_parse_memory(value,
					      &options->names.max_memory);
	case OPT_FORCE:
		options->names.force = true;
		return 0;
	default:
		/* getopt_long() has said what is wrong. */
		return KPROF_EXIT_USAGE;
	}
}

/* 0, or what to exit with; -1 if help was shown. */
static int parse_options(int argc, char **argv, struct options *options)
{
	int option, status;

	while ((option = getopt_long(argc, argv, "ho:", long_options, NULL)) >=
	       0) {
		if (option == 'h') {
			fputs(usage, stdout);
			return -1;
		}
		status = parse_option(options, option, optarg);
		if (status)
			return status;
	}
	if (argc - optind != 1)
		return kprof_cmd_misuse("symbolize",
					argc == optind ? "no profile given"
						       : "one profile please");
	if (!options->output)
		return kprof_cmd_misuse("symbolize",
					"no output given: -o OUTPUT");
	options->input = argv[optind];
	options->names.symbol_dirs = options->symbol_dirs.data;
	options->names.nr_symbol_dirs = options->symbol_dirs.nr;
	options->names.debug_dirs = options->debug_dirs.data;
	options->names.nr_debug_dirs = options->debug_dirs.nr;
	return 0;
}

/* Work */

static int write_profile(const struct kprof_profile *profile,
			 const char *output)
{
	_cleanup_outfile_ struct kprof_outfile file = KPROF_OUTFILE_INIT;
	int err;

	if (!strcmp(output, "-")) {
		err = kprof_pprof_write(profile, STDOUT_FILENO);
		output = "standard output";
	} else {
		err = kprof_outfile_open(&file, output);
		if (!err)
			err = kprof_pprof_write(profile, file.fd);
		if (!err)
			err = kprof_outfile_commit(&file);
	}
	return err ? kprof_cmd_cannot(err, NULL, "write %s", output) : 0;
}

static int symbolize(const struct options *options)
{
	struct kprof_profile *profile;
	int status = kprof_input_read(options->input, &profile);
	int err;

	if (status)
		return status;
	err = kprof_symbolize(profile, &options->names);
	status = err ? kprof_cmd_cannot(err, NULL,
					"find the names of functions in %s",
					kprof_input_name(options->input))
		     : write_profile(profile, options->output);
	kprof_profile_destroy(profile);
	return status;
}

int kprof_cmd_symbolize(int argc, char **argv)
{
	/* A file does not say which boot of which kernel it is from. */
	struct options options = {.names.other_machine = true};
	int status = parse_options(argc, argv, &options);

	if (!status)
		status = symbolize(&options);
	vector_free(&options.symbol_dirs);
	vector_free(&options.debug_dirs);
	return status < 0 ? KPROF_EXIT_DONE : status;
}
