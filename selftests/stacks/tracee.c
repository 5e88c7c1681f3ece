// SPDX-License-Identifier: GPL-2.0-only
/*
 * Starts, stops and steps the threads of a program on x86-64.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "tracee.h"

#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	NR_REGS = 17,
	TICK_US = 10 * 1000,
	/* A step that takes longer is in a system call that waits. */
	TICKS_OF_STEP = 2,
	OPTIONS = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL,
};

uint32_t tracee_machine(void)
{
	return EM_X86_64;
}

uint32_t tracee_nr_regs(void)
{
	return NR_REGS;
}

static bool read_registers(pid_t tid, struct stops_stop *stop)
{
	struct user_regs_struct user;

	if (ptrace(PTRACE_GETREGS, tid, NULL, &user))
		return false;
	memset(stop, 0, sizeof(*stop));
	stop->tid = (uint32_t)tid;
	stop->pc = user.rip;
	memcpy(stop->regs,
	       (uint64_t[NR_REGS]){user.rax, user.rdx, user.rcx, user.rbx,
				   user.rsi, user.rdi, user.rbp, user.rsp,
				   user.r8, user.r9, user.r10, user.r11,
				   user.r12, user.r13, user.r14, user.r15,
				   user.rip},
	       NR_REGS * sizeof(uint64_t));
	return true;
}

void tracee_add_stack(struct tracee *tracee, uint64_t sp)
{
	if (tracee->nr_stacks < TRACEE_MAX_STACKS)
		tracee->stacks[tracee->nr_stacks++] = sp;
}

/* It is stopped; where it starts is its own stack. */
static void add_thread(struct tracee *tracee, pid_t tid)
{
	struct stops_stop stop;

	for (unsigned int i = 0; i < tracee->nr_threads; i++)
		if (tracee->threads[i] == tid)
			return;
	if (tracee->nr_threads == TRACEE_MAX_THREADS)
		return;
	tracee->threads[tracee->nr_threads++] = tid;
	if (read_registers(tid, &stop))
		tracee_add_stack(tracee, stop.regs[stops_sp(EM_X86_64)]);
}

static void remove_thread(struct tracee *tracee, pid_t tid)
{
	for (unsigned int i = 0; i < tracee->nr_threads; i++)
		if (tracee->threads[i] == tid)
			tracee->threads[i] =
				tracee->threads[--tracee->nr_threads];
}

static void on_tick(int signal)
{
	(void)signal;
}

/* A clock that makes every wait return, as waitpid() has no time limit. */
static void start_ticks(void)
{
	const struct sigaction action = {.sa_handler = on_tick};
	const struct itimerval every = {
		.it_interval.tv_usec = TICK_US,
		.it_value.tv_usec = TICK_US,
	};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void run_when_traced(const int *ready, char **command)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	personality(ADDR_NO_RANDOMIZE);
	close(ready[1]);
	if (read(ready[0], &byte, 1) >= 0)
		execvp(command[0], command);
	_exit(127);
}

/* Before that it is a copy of ourselves. */
static bool wait_for_exec(pid_t pid)
{
	int status;

	do {
		while (waitpid(pid, &status, __WALL) != pid)
			if (errno != EINTR)
				return false;
		if (!WIFSTOPPED(status))
			return false;
		ptrace(PTRACE_CONT, pid, NULL, NULL);
	} while (status >> 16 != PTRACE_EVENT_EXEC);
	return true;
}

bool tracee_start(struct tracee *tracee, char **command)
{
	bool traced;
	int ready[2];

	if (pipe(ready))
		return false;
	tracee->pid = fork();
	if (!tracee->pid)
		run_when_traced(ready, command);
	close(ready[0]);
	start_ticks();
	traced = tracee->pid > 0 &&
		 !ptrace(PTRACE_SEIZE, tracee->pid, NULL, OPTIONS);
	close(ready[1]);
	tracee->nr_threads = 0;
	tracee->nr_stacks = 0;
	add_thread(tracee, tracee->pid);
	return traced && wait_for_exec(tracee->pid);
}

void tracee_kill(struct tracee *tracee)
{
	if (tracee->nr_threads)
		kill(tracee->pid, SIGKILL);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
}

void tracee_continue(struct tracee *tracee, pid_t tid)
{
	(void)tracee;
	ptrace(PTRACE_CONT, tid, NULL, NULL);
}

/* The signal that a stop was for, 0 if it was for us. */
static int signal_of(int status)
{
	int signal = WSTOPSIG(status);

	return status >> 16 || signal == SIGTRAP ? 0 : signal;
}

static bool is_group_stop(int status)
{
	int signal = WSTOPSIG(status);

	return status >> 16 == PTRACE_EVENT_STOP && signal != SIGTRAP;
}

static void handle_event(struct tracee *tracee, pid_t tid, int status)
{
	if (!WIFSTOPPED(status)) {
		remove_thread(tracee, tid);
		return;
	}
	add_thread(tracee, tid);
	if (is_group_stop(status))
		ptrace(PTRACE_LISTEN, tid, NULL, NULL);
	else
		ptrace(PTRACE_CONT, tid, NULL, (long)signal_of(status));
}

bool tracee_handle_events(struct tracee *tracee)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
		handle_event(tracee, tid, status);
	return tid == 0 && tracee->nr_threads;
}

/* "R" is the first field behind the name, which may have any characters. */
static bool is_running(const struct tracee *tracee, pid_t tid)
{
	char path[64], line[512], *behind_name = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", tracee->pid, tid);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (fgets(line, sizeof(line), file))
		behind_name = strrchr(line, ')');
	fclose(file);
	return behind_name && behind_name[1] == ' ' && behind_name[2] == 'R';
}

static pid_t running_thread(const struct tracee *tracee)
{
	unsigned int first = (unsigned int)rand();

	for (unsigned int i = 0; i < tracee->nr_threads; i++) {
		pid_t tid = tracee->threads[(first + i) % tracee->nr_threads];

		if (is_running(tracee, tid))
			return tid;
	}
	return 0;
}

/* A stop of any other kind makes the kernel forget the interrupt. */
bool tracee_interrupt(struct tracee *tracee, struct stops_stop *stop)
{
	pid_t tid = running_thread(tracee);
	int status;

	while (tid && !ptrace(PTRACE_INTERRUPT, tid, NULL, NULL)) {
		if (waitpid(tid, &status, __WALL) != tid)
			continue;
		if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_STOP &&
		    WSTOPSIG(status) == SIGTRAP)
			return read_registers(tid, stop);
		handle_event(tracee, tid, status);
		if (!WIFSTOPPED(status))
			return false;
	}
	return false;
}

/* Waits for a step to end, and interrupts one that waits itself. */
static bool wait_for_step(pid_t tid, int *status)
{
	int ticks = 0;

	while (waitpid(tid, status, __WALL) != tid) {
		if (errno != EINTR)
			return false;
		if (++ticks >= TICKS_OF_STEP)
			ptrace(PTRACE_INTERRUPT, tid, NULL, NULL);
	}
	return WIFSTOPPED(*status);
}

/* A signal that is due goes along with the next step, into its handler. */
bool tracee_step(struct tracee *tracee, struct stops_stop *stop)
{
	pid_t tid = (pid_t)stop->tid;
	int status = 0, signal = 0;

	do {
		if (ptrace(PTRACE_SINGLESTEP, tid, NULL, (long)signal) ||
		    !wait_for_step(tid, &status)) {
			remove_thread(tracee, tid);
			return false;
		}
		signal = signal_of(status);
	} while (signal);
	return read_registers(tid, stop);
}
