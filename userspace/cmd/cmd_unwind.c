// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl unwind: make and look at unwind tables.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/cmd.h"

#include "cmd/unwind.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"Usage: kprofctl unwind preload [OPTION]... PID|ELF...\n"
	"       kprofctl unwind show [-l] ELF|MAP [OFFSET]...\n\n"
	"An unwind table says how to get from a function to its caller where\n"
	"code has no frame pointers. It is compiled from the unwind\n"
	"information of a binary, and kept in $XDG_CACHE_HOME/kprof,\n"
	"/var/cache/kprof (root) or ~/.cache/kprof.\n\n"
	"preload: compile and keep the tables of all files that a process\n"
	"        maps, or of a program and the libraries that it loads\n"
	"      --symbols DIR   where unwind maps and binaries are as well\n"
	"      --debug-dir DIR debug files by build-id (default "
	"/usr/lib/debug)\n\n"
	"show: what a table says\n"
	"  -l                  all rows\n"
	"        or the rows at offsets in the file, in hexadecimal\n\n"
	"  -h, --help          show this\n";

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

int kprof_cmd_unwind(int argc, char **argv)
{
	if (wants_help(argc, argv)) {
		fputs(usage, stdout);
		return KPROF_EXIT_DONE;
	}
	if (argc < 2)
		return kprof_cmd_misuse("unwind", "what to do is missing");
	if (!strcmp(argv[1], "preload"))
		return kprof_unwind_preload(argc - 1, argv + 1);
	if (!strcmp(argv[1], "show"))
		return kprof_unwind_show(argc - 1, argv + 1);
	return kprof_cmd_misuse("unwind", "there is no command 'unwind %s'",
				argv[1]);
}
