// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: who listens where profiles are to be fetched.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * From what the kernel says of its sockets: asking the server itself would cost
 * it a connection, and could wait.
 */
#include "doctor_machine.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"

enum {
	STATE_LISTEN = 0x0a,
};

/* The socket that listens on @port, by its inode; 0 for none. */
static unsigned long find_listener(const struct kprof_doctor_machine *machine,
				   const char *table)
{
	_cleanup_free_ char *text =
		kprof_doctor_read(machine, "/proc/net/%s", table);
	unsigned int port, state;
	unsigned long inode;
	char *rest = text, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (sscanf(line,
			   " %*d: %*[0-9A-F]:%x %*[0-9A-F]:%*x %x %*s %*s %*s "
			   "%*d %*d %lu",
			   &port, &state, &inode) == 3 &&
		    port == machine->port && state == STATE_LISTEN)
			return inode;
	return 0;
}

/* Whether process @pid has the socket. */
static bool has_socket(const struct kprof_doctor_machine *machine,
		       const char *pid, const char *socket)
{
	_cleanup_free_ char *path =
		kprof_doctor_path(machine, "/proc/%s/fd", pid);
	_cleanup_closedir_ DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;
	char target[64];
	ssize_t len;

	while (dir && (entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, target,
				 sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		if (!strcmp(target, socket))
			return true;
	}
	return false;
}

/* The name of a process with the socket; NULL if none of ours has it. */
static char *find_owner(const struct kprof_doctor_machine *machine,
			unsigned long inode)
{
	_cleanup_free_ char *path = kprof_doctor_path(machine, "/proc");
	_cleanup_closedir_ DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry;
	char socket[64];

	snprintf(socket, sizeof(socket), "socket:[%lu]", inode);
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    has_socket(machine, entry->d_name, socket))
			return kprof_doctor_read(machine, "/proc/%s/comm",
						 entry->d_name);
	return NULL;
}

static void look_at_nobody(struct kprof_doctor *doctor,
			   const struct kprof_doctor_machine *machine)
{
	if (machine->is_port_wanted)
		kprof_doctor_bad(doctor,
				 "nothing listens on port %d: start 'kprofctl "
				 "serve', and look at the address that it says",
				 machine->port);
	else
		kprof_doctor_ok(doctor, "port %d is free for 'kprofctl serve'",
				machine->port);
}

void kprof_doctor_port(struct kprof_doctor *doctor,
		       const struct kprof_doctor_machine *machine)
{
	unsigned long inode =
		find_listener(machine, "tcp") ?: find_listener(machine, "tcp6");
	_cleanup_free_ char *owner = inode ? find_owner(machine, inode) : NULL;

	if (!inode)
		look_at_nobody(doctor, machine);
	else if (owner && !strcmp(owner, "kprofctl"))
		kprof_doctor_ok(doctor, "'kprofctl serve' listens on port %d",
				machine->port);
	else
		kprof_doctor_bad(doctor,
				 "%s%s has port %d: another --listen for "
				 "'kprofctl serve'",
				 owner ? "" : "a process of somebody else",
				 owner ?: "", machine->port);
}
