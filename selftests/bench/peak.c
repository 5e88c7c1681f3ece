// SPDX-License-Identifier: GPL-2.0
/*
 * peak COMMAND [ARGUMENT]... - prints the most memory that it held at a time,
 * its mappings of devices included: VmHWM as it is when the process ends.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "common.h"

#include <sys/wait.h>

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;

	if (argc < 2)
		return fputs("usage: peak COMMAND...\n", stderr), 2;
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		execvp(argv[1], argv + 1);
		die("%s", argv[1]);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	printf("peak_kib %ld\n", usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
