/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A program that is stopped and read with ptrace.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef SELFTESTS_STACKS_TRACEE_H
#define SELFTESTS_STACKS_TRACEE_H

#include "stops.h"

#include <sys/types.h>

enum {
	TRACEE_MAX_THREADS = 256,
	TRACEE_MAX_STACKS = 64,
};

/* Memory of the program, of any kind. */
struct tracee_range {
	uint64_t start;
	uint64_t end;
};

/**
 * struct tracee - the program
 * @vdso: the file that its vdso is in, as one cannot open the original
 * @mappings: executable ones of files
 * @ranges: all that can be written
 * @maps_text: what both are from
 * @stacks: stack pointers: where they are is a stack
 */
struct tracee {
	pid_t pid;
	char *vdso;
	pid_t threads[TRACEE_MAX_THREADS];
	unsigned int nr_threads;
	char *maps_text;
	struct stops_mapping *mappings;
	size_t nr_mappings;
	struct tracee_range *ranges;
	size_t nr_ranges;
	uint64_t stacks[TRACEE_MAX_STACKS];
	unsigned int nr_stacks;
};

/* Bytes of a stack; @data is the caller's to free. */
struct tracee_piece {
	struct stops_piece piece;
	char *data;
};

/* e_machine of programs that can be traced here, and how many registers. */
uint32_t tracee_machine(void);
uint32_t tracee_nr_regs(void);

/* Starts a program that will be at the same addresses each time. */
bool tracee_start(struct tracee *tracee, char **command);
void tracee_kill(struct tracee *tracee);

/* Lets new threads and signals through. Returns false if all have ended. */
bool tracee_handle_events(struct tracee *tracee);

/**
 * tracee_interrupt() - stop a thread that is running, chosen by chance
 * Returns false if there is none. Fills @stop->tid, pc and regs.
 */
bool tracee_interrupt(struct tracee *tracee, struct stops_stop *stop);

/* One instruction; returns false if the thread has ended. */
bool tracee_step(struct tracee *tracee, struct stops_stop *stop);
void tracee_continue(struct tracee *tracee, pid_t tid);

/* Tells of a stack that other stacks may point into. */
void tracee_add_stack(struct tracee *tracee, uint64_t sp);

/* Returns true if executable mappings have changed since the last time. */
bool tracee_read_maps(struct tracee *tracee);

/**
 * tracee_stacks() - the stack of a stopped thread, and those it points into
 * Returns how many of @pieces, STOPS_MAX_PIECES at most, are filled.
 */
uint32_t tracee_stacks(struct tracee *tracee, const struct stops_stop *stop,
		       struct tracee_piece *pieces);

#endif /* SELFTESTS_STACKS_TRACEE_H */
