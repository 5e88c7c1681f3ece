/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl serve and symserver: what the command line says.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Two processes. The server speaks with the network, has no privileges and does
 * no work of its own; the keeper keeps the privileges, hears nothing but small
 * fixed requests of the server (serve_job.h), and forks a worker for each.
 */
#ifndef CMD_SERVE_H
#define CMD_SERVE_H

#include "cmd/cmd.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	KPROF_SERVE_MAX_SECONDS = 120,
	KPROF_SERVE_MAX_COLLECTIONS = 4,
	KPROF_SERVE_MAX_CONNECTIONS = 256,
};

/**
 * struct kprof_serve_options - what to serve, where, and to whom
 * @command: "serve" or "symserver"
 * @device: of the module; NULL: symbols only
 * @listen: addresses, as serve_address.h has them; none is the usual one, or
 *	what systemd hands over
 * @hosts: further names by which browsers may call us
 * @token_file: NULL for none
 * @tls_cert: PEM file, NULL for no TLS
 * @tls_key: PEM file
 * @user: whose rights the server has, if it is started by root
 * @symbol_dirs: directories with symbol maps and debug files
 * @debug_dirs: trees with debug files, none for the usual one
 * @no_lines: names of functions only
 * @max_seconds: longest collection; what asks for more gets so long
 * @max_collections: at once
 * @max_connections: at once
 * @argv: the command line, for /debug/pprof/cmdline
 */
struct kprof_serve_options {
	const char *command;
	const char *device;
	vector(const char *) listen;
	vector(const char *) hosts;
	const char *token_file;
	const char *tls_cert;
	const char *tls_key;
	const char *user;
	vector(const char *) symbol_dirs;
	vector(const char *) debug_dirs;
	bool no_lines;
	uint32_t max_seconds;
	uint32_t max_collections;
	uint32_t max_connections;
	char **argv;
};

#ifdef HAVE_LIBMICROHTTPD
/* Serves until a signal ends it. Returns what to exit with. */
int kprof_serve_run(const struct kprof_serve_options *options);
#else
static inline int kprof_serve_run(const struct kprof_serve_options *options)
{
	return kprof_cmd_cannot(0, "it was built without libmicrohttpd", "%s",
				options->command);
}
#endif

#endif /* CMD_SERVE_H */
