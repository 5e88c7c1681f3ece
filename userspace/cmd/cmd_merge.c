// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl merge: adds up profiles.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "input.h"
#include "output.h"

static const char usage[] =
	"Usage: kprofctl merge [OPTION]... -o OUTPUT FILE...\n\n"
	"Adds up profiles of the same kind, as pprof does when it is given\n"
	"several. A FILE may be - for the standard input.\n\n"
	"  -o OUTPUT        write to it, - for stdout\n"
	"  -h, --help       show this\n";

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"help", no_argument, NULL, 'h'},
	{}};

/* 0, or what to exit with; -1 if help was shown. */
static int parse_options(int argc, char **argv, const char **output_ret)
{
	int option;

	*output_ret = NULL;
	while ((option = getopt_long(argc, argv, "ho:", long_options, NULL)) >=
	       0) {
		if (option == 'h') {
			fputs(usage, stdout);
			return -1;
		}
		if (option != 'o')
			return KPROF_EXIT_USAGE;
		*output_ret = optarg;
	}
	if (argc == optind)
		return kprof_cmd_misuse("merge", "no profile given");
	if (!*output_ret)
		return kprof_cmd_misuse("merge", "no output given (-o OUTPUT)");
	return 0;
}

static int cannot_merge(const char *input, const char *message, int err)
{
	if (err != -EINVAL || !*message)
		return kprof_cmd_cannot(err, NULL, "merge %s",
					kprof_input_name(input));
	fprintf(stderr, "kprofctl: cannot merge %s: %s\n",
		kprof_input_name(input), message);
	return KPROF_EXIT_FAILED;
}

/* Times add up all the same, numbers of samples do not. */
static void warn_of_period(const char *input, int64_t period,
			   const struct kprof_profile *profile)
{
	if (period && profile->period && period != profile->period)
		fprintf(stderr,
			"kprofctl: warning: %s was sampled at another rate: "
			"compare times, not numbers of samples\n",
			kprof_input_name(input));
}

static int add(struct kprof_merger *merger, const char *input, int64_t *period)
{
	char message[KPROF_CMD_MESSAGE_BYTES];
	struct kprof_profile *profile;
	int status = kprof_input_read(input, &profile);
	int err;

	if (status)
		return status;
	kprof_cmd_keep_log(message);
	err = kprof_merger_add(merger, profile);
	kprof_cmd_restore_log();
	if (err)
		status = cannot_merge(input, message, err);
	else
		warn_of_period(input, *period, profile);
	*period = profile->period;
	kprof_profile_destroy(profile);
	return status;
}

static int merge(struct kprof_merger *merger, char **inputs, const char *output)
{
	struct kprof_profile *sum;
	int64_t period = 0;
	int err, status = 0;

	/* One after the other: only one of them is in memory beside the sum. */
	for (; *inputs && !status; inputs++)
		status = add(merger, *inputs, &period);
	if (status)
		return status;
	err = kprof_merger_finish(merger, &sum);
	if (err)
		return kprof_cmd_cannot(err, NULL, "merge the profiles");
	status = kprof_output_profile(sum, output);
	kprof_profile_destroy(sum);
	return status;
}

int kprof_cmd_merge(int argc, char **argv)
{
	struct kprof_merger *merger;
	const char *output;
	int status = parse_options(argc, argv, &output);
	int err;

	if (status)
		return status < 0 ? KPROF_EXIT_DONE : status;
	err = kprof_merger_create(&merger);
	if (err)
		return kprof_cmd_cannot(err, NULL, "merge the profiles");
	status = merge(merger, argv + optind, output);
	kprof_merger_destroy(merger);
	return status;
}
