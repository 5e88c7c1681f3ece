/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Signals that end a recording, as something to poll().
 *
 * Copyright (C) 2026 The kprof authors
 *
 * One per process. The first SIGINT, SIGTERM or SIGHUP asks for the end, the
 * second one ends the process at once and removes the unfinished file.
 */
#ifndef CMD_INTERRUPT_H
#define CMD_INTERRUPT_H

#include <stdbool.h>

/* @is_patient: there is no second one; who asks twice still gets the file. */
int kprof_interrupt_init(bool is_patient);
/* Signals do what they did before; for a child, before exec. */
void kprof_interrupt_reset(void);
/* Readable after a signal, also when a child has ended. */
int kprof_interrupt_fd(void);
/* The signal that asked for the end, 0 if none did. Empties the descriptor. */
int kprof_interrupt_take(void);
/*
 * That signal came from a process and not from the terminal, which sends it to
 * the program that is recorded as well.
 */
bool kprof_interrupt_was_sent(void);
/* A file that must not be left behind; NULL for none. */
void kprof_interrupt_set_unfinished(const char *path);

#endif /* CMD_INTERRUPT_H */
