// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command line of record and start.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/options.h"

#include "cmd/cmd.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* More than any kernel is built for. */
	MAX_CPUS = 65536,
	MAX_SECONDS = 1000000000,
	MAX_NAME_BYTES = 64,
	KIB = 1024,

	OPT_NO_INHERIT = 256,
	OPT_DEPTH,
	OPT_MAX_SAMPLE_US,
	OPT_RING_KIB,
	OPT_LABEL_VALUES,
	OPT_FORCE_RATE,
	OPT_NO_SYMBOLIZE,
	OPT_NO_LINES,
	OPT_DEBUGINFOD,
	OPT_MAX_MEMORY,
	OPT_NO_JITTER,
	OPT_READ,
	OPT_DEBUG_DIR,
	OPT_SYMBOLS,
	OPT_DEVICE,
	OPT_NAME,
};

static const char usage_record[] =
	"Usage: kprofctl record [OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"       kprofctl record [OPTION]... -p PID[,PID]...|-t "
	"TID[,TID]...|-a\n\n"
	"Samples the stacks of a program that it starts, of running processes\n"
	"or of everything, and writes them to a file that pprof reads.\n\n";

static const char usage_start[] =
	"Usage: kprofctl start [--name NAME] [OPTION of record]... TARGET\n\n"
	"Records in the background until 'kprofctl stop'.\n\n"
	"      --name NAME     tells several of them apart (default)\n";

static const char usage_options[] =
	"  -p PID,...          processes, with all their threads\n"
	"  -t TID,...          threads\n"
	"  -a                  everything that runs\n"
	"  -C CPUS             only on these, like 0,2-3\n"
	"  -F HZ               samples per second and CPU (default 99)\n"
	"  -d SECONDS          end after so long\n"
	"  -o FILE             write to it (default kprof.pb.gz)\n"
	"  -g cfi|fp|none      user stacks by unwind information (default), "
	"by\n"
	"                      frame pointers only, or none\n"
	"  -k                  kernel stacks too\n"
	"  -q                  no progress and no summary\n"
	"      --no-inherit    without children of the targets\n"
	"      --depth N       frames of a user stack (default 127)\n"
	"      --max-sample-us N\n"
	"                      microseconds for a stack, then it is cut "
	"(default 50)\n"
	"      --ring-kib N    buffer of each CPU, a power of two (default "
	"256)\n"
	"      --label-values N\n"
	"                      names of processes, and of threads, that are "
	"kept "
	"apart;\n"
	"                      later ones are (other) (default 100)\n"
	"      --force-rate    accept a rate that the timers cannot keep\n"
	"      --no-symbolize  leave addresses as they are\n"
	"      --debuginfod    ask the servers in DEBUGINFOD_URLS for debug "
	"files\n"
	"      --no-lines      names of functions only: no source lines, no "
	"inlines\n"
	"      --max-memory MIB for the debug information of a file, else no "
	"lines\n"
	"                      (default a quarter of the machine's)\n"
	"      --debug-dir DIR separate debug files, may be repeated\n"
	"                      (default /usr/lib/debug)\n"
	"      --symbols DIR   symbol maps, of symmap; may be repeated\n"
	"      --device PATH   instead of /dev/kprof\n"
	"      --no-jitter     for tests: sample in phase with the clock\n"
	"      --read          for tests: read() instead of mmap()\n"
	"  -h, --help          show this\n";

// clang-format off
static const struct option long_options[] = {
	{ "pid", required_argument, NULL, 'p' },
	{ "tid", required_argument, NULL, 't' },
	{ "all", no_argument, NULL, 'a' },
	{ "cpu", required_argument, NULL, 'C' },
	{ "freq", required_argument, NULL, 'F' },
	{ "duration", required_argument, NULL, 'd' },
	{ "output", required_argument, NULL, 'o' },
	{ "call-graph", required_argument, NULL, 'g' },
	{ "kernel", no_argument, NULL, 'k' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "no-inherit", no_argument, NULL, OPT_NO_INHERIT },
	{ "depth", required_argument, NULL, OPT_DEPTH },
	{ "max-sample-us", required_argument, NULL, OPT_MAX_SAMPLE_US },
	{ "ring-kib", required_argument, NULL, OPT_RING_KIB },
	{ "label-values", required_argument, NULL, OPT_LABEL_VALUES },
	{ "force-rate", no_argument, NULL, OPT_FORCE_RATE },
	{ "no-symbolize", no_argument, NULL, OPT_NO_SYMBOLIZE },
	{ "no-lines", no_argument, NULL, OPT_NO_LINES },
	{ "debuginfod", no_argument, NULL, OPT_DEBUGINFOD },
	{ "max-memory", required_argument, NULL, OPT_MAX_MEMORY },
	{ "debug-dir", required_argument, NULL, OPT_DEBUG_DIR },
	{ "symbols", required_argument, NULL, OPT_SYMBOLS },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "no-jitter", no_argument, NULL, OPT_NO_JITTER },
	{ "read", no_argument, NULL, OPT_READ },
	{ "help", no_argument, NULL, 'h' },
	/* The last one is only start's. */
	{ "name", required_argument, NULL, OPT_NAME },
	{},
};
// clang-format on

static bool is_start(const char *command)
{
	return !strcmp(command, "start");
}

/* Values */

/* Digits at *text, which moves behind them; false if there are none. */
static bool take_number(const char **text, unsigned long max,
			unsigned long *ret)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*ret = strtoul(*text, &end, 10);
	*text = end;
	return !errno && *ret <= max;
}

static int add_cpus(unsigned char **cpus, size_t *bytes, unsigned long first,
		    unsigned long last)
{
	size_t wanted = last / 8 + 1;

	if (wanted > *bytes) {
		unsigned char *grown = realloc(*cpus, wanted);

		if (!grown)
			return -ENOMEM;
		memset(grown + *bytes, 0, wanted - *bytes);
		*cpus = grown;
		*bytes = wanted;
	}
	for (; first <= last; first++)
		(*cpus)[first / 8] |= 1 << first % 8;
	return 0;
}

int kprof_options_parse_cpus(const char *text, unsigned char **ret,
			     size_t *bytes_ret)
{
	_cleanup_free_ unsigned char *cpus = NULL;
	unsigned long first, last;
	size_t bytes = 0;
	int err;

	do {
		if (!take_number(&text, MAX_CPUS - 1, &first))
			return -EINVAL;
		last = first;
		if (*text == '-' &&
		    (text++, !take_number(&text, MAX_CPUS - 1, &last)))
			return -EINVAL;
		if (last < first)
			return -EINVAL;
		err = add_cpus(&cpus, &bytes, first, last);
		if (err)
			return err;
	} while (*text++ == ',');
	if (text[-1])
		return -EINVAL;
	*ret = no_cleanup_ptr(cpus);
	*bytes_ret = bytes;
	return 0;
}

int kprof_options_parse_seconds(const char *text, uint64_t *ret)
{
	uint64_t unit = 100000000;
	unsigned long seconds;
	uint64_t ns;

	if (!take_number(&text, MAX_SECONDS, &seconds))
		return -EINVAL;
	ns = seconds * 1000000000ULL;
	if (*text == '.') {
		for (text++; isdigit((unsigned char)*text); text++, unit /= 10)
			ns += unit * (*text - '0');
	}
	if (*text || !ns)
		return -EINVAL;
	*ret = ns;
	return 0;
}

bool kprof_options_is_name(const char *text)
{
	size_t len = strspn(text,
			    "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "0123456789_.-");

	return len && !text[len] && len <= MAX_NAME_BYTES && *text != '.';
}

/* Options; each function is 0 or the exit status. */

static int add_targets(const char *command, const char *what, const char *text,
		       bool are_threads, struct kprof_record_options *options)
{
	const char *at = text;
	unsigned long id;
	int err;

	do {
		if (!take_number(&at, INT32_MAX, &id) || !id)
			return kprof_cmd_misuse(
				command, "'%s' is no list of %s", text, what);
		err = are_threads ? vector_push(&options->tids, id)
				  : vector_push(&options->pids, id);
		if (err)
			return kprof_cmd_cannot(err, NULL, "read the options");
	} while (*at++ == ',');
	if (at[-1])
		return kprof_cmd_misuse(command, "'%s' is no list of %s", text,
					what);
	return 0;
}

static int set_ring(const char *command, const char *text,
		    struct kprof_record_options *options)
{
	uint32_t kib;

	if (kprof_cmd_parse_number32("the ring's size in KiB", text,
				     UINT32_MAX / KIB, &kib))
		return KPROF_EXIT_USAGE;
	if (kib & (kib - 1))
		return kprof_cmd_misuse(command,
					"the ring's size must be a power of "
					"two, not %u KiB",
					kib);
	options->collect.ring_bytes = kib * KIB;
	return 0;
}

static int set_cpus(const char *command, const char *text,
		    struct kprof_record_options *options)
{
	int err;

	free(no_cleanup_ptr(options->cpus));
	err = kprof_options_parse_cpus(text, &options->cpus,
				       &options->collect.cpus_bytes);
	options->collect.cpus = options->cpus;
	if (err == -ENOMEM)
		return kprof_cmd_cannot(err, NULL, "read the options");
	return err ? kprof_cmd_misuse(command, "'%s' is no list of CPUs", text)
		   : 0;
}

static int set_stacks(const char *command, const char *text,
		      struct kprof_record_options *options)
{
	if (strcmp(text, "cfi") && strcmp(text, "fp") && strcmp(text, "none"))
		return kprof_cmd_misuse(
			command, "-g takes 'cfi', 'fp' or 'none', not '%s'",
			text);
	options->stacks = text;
	options->collect.no_user_stacks = !strcmp(text, "none");
	return 0;
}

static int set_name(const char *command, const char *text,
		    struct kprof_record_options *options)
{
	if (!is_start(command))
		return kprof_cmd_misuse(command, "--name is for start");
	if (!kprof_options_is_name(text))
		return kprof_cmd_misuse(command,
					"a name has letters, digits, '_', '-' "
					"and '.', not '%s'",
					text);
	options->name = text;
	return 0;
}

static int set_seconds(const char *command, const char *text,
		       struct kprof_record_options *options)
{
	if (kprof_options_parse_seconds(text, &options->duration_ns))
		return kprof_cmd_misuse(
			command, "-d takes seconds above 0, not '%s'", text);
	return 0;
}

static int add_debug_dir(const char *dir, struct kprof_record_options *options)
{
	int err = vector_push(&options->debug_dirs, dir);

	options->names.debug_dirs = options->debug_dirs.data;
	options->names.nr_debug_dirs = options->debug_dirs.nr;
	return err ? kprof_cmd_cannot(err, NULL, "read the options") : 0;
}

static int add_symbol_dir(const char *dir, struct kprof_record_options *options)
{
	int err = vector_push(&options->symbol_dirs, dir);

	options->names.symbol_dirs = options->symbol_dirs.data;
	options->names.nr_symbol_dirs = options->symbol_dirs.nr;
	return err ? kprof_cmd_cannot(err, NULL, "read the options") : 0;
}

static int set_option(const char *command, int option, const char *value,
		      struct kprof_record_options *options)
{
	struct kprof_collector_options *collect = &options->collect;

	switch (option) {
	case 'p':
		return add_targets(command, "process ids", value, false,
				   options);
	case 't':
		return add_targets(command, "thread ids", value, true, options);
	case 'a':
		collect->all_tasks = true;
		return 0;
	case 'C':
		return set_cpus(command, value, options);
	case 'F':
		return kprof_cmd_parse_number32("the rate in Hz", value,
						INT32_MAX, &collect->rate_hz);
	case 'd':
		return set_seconds(command, value, options);
	case 'o':
		options->output = value;
		return 0;
	case 'g':
		return set_stacks(command, value, options);
	case 'k':
		collect->kernel_stacks = true;
		return 0;
	case 'q':
		options->is_quiet = true;
		return 0;
	case OPT_NO_INHERIT:
		collect->no_inherit = true;
		return 0;
	case OPT_DEPTH:
		return kprof_cmd_parse_number32("the depth", value, INT32_MAX,
						&collect->max_depth);
	case OPT_MAX_SAMPLE_US:
		return kprof_cmd_parse_number32("the time for a stack", value,
						KPROF_MAX_SAMPLE_US,
						&collect->max_sample_us);
	case OPT_RING_KIB:
		return set_ring(command, value, options);
	case OPT_LABEL_VALUES:
		return kprof_cmd_parse_number32("the number of values", value,
						INT32_MAX,
						&collect->max_label_values);
	case OPT_FORCE_RATE:
		collect->force_rate = true;
		return 0;
	case OPT_NO_SYMBOLIZE:
		options->no_symbolize = true;
		return 0;
	case OPT_NO_LINES:
		options->names.no_lines = true;
		return 0;
	case OPT_DEBUGINFOD:
		options->names.debuginfod = true;
		return kprof_cmd_check_debuginfod(command);
	case OPT_MAX_MEMORY:
		return kprof_cmd_parse_memory(value,
					      &options->names.max_memory);
	case OPT_DEBUG_DIR:
		return add_debug_dir(value, options);
	case OPT_SYMBOLS:
		return add_symbol_dir(value, options);
	case OPT_DEVICE:
		collect->device = value;
		return 0;
	case OPT_NO_JITTER:
		collect->no_jitter = true;
		return 0;
	case OPT_READ:
		collect->use_read = true;
		return 0;
	default:
		return set_name(command, value, options);
	}
}

/* What getopt_long() did not like. */
static int complain(char **argv, int option)
{
	const char *text = argv[optind - 1];

	if (option == ':')
		return kprof_cmd_misuse(argv[0], "'%s' needs a value", text);
	if (optopt && optopt < 256)
		return kprof_cmd_misuse(argv[0], "there is no option '-%c'",
					optopt);
	return kprof_cmd_misuse(argv[0], "there is no option '%s'", text);
}

static int show_help(const char *command, const struct kprof_own_options *own)
{
	if (own)
		fputs(own->usage, stdout);
	else
		fputs(is_start(command) ? usage_start : usage_record, stdout);
	fputs(usage_options, stdout);
	return KPROF_EXIT_DONE;
}

/* Whole */

int kprof_options_check_targets(const char *command,
				const struct kprof_record_options *options)
{
	bool some = options->pids.nr || options->tids.nr;

	if (options->collect.all_tasks && some)
		return kprof_cmd_misuse(command,
					"-a is everything: neither -p "
					"nor -t goes with it");
	if (options->argv && some)
		return kprof_cmd_misuse(command,
					"either a command, or -p and -t");
	if (!options->argv && !some && !options->collect.all_tasks)
		return kprof_cmd_misuse(command,
					"nothing to record: give a command, "
					"-p, -t or -a");
	return -1;
}

static int join_arguments(int argc, char **argv,
			  struct kprof_record_options *options)
{
	_cleanup_strbuf_ struct kprof_strbuf line = {};

	kprof_strbuf_append_str(&line, "kprofctl");
	for (int i = 0; i < argc; i++)
		kprof_strbuf_appendf(&line, " %s", argv[i]);
	options->command_line = kprof_strbuf_steal(&line);
	options->collect.command = options->command_line;
	return options->command_line ? 0 : -ENOMEM;
}

/* Own options first, then those of record. */
struct grammar {
	char short_options[64];
	struct option long_options[64];
};

static size_t append_options(struct grammar *grammar, size_t nr,
			     const struct option *options)
{
	for (; options->name; options++)
		grammar->long_options[nr++] = *options;
	return nr;
}

static void make_grammar(const struct kprof_own_options *own,
			 struct grammar *ret)
{
	size_t nr = own ? append_options(ret, 0, own->long_options) : 0;

	append_options(ret, nr, long_options);
	/* "+": what follows the command is the command's. */
	snprintf(ret->short_options, sizeof(ret->short_options), "+:%s%s",
		 own ? own->short_options : "", "p:t:aC:F:d:o:g:kqh");
}

static bool is_own(const struct kprof_own_options *own, int option)
{
	return own && (option >= KPROF_OPT_FIRST_OWN ||
		       (option < 256 && strchr(own->short_options, option)));
}

static int parse_options(int argc, char **argv,
			 const struct kprof_own_options *own,
			 struct kprof_record_options *ret)
{
	struct grammar grammar = {};
	int option, status;

	make_grammar(own, &grammar);
	while ((option = getopt_long(argc, argv, grammar.short_options,
				     grammar.long_options, NULL)) >= 0) {
		if (option == 'h')
			return show_help(argv[0], own);
		if (option == '?' || option == ':')
			return complain(argv, option);
		status = is_own(own, option)
				 ? own->set(option, optarg, own->context)
				 : set_option(argv[0], option, optarg, ret);
		if (status)
			return status;
	}
	return -1;
}

int kprof_options_parse_own(int argc, char **argv,
			    const struct kprof_own_options *own,
			    struct kprof_record_options *ret)
{
	int status;

	*ret = (struct kprof_record_options){
		.collect.rate_hz = KPROF_DEFAULT_RATE_HZ,
		.collect.device = KPROF_DEVICE,
		.output = "kprof.pb.gz",
		.name = "default",
	};
	status = parse_options(argc, argv, own, ret);
	if (status >= 0)
		return status;
	if (optind < argc)
		ret->argv = argv + optind;
	if (join_arguments(argc, argv, ret))
		return kprof_cmd_cannot(-ENOMEM, NULL, "read the options");
	if (own && own->needs_no_target)
		return -1;
	return kprof_options_check_targets(argv[0], ret);
}

int kprof_options_parse(int argc, char **argv, struct kprof_record_options *ret)
{
	return kprof_options_parse_own(argc, argv, NULL, ret);
}

void kprof_options_deinit(struct kprof_record_options *options)
{
	vector_free(&options->pids);
	vector_free(&options->tids);
	vector_free(&options->debug_dirs);
	vector_free(&options->symbol_dirs);
	free(options->cpus);
	free(options->command_line);
}
