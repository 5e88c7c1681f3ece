// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl diff: what is different in a second profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "diff.h"
#include "input.h"
#include "output.h"

struct options {
	const char *inputs[2];
	const char *output;
	int (*view)(const struct kprof_diff *diff);
	enum kprof_diff_by by;
	uint64_t nr_rows;
	bool by_cum;
};

enum {
	OPT_BY = 256,
	OPT_FLAME,
};

static const char usage[] =
	"Usage: kprofctl diff [OPTION]... A B\n\n"
	"Shows which functions take more or less in profile B than in A, and\n"
	"marks those of which that is no chance.\n\n"
	"      --by duration    compare what they take per second (default)\n"
	"      --by total       compare their shares of the whole\n"
	"  -n N                 rows of the table, 0 for all (default 20)\n"
	"  -c, --cum            with what the functions call\n"
	"      --flame SVG      flame graph of both: red is more, blue is less;\n"
	"                       - for stdout\n"
	"  -o OUTPUT            write to a file, - for stdout\n"
	"  -h, --help           show this\n";

static const struct option long_options[] = {
	{"by", required_argument, NULL, OPT_BY},
	{"cum", no_argument, NULL, 'c'},
	{"flame", required_argument, NULL, OPT_FLAME},
	{"output", required_argument, NULL, 'o'},
	{"rows", required_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{}};

static int set_by(struct options *options, const char *value)
{
	if (!strcmp(value, "total"))
		options->by = KPROF_DIFF_BY_TOTAL;
	else if (strcmp(value, "duration"))
		return kprof_cmd_misuse(
			"diff", "--by takes duration or total, not '%s'",
			value);
	return 0;
}

static int set_output(struct options *options, const char *output)
{
	if (options->output)
		return kprof_cmd_misuse("diff", "only one output at a time");
	options->output = output;
	return 0;
}

static int parse_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case OPT_BY:
		return set_by(options, value);
	case 'n':
		return kprof_cmd_parse_number("the number of rows", value, 0,
					      UINT32_MAX, &options->nr_rows);
	case 'c':
		options->by_cum = true;
		return 0;
	case OPT_FLAME:
		options->view = kprof_diff_flame;
		return set_output(options, value);
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
		if (option == 'h') {
			fputs(usage, stdout);
			return -1;
		}
		status = parse_option(options, option, optarg);
		if (status)
			return status;
	}
	if (argc - optind != 2)
		return kprof_cmd_misuse("diff", "two profiles please: A B");
	options->inputs[0] = argv[optind];
	options->inputs[1] = argv[optind + 1];
	return 0;
}

static int cannot_compare(const struct kprof_diff *diff, const char *message,
			  int err)
{
	if (err == -ENODATA) {
		message = "there are no samples in them";
		err = -EINVAL;
	}
	if (err != -EINVAL || !*message)
		return kprof_cmd_cannot(err, NULL, "compare %s and %s",
					diff->sides[0].path,
					diff->sides[1].path);
	fprintf(stderr, "kprofctl: cannot compare %s and %s: %s\n",
		diff->sides[0].path, diff->sides[1].path, message);
	return KPROF_EXIT_FAILED;
}

struct showing {
	int (*view)(const struct kprof_diff *diff);
	struct kprof_diff *diff;
};

static int write_view(FILE *out, void *context)
{
	struct showing *showing = context;
	int err;

	showing->diff->out = out;
	err = showing->view(showing->diff);
	return err ? cannot_compare(showing->diff, "", err) : 0;
}

static int compare(const struct options *options,
		   struct kprof_profile *const profiles[2])
{
	struct kprof_diff diff = {
		.by = options->by,
		.nr_rows = options->nr_rows,
		.by_cum = options->by_cum,
	};
	struct showing showing = {options->view, &diff};
	char message[KPROF_CMD_MESSAGE_BYTES];
	int err, status;

	for (int i = 0; i < 2; i++) {
		diff.sides[i].path = kprof_input_name(options->inputs[i]);
		diff.sides[i].profile = profiles[i];
	}
	kprof_cmd_keep_log(message);
	err = kprof_diff_init(&diff);
	kprof_cmd_restore_log();
	if (err) {
		status = cannot_compare(&diff, message, err);
	} else {
		/* The table has them in its head. */
		if (options->view != kprof_diff_table)
			kprof_diff_print_warnings(&diff, stderr,
						  "kprofctl: warning: ");
		status = kprof_output_text(options->output, write_view,
					   &showing);
	}
	kprof_diff_deinit(&diff);
	return status;
}

int kprof_cmd_diff(int argc, char **argv)
{
	struct options options = {.nr_rows = 20, .view = kprof_diff_table};
	struct kprof_profile *profiles[2] = {};
	int status = parse_options(argc, argv, &options);

	if (status)
		return status < 0 ? KPROF_EXIT_DONE : status;
	for (int i = 0; i < 2 && !status; i++)
		status = kprof_input_read(options.inputs[i], &profiles[i]);
	if (!status)
		status = compare(&options, profiles);
	kprof_profile_destroy(profiles[0]);
	kprof_profile_destroy(profiles[1]);
	return status;
}
