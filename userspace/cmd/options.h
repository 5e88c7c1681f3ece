/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of record and start.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "lib/kprof.h"
#include "util/vector.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	KPROF_DEFAULT_RATE_HZ = 99,
};

/**
 * struct kprof_record_options - what to record, how, and where to
 * @collect: for the collector; cpus, device and command are in it
 * @pids: processes
 * @tids: threads
 * @skips_gone: of @pids, those that have ended are left out
 * @stacks: "cfi", "fp" or "none"; NULL is the best that the module can do
 * @duration_ns: 0 for no limit
 * @output: file
 * @debug_dirs: trees with debug files, none for the usual one
 * @symbol_dirs: directories with symbol maps
 * @names: how to symbolize; debug_dirs and symbol_dirs are in it
 * @no_symbolize: leave addresses as they are
 * @is_quiet: no progress, no summary
 * @name: of the background session
 * @argv: program to run, NULL for none
 * @cpus: owned, behind collect.cpus
 * @command_line: owned, behind collect.command
 */
struct kprof_record_options {
	struct kprof_collector_options collect;
	vector(int32_t) pids;
	vector(int32_t) tids;
	bool skips_gone;
	const char *stacks;
	uint64_t duration_ns;
	const char *output;
	vector(const char *) debug_dirs;
	vector(const char *) symbol_dirs;
	struct kprof_symbolize_options names;
	bool no_symbolize;
	bool is_quiet;
	const char *name;
	char **argv;
	unsigned char *cpus;
	char *command_line;
};

/**
 * struct kprof_own_options - what a command has beside the options of record
 * @usage: what its help says before them
 * @short_options: for getopt(); they come before those of record
 * @long_options: for getopt_long(), up to {}; values from KPROF_OPT_FIRST_OWN
 *	on. Likewise
 * @set: takes one; 0, or what to exit with
 * @context: for @set
 * @needs_no_target: whether there is something to record is asked later, with
 *	kprof_options_check_targets()
 */
struct kprof_own_options {
	const char *usage;
	const char *short_options;
	const struct option *long_options;
	int (*set)(int option, const char *value, void *context);
	void *context;
	bool needs_no_target;
};

enum {
	KPROF_OPT_FIRST_OWN = 1024,
};

/*
 * Of "record", or of "start", which has --name too. -1: go on; else it was
 * said what is wrong, or help was shown, and this is the exit status.
 */
int kprof_options_parse(int argc, char **argv,
			struct kprof_record_options *ret);
/* Of another command, which has options of its own. Likewise. */
int kprof_options_parse_own(int argc, char **argv,
			    const struct kprof_own_options *own,
			    struct kprof_record_options *ret);
/* Whether there is something to record, and only one thing. Likewise. */
int kprof_options_check_targets(const char *command,
				const struct kprof_record_options *options);
void kprof_options_deinit(struct kprof_record_options *options);

/* "0,2-3" to a bitmap, lowest bit first. 0, -EINVAL or -ENOMEM. */
int kprof_options_parse_cpus(const char *text, unsigned char **ret,
			     size_t *bytes_ret);
/* "1.5" to nanoseconds. 0 or -EINVAL; 0 seconds are none. */
int kprof_options_parse_seconds(const char *text, uint64_t *ret);
/* A name that can be that of a directory. */
bool kprof_options_is_name(const char *text);

#endif /* CMD_OPTIONS_H */
