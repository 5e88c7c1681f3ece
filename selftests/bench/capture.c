// SPDX-License-Identifier: GPL-2.0
/*
 * The smallest reader of /dev/kprof: takes everything out with read(), counts
 * it, and keeps nothing.
 *
 *	capture [-F HZ] [-p PID] [-l] -- COMMAND [ARGUMENT]...
 *
 * Samples COMMAND, or PID, until COMMAND ends. -l: late, reads nothing before
 * that, so that the command shares its processor with the interrupts only.
 * Prints "key value" lines; COMMAND's output goes before them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <fcntl.h>
#include <linux/kprof.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

enum {
	BUFFER_BYTES = 256 * 1024,
	/* Holds what the longest late run takes. */
	RING_BYTES = 4 * 1024 * 1024,
	POLL_MS = 50,
	NSEC_PER_SEC = 1000000000,
};

struct options {
	uint64_t rate_hz;
	pid_t pid;
	bool late;
	char **command;
};

/* @defined: bytes of definitions since the last sample */
struct counts {
	uint64_t bytes;
	uint64_t samples;
	uint64_t repeated;
	uint64_t repeated_bytes;
	uint64_t defined;
	bool is_final;
	struct kprof_stats stats;
};

/* The device */

static int open_session(uint64_t rate_hz)
{
	struct kprof_setup_args setup = {
		.size = sizeof(setup),
		.period_ns = NSEC_PER_SEC / rate_hz,
		.ring_bytes = RING_BYTES,
	};
	int fd = open("/dev/kprof", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		die("/dev/kprof");
	if (ioctl(fd, KPROF_IOC_SETUP, &setup))
		die("SETUP");
	return fd;
}

static void start_session(int fd, pid_t pid)
{
	struct kprof_attach_args attach = {
		.size = sizeof(attach),
		.flags = KPROF_ATTACH_PID,
		.target = pid,
	};

	if (ioctl(fd, KPROF_IOC_ATTACH, &attach))
		die("ATTACH");
	if (ioctl(fd, KPROF_IOC_START))
		die("START");
}

/* Records */

static void count_sample(struct counts *counts, uint32_t bytes)
{
	counts->samples++;
	if (!counts->defined) {
		counts->repeated++;
		counts->repeated_bytes += bytes;
	}
	counts->defined = 0;
}

static void count_record(struct counts *counts, const char *data)
{
	const struct kprof_record *rec = (const void *)data;
	const struct kprof_record_stats *stats = (const void *)data;

	/* Says which ring follows, and is in none. */
	if (rec->type == KPROF_REC_RING)
		return;
	counts->bytes += rec->size;
	switch (rec->type) {
	case KPROF_REC_SAMPLE:
		count_sample(counts, rec->size);
		break;
	case KPROF_REC_STACK:
	case KPROF_REC_CONTEXT:
		counts->defined += rec->size;
		break;
	case KPROF_REC_STATS:
		counts->stats = stats->stats;
		counts->is_final = stats->stats.flags & KPROF_STATS_FINAL;
		break;
	}
}

static void drain(int fd, struct counts *counts)
{
	static char buffer[BUFFER_BYTES] __attribute__((aligned(8)));
	ssize_t bytes, done;

	while ((bytes = read(fd, buffer, sizeof(buffer))) > 0) {
		for (done = 0; done < bytes;) {
			const void *at = buffer + done;

			count_record(counts, at);
			done += ((const struct kprof_record *)at)->size;
		}
	}
	if (bytes < 0 && errno != EAGAIN && errno != EINTR)
		die("read");
}

static void wait_for_data(int fd)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	poll(&poll_fd, 1, POLL_MS);
}

/* The command */

/* Waits for a byte before it becomes COMMAND: then it is attached. */
static pid_t start_command(char **command, int *go_ret)
{
	int go[2];
	pid_t pid;
	char byte;

	if (pipe(go))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid) {
		close(go[0]);
		*go_ret = go[1];
		return pid;
	}
	close(go[1]);
	if (read(go[0], &byte, 1) != 1)
		_exit(1);
	close(go[0]);
	execvp(command[0], command);
	die("%s", command[0]);
}

static int run_command(int fd, pid_t pid, int go, bool late,
		       struct counts *counts)
{
	int status;

	if (write(go, "", 1) != 1)
		die("write");
	close(go);
	while (!waitpid(pid, &status, late ? 0 : WNOHANG)) {
		wait_for_data(fd);
		drain(fd, counts);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Whole */

static void print(const char *key, uint64_t value)
{
	printf("%s %llu\n", key, (unsigned long long)value);
}

static void print_counts(const struct counts *counts)
{
	print("samples", counts->samples);
	print("bytes", counts->bytes);
	print("repeated_samples", counts->repeated);
	print("repeated_bytes", counts->repeated_bytes);
	print("lost_samples", counts->stats.lost_samples[KPROF_LOST_RING_FULL]);
	print("interrupts", counts->stats.interrupts);
	print("handler_max_ns", counts->stats.handler_max_ns);
}

static bool parse_options(int argc, char **argv, struct options *ret)
{
	int option;

	*ret = (struct options){.rate_hz = 999};
	while ((option = getopt(argc, argv, "+F:p:l")) >= 0) {
		switch (option) {
		case 'F':
			ret->rate_hz = number(optarg);
			break;
		case 'p':
			ret->pid = (pid_t)number(optarg);
			break;
		case 'l':
			ret->late = true;
			break;
		default:
			return false;
		}
	}
	ret->command = argv + optind;
	return optind < argc && ret->rate_hz;
}

int main(int argc, char **argv)
{
	struct counts counts = {};
	struct options options;
	int fd, go, status;
	pid_t pid;

	if (!parse_options(argc, argv, &options)) {
		fputs("usage: capture [-F HZ] [-p PID] [-l] -- COMMAND...\n",
		      stderr);
		return 2;
	}
	fd = open_session(options.rate_hz);
	pid = start_command(options.command, &go);
	start_session(fd, options.pid ?: pid);
	status = run_command(fd, pid, go, options.late, &counts);
	if (ioctl(fd, KPROF_IOC_FLUSH))
		die("FLUSH");
	for (drain(fd, &counts); !counts.is_final; drain(fd, &counts))
		wait_for_data(fd);
	print_counts(&counts);
	return status;
}
