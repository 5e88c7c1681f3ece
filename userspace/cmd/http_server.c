// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: start, signals, the loop, the end.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include "cmd/module_error.h"
#include "cmd/serve_notify.h"
#include "cmd/serve_privileges.h"
#include "util/cleanup.h"
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SWEEP_MS = 1000,
	NS_PER_S = 1000000000,
	/* After the last request of one that ends */
	GRACE_S = 2,
	/* Of libmicrohttpd, per connection: the head of a request has to fit */
	CONNECTION_BYTES = 16 << 10,
	MAX_PEM_BYTES = 1 << 20,
	/* Descriptors besides those of connections */
	OTHER_DESCRIPTORS = 128,
};

/**
 * struct tls - certificate and key; {} is none
 * @cert: PEM text
 * @key: likewise
 */
struct tls {
	char *cert;
	char *key;
};

/* Slow ones */

static void drop_slow(struct kprof_server *server)
{
	uint64_t now = kprof_server_now();

	for (struct kprof_connection *connection = server->connections;
	     connection; connection = connection->next) {
		if (!connection->deadline_ns || connection->deadline_ns > now)
			continue;
		/*
		 * libmicrohttpd sees it and cleans up; what the kernel still
		 * keeps for the client goes, too.
		 */
		setsockopt(connection->fd, SOL_SOCKET, SO_LINGER,
			   &(struct linger){.l_onoff = 1},
			   sizeof(struct linger));
		shutdown(connection->fd, SHUT_RDWR);
		connection->deadline_ns = 0;
		server->totals.dropped++;
	}
}

/* Ending */

static void end_gently(struct kprof_server *server)
{
	uint64_t soon = kprof_server_now() + GRACE_S * (uint64_t)NS_PER_S;

	kprof_notify("STOPPING=1");
	server->is_ending = true;
	kprof_listen_stop(server);
	/* Those that wait for an answer get it. */
	for (struct kprof_connection *connection = server->connections;
	     connection; connection = connection->next)
		if (connection->deadline_ns > soon)
			connection->deadline_ns = soon;
}

static bool has_ended(const struct kprof_server *server)
{
	return server->has_failed ||
	       (server->is_ending && !server->nr_connections);
}

static void hang_up_all(struct kprof_server *server)
{
	while (server->waiting)
		kprof_request_hang_up(server->waiting);
}

/* Signals */

static void take_token(struct kprof_server *server,
		       const struct kprof_job_reply *reply, int output,
		       void *context)
{
	size_t len = 0;

	(void)context;
	if (output >= 0) {
		len = kprof_io_read_at(output, 0, server->token,
				       sizeof(server->token) - 1);
		close(output);
	}
	if (len)
		server->token[len] = '\0';
	fprintf(stderr, "kprofctl: the token is %s%s%s\n",
		len ? "a new one" : "still the old one: ",
		len ? "" : reply->message, "");
	kprof_notify("READY=1");
}

/* The file is root's: only the keeper can read it. */
static void rotate_token(struct kprof_server *server)
{
	struct kprof_job_request request = {.kind = KPROF_JOB_TOKEN};

	if (!server->options->token_file)
		return;
	kprof_notify("RELOADING=1");
	kprof_work_start(server, &request, -1, take_token, NULL);
}

static void take_signal(struct kprof_server *server, void *object)
{
	struct signalfd_siginfo info;

	(void)object;
	if (read(server->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		rotate_token(server);
	else if (server->is_ending)
		hang_up_all(server);
	else
		end_gently(server);
}

static void keeper_ended(struct kprof_server *server, void *object)
{
	(void)object;
	kprof_cmd_cannot(0, NULL,
			 "go on: the process with the privileges died");
	server->has_failed = true;
}

/* Loop */

static void daemon_ready(struct kprof_server *server, void *object)
{
	/* The loop runs it in any case. */
	(void)server;
	(void)object;
}

static int watch_all(struct kprof_server *server)
{
	static struct kprof_watch signals = {take_signal, NULL};
	static struct kprof_watch keeper = {keeper_ended, NULL};
	static struct kprof_watch daemon = {daemon_ready, NULL};
	int epoll = kprof_mhd
			    .get_daemon_info(server->daemon,
					     MHD_DAEMON_INFO_EPOLL_FD)
			    ->epoll_fd;
	int err = kprof_watch_add(server, epoll, EPOLLIN, &daemon);

	err = err
		      ?: kprof_watch_add(server, server->signals, EPOLLIN,
					 &signals);
	err = err ?: kprof_watch_add(server, server->keeper, EPOLLIN, &keeper);
	return err ?: kprof_listen_watch(server);
}

static int milliseconds_to_wait(const struct kprof_server *server)
{
	MHD_UNSIGNED_LONG_LONG wanted;

	if (kprof_mhd.get_timeout(server->daemon, &wanted) == MHD_YES &&
	    wanted < SWEEP_MS)
		return (int)wanted;
	return SWEEP_MS;
}

/* One event at a time: what it leads to may be the end of the next one's. */
static void loop(struct kprof_server *server)
{
	uint64_t next_sweep_ns = 0;
	struct epoll_event event;

	while (!has_ended(server)) {
		if (epoll_wait(server->epoll, &event, 1,
			       milliseconds_to_wait(server)) > 0) {
			struct kprof_watch *watch = event.data.ptr;

			watch->ready(server, watch->object);
		}
		kprof_mhd.run(server->daemon);
		if (kprof_server_now() >= next_sweep_ns) {
			drop_slow(server);
			next_sweep_ns = kprof_server_now() + NS_PER_S;
		}
	}
}

/* Start; each function is 0 or what to exit with. */

static int read_pem(const char *path, char **ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len;
	int err = fd < 0 ? -errno
			 : kprof_io_read_all(fd, MAX_PEM_BYTES, ret, &len);

	return err ? kprof_cmd_cannot(err, NULL, "read %s", path) : 0;
}

static int read_tls(const struct kprof_serve_options *options, struct tls *ret)
{
	if (!options->tls_cert)
		return 0;
	if (!kprof_mhd.is_feature_supported(MHD_FEATURE_TLS))
		return kprof_cmd_cannot(0, NULL,
					"use TLS: libmicrohttpd has none");
	return read_pem(options->tls_cert, &ret->cert)
		       ?: read_pem(options->tls_key, &ret->key);
}

static int read_token(struct kprof_server *server)
{
	const char *path = server->options->token_file;
	struct stat st;
	int err;

	if (!path)
		return 0;
	err = kprof_serve_read_token(path, server->token);
	if (err == -EINVAL)
		return kprof_cmd_cannot(0, "head -c 24 /dev/urandom | base64",
					"use the token in %s: its first line "
					"must be 16 to 256 visible characters",
					path);
	if (err)
		return kprof_cmd_cannot(err, NULL, "read %s", path);
	if (!stat(path, &st) && st.st_mode & 077)
		fprintf(stderr,
			"kprofctl: warning: others may read %s (chmod 600)\n",
			path);
	return 0;
}

static int start_daemon(struct kprof_server *server, const struct tls *tls)
{
	unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME |
			     MHD_USE_NO_LISTEN_SOCKET;
	struct MHD_OptionItem options[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key},
		{MHD_OPTION_END, 0, NULL},
	};

	server->daemon = kprof_mhd.start_daemon(
		flags | (tls->cert ? MHD_USE_TLS : 0), 0, NULL, NULL,
		kprof_request_handle, server, MHD_OPTION_URI_LOG_CALLBACK,
		kprof_request_begin, server, MHD_OPTION_NOTIFY_COMPLETED,
		kprof_request_end, server, MHD_OPTION_NOTIFY_CONNECTION,
		kprof_connection_notify, server, MHD_OPTION_CONNECTION_LIMIT,
		server->options->max_connections + 1,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
		tls->cert ? MHD_OPTION_ARRAY : MHD_OPTION_END, options,
		MHD_OPTION_END);
	return server->daemon
		       ? 0
		       : kprof_cmd_cannot(0,
					  tls->cert ? "are certificate and "
						      "key right?"
						    : NULL,
					  "start the HTTP server");
}

static int catch_signals(struct kprof_server *server)
{
	sigset_t wanted;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGHUP);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	signal(SIGPIPE, SIG_IGN);
	server->signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	return server->signals < 0
		       ? kprof_cmd_cannot(-errno, NULL, "catch signals")
		       : 0;
}

static int give_up_privileges(const struct kprof_serve_options *options)
{
	struct kprof_serve_user user = {};
	int err = geteuid() ? 0
			    : kprof_privileges_find_user(options->user, &user);

	if (err)
		return kprof_cmd_cannot(err, "--user NAME chooses another",
					"become user %s", options->user);
	err = kprof_privileges_drop_all(&user);
	return err ? kprof_cmd_cannot(err, NULL, "give up privileges") : 0;
}

static int ask_module(struct kprof_server *server)
{
	const char *device = server->options->device;
	struct kprof_module_info info;
	int status;

	if (!device)
		return 0;
	status = kprof_module_ask(device, &info);
	server->limits.max_rate_hz = info.max_rate_hz;
	return status;
}

/* Each connection is one, and so is what waits for the keeper. */
static void raise_descriptors(const struct kprof_serve_options *options)
{
	struct rlimit limit;
	rlim_t wanted = options->max_connections + OTHER_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	(void)!setrlimit(RLIMIT_NOFILE, &limit);
}

static int start_keeper(struct kprof_server *server)
{
	int err = kprof_keeper_start(server->options, &server->listeners,
				     &server->keeper);

	return err ? kprof_cmd_cannot(err, NULL, "start a process") : 0;
}

static int start_loop(struct kprof_server *server)
{
	int err;

	server->epoll = epoll_create1(EPOLL_CLOEXEC);
	err = server->epoll < 0 ? -errno : watch_all(server);
	return err ? kprof_cmd_cannot(err, NULL, "wait for requests") : 0;
}

/*
 * What only root can do comes before; what strangers can touch, after. Sockets
 * come first of all, as their numbers may be given.
 */
static int start(struct kprof_server *server)
{
	const struct kprof_serve_options *options = server->options;
	struct tls tls = {};
	int status = read_token(server) ?: kprof_listen_start(server);

	status = status ?: ask_module(server) ?: start_keeper(server);
	status = status ?: kprof_mhd_load() ?: read_tls(options, &tls);
	raise_descriptors(options);
	status = status ?: give_up_privileges(options);
	status = status ?: catch_signals(server) ?: start_daemon(server, &tls);
	free(tls.cert);
	free(tls.key);
	return status ?: start_loop(server);
}

/* The low bits are for the addresses in a mapping, as many as a file has. */
static uint64_t choose_epoch(void)
{
	uint16_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = getpid();
	/* Above every program, and no address of a kernel. */
	return UINT64_C(1) << 62 | (uint64_t)random << 44;
}

static void stop(struct kprof_server *server)
{
	hang_up_all(server);
	if (server->daemon) {
		kprof_mhd.run(server->daemon);
		kprof_mhd.stop_daemon(server->daemon);
	}
	kprof_profiles_deinit(server);
	kprof_listen_stop(server);
	kprof_cleanup_close(&server->mappings);
	kprof_cleanup_close(&server->signals);
	kprof_cleanup_close(&server->epoll);
	kprof_cleanup_close(&server->keeper);
}

int kprof_serve_run(const struct kprof_serve_options *options)
{
	struct kprof_server server = {
		.options = options,
		.limits.max_seconds = options->max_seconds,
		.epoll = -1,
		.keeper = -1,
		.signals = -1,
		.mappings = -1,
		.epoch = choose_epoch(),
		.start_ns = kprof_server_now(),
	};
	int status = start(&server);

	if (!status) {
		kprof_listen_say(&server);
		kprof_notify("READY=1");
		loop(&server);
		status =
			server.has_failed ? KPROF_EXIT_FAILED : KPROF_EXIT_DONE;
	}
	stop(&server);
	return status;
}
