/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libmicrohttpd, loaded when it is wanted.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Linked, it would bring a dozen libraries into every run of kprofctl: 2 MiB of
 * a collector that has 6, and 40 ms.
 */
#ifndef CMD_HTTP_MHD_H
#define CMD_HTTP_MHD_H

#include <microhttpd.h>

#define KPROF_MHD_FUNCTIONS(X)                                                 \
	X(add_connection)                                                      \
	X(add_response_header) X(create_response_from_buffer)                  \
		X(create_response_from_fd64) X(destroy_response) X(            \
			get_connection_info) X(get_daemon_info) X(get_timeout) \
			X(lookup_connection_value) X(queue_response)           \
				X(resume_connection) X(run) X(start_daemon)    \
					X(stop_daemon) X(suspend_connection)   \
						X(is_feature_supported)

/* MHD_run() and so on, without the MHD_. */
struct kprof_mhd {
#define X(name) __typeof__(&MHD_##name) name;
	KPROF_MHD_FUNCTIONS(X)
#undef X
};

extern struct kprof_mhd kprof_mhd;

/* 0, or what to exit with after it was said why. */
int kprof_mhd_load(void);

#endif /* CMD_HTTP_MHD_H */
