// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: what is wrong, and what to do about it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "doctor.h"
#include "doctor_machine.h"
#include "input.h"
#include "output.h"

static const char usage[] =
	"Usage: kprofctl doctor [OPTION]...\n"
	"       kprofctl doctor FILE\n\n"
	"Looks at what this machine has that sampling needs: kernel, module,\n"
	"device, rights, limits, a second of sampling, the port of 'serve'. "
	"Or\n"
	"at a profile: whose it is, whether it is complete, has names, has "
	"lost\n"
	"something. One line for each: ok, or what to do. The exit status is "
	"1\n"
	"if something is to be done. FILE may be - for the standard input.\n\n"
	"      --module FILE   would this kernel take that kprof.ko?\n"
	"      --port PORT     'kprofctl serve' is to listen there (without "
	"it\n"
	"                      6060 may be free)\n"
	"      --device PATH   instead of /dev/kprof\n"
	"  -h, --help          show this\n";

enum {
	DEFAULT_PORT = 6060,

	OPT_MODULE = 256,
	OPT_PORT,
	OPT_DEVICE,
};

static const struct option long_options[] = {
	{"module", required_argument, NULL, OPT_MODULE},
	{"port", required_argument, NULL, OPT_PORT},
	{"device", required_argument, NULL, OPT_DEVICE},
	{"help", no_argument, NULL, 'h'},
	{}};

/* What was examined is bad, or it is not. */
static int exit_status(const struct kprof_doctor *doctor)
{
	return doctor->nr_bad ? KPROF_EXIT_FAILED : KPROF_EXIT_DONE;
}

/* Profile */

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
	return exit_status(&examination.doctor);
}

/* Machine */

static int look_at_machine(struct kprof_doctor_machine *machine)
{
	struct kprof_doctor doctor = {.out = stdout};
	struct utsname name = {};

	uname(&name);
	machine->release = name.release;
	machine->version = name.version;
	machine->machine = name.machine;
	/* Each line when it is known: the last ones take a second. */
	setlinebuf(stdout);
	kprof_doctor_machine(&doctor, machine);
	if (fflush(stdout) || ferror(stdout))
		return kprof_cmd_cannot(-errno, NULL, "write");
	return exit_status(&doctor);
}

/* 0, or what to exit with; -1 if help was shown. */
static int set_option(int option, const char *value,
		      struct kprof_doctor_machine *machine)
{
	uint64_t port;

	switch (option) {
	case 'h':
		fputs(usage, stdout);
		return -1;
	case OPT_MODULE:
		machine->module = value;
		return 0;
	case OPT_DEVICE:
		machine->device = value;
		return 0;
	case OPT_PORT:
		if (kprof_cmd_parse_number("the port", value, 1, UINT16_MAX,
					   &port))
			return KPROF_EXIT_USAGE;
		machine->port = port;
		machine->is_port_wanted = true;
		return 0;
	default:
		return KPROF_EXIT_USAGE;
	}
}

int kprof_cmd_doctor(int argc, char **argv)
{
	struct kprof_doctor_machine machine = {
		.root = "",
		.device = KPROF_DEVICE,
		.port = DEFAULT_PORT,
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) >=
	       0) {
		status = set_option(option, optarg, &machine);
		if (status)
			return status < 0 ? KPROF_EXIT_DONE : status;
	}
	if (argc - optind > 1)
		return kprof_cmd_misuse("doctor", "one profile please");
	if (argc == optind)
		return look_at_machine(&machine);
	return look_at_file(argv[optind]);
}
