// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl status: the module, and the recordings in the background.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/cmd.h"

#include "cmd/module_error.h"
#include "cmd/session_dir.h"
#include "util/cleanup.h"
#include "util/json.h"
#include "util/vector.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* Feature bits of a module. */
	NR_BITS = 64,
};

static const char usage[] =
	"Usage: kprofctl status [--json] [--device PATH]\n\n"
	"Shows the loaded module, and the recordings that 'kprofctl start'\n"
	"began.\n\n"
	"      --json         for programs\n"
	"      --device PATH  instead of /dev/kprof\n"
	"  -h, --help         show this\n";

static const struct option long_options[] = {
	{"json", no_argument, NULL, 'j'},
	{"device", required_argument, NULL, 'D'},
	{"help", no_argument, NULL, 'h'},
	{},
};

struct session {
	char name[256];
	enum kprof_session_state state;
	struct kprof_session_status status;
};

struct sessions {
	vector(struct session) all;
};

/* Finding */

static int add_session(struct sessions *sessions, const char *name)
{
	struct session session = {};
	struct kprof_session_dir dir;

	/* One that vanishes meanwhile is none. */
	if (kprof_session_dir_open(name, &dir))
		return 0;
	snprintf(session.name, sizeof(session.name), "%s", name);
	session.state = kprof_session_dir_state(&dir);
	kprof_session_status_read(&dir, &session.status);
	kprof_session_dir_close(&dir);
	return vector_push(&sessions->all, session);
}

static int compare_names(const void *a, const void *b)
{
	const struct session *first = a, *second = b;

	return strcmp(first->name, second->name);
}

static int find_sessions(struct sessions *sessions)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	int err = kprof_sessions_path(&path);

	if (err)
		return err;
	dir = opendir(path);
	while (!err && dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			err = add_session(sessions, entry->d_name);
	if (sessions->all.nr)
		qsort(sessions->all.data, sessions->all.nr,
		      sizeof(*sessions->all.data), compare_names);
	return err;
}

/* For people */

static void print_features(const struct kprof_module_info *info)
{
	printf("features:");
	for (unsigned int bit = 0; bit < NR_BITS; bit++) {
		const char *name = kprof_module_feature_name(bit);

		if (name && info->features >> bit & 1)
			printf(" %s", name);
	}
	putchar('\n');
}

static const char *plural(uint32_t number)
{
	return number == 1 ? "" : "s";
}

static void print_module(const struct kprof_module_info *info)
{
	printf("module: %s, ABI %" PRIu32 "\n", info->version,
	       info->abi_version);
	print_features(info);
	printf("limits: %" PRIu32 " Hz, %" PRIu32 " frames, %" PRIu32
	       " sessions, rings of %" PRIu32 " KiB, ",
	       info->max_rate_hz, info->max_depth, info->max_sessions,
	       info->max_ring_bytes / 1024);
	if (info->max_cpu_percent)
		printf("%" PRIu32 " %% of a CPU\n", info->max_cpu_percent);
	else
		puts("no limit on CPU time");
	if (info->features & KPROF_MODULE_HIGH_RES)
		printf("timer: high resolution, %" PRIu32 " ns\n",
		       info->timer_resolution_ns);
	else
		printf("timer: tick-bound, at most %" PRIu32 " Hz\n",
		       info->tick_hz);
	if (info->features & KPROF_MODULE_SCHED_SWITCH)
		puts("idle CPUs: sleep");
	else
		puts("idle CPUs: interrupted at the full rate, this kernel "
		     "does "
		     "not tell of switches");
	printf("in use: %" PRIu32 " session%s, %" PRIu32 " task%s, %" PRIu32
	       " address space%s, %" PRIu32 " ring pages\n",
	       info->nr_sessions, plural(info->nr_sessions), info->nr_tracked,
	       plural(info->nr_tracked), info->nr_spaces,
	       plural(info->nr_spaces), info->nr_ring_pages);
	if (info->features & KPROF_MODULE_UNWIND_TABLES)
		printf("unwind tables: %" PRIu32 ", %" PRIu64
		       " KiB of at most %" PRIu64 " MiB\n",
		       info->nr_unwind_tables, info->unwind_bytes >> 10,
		       info->max_unwind_bytes >> 20);
}

static void print_session(const struct session *session)
{
	const struct kprof_session_status *status = &session->status;

	printf("session %s: ", session->name);
	if (session->state == KPROF_SESSION_DIED) {
		puts("its collector was killed; 'kprofctl stop' cleans up");
		return;
	}
	if (session->state == KPROF_SESSION_ENDED) {
		printf("%s to %s has ended; 'kprofctl stop' tells how\n",
		       status->targets, status->output);
		return;
	}
	printf("process %d, ", (int)status->pid);
	printf("%s at %" PRIu32 " Hz, %.0f s, %" PRIu64 " samples, %" PRIu64
	       " lost, %" PRIu64
	       " missed, %.2f us per sample, %.2f %% of a CPU, "
	       "longest interrupt %.1f us%s, to %s\n",
	       status->targets, status->rate_hz, status->seconds,
	       status->samples, status->lost, status->missed, status->cost_us,
	       status->cpu_percent, status->longest_us,
	       status->is_throttled ? ", throttled" : "", status->output);
}

static int print_text(const char *device, struct sessions *sessions)
{
	struct kprof_module_info info;
	int status;

	fflush(stdout);
	status = kprof_module_ask(device, &info);
	if (!status)
		print_module(&info);
	vector_for_each (&sessions->all, session)
		print_session(session);
	if (!sessions->all.nr)
		puts("no session in the background");
	return status;
}

/* For programs */

static void json_features(struct kprof_json *json,
			  const struct kprof_module_info *info)
{
	kprof_json_key(json, "features");
	kprof_json_begin_array(json);
	for (unsigned int bit = 0; bit < NR_BITS; bit++) {
		const char *name = kprof_module_feature_name(bit);

		if (name && info->features >> bit & 1)
			kprof_json_string(json, name);
	}
	kprof_json_end_array(json);
}

static void json_info(struct kprof_json *json,
		      const struct kprof_module_info *info)
{
	kprof_json_member_string(json, "version", info->version);
	kprof_json_member_uint(json, "abi", info->abi_version);
	json_features(json, info);
	kprof_json_member_uint(json, "max_rate_hz", info->max_rate_hz);
	kprof_json_member_uint(json, "max_depth", info->max_depth);
	kprof_json_member_uint(json, "max_sessions", info->max_sessions);
	kprof_json_member_uint(json, "max_ring_bytes", info->max_ring_bytes);
	kprof_json_member_uint(json, "max_cpu_percent", info->max_cpu_percent);
	kprof_json_member_uint(json, "timer_resolution_ns",
			       info->timer_resolution_ns);
	kprof_json_member_uint(json, "tick_hz", info->tick_hz);
	kprof_json_member_uint(json, "nr_sessions", info->nr_sessions);
	kprof_json_member_uint(json, "nr_tracked", info->nr_tracked);
	kprof_json_member_uint(json, "nr_spaces", info->nr_spaces);
	kprof_json_member_uint(json, "nr_ring_pages", info->nr_ring_pages);
	kprof_json_member_uint(json, "nr_unwind_tables",
			       info->nr_unwind_tables);
	kprof_json_member_uint(json, "unwind_bytes", info->unwind_bytes);
	kprof_json_member_uint(json, "max_unwind_bytes",
			       info->max_unwind_bytes);
}

/* A module that may not be asked is loaded nevertheless. */
static int json_module(struct kprof_json *json, const char *device)
{
	struct kprof_module_info info;
	int err = kprof_module_info(device, &info);

	kprof_json_key(json, "module");
	kprof_json_begin_object(json);
	kprof_json_member_bool(json, "loaded", !err || !access(device, F_OK));
	if (err == -EPROTONOSUPPORT)
		kprof_json_member_uint(json, "abi", info.abi_version);
	if (err)
		kprof_json_member_string(json, "error", strerror(-err));
	else
		json_info(json, &info);
	kprof_json_end_object(json);
	return err ? KPROF_EXIT_FAILED : KPROF_EXIT_DONE;
}

static void json_session(struct kprof_json *json, const struct session *session)
{
	const struct kprof_session_status *status = &session->status;

	kprof_json_begin_object(json);
	kprof_json_member_string(json, "name", session->name);
	kprof_json_member_int(json, "pid", status->pid);
	kprof_json_member_string(json, "targets", status->targets);
	kprof_json_member_string(json, "output", status->output);
	kprof_json_member_uint(json, "rate_hz", status->rate_hz);
	kprof_json_member_uint(json, "seconds", status->seconds);
	kprof_json_member_uint(json, "samples", status->samples);
	kprof_json_member_uint(json, "lost", status->lost);
	kprof_json_member_uint(json, "missed", status->missed);
	kprof_json_member_uint(json, "ns_per_sample", status->cost_us * 1e3);
	kprof_json_member_uint(json, "cpu_ppm", status->cpu_percent * 1e4);
	kprof_json_member_uint(json, "longest_interrupt_ns",
			       status->longest_us * 1e3);
	kprof_json_member_bool(json, "throttled", status->is_throttled);
	kprof_json_end_object(json);
}

static int print_json(const char *device, struct sessions *sessions)
{
	struct kprof_json json;
	int status, err;

	kprof_json_init(&json, stdout);
	kprof_json_begin_object(&json);
	status = json_module(&json, device);
	kprof_json_key(&json, "sessions");
	kprof_json_begin_array(&json);
	vector_for_each (&sessions->all, session)
		if (session->state == KPROF_SESSION_RUNNING)
			json_session(&json, session);
	kprof_json_end_array(&json);
	kprof_json_end_object(&json);
	err = kprof_json_finish(&json);
	return err ? kprof_cmd_cannot(err, NULL, "write the status") : status;
}

int kprof_cmd_status(int argc, char **argv)
{
	const char *device = KPROF_DEVICE;
	struct sessions sessions = {};
	bool is_json = false;
	int option, err, status;

	while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) >=
	       0) {
		if (option == 'h') {
			fputs(usage, stdout);
			return KPROF_EXIT_DONE;
		}
		if (option == 'j')
			is_json = true;
		else if (option == 'D')
			device = optarg;
		else
			return kprof_cmd_misuse("status",
						"what is '%s' to mean?",
						argv[optind - 1]);
	}
	if (optind < argc)
		return kprof_cmd_misuse("status", "'%s' is too much",
					argv[optind]);
	err = find_sessions(&sessions);
	if (err)
		status = kprof_cmd_cannot(err, NULL, "look for sessions");
	else
		status = is_json ? print_json(device, &sessions)
				 : print_text(device, &sessions);
	vector_free(&sessions.all);
	return status;
}
