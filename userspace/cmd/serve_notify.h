/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What systemd hands over and wants to hear: sd_listen_fds(3), sd_notify(3).
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_SERVE_NOTIFY_H
#define CMD_SERVE_NOTIFY_H

enum {
	KPROF_NOTIFY_FIRST_FD = 3,
};

/* Sockets from KPROF_NOTIFY_FIRST_FD on; 0 if we were not activated so. */
int kprof_notify_listen_fds(void);
/* "READY=1" and the like, if somebody wants to hear it. */
void kprof_notify(const char *state);

#endif /* CMD_SERVE_NOTIFY_H */
