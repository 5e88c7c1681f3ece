// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl report: shows a profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "input.h"
#include "output.h"
#include "report.h"
#include "report_filter.h"
#include "report_frames.h"

/* A regular expression that was given, or not. */
struct pattern {
	bool is_given;
	regex_t regex;
};

struct options {
	const char *input;
	const char *output;
	int (*view)(const struct kprof_report *report);
	uint64_t nr_rows;
	bool by_cum;
	enum kprof_frames_by frames_by;
	const char *label;
	struct pattern peek;
	struct pattern focus;
	struct pattern ignore;
};

enum {
	OPT_HELP = 'h',
	OPT_TREE = 256,
	OPT_FOLDED,
	OPT_JSON,
	OPT_FLAME,
	OPT_SOURCES,
	OPT_PEEK,
	OPT_LINES,
	OPT_BY,
	OPT_FOCUS,
	OPT_IGNORE,
	OPT_SPEEDSCOPE,
	OPT_HTML,
};

static const char usage[] =
	"Usage: kprofctl report [OPTION]... FILE\n\n"
	"Shows a profile that kprofctl or any other tool wrote for pprof.\n"
	"FILE may be - for the standard input.\n\n"
	"  -n N             rows of the table, 0 for all (default 20)\n"
	"  -c, --cum        sort the table by cumulative values\n"
	"      --lines      source lines instead of functions, in any view\n"
	"      --by WHAT    thread, comm, binary, or the key of a label\n"
	"      --peek REGEX callers and callees of functions with such names\n"
	"      --focus REGEX   only stacks with such a function, source file or "
	"binary\n"
	"      --ignore REGEX  only stacks without one\n"
	"      --tree       call tree instead of the table\n"
	"      --folded     one line per stack: root;...;leaf SAMPLES\n"
	"      --json       everything, for programs\n"
	"      --speedscope for www.speedscope.app\n"
	"      --sources    where the names of functions are from\n"
	"      --flame SVG  interactive flame graph for a browser, - for "
	"stdout\n"
	"      --html FILE  the same and more: table, callers and callees, loss; "
	"- for\n"
	"                   stdout\n"
	"  -o OUTPUT        write to a file, - for stdout\n"
	"  -h, --help       show this\n";

static const struct option long_options[] = {
	{"cum", no_argument, NULL, 'c'},
	{"tree", no_argument, NULL, OPT_TREE},
	{"folded", no_argument, NULL, OPT_FOLDED},
	{"json", no_argument, NULL, OPT_JSON},
	{"sources", no_argument, NULL, OPT_SOURCES},
	{"flame", required_argument, NULL, OPT_FLAME},
	{"html", required_argument, NULL, OPT_HTML},
	{"peek", required_argument, NULL, OPT_PEEK},
	{"lines", no_argument, NULL, OPT_LINES},
	{"by", required_argument, NULL, OPT_BY},
	{"focus", required_argument, NULL, OPT_FOCUS},
	{"ignore", required_argument, NULL, OPT_IGNORE},
	{"speedscope", no_argument, NULL, OPT_SPEEDSCOPE},
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

static int set_pattern(struct pattern *pattern, const char *text)
{
	char why[128];
	int err;

	if (pattern->is_given)
		return kprof_cmd_misuse("report",
					"several expressions? a|b is either");
	err = regcomp(&pattern->regex, text, REG_EXTENDED | REG_NOSUB);
	if (err) {
		regerror(err, &pattern->regex, why, sizeof(why));
		return kprof_cmd_misuse(
			"report", "'%s' is no regular expression: %s", text,
			why);
	}
	pattern->is_given = true;
	return 0;
}

static const regex_t *regex_of(const struct pattern *pattern)
{
	return pattern->is_given ? &pattern->regex : NULL;
}

static void free_patterns(struct options *options)
{
	struct pattern *const all[] = {&options->peek, &options->focus,
				       &options->ignore};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (all[i]->is_given)
			regfree(&all[i]->regex);
}

/* A binary is a kind of frame, everything else stands in labels. */
static int set_by(struct options *options, const char *what)
{
	if (!strcmp(what, "binary")) {
		options->frames_by = KPROF_FRAMES_BY_BINARY;
		return 0;
	}
	options->label = what;
	return set_view(options, kprof_report_labels);
}

static int parse_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'n':
		return kprof_cmd_parse_number("the number of rows", value, 0,
					      UINT32_MAX, &options->nr_rows);
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
	case OPT_HTML:
		return set_output(options, value)
			       ?: set_view(options, kprof_report_html);
	case OPT_SPEEDSCOPE:
		return set_view(options, kprof_report_speedscope);
	case OPT_LINES:
		options->frames_by = KPROF_FRAMES_BY_LINE;
		return 0;
	case OPT_BY:
		return set_by(options, value);
	case OPT_PEEK:
		return set_pattern(&options->peek, value)
			       ?: set_view(options, kprof_report_peek);
	case OPT_FOCUS:
		return set_pattern(&options->focus, value);
	case OPT_IGNORE:
		return set_pattern(&options->ignore, value);
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

/* Totals come first: shares are of everything, as pprof has it. */
static int prepare(const struct options *options, struct kprof_report *report)
{
	kprof_report_choose_values(report);
	report->is_filtered =
		options->focus.is_given || options->ignore.is_given;
	if (!report->is_filtered)
		return 0;
	return kprof_report_filter(report->profile, regex_of(&options->focus),
				   regex_of(&options->ignore));
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
			.peek = regex_of(&options->peek),
			.label = options->label,
		},
	};
	int status;
	int err = kprof_frames_init(&frames, profile, options->frames_by);

	if (!err)
		err = prepare(options, &showing.report);
	if (err)
		status = kprof_cmd_cannot(err, NULL, "show %s",
					  showing.report.path);
	else
		status = kprof_output_text(options->output, write_view,
					   &showing);
	kprof_frames_deinit(&frames);
	return status;
}

static int read_and_show(const struct options *options)
{
	struct kprof_profile *profile;
	int status = kprof_input_read(options->input, &profile);

	if (status)
		return status;
	status = show(options, profile);
	kprof_profile_destroy(profile);
	return status;
}

int kprof_cmd_report(int argc, char **argv)
{
	struct options options = {.nr_rows = 20};
	int status = parse_options(argc, argv, &options);

	if (!status)
		status = read_and_show(&options);
	free_patterns(&options);
	return status < 0 ? KPROF_EXIT_DONE : status;
}
