// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server of kprofctl serve: sockets.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/http_server.h"

#include "cmd/serve_address.h"
#include "cmd/serve_notify.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	/* What a client that does not read may make the kernel keep */
	SEND_BUFFER_BYTES = 256 << 10,
};

/* Sockets; each function is 0 or what to exit with. */

static int add_listener(struct kprof_server *server, int fd,
			const struct kprof_serve_address *address)
{
	bool is_local = kprof_serve_address_is_local(address);
	char text[KPROF_SERVE_ADDRESS_TEXT];

	kprof_serve_address_text(address, text);
	if (!is_local && !server->token[0]) {
		close(fd);
		return kprof_cmd_cannot(
			0, "--token-file FILE lets those in that know it",
			"listen on %s, which others can reach, without a token",
			text);
	}
	if (!is_local && !server->options->tls_cert)
		fprintf(stderr,
			"kprofctl: warning: on %s token and profiles can be "
			"read on their way (--tls-cert, --tls-key)\n",
			text);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (vector_push(&server->listeners, fd))
		return kprof_cmd_cannot(-ENOMEM, NULL, "listen");
	return 0;
}

static int listen_on(struct kprof_server *server, const char *text)
{
	struct kprof_serve_address address;
	int fd;

	if (kprof_serve_address_parse(text, &address))
		return kprof_cmd_misuse(server->options->command,
					"'%s' is no address: ADDRESS:PORT, "
					"[ADDRESS]:PORT or unix:PATH",
					text);
	/* Refused before anybody can connect. */
	if (!kprof_serve_address_is_local(&address) && !server->token[0])
		return add_listener(server, -1, &address);
	fd = kprof_serve_listen(&address);
	if (fd < 0)
		return kprof_cmd_cannot(fd, NULL, "listen on %s", text);
	/* The port may have been 0. */
	kprof_serve_address_of(fd, &address);
	return add_listener(server, fd, &address);
}

static int take_activated(struct kprof_server *server, int nr)
{
	struct kprof_serve_address address;
	int status = 0;

	for (int i = 0; !status && i < nr; i++) {
		int fd = KPROF_NOTIFY_FIRST_FD + i;

		if (kprof_serve_address_of(fd, &address))
			return kprof_cmd_cannot(
				0, NULL, "use descriptor %d: no socket", fd);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		status = add_listener(server, fd, &address);
	}
	return status;
}

int kprof_listen_start(struct kprof_server *server)
{
	const struct kprof_serve_options *options = server->options;
	int activated = kprof_notify_listen_fds();
	int status = 0;

	if (activated)
		return take_activated(server, activated);
	if (!options->listen.nr)
		return listen_on(server, KPROF_SERVE_ADDRESS);
	for (size_t i = 0; !status && i < options->listen.nr; i++)
		status = listen_on(server, options->listen.data[i]);
	return status;
}

void kprof_listen_say(const struct kprof_server *server)
{
	vector_for_each (&server->listeners, fd) {
		struct kprof_serve_address address;
		char text[KPROF_SERVE_ADDRESS_TEXT];

		if (kprof_serve_address_of(*fd, &address))
			continue;
		kprof_serve_address_text(&address, text);
		if (kprof_serve_address_is_unix(&address))
			fprintf(stderr, "kprofctl: listening on %s\n", text);
		else
			fprintf(stderr, "kprofctl: listening on %s://%s/\n",
				server->options->tls_cert ? "https" : "http",
				text);
	}
}

/* Connections */

/* libmicrohttpd would let it wait until others are done. */
static void refuse_connection(const struct kprof_server *server, int fd)
{
	static const char words[] =
		"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n"
		"Retry-After: 1\r\nX-Go-Pprof: 1\r\n"
		"Content-Type: text/plain; charset=utf-8\r\n"
		"Content-Length: 21\r\n\r\ntoo many connections\n";
	char request[1024];

	if (!server->options->tls_cert) {
		(void)!send(fd, words, sizeof(words) - 1, MSG_NOSIGNAL);
		/* What is unread when it closes would destroy the answer. */
		shutdown(fd, SHUT_WR);
		(void)!recv(fd, request, sizeof(request), MSG_DONTWAIT);
	}
	close(fd);
}

static void accept_one(struct kprof_server *server, int fd,
		       const struct kprof_serve_address *peer)
{
	if (server->nr_connections >= server->options->max_connections) {
		server->totals.busy++;
		refuse_connection(server, fd);
		return;
	}
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){SEND_BUFFER_BYTES},
		   sizeof(int));
	kprof_mhd.add_connection(server->daemon, fd, &peer->any, peer->len);
}

static void accept_all(struct kprof_server *server)
{
	vector_for_each (&server->listeners, listener) {
		struct kprof_serve_address peer = {
			.len = sizeof(peer.storage),
		};
		int fd;

		while ((fd = accept4(*listener, &peer.any, &peer.len,
				     SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
			accept_one(server, fd, &peer);
			peer.len = sizeof(peer.storage);
		}
	}
}

static void accept_ready(struct kprof_server *server, void *object)
{
	(void)object;
	accept_all(server);
}

int kprof_listen_watch(struct kprof_server *server)
{
	static struct kprof_watch accepting = {accept_ready, NULL};
	int err = 0;

	vector_for_each (&server->listeners, fd)
		err = err ?: kprof_watch_add(server, *fd, EPOLLIN, &accepting);
	return err;
}

void kprof_listen_stop(struct kprof_server *server)
{
	vector_for_each (&server->listeners, fd)
		close(*fd);
	vector_free(&server->listeners);
}
