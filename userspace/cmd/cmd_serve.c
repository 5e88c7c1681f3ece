// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl serve and symserver: profiles and names over HTTP.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/cmd.h"

#include "cmd/serve.h"
#include "cmd/serve_address.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum {
	OPT_LISTEN = 256,
	OPT_HOST,
	OPT_TOKEN_FILE,
	OPT_TLS_CERT,
	OPT_TLS_KEY,
	OPT_USER,
	OPT_SYMBOLS,
	OPT_DEBUG_DIR,
	OPT_NO_LINES,
	OPT_MAX_SECONDS,
	OPT_MAX_COLLECTIONS,
	OPT_MAX_CONNECTIONS,
	OPT_DEVICE,
};

static const char usage_serve[] =
	"Usage: kprofctl serve [OPTION]...\n\n"
	"Answers pprof: go tool pprof "
	"http://127.0.0.1:6060/debug/pprof/profile\n"
	"A page for browsers is at /ui/, counters are at /metrics.\n\n";

static const char usage_symserver[] =
	"Usage: kprofctl symserver [OPTION]... DIR...\n\n"
	"Names addresses from the symbol maps, programs and debug files in "
	"DIR:\n"
	"pprof -symbolize=remote http://127.0.0.1:6060/debug/pprof/mappings "
	"FILE\n"
	"and gives the files to tools that know debuginfod.\n\n";

static const char usage_common[] =
	"      --listen ADDRESS   ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH; "
	"may "
	"be\n"
	"                         repeated (default " KPROF_SERVE_ADDRESS
	")\n"
	"      --token-file FILE  its first line is what clients must know: "
	"needed\n"
	"                         where others can reach us; SIGHUP reads it "
	"anew\n"
	"      --tls-cert FILE    certificate, PEM\n"
	"      --tls-key FILE     its key, PEM\n"
	"      --host NAME        a name by which browsers may call us; may "
	"be\n"
	"                         repeated\n"
	"      --user NAME        whose rights the server has if root starts "
	"it\n"
	"                         (default nobody)\n"
	"      --max-connections N (default 256)\n";

static const char usage_profiles[] =
	"      --max-seconds N    longest profile; more becomes so much "
	"(default "
	"120)\n"
	"      --max-collections N\n"
	"                         at once (default 4)\n"
	"      --symbols DIR      symbol maps, of symmap; may be repeated\n"
	"      --debug-dir DIR    separate debug files, may be repeated\n"
	"                         (default /usr/lib/debug)\n"
	"      --no-lines         names of functions only\n"
	"      --device PATH      instead of /dev/kprof\n";

static const char usage_help[] = "  -h, --help             show this\n";

// clang-format off
static const struct option long_options[] = {
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "host", required_argument, NULL, OPT_HOST },
	{ "token-file", required_argument, NULL, OPT_TOKEN_FILE },
	{ "tls-cert", required_argument, NULL, OPT_TLS_CERT },
	{ "tls-key", required_argument, NULL, OPT_TLS_KEY },
	{ "user", required_argument, NULL, OPT_USER },
	{ "max-connections", required_argument, NULL, OPT_MAX_CONNECTIONS },
	{ "help", no_argument, NULL, 'h' },
	/* What follows is only serve's. */
	{ "symbols", required_argument, NULL, OPT_SYMBOLS },
	{ "debug-dir", required_argument, NULL, OPT_DEBUG_DIR },
	{ "no-lines", no_argument, NULL, OPT_NO_LINES },
	{ "max-seconds", required_argument, NULL, OPT_MAX_SECONDS },
	{ "max-collections", required_argument, NULL, OPT_MAX_COLLECTIONS },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{},
};
// clang-format on

enum {
	NR_COMMON = 8,
	MAX_SECONDS = 3600,
	MAX_COLLECTIONS = 64,
	MAX_CONNECTIONS = 10000,
};

/* Options; each function is 0 or the exit status. */

#define add_to(list, value)                                            \
	(vector_push(list, value)                                      \
		 ? kprof_cmd_cannot(-ENOMEM, NULL, "read the options") \
		 : 0)

static int set_option(struct kprof_serve_options *options, int option,
		      const char *value)
{
	switch (option) {
	case OPT_LISTEN:
		return add_to(&options->listen, value);
	case OPT_HOST:
		return add_to(&options->hosts, value);
	case OPT_SYMBOLS:
		return add_to(&options->symbol_dirs, value);
	case OPT_DEBUG_DIR:
		return add_to(&options->debug_dirs, value);
	case OPT_TOKEN_FILE:
		options->token_file = value;
		return 0;
	case OPT_TLS_CERT:
		options->tls_cert = value;
		return 0;
	case OPT_TLS_KEY:
		options->tls_key = value;
		return 0;
	case OPT_USER:
		options->user = value;
		return 0;
	case OPT_NO_LINES:
		options->no_lines = true;
		return 0;
	case OPT_DEVICE:
		options->device = value;
		return 0;
	case OPT_MAX_SECONDS:
		return kprof_cmd_parse_number32(
			"the longest profile in seconds", value, MAX_SECONDS,
			&options->max_seconds);
	case OPT_MAX_COLLECTIONS:
		return kprof_cmd_parse_number32("the number of collections",
						value, MAX_COLLECTIONS,
						&options->max_collections);
	case OPT_MAX_CONNECTIONS:
		return kprof_cmd_parse_number32("the number of connections",
						value, MAX_CONNECTIONS,
						&options->max_connections);
	default:
		/* getopt_long() has said what is wrong. */
		return KPROF_EXIT_USAGE;
	}
}

static int show_help(const struct kprof_serve_options *options)
{
	bool is_serve = options->device;

	fputs(is_serve ? usage_serve : usage_symserver, stdout);
	fputs(usage_common, stdout);
	if (is_serve)
		fputs(usage_profiles, stdout);
	fputs(usage_help, stdout);
	return -1;
}

static int check(const struct kprof_serve_options *options, int nr_left)
{
	if (!options->tls_cert != !options->tls_key)
		return kprof_cmd_misuse(options->command,
					"--tls-cert and --tls-key go together");
	if (options->device && nr_left)
		return kprof_cmd_misuse(options->command,
					"serve takes no arguments: what is "
					"profiled stands in the request");
	if (!options->device && !nr_left)
		return kprof_cmd_misuse(options->command,
					"no directory with symbols given");
	return 0;
}

/* 0, what to exit with, or -1 if help was shown. */
static int parse_options(int argc, char **argv,
			 struct kprof_serve_options *options)
{
	struct option known[sizeof(long_options) / sizeof(*long_options)] = {};
	int option, status;

	memcpy(known, long_options,
	       options->device ? sizeof(long_options)
			       : NR_COMMON * sizeof(*long_options));
	while ((option = getopt_long(argc, argv, "h", known, NULL)) >= 0) {
		if (option == 'h')
			return show_help(options);
		status = set_option(options, option, optarg);
		if (status)
			return status;
	}
	status = check(options, argc - optind);
	for (int i = optind; !status && i < argc; i++)
		status = add_to(&options->symbol_dirs, argv[i]);
	return status;
}

static int serve(int argc, char **argv, const char *device)
{
	struct kprof_serve_options options = {
		.command = argv[0],
		.device = device,
		.user = "nobody",
		.max_seconds = KPROF_SERVE_MAX_SECONDS,
		.max_collections = KPROF_SERVE_MAX_COLLECTIONS,
		.max_connections = KPROF_SERVE_MAX_CONNECTIONS,
		.argv = argv,
	};
	int status = parse_options(argc, argv, &options);

	if (!status)
		status = kprof_serve_run(&options);
	vector_free(&options.listen);
	vector_free(&options.hosts);
	vector_free(&options.symbol_dirs);
	vector_free(&options.debug_dirs);
	return status < 0 ? KPROF_EXIT_DONE : status;
}

int kprof_cmd_serve(int argc, char **argv)
{
	return serve(argc, argv, KPROF_DEVICE);
}

int kprof_cmd_symserver(int argc, char **argv)
{
	return serve(argc, argv, NULL);
}
