// SPDX-License-Identifier: GPL-2.0-only
/*
 * The keeper: has the privileges that the server gave up, and forks a worker
 * for each of its requests.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A worker reads what strangers wrote (binaries, debug information); that it
 * may die of it, or take memory, is its own affair and ends with it.
 */
#include "cmd/serve_keeper.h"

#include "cmd/serve_address.h"
#include "cmd/serve_message.h"
#include "cmd/serve_privileges.h"
#include "util/cleanup.h"
#include "util/io.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum {
	/* The server has limits of its own; this is for one gone mad. */
	MAX_WORKERS = 32,
	REAP_MS = 1000,
};

static int (*const workers[KPROF_JOB_NR])(struct kprof_job *job) = {
	[KPROF_JOB_PROFILE] = kprof_job_profile,
	[KPROF_JOB_TEXT] = kprof_job_text,
	[KPROF_JOB_PAGE] = kprof_job_page,
	[KPROF_JOB_MAPPINGS] = kprof_job_mappings,
	[KPROF_JOB_SYMBOL] = kprof_job_symbol,
	[KPROF_JOB_PROCESSES] = kprof_job_processes,
	[KPROF_JOB_DEBUGINFO] = kprof_job_file,
	[KPROF_JOB_EXECUTABLE] = kprof_job_file,
	[KPROF_JOB_TOKEN] = kprof_job_token,
};

void kprof_job_names(const struct kprof_job *job,
		     struct kprof_symbolize_options *ret)
{
	const struct kprof_serve_options *options = job->options;

	*ret = (struct kprof_symbolize_options){
		.symbol_dirs = options->symbol_dirs.data,
		.nr_symbol_dirs = options->symbol_dirs.nr,
		.debug_dirs = options->debug_dirs.data,
		.nr_debug_dirs = options->debug_dirs.nr,
		.no_lines = options->no_lines,
	};
}

/* Worker */

/* The last line, without who says it: that is known. */
static void take_message(int fd, char *ret)
{
	static const char prefix[] = "kprofctl: ";
	_cleanup_free_ char *text = NULL;
	size_t len;
	char *line;

	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    kprof_io_read_all(fd, 1 << 20, &text, &len))
		return;
	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	if (!strncmp(line, prefix, strlen(prefix)))
		line += strlen(prefix);
	snprintf(ret, KPROF_JOB_MESSAGE_BYTES, "%s", line);
}

static uint32_t status_of(int exit_status)
{
	if (exit_status == KPROF_EXIT_USAGE)
		return KPROF_JOB_ABSENT;
	return exit_status ? KPROF_JOB_FAILED : KPROF_JOB_DONE;
}

static int run_worker(struct kprof_job *job)
{
	int status = workers[job->request->kind](job);

	if (!status && fflush(job->out))
		status = kprof_cmd_cannot(-errno, NULL, "keep the answer");
	return status;
}

/* What it says goes to a file of its own, and its last words to the server. */
static void work(struct kprof_job *job)
{
	struct kprof_job_reply reply = {};
	int words = memfd_create("kprof-words", MFD_CLOEXEC);

	job->out_fd = memfd_create("kprof-answer", MFD_CLOEXEC);
	job->out = job->out_fd < 0 ? NULL : fdopen(dup(job->out_fd), "w");
	if (words < 0 || !job->out || dup2(words, STDERR_FILENO) < 0)
		return;
	job->reply = &reply;
	reply.status = status_of(run_worker(job));
	fflush(stderr);
	if (reply.status)
		take_message(words, reply.message);
	kprof_message_send(job->reply_fd, &reply, sizeof(reply), &job->out_fd,
			   reply.status == KPROF_JOB_DONE);
}

/* Keeper */

static bool is_sound(struct kprof_job_request *request)
{
	struct kprof_serve_window *window = &request->window;

	if (request->kind >= KPROF_JOB_NR ||
	    request->nr_addresses > KPROF_JOB_MAX_ADDRESSES ||
	    window->nr_pids > KPROF_SERVE_MAX_PIDS ||
	    window->nr_comms > KPROF_SERVE_MAX_COMMS)
		return false;
	for (size_t i = 0; i < window->nr_comms; i++)
		if (!memchr(window->comms[i], 0, sizeof(window->comms[i])))
			return false;
	return memchr(window->cgroup, 0, sizeof(window->cgroup)) &&
	       memchr(request->build_id, 0, sizeof(request->build_id));
}

static void fork_worker(int keeper, const struct kprof_serve_options *options,
			struct kprof_job_request *request, int *fds)
{
	struct kprof_job job = {
		.request = request,
		.options = options,
		.reply_fd = fds[0],
		.input = fds[1],
	};
	pid_t pid = fork();

	if (pid)
		return;
	close(keeper);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, "kprof-worker");
	work(&job);
	_exit(0);
}

static void reap(size_t *nr_workers)
{
	while (*nr_workers && waitpid(-1, NULL, WNOHANG) > 0)
		--*nr_workers;
}

/* 0, or -EPIPE when the server is gone. */
static int serve_one(int fd, const struct kprof_serve_options *options,
		     size_t *nr_workers)
{
	struct kprof_job_request request;
	int fds[KPROF_MESSAGE_MAX_FDS];
	int err = kprof_message_receive(fd, &request, sizeof(request), fds);

	if (err == -EPIPE)
		return err;
	reap(nr_workers);
	/* Otherwise the closed socket says that nothing came of it. */
	if (!err && fds[0] >= 0 && is_sound(&request) &&
	    *nr_workers < MAX_WORKERS) {
		fork_worker(fd, options, &request, fds);
		++*nr_workers;
	}
	for (size_t i = 0; i < KPROF_MESSAGE_MAX_FDS; i++)
		kprof_cleanup_close(&fds[i]);
	return 0;
}

static void remove_sockets(const struct kprof_serve_options *options)
{
	struct kprof_serve_address address;

	for (size_t i = 0; i < options->listen.nr; i++)
		if (!kprof_serve_address_parse(options->listen.data[i],
					       &address) &&
		    kprof_serve_address_is_unix(&address))
			unlink(address.local.sun_path);
}

/*
 * A signal to the whole group is the server's business: it may have readers
 * that wait. Workers are ended by it, and give what they have.
 */
static void keep(int fd, const struct kprof_serve_options *options)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	size_t nr_workers = 0;

	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, "kprof-keeper");
	if (kprof_privileges_keep_profiling())
		return;
	for (;;) {
		int ready = poll(&poll_fd, 1, nr_workers ? REAP_MS : -1);

		if (ready > 0 && serve_one(fd, options, &nr_workers) == -EPIPE)
			break;
		reap(&nr_workers);
	}
	remove_sockets(options);
}

int kprof_keeper_start(const struct kprof_serve_options *options,
		       const kprof_listeners *listeners, int *ret)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	pid = fork();
	if (!pid) {
		close(fds[0]);
		vector_for_each (listeners, fd)
			close(*fd);
		keep(fds[1], options);
		_exit(0);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	*ret = fds[0];
	return 0;
}

/* The server's side */

int kprof_keeper_ask(int keeper, const struct kprof_job_request *request,
		     int input)
{
	int fds[2], sent[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	sent[0] = fds[1];
	sent[1] = input;
	err = kprof_message_send(keeper, request, sizeof(*request), sent,
				 input < 0 ? 1 : 2);
	close(fds[1]);
	if (!err)
		return fds[0];
	close(fds[0]);
	return err;
}

int kprof_keeper_take(int reply_fd, struct kprof_job_reply *ret)
{
	int fds[KPROF_MESSAGE_MAX_FDS];

	if (kprof_message_receive(reply_fd, ret, sizeof(*ret), fds)) {
		*ret = (struct kprof_job_reply){
			.status = KPROF_JOB_FAILED,
			.message = "the worker died",
		};
		return -1;
	}
	ret->message[sizeof(ret->message) - 1] = '\0';
	return fds[0];
}
