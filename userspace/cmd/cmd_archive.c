// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl archive: collects the binaries of a profile for another machine.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "input.h"
#include "util/outfile.h"
#include "util/vector.h"

/**
 * struct options - the command line
 * @input: profile
 * @output: where to
 * @symbol_dirs: to look into
 * @debug_dirs: likewise
 */
struct options {
	const char *input;
	const char *output;
	vector(const char *) symbol_dirs;
	vector(const char *) debug_dirs;
};

enum {
	OPT_SYMBOLS = 256,
	OPT_DEBUG_DIR,
};

static const char usage[] =
	"Usage: kprofctl archive [OPTION]... -o OUTPUT FILE\n\n"
	"Collects the binaries that a profile refers to, and their debug "
	"files,\n"
	"into a tar file. Unpacked on another machine, it is a directory for\n"
	"'kprofctl symbolize --symbols DIR' and for PPROF_BINARY_PATH.\n"
	"FILE may be - for the standard input.\n\n"
	"  -o OUTPUT            the tar file\n"
	"      --symbols DIR    look for binaries, debug files and maps of "
	"symbols\n"
	"                       here first; may be repeated\n"
	"      --debug-dir DIR  separate debug files, may be repeated\n"
	"                       (default /usr/lib/debug)\n"
	"  -h, --help           show this\n";

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"symbols", required_argument, NULL, OPT_SYMBOLS},
	{"debug-dir", required_argument, NULL, OPT_DEBUG_DIR},
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
		return kprof_cmd_misuse("archive",
					argc == optind ? "no profile given"
						       : "one profile please");
	if (!options->output)
		return kprof_cmd_misuse("archive",
					"no output given (-o OUTPUT)");
	options->input = argv[optind];
	return 0;
}

/* Work */

static void say_missing(const struct kprof_mapping *mapping, const char *reason,
			void *context)
{
	(void)context;
	fprintf(stderr, "kprofctl: missing: %s%s%s: %s\n", mapping->filename,
		mapping->build_id[0] ? ", build-id " : "", mapping->build_id,
		reason);
}

static int finish(const struct options *options, struct kprof_outfile *file,
		  const struct kprof_archive_summary *summary)
{
	int err;

	if (!summary->nr_binaries) {
		fprintf(stderr,
			"kprofctl: cannot write %s: no binary of %s was "
			"found\n",
			options->output, kprof_input_name(options->input));
		return KPROF_EXIT_FAILED;
	}
	err = kprof_outfile_commit(file);
	if (err)
		return kprof_cmd_cannot(err, NULL, "write %s", options->output);
	fprintf(stderr, "kprofctl: %s: %u files of %u binaries, %u missing\n",
		options->output, summary->nr_files, summary->nr_binaries,
		summary->nr_missing);
	return KPROF_EXIT_DONE;
}

static int archive(const struct options *options,
		   const struct kprof_profile *profile)
{
	_cleanup_outfile_ struct kprof_outfile file = KPROF_OUTFILE_INIT;
	struct kprof_archive_options archive_options = {
		.symbol_dirs = options->symbol_dirs.data,
		.nr_symbol_dirs = options->symbol_dirs.nr,
		.debug_dirs = options->debug_dirs.data,
		.nr_debug_dirs = options->debug_dirs.nr,
		.missing = say_missing,
	};
	struct kprof_archive_summary summary;
	int err = kprof_outfile_open(&file, options->output);

	if (err)
		return kprof_cmd_cannot(err, NULL, "create %s",
					options->output);
	err = kprof_archive_write(profile, &archive_options, file.fd, &summary);
	if (err)
		return kprof_cmd_cannot(err, NULL, "write %s", options->output);
	return finish(options, &file, &summary);
}

static int run(const struct options *options)
{
	struct kprof_profile *profile;
	int status = kprof_input_read(options->input, &profile);

	if (status)
		return status;
	status = archive(options, profile);
	kprof_profile_destroy(profile);
	return status;
}

int kprof_cmd_archive(int argc, char **argv)
{
	struct options options = {};
	int status = parse_options(argc, argv, &options);

	if (!status)
		status = run(&options);
	vector_free(&options.symbol_dirs);
	vector_free(&options.debug_dirs);
	return status < 0 ? KPROF_EXIT_DONE : status;
}
