// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl stop: end a recording in the background.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/cmd.h"

#include "cmd/options.h"
#include "cmd/session_dir.h"
#include "util/cleanup.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"Usage: kprofctl stop [--name NAME]\n\n"
	"Ends a recording that 'kprofctl start' began, waits for its file and\n"
	"says what is in it. The exit status is that of the recording.\n\n"
	"      --name NAME  which (default)\n"
	"  -h, --help       show this\n";

static const struct option long_options[] = {
	{"name", required_argument, NULL, 'n'},
	{"help", no_argument, NULL, 'h'},
	{},
};

/* What the collector said, and what it exited with. */
static int show_end(struct kprof_session_dir *dir)
{
	_cleanup_free_ char *log = kprof_session_dir_read(dir, "log");
	_cleanup_free_ char *status = kprof_session_dir_read(dir, "exit");

	if (log)
		fputs(log, stderr);
	return status ? atoi(status) : KPROF_EXIT_FAILED;
}

static int show_death(struct kprof_session_dir *dir, const char *name)
{
	_cleanup_free_ char *log = kprof_session_dir_read(dir, "log");

	if (log)
		fputs(log, stderr);
	return kprof_cmd_cannot(0, NULL,
				"finish session '%s': its collector was "
				"killed, and nothing was written",
				name);
}

static int stop(struct kprof_session_dir *dir, const char *name)
{
	pid_t pid = kprof_session_dir_pid(dir);
	int err, status;

	if (kprof_session_dir_state(dir) == KPROF_SESSION_RUNNING) {
		/* It lives, so the number is still its own. */
		if (pid <= 0 || (kill(pid, SIGTERM) && errno != ESRCH))
			return kprof_cmd_cannot(pid <= 0 ? -ESRCH : -errno,
						NULL, "stop session '%s'",
						name);
		err = kprof_session_dir_wait(dir);
		if (err)
			return kprof_cmd_cannot(err, NULL,
						"wait for session '%s'", name);
	}
	if (kprof_session_dir_state(dir) == KPROF_SESSION_ENDED)
		status = show_end(dir);
	else
		status = show_death(dir, name);
	kprof_session_dir_remove(dir);
	return status;
}

static int find_and_stop(const char *name)
{
	struct kprof_session_dir dir;
	int err = kprof_session_dir_open(name, &dir);
	int status;

	if (err == -ENOENT)
		return kprof_cmd_cannot(0,
					"'kprofctl status' shows those that "
					"do",
					"stop session '%s': it does not run",
					name);
	if (err)
		return kprof_cmd_cannot(err, NULL, "stop session '%s'", name);
	status = stop(&dir, name);
	kprof_session_dir_close(&dir);
	return status;
}

int kprof_cmd_stop(int argc, char **argv)
{
	const char *name = "default";
	int option;

	while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) >=
	       0) {
		if (option == 'h') {
			fputs(usage, stdout);
			return KPROF_EXIT_DONE;
		}
		if (option != 'n')
			return kprof_cmd_misuse("stop", "what is '%s' to mean?",
						argv[optind - 1]);
		name = optarg;
	}
	if (optind < argc)
		return kprof_cmd_misuse("stop", "'%s' is too much",
					argv[optind]);
	if (!kprof_options_is_name(name))
		return kprof_cmd_misuse("stop", "'%s' is no name of a session",
					name);
	return find_and_stop(name);
}
