// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: what is wrong, and what to do about it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <getopt.h>
#include <stdio.h>

#include "doctor.h"
#include "input.h"
#include "output.h"

static const char usage[] =
	"Usage: kprofctl doctor FILE\n\n"
	"Looks at a profile: whose it is, whether it is complete, has names,\n"
	"has lost something. One line for each: ok, or what to do. The exit\n"
	"status is 1 if something is to be done. FILE may be - for the\n"
	"standard input.\n\n"
	"  -h, --help       show this\n";

static const struct option long_options[] = {
	{"help", no_argument, NULL, 'h'},
	{}};

struct examination {
	struct kprof_doctor doctor;
	const struct kprof_profile *profile;
};

static int examine(FILE *out, void *context)
{
	struct examination *examination = context;

	examination->doctor.out = out;
	kprof_doctor_profile(&examination->doctor, examination->profile);
	return 0;
}

static int look_at_file(const char *input)
{
	struct examination examination = {};
	struct kprof_profile *profile;
	int status = kprof_input_read(input, &profile);

	/* That it is no profile, and what else, was said. */
	if (status)
		return status;
	examination.profile = profile;
	status = kprof_output_text(NULL, examine, &examination);
	kprof_profile_destroy(profile);
	if (status)
		return status;
	return examination.doctor.nr_bad ? KPROF_EXIT_FAILED : KPROF_EXIT_DONE;
}

int kprof_cmd_doctor(int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) >=
	       0) {
		if (option != 'h')
			return KPROF_EXIT_USAGE;
		fputs(usage, stdout);
		return KPROF_EXIT_DONE;
	}
	if (argc - optind != 1)
		return kprof_cmd_misuse("doctor",
					argc == optind ? "no profile given"
						       : "one profile please");
	return look_at_file(argv[optind]);
}
