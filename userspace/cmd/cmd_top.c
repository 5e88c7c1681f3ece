// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl top: what takes the time, live.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "recording.h"
#include "top.h"
#include "top_screen.h"
#include "util/cleanup.h"

enum {
	OPT_EVERY = KPROF_OPT_FIRST_OWN,
	OPT_LAST,
	OPT_ROWS,
	OPT_CUM,
	OPT_FILTER,

	DEFAULT_WINDOWS = 5,
	MAX_WINDOWS = 3600,
	DEFAULT_ROWS = 20,
	/* The recording's descriptors, and the terminal. */
	MAX_FDS = 4,
};

static const uint64_t default_every_ns = 1000000000;

static const char usage[] =
	"Usage: kprofctl top [OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"       kprofctl top [OPTION]... -p PID[,PID]...|-t TID[,TID]...|-a\n\n"
	"Shows which functions take the time, live. Keys: Up, Down, Enter "
	"stacks, "
	"Esc\n"
	"back, f flat, c cum, / filter, p pause, q quit.\n\n"
	"  -b                  no terminal: print a table each time\n"
	"  -n N                end after N of them\n"
	"      --every SECONDS look so often (default 1)\n"
	"      --last N        show the last N times together (default 5)\n"
	"      --rows N        with -b: rows of a table (default 20)\n"
	"      --cum           sort by what a function takes with those it "
	"calls\n"
	"      --filter REGEX  only functions with such a name\n"
	"\nOptions of record:\n\n";

// clang-format off
static const struct option long_options[] = {
	{ "batch", no_argument, NULL, 'b' },
	{ "iterations", required_argument, NULL, 'n' },
	{ "every", required_argument, NULL, OPT_EVERY },
	{ "last", required_argument, NULL, OPT_LAST },
	{ "rows", required_argument, NULL, OPT_ROWS },
	{ "cum", no_argument, NULL, OPT_CUM },
	{ "filter", required_argument, NULL, OPT_FILTER },
	{},
};
// clang-format on

/**
 * struct live - a command line, and what is done of it
 * @max_tables: end after so many; 0 for no limit
 * @nr_tables: so many were shown
 * @screen: NULL before it is open, and in batch mode
 * @null_fd: where a program that is recorded writes to, -1 in batch mode
 * @is_over: the user has seen enough
 */
struct live {
	struct kprof_record_options record;
	struct kprof_top top;
	uint64_t every_ns;
	uint64_t nr_rows;
	uint64_t max_tables;
	uint64_t nr_tables;
	bool is_batch;
	struct kprof_top_screen *screen;
	int null_fd;
	bool is_over;
};

/* Options; each function is 0 or the exit status. */

static int set_windows(struct live *live, const char *text)
{
	uint64_t nr;
	int status = kprof_cmd_parse_number("the number of times", text, 1,
					    MAX_WINDOWS, &nr);

	if (!status)
		live->top.max_windows = nr;
	return status;
}

static int set_every(struct live *live, const char *text)
{
	if (kprof_options_parse_seconds(text, &live->every_ns))
		return kprof_cmd_misuse(
			"top", "--every takes seconds above 0, not '%s'", text);
	return 0;
}

static int set_filter(struct live *live, const char *text)
{
	if (kprof_top_set_filter(&live->top, text))
		return kprof_cmd_misuse("top", "'%s' is no regular expression",
					text);
	return 0;
}

static int set_option(int option, const char *value, void *context)
{
	struct live *live = context;

	switch (option) {
	case 'b':
		live->is_batch = true;
		return 0;
	case 'n':
		return kprof_cmd_parse_number("the number of tables", value, 1,
					      UINT32_MAX, &live->max_tables);
	case OPT_EVERY:
		return set_every(live, value);
	case OPT_LAST:
		return set_windows(live, value);
	case OPT_ROWS:
		return kprof_cmd_parse_number("the number of rows", value, 1,
					      UINT32_MAX, &live->nr_rows);
	case OPT_CUM:
		live->top.by_cum = true;
		return 0;
	default:
		return set_filter(live, value);
	}
}

/* Showing */

static int show(struct live *live)
{
	live->nr_tables++;
	if (live->screen) {
		kprof_top_screen_draw(live->screen);
		return 0;
	}
	kprof_top_print(&live->top, live->nr_rows, stdout);
	if (fflush(stdout))
		return kprof_cmd_cannot(-errno, NULL, "write");
	return 0;
}

static int take_window(struct kprof_profile *profile,
		       const struct kprof_counters *counters, void *context)
{
	struct live *live = context;
	int err = kprof_top_add(&live->top, profile, counters);

	return err ? kprof_cmd_cannot(err, NULL, "show what was sampled")
		   : show(live);
}

static bool is_over(void *context)
{
	const struct live *live = context;

	return live->is_over ||
	       (live->max_tables && live->nr_tables >= live->max_tables);
}

/* What came after the last table is too little to be one. */
static int take_last(const struct kprof_profile *profile,
		     const struct kprof_collector_summary *summary,
		     void *context)
{
	(void)profile;
	(void)summary;
	(void)context;
	return KPROF_EXIT_DONE;
}

/* Terminal */

static void open_screen(void *context)
{
	struct live *live = context;
	int err = kprof_top_screen_open(
		&live->top, live->record.command_line + strlen("kprofctl top "),
		&live->screen);

	if (!err) {
		kprof_top_screen_draw(live->screen);
		return;
	}
	kprof_cmd_cannot(0, "-b needs none",
			 err == -ENOTSUP
				 ? "show it: kprofctl was built without ncurses"
				 : "use this terminal");
	live->is_over = true;
}

static void close_screen(void *context)
{
	struct live *live = context;

	kprof_top_screen_close(live->screen);
	live->screen = NULL;
}

static void wait_for_keys(struct pollfd *fds, unsigned int nr, int timeout_ms,
			  void *context)
{
	struct live *live = context;
	struct pollfd all[MAX_FDS];

	if (!live->screen || nr >= MAX_FDS) {
		poll(fds, nr, timeout_ms);
		return;
	}
	memcpy(all, fds, nr * sizeof(*fds));
	all[nr] = (struct pollfd){.fd = kprof_top_screen_fd(live->screen),
				  .events = POLLIN};
	poll(all, nr + 1, timeout_ms);
	/* Also where a signal says that the window has another size. */
	if (!kprof_top_screen_read(live->screen))
		live->is_over = true;
}

/* A program that is recorded is not to write on the screen. */
static int redirect_output(struct live *live)
{
	live->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (live->null_fd < 0 || dup2(live->null_fd, STDOUT_FILENO) < 0)
		return kprof_cmd_cannot(-errno, NULL, "open /dev/null");
	return 0;
}

static int run(struct live *live)
{
	char message[KPROF_CMD_MESSAGE_BYTES];
	struct kprof_recording_watcher watcher = {
		.is_over = is_over,
		.finished = take_last,
		.window_ns = live->every_ns,
		.window = take_window,
		.wait = wait_for_keys,
		.context = live,
		.stderr_fd = -1,
	};
	int status;

	if (!live->is_batch) {
		if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
			return kprof_cmd_cannot(0, "-b needs none",
						"show it: this is no terminal");
		status = redirect_output(live);
		if (status)
			return status;
		watcher.started = open_screen;
		watcher.ended = close_screen;
		watcher.stderr_fd = live->null_fd;
		/* A second Ctrl-C must not leave the terminal as it is. */
		watcher.is_background = true;
		kprof_cmd_keep_log(message);
	}
	status = kprof_recording_run(&live->record, &watcher);
	kprof_top_screen_close(live->screen);
	kprof_cmd_restore_log();
	return status;
}

int kprof_cmd_top(int argc, char **argv)
{
	struct live live = {
		.top.max_windows = DEFAULT_WINDOWS,
		.every_ns = default_every_ns,
		.nr_rows = DEFAULT_ROWS,
		.null_fd = -1,
	};
	const struct kprof_own_options own = {
		.usage = usage,
		.short_options = "bn:",
		.long_options = long_options,
		.set = set_option,
		.context = &live,
	};
	int status = kprof_options_parse_own(argc, argv, &own, &live.record);

	/* Of lines nothing is shown, and finding them takes long. */
	live.record.names.no_lines = true;
	if (status < 0)
		status = run(&live);
	kprof_top_deinit(&live.top);
	kprof_options_deinit(&live.record);
	kprof_cleanup_close(&live.null_fd);
	return status;
}
