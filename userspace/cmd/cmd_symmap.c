// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl symmap: make and look at symbol maps.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/cmd.h"

#include "cmd/symmap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
	"Usage: kprofctl symmap build [OPTION]... ELF...\n"
	"       kprofctl symmap import [--build-id ID] FILE -o OUT\n"
	"       kprofctl symmap add DIR FILE...\n"
	"       kprofctl symmap show [-l] FILE\n"
	"       kprofctl symmap lookup FILE [ADDRESS]...\n"
	"       kprofctl symmap verify FILE...\n\n"
	"A symbol map has the functions of a binary, their source lines and\n"
	"what was inlined, so that the binary itself can be stripped. Its\n"
	"format is GSYM, which LLVM's tools read. --symbols DIR of record and\n"
	"start finds maps by their build-id. So it finds unwind maps,\n"
	"BUILD-ID.kuw, which add, show and verify take as well.\n\n"
	"build: from ELF files with symbols, or with separate debug files; if\n"
	"        strip would take away how stacks are unwound, an unwind map too\n"
	"  -o DIR|FILE         where to (default: here, as BUILD-ID.gsym)\n"
	"      --names-only    without lines and inlined functions\n"
	"      --debug-dir DIR debug files by build-id (default "
	"/usr/lib/debug)\n\n"
	"import: from what nm printed, a System.map or a perf map; - is "
	"standard input\n"
	"      --build-id ID   of the binary that it belongs to\n\n"
	"add: put maps into a directory as AB/CDEF.gsym, by build-id\n\n"
	"show: what is in a map\n"
	"  -l                  all functions: start, size, name\n\n"
	"lookup: addresses in the binary's own numbering, in hexadecimal; "
	"without\n"
	"        any, from standard input\n\n"
	"verify: read everything in it; say where it is damaged\n\n"
	"  -h, --help          show this\n";

struct subcommand {
	const char *name;
	int (*run)(int argc, char **argv);
};

static const struct subcommand subcommands[] = {
	{"build", kprof_symmap_build},	 {"import", kprof_symmap_import},
	{"add", kprof_symmap_add},	 {"show", kprof_symmap_show},
	{"lookup", kprof_symmap_lookup}, {"verify", kprof_symmap_verify},
};

static const char *reason(int err)
{
	switch (err) {
	case -ENOEXEC:
		return "it is no symbol map";
	case -EOPNOTSUPP:
		return "it is of a machine with the other byte order";
	case -EPROTONOSUPPORT:
		return "it is not GSYM version 1";
	case -EBADMSG:
		return "its head is damaged";
	default:
		return NULL;
	}
}

int kprof_symmap_open(const char *path, struct kprof_gsym **ret)
{
	int err = kprof_gsym_open(path, ret);
	const char *text = reason(err);

	if (text)
		return kprof_cmd_cannot(0, NULL, "read symbol map %s: %s", path,
					text);
	return err ? kprof_cmd_cannot(err, NULL, "read symbol map %s", path)
		   : 0;
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

int kprof_cmd_symmap(int argc, char **argv)
{
	if (wants_help(argc, argv)) {
		fputs(usage, stdout);
		return KPROF_EXIT_DONE;
	}
	if (argc < 2)
		return kprof_cmd_misuse("symmap", "what to do is missing");
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
		if (!strcmp(argv[1], subcommands[i].name))
			return subcommands[i].run(argc - 1, argv + 1);
	return kprof_cmd_misuse("symmap", "there is no command 'symmap %s'",
				argv[1]);
}
