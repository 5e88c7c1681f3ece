// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl push: sends profiles to a store.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "input.h"
#include "interrupt.h"
#include "options.h"
#include "push.h"
#include "push_http.h"
#include "push_queue.h"
#include "push_sender.h"
#include "recording.h"
#include "summary.h"
#include "util/cleanup.h"
#include "util/io.h"
#include "util/strbuf.h"

enum {
	OPT_PYROSCOPE = KPROF_OPT_FIRST_OWN,
	OPT_INGEST,
	OPT_PARCA,
	OPT_EVERY,
	OPT_QUEUE,
	OPT_QUEUE_MIB,
	OPT_PATIENCE,
	OPT_TIMEOUT,
	OPT_TENANT,
	OPT_TOKEN_FILE,
	OPT_CA_FILE,

	/* At least two messages, which are at most 4 MiB. */
	MIN_QUEUE_MIB = 8,
	DEFAULT_QUEUE_MIB = 64,
	MAX_QUEUE_MIB = 1 << 20,
	DEFAULT_PATIENCE_S = 30,
	DEFAULT_TIMEOUT_S = 30,
	MAX_SECONDS = 86400,
	MAX_TOKEN_BYTES = 16384,
	HOST_NAME_BYTES = 256,
	WAIT_MS = 250,
};

static const char usage[] =
	"Usage: kprofctl push STORE [OPTION]... [FILE]...\n"
	"       kprofctl push STORE --every SECONDS [OPTION of record]... "
	"TARGET\n\n"
	"Sends profiles to a store: files, or what is recorded, again and "
	"again. What\n"
	"cannot be sent waits on the disk, and is sent the next time.\n\n"
	"      --pyroscope URL Grafana Pyroscope, by its push interface\n"
	"      --ingest URL    Pyroscope, by its older interface\n"
	"      --parca URL     Parca\n"
	"      --every SECONDS record, and send so often\n"
	"  -l, --label NAME=VALUE\n"
	"                      of the series, may be repeated; without one,\n"
	"                      service_name is kprof, instance this machine's "
	"name\n"
	"      --queue DIR     where profiles wait\n"
	"      --queue-mib N   that they may take; the oldest are dropped "
	"(default 64)\n"
	"      --patience SECONDS\n"
	"                      for files: how long to try (default 30)\n"
	"      --timeout SECONDS\n"
	"                      of an attempt (default 30)\n"
	"      --tenant NAME   for a store with several\n"
	"      --token-file FILE\n"
	"                      has the token that the store asks for\n"
	"      --ca-file FILE  certificates to believe, instead of the "
	"system's\n"
	"\nOptions of record, with --every:\n\n";

// clang-format off
static const struct option long_options[] = {
	{ "pyroscope", required_argument, NULL, OPT_PYROSCOPE },
	{ "ingest", required_argument, NULL, OPT_INGEST },
	{ "parca", required_argument, NULL, OPT_PARCA },
	{ "every", required_argument, NULL, OPT_EVERY },
	{ "label", required_argument, NULL, 'l' },
	{ "queue", required_argument, NULL, OPT_QUEUE },
	{ "queue-mib", required_argument, NULL, OPT_QUEUE_MIB },
	{ "patience", required_argument, NULL, OPT_PATIENCE },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "tenant", required_argument, NULL, OPT_TENANT },
	{ "token-file", required_argument, NULL, OPT_TOKEN_FILE },
	{ "ca-file", required_argument, NULL, OPT_CA_FILE },
	{},
};
// clang-format on

/**
 * struct push - a command line, and what is done of it
 * @every_ns: between two profiles; 0 for files
 * @patience_s: how long to try what is left
 * @token: owned
 * @unsendable: profiles that could not even be tried
 */
struct push {
	enum kprof_push_protocol protocol;
	const char *url;
	uint64_t every_ns;
	kprof_push_labels labels;
	const char *queue_path;
	uint64_t queue_mib;
	uint64_t patience_s;
	uint64_t timeout_s;
	const char *tenant;
	const char *ca_file;
	char *token;
	struct kprof_record_options record;
	struct kprof_push_queue queue;
	struct kprof_push_sender sender;
	uint64_t unsendable;
};

/* Options; each function is 0 or the exit status. */

static int set_store(struct push *push, enum kprof_push_protocol protocol,
		     const char *url)
{
	if (push->url)
		return kprof_cmd_misuse("push", "one store at a time");
	if (strncmp(url, "http://", 7) && strncmp(url, "https://", 8))
		return kprof_cmd_misuse(
			"push", "'%s' is no URL: http://HOST:PORT", url);
	if (strpbrk(url, "?# "))
		return kprof_cmd_misuse(
			"push", "'%s': a store's address has no query", url);
	push->protocol = protocol;
	push->url = url;
	return 0;
}

static int add_label(struct push *push, const char *text)
{
	const char *why;
	int err = kprof_push_add_label(&push->labels, text, &why);

	if (err == -EINVAL)
		return kprof_cmd_misuse("push", "the label '%s': %s", text,
					why);
	return err ? kprof_cmd_cannot(err, NULL, "read the options") : 0;
}

static int set_every(struct push *push, const char *text)
{
	if (kprof_options_parse_seconds(text, &push->every_ns))
		return kprof_cmd_misuse(
			"push", "--every takes seconds above 0, not '%s'",
			text);
	return 0;
}

static int read_token(struct push *push, const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len;
	int err = fd < 0 ? -errno : 0;

	free(no_cleanup_ptr(push->token));
	if (!err)
		err = kprof_io_read_all(fd, MAX_TOKEN_BYTES, &push->token,
					&len);
	if (err)
		return kprof_cmd_cannot(err, NULL, "read %s", path);
	push->token[strcspn(push->token, "\r\n")] = '\0';
	return 0;
}

static int set_option(int option, const char *value, void *context)
{
	struct push *push = context;

	switch (option) {
	case OPT_PYROSCOPE:
		return set_store(push, KPROF_PUSH_PYROSCOPE, value);
	case OPT_INGEST:
		return set_store(push, KPROF_PUSH_INGEST, value);
	case OPT_PARCA:
		return set_store(push, KPROF_PUSH_PARCA, value);
	case OPT_EVERY:
		return set_every(push, value);
	case 'l':
		return add_label(push, value);
	case OPT_QUEUE:
		push->queue_path = value;
		return 0;
	case OPT_QUEUE_MIB:
		return kprof_cmd_parse_number("the queue's size in MiB", value,
					      MIN_QUEUE_MIB, MAX_QUEUE_MIB,
					      &push->queue_mib);
	case OPT_PATIENCE:
		return kprof_cmd_parse_number("the patience in seconds", value,
					      0, MAX_SECONDS,
					      &push->patience_s);
	case OPT_TIMEOUT:
		return kprof_cmd_parse_number("the timeout in seconds", value,
					      1, MAX_SECONDS, &push->timeout_s);
	case OPT_TENANT:
		push->tenant = value;
		return 0;
	case OPT_TOKEN_FILE:
		return read_token(push, value);
	default:
		push->ca_file = value;
		return 0;
	}
}

/* In /ingest they stand in a list without quotes. */
static int check_labels(const struct push *push)
{
	if (push->protocol != KPROF_PUSH_INGEST)
		return 0;
	vector_for_each (&push->labels, label)
		if (strpbrk(label->value, "{},="))
			return kprof_cmd_misuse(
				"push",
				"the label '%s': --ingest has no way to say "
				"'{', '}', ',' and '='; --pyroscope has",
				label->name);
	return 0;
}

static int add_default(struct push *push, const char *name, const char *value)
{
	_cleanup_strbuf_ struct kprof_strbuf text = {};

	if (kprof_push_label_value(&push->labels, name))
		return 0;
	kprof_strbuf_appendf(&text, "%s=%s", name, value);
	return add_label(push, kprof_strbuf_str(&text));
}

static int add_defaults(struct push *push)
{
	char host[HOST_NAME_BYTES] = "";
	int status = add_default(push, "service_name", "kprof");

	if (status || gethostname(host, sizeof(host) - 1) || !*host)
		return status;
	return add_default(push, "instance", host);
}

/* Queue */

/* The address as part of a file name, without a password in it. */
static void append_address(struct kprof_strbuf *path, const char *url)
{
	const char *host = strstr(url, "://") + 3;
	const char *at = strchr(host, '@'), *slash = strchr(host, '/');

	if (at && (!slash || at < slash))
		host = at + 1;
	for (; *host; host++)
		kprof_strbuf_append_char(path, isalnum((unsigned char)*host) ||
							       *host == '.'
						       ? *host
						       : '_');
}

static const char *protocol_name(enum kprof_push_protocol protocol)
{
	static const char *const names[] = {
		[KPROF_PUSH_PYROSCOPE] = "pyroscope",
		[KPROF_PUSH_INGEST] = "ingest",
		[KPROF_PUSH_PARCA] = "parca",
	};

	return names[protocol];
}

/* One for each store: what waits in it is for that one. */
static char *default_queue_path(const struct push *push)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct kprof_strbuf path = {};

	if (!geteuid())
		kprof_strbuf_append_str(&path, "/var/lib/kprof/queue/");
	else if (state && *state == '/')
		kprof_strbuf_appendf(&path, "%s/kprof/queue/", state);
	else
		kprof_strbuf_appendf(&path, "%s/.local/state/kprof/queue/",
				     home ?: "");
	kprof_strbuf_appendf(&path, "%s-", protocol_name(push->protocol));
	append_address(&path, push->url);
	return kprof_strbuf_steal(&path);
}

static int open_queue(struct push *push)
{
	_cleanup_free_ char *path = push->queue_path ? strdup(push->queue_path)
						     : default_queue_path(push);
	int err = path ? kprof_push_queue_open(&push->queue, path,
					       push->queue_mib << 20)
		       : -ENOMEM;

	if (err == -EWOULDBLOCK)
		return kprof_cmd_cannot(0,
					"another 'kprofctl push' has it; "
					"--queue names another one",
					"use the queue %s", path);
	return err ? kprof_cmd_cannot(err, NULL, "use the queue %s", path) : 0;
}

static int open_sender(struct push *push)
{
	struct kprof_push_http_options options = {
		.timeout_ms = push->timeout_s * 1000,
		.ca_file = push->ca_file,
		.token = push->token,
		.tenant = push->tenant,
	};
	int err;

	push->sender = (struct kprof_push_sender){
		.protocol = push->protocol,
		.url = push->url,
		.queue = &push->queue,
		.is_quiet = push->record.is_quiet,
	};
	err = kprof_push_http_create(&options, &push->sender.http);
	if (err == -ENOTSUP)
		return kprof_cmd_cannot(0, NULL,
					"send: kprofctl was built without "
					"libcurl");
	if (err == -ENOPKG)
		return kprof_cmd_cannot(0, "Debian: libcurl3-gnutls",
					"send: libcurl is not here");
	return err ? kprof_cmd_cannot(err, NULL, "send") : 0;
}

/* Profiles */

static int offer(const void *message, size_t len, void *context)
{
	struct push *push = context;

	return kprof_push_sender_offer(&push->sender, message, len);
}

/* @what: for words. */
static void push_profile(struct push *push, const struct kprof_profile *profile,
			 const char *what)
{
	int err = kprof_push_make_messages(profile, &push->labels,
					   KPROF_PUSH_MAX_SAMPLES,
					   KPROF_PUSH_MAX_BYTES, offer, push);

	if (!err)
		return;
	push->unsendable++;
	if (err == -ENODATA)
		kprof_cmd_cannot(0, NULL, "send %s: there is nothing in it",
				 what);
	else
		kprof_cmd_cannot(err, NULL, "send %s", what);
}

static uint64_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* The first attempt comes to its end, whatever the patience. */
static bool is_worth_waiting(const struct push *push, uint64_t end)
{
	const struct kprof_push_sender *sender = &push->sender;

	return !kprof_push_sender_is_done(sender) &&
	       (now_s() < end || (sender->is_sending && !sender->failures));
}

/* Until all is sent, or for so long. */
static void send_rest(struct push *push, uint64_t seconds)
{
	uint64_t end = now_s() + seconds;
	struct pollfd fd = {.fd = kprof_interrupt_fd(), .events = POLLIN};

	while (is_worth_waiting(push, end) &&
	       (push->every_ns || !kprof_interrupt_take()))
		kprof_push_sender_wait(&push->sender, &fd,
				       push->every_ns ? 0 : 1, WAIT_MS);
}

/* What was lost is a failure; of files, what is not sent yet is one as well. */
static int conclude(struct push *push)
{
	uint64_t lost = push->sender.refused + push->unsendable;
	size_t waiting;

	kprof_push_sender_deinit(&push->sender);
	waiting = push->queue.all.nr;
	if (!push->record.is_quiet || lost || waiting)
		fprintf(stderr,
			"kprofctl: sent %" PRIu64 ", %zu wait in %s, %" PRIu64
			" dropped there so far, %" PRIu64 " refused\n",
			push->sender.sent, waiting, push->queue.path,
			push->queue.dropped, lost);
	if (lost || push->queue.dropped > push->queue.dropped_before)
		return KPROF_EXIT_FAILED;
	return waiting && !push->every_ns ? KPROF_EXIT_FAILED : KPROF_EXIT_DONE;
}

/* Files */

static int push_file(struct push *push, const char *path)
{
	struct kprof_profile *profile;
	int status = kprof_input_read(path, &profile);

	if (status)
		return status;
	push_profile(push, profile, kprof_input_name(path));
	kprof_profile_destroy(profile);
	return 0;
}

static int push_files(struct push *push)
{
	int status = 0, err = kprof_interrupt_init(false);

	if (err)
		return kprof_cmd_cannot(err, NULL, "catch signals");
	for (char **path = push->record.argv; path && *path; path++)
		status = push_file(push, *path) ?: status;
	send_rest(push, push->patience_s);
	return conclude(push) ?: status;
}

/* Recording */

static int take_window(struct kprof_profile *profile,
		       const struct kprof_counters *counters, void *context)
{
	struct push *push = context;

	(void)counters;
	if (profile->nr_samples)
		push_profile(push, profile, "what was recorded");
	kprof_profile_destroy(profile);
	return 0;
}

static int take_last(const struct kprof_profile *profile,
		     const struct kprof_collector_summary *summary,
		     void *context)
{
	struct push *push = context;

	(void)summary;
	if (profile->nr_samples)
		push_profile(push, profile, "what was recorded");
	return 0;
}

static void wait_for_both(struct pollfd *fds, unsigned int nr, int timeout_ms,
			  void *context)
{
	struct push *push = context;

	kprof_push_sender_wait(&push->sender, fds, nr, timeout_ms);
}

static int push_recording(struct push *push)
{
	const struct kprof_recording_watcher watcher = {
		.finished = take_last,
		.window_ns = push->every_ns,
		.window = take_window,
		.wait = wait_for_both,
		.context = push,
		.stderr_fd = -1,
	};
	int status = kprof_recording_run(&push->record, &watcher), left;

	/* The last one has a moment, then it waits for the next start. */
	send_rest(push, push->timeout_s);
	left = conclude(push);
	return status ?: left;
}

static int run(struct push *push)
{
	int status = open_queue(push);

	if (!status)
		status = open_sender(push);
	if (!status)
		status = push->every_ns ? push_recording(push)
					: push_files(push);
	kprof_push_queue_close(&push->queue);
	return status;
}

/* -1: go on. */
static int check(struct push *push, const char *command)
{
	int status;

	if (!push->url)
		return kprof_cmd_misuse(command,
					"where to? --pyroscope, "
					"--ingest or --parca");
	status = check_labels(push) ?: add_defaults(push);
	if (status)
		return status;
	if (push->every_ns)
		return kprof_options_check_targets(command, &push->record);
	if (push->record.collect.all_tasks || push->record.pids.nr ||
	    push->record.tids.nr)
		return kprof_cmd_misuse(command, "to record, it takes --every");
	return -1;
}

int kprof_cmd_push(int argc, char **argv)
{
	struct push push = {
		.queue_mib = DEFAULT_QUEUE_MIB,
		.patience_s = DEFAULT_PATIENCE_S,
		.timeout_s = DEFAULT_TIMEOUT_S,
		.queue = KPROF_PUSH_QUEUE_INIT,
	};
	const struct kprof_own_options own = {
		.usage = usage,
		.short_options = "l:",
		.long_options = long_options,
		.set = set_option,
		.context = &push,
		.needs_no_target = true,
	};
	int status = kprof_options_parse_own(argc, argv, &own, &push.record);

	/* Its comments are no place for what an address may have in it. */
	push.record.collect.command = "kprofctl push";
	if (status < 0)
		status = check(&push, argv[0]);
	if (status < 0)
		status = run(&push);
	kprof_push_free_labels(&push.labels);
	kprof_options_deinit(&push.record);
	free(push.token);
	return status;
}
