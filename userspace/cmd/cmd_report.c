// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: shows a profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "input.h"
#include "output.h"
#include "report.h"
#include "report_frames.h"

struct options {
	const char *input;
	const char *output;
	int (*view)(const struct kprof_report *report);
	uint64_t nr_rows;
	bool by_cum;
};

enum {
	OPT_HELP = 'h',
	OPT_TREE = 256,
	OPT_FOLDED,
	OPT_JSON,
	OPT_FLAME,
	OPT_SOURCES,
};

static const char usage[] =
	"Usage: kprofctl report [OPTION]... FILE\n\n"
	"Shows a profile that kprofctl or any other tool wrote for pprof.\n"
	"FILE may be - for the standard input.\n\n"
	"  -n N             rows of the table, 0 for all (default 20)\n"
	"  -c, --cum        sort the table by cumulative values\n"
	"      --tree       call tree instead of the table\n"
	"      --folded     one line per stack: root;...;leaf SAMPLES\n"
	"      --json       everything, for programs\n"
	"      --sources    where the names of functions are from\n"
	"      --flame SVG  interactive flame graph for a browser, - for "
	"stdout\n"
	"  -o OUTPUT        write to a file, - for stdout\n"
	"  -h, --help       show this\n";

static const struct option long_options[] = {
	{"cum", no_argument, NULL, 'c'},
	{"tree", no_argument, NULL, OPT_TREE},
	{"folded", no_argument, NULL, OPT_FOLDED},
	{"json", no_argument, NULL, OPT_JSON},
	{"sources", no_argument, NULL, OPT_SOURCES},
	{"flame", required_argument, NULL, OPT_FLAME},
	{"output", required_argument, NULL, 'o'},
	{"rows", required_argument, NULL, 'n'},
	{"help", no_argument, NULL, OPT_HELP},
	{}};

/* Options */

static int set_view(struct options *options,
		    int (*view)(const struct kprof_report *report))
{
	if (options->view && options->view != view)
		return kprof_cmd_misuse("report", "only one view at a time");
	options->view = view;
	return 0;
}

static int set_output(struct options *options, const char *output)
{
	if (options->output)
		return kprof_cmd_misuse("report", "only one output at a time");
	options->output = output;
	return 0;
}

static int parse_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'n':
		return kprof_cmd_parse_number("the number of rows", value, 0,
					      UINT32_MAX, &options->nr_rows)
			       ? KPROF_EXIT_USAGE
			       : 0;
	case 'c':
		options->by_cum = true;
		return 0;
	case OPT_TREE:
		return set_view(options, kprof_report_tree);
	case OPT_FOLDED:
		return set_view(options, kprof_report_folded);
	case OPT_JSON:
		return set_view(options, kprof_report_json);
	case OPT_SOURCES:
		return set_view(options, kprof_report_sources);
	case OPT_FLAME:
		return set_output(options, value)
			       ?: set_view(options, kprof_report_flame);
	case 'o':
		return set_output(options, value);
	default:
		/* getopt_long() has said what is wrong. */
		return KPROF_EXIT_USAGE;
	}
}

/* 0, or what to exit with; -1 if help was shown. */
static int parse_options(int argc, char **argv, struct options *options)
{
	int option, status;

	while ((option = getopt_long(argc, argv, "hn:co:", long_options,
				     NULL)) >= 0) {
		if (option == OPT_HELP) {
			fputs(usage, stdout);
			return -1;
		}
		status = parse_option(options, option, optarg);
		if (status)
			return status;
	}
	if (argc - optind != 1)
		return kprof_cmd_misuse("report",
					argc == optind ? "no profile given"
						       : "one profile please");
	options->input = argv[optind];
	if (!options->view)
		options->view = kprof_report_table;
	return 0;
}

/* Output */

static int cannot_show(const struct kprof_report *report, int err)
{
	if (err == -ENODATA) {
		fprintf(stderr,
			"kprofctl: cannot draw %s: there are no samples in "
			"it\n",
			report->path);
		return KPROF_EXIT_FAILED;
	}
	return kprof_cmd_cannot(err, NULL, "show %s", report->path);
}

struct showing {
	int (*view)(const struct kprof_report *report);
	struct kprof_report report;
};

static int write_view(FILE *out, void *context)
{
	struct showing *showing = context;
	int err;

	showing->report.out = out;
	err = showing->view(&showing->report);
	return err ? cannot_show(&showing->report, err) : 0;
}

static int show(const struct options *options, struct kprof_profile *profile)
{
	struct kprof_frames frames;
	struct showing showing = {
		.view = options->view,
		.report = {
			.profile = profile,
			.path = kprof_input_name(options->input),
			.frames = &frames,
			.nr_rows = options->nr_rows,
			.by_cum = options->by_cum,
		},
	};
	int status;
	int err = kprof_frames_init(&frames, profile);

	kprof_report_choose_values(&showing.report);
	if (err)
		status = kprof_cmd_cannot(err, NULL, "show %s",
					  showing.report.path);
	else
		status = kprof_output_text(options->output, write_view,
					   &showing);
	kprof_frames_deinit(&frames);
	return status;
}

int kprof_cmd_report(int argc, char **argv)
{
	struct options options = {.nr_rows = 20};
	struct kprof_profile *profile;
	int status = parse_options(argc, argv, &options);

	if (status)
		return status < 0 ? KPROF_EXIT_DONE : status;
	status = kprof_input_read(options.input, &profile);
	if (status)
		return status;
	status = show(&options, profile);
	kprof_profile_destroy(profile);
	return status;
}
