// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl archive: collects the binaries of a profile for another machine.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <stdio.h>

#include "conversion.h"
#include "input.h"
#include "util/outfile.h"

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
	{"output", required_argument, NULL, KPROF_OPT_OUTPUT},
	{"symbols", required_argument, NULL, KPROF_OPT_SYMBOLS},
	{"debug-dir", required_argument, NULL, KPROF_OPT_DEBUG_DIR},
	{"help", no_argument, NULL, KPROF_OPT_HELP},
	{}};

static void say_missing(const struct kprof_mapping *mapping, const char *reason,
			void *context)
{
	(void)context;
	fprintf(stderr, "kprofctl: missing: %s%s%s: %s\n", mapping->filename,
		mapping->build_id[0] ? ", build-id " : "", mapping->build_id,
		reason);
}

static int finish(const struct kprof_conversion *options, struct kprof_outfile *file,
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

static int archive(const struct kprof_conversion *options,
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

static int run(const struct kprof_conversion *options)
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
	struct kprof_conversion options = {
		.command = "archive",
		.usage = usage,
		.long_options = long_options,
	};
	int status = kprof_conversion_parse(&options, argc, argv);

	if (!status)
		status = run(&options);
	kprof_conversion_deinit(&options);
	return status < 0 ? KPROF_EXIT_DONE : status;
}
