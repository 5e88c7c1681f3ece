// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl: the command table, help and version.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
};

// clang-format off
static const struct command commands[] = {
	{ "record", kprof_cmd_record, "profile a program or processes into a file" },
	{ "start",  kprof_cmd_start,  "profile in the background, until stop" },
	{ "stop",   kprof_cmd_stop,   "end a background profile and write its file" },
	{ "status", kprof_cmd_status, "show the module and the profiles that run" },
	{ "report", kprof_cmd_report, "show a profile as table, tree or flame graph" },
	{ "top",    kprof_cmd_top,    "show what takes the time, live" },
	{ "diff",   kprof_cmd_diff,   "show what is different in a second profile" },
	{ "merge",  kprof_cmd_merge,  "add up profiles" },
	{ "doctor", kprof_cmd_doctor, "say what is wrong with a machine or a profile, and what to do" },
	{ "push",   kprof_cmd_push,   "send profiles to Pyroscope or Parca" },
	{ "serve",  kprof_cmd_serve,  "profile this machine over HTTP, as pprof asks for it" },
	{ "symserver", kprof_cmd_symserver, "name functions over HTTP, from symbol maps" },
	{ "symbolize", kprof_cmd_symbolize, "name the functions of a profile, on any machine" },
	{ "archive", kprof_cmd_archive, "collect the binaries of a profile into a tar file" },
	{ "symmap", kprof_cmd_symmap, "make and look at symbol maps for stripped binaries" },
	{ "unwind", kprof_cmd_unwind, "make and look at tables for stacks without frame pointers" },
};
// clang-format on

static const size_t nr_commands = sizeof(commands) / sizeof(commands[0]);

static void print_usage(FILE *out)
{
	fputs("Usage: kprofctl [-v] COMMAND [OPTION]...\n\n"
	      "Samples the stacks of programs with the kprof module and "
	      "writes\n"
	      "profiles that pprof reads.\n\nCommands:\n",
	      out);
	for (size_t i = 0; i < nr_commands; i++)
		fprintf(out, "  %-9s %s\n", commands[i].name,
			commands[i].summary);
	fputs("  help      show this, or the help of a command\n\n"
	      "Options:\n"
	      "  -v, --verbose  say more; twice: say much more\n"
	      "  --version      show the version and what was built in\n\n"
	      "See 'kprofctl COMMAND --help' and kprofctl(1).\n",
	      out);
}

static int print_version(void)
{
	printf("kprofctl %s\n%s\n", KPROF_VERSION, KPROF_FEATURES);
	if (kprof_dwarf_reader())
		printf("%s\n", kprof_dwarf_reader());
	return KPROF_EXIT_DONE;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < nr_commands; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	return kprof_cmd_misuse(NULL, "there is no command '%s'", name);
}

static int help(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_usage(stdout);
		return KPROF_EXIT_DONE;
	}
	command = find_command(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	return command->run(2, (char *[]){argv[1], "--help", NULL});
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
	return !strcmp(text, a) || !strcmp(text, b);
}

int main(int argc, char **argv)
{
	enum kprof_log_level level = KPROF_LOG_WARNING;
	const struct command *command;
	int i = 1;

	/* For the width of characters in terminals; numbers stay as in C. */
	setlocale(LC_CTYPE, "");
	for (; i < argc && is_one_of(argv[i], "-v", "--verbose"); i++)
		if (level < KPROF_LOG_DEBUG)
			level++;
	kprof_cmd_set_log_level(level);

	if (i == argc) {
		print_usage(stderr);
		return KPROF_EXIT_USAGE;
	}
	if (is_one_of(argv[i], "--version", "version"))
		return print_version();
	if (is_one_of(argv[i], "--help", "-h") || !strcmp(argv[i], "help"))
		return help(argc - i, argv + i);
	command = find_command(argv[i]);
	if (!command)
		return unknown_command(argv[i]);
	return command->run(argc - i, argv + i);
}
