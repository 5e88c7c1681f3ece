/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the commands of kprofctl share: entry points, words, numbers.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdint.h>

#include "lib/kprof.h"

/* What a command returns, and kprofctl exits with. */
enum {
	KPROF_EXIT_DONE = 0,
	KPROF_EXIT_FAILED = 1,
	KPROF_EXIT_USAGE = 2,
};

/* One per cmd_<name>.c; argv[0] is the name of the command. */
int kprof_cmd_record(int argc, char **argv);
int kprof_cmd_start(int argc, char **argv);
int kprof_cmd_stop(int argc, char **argv);
int kprof_cmd_status(int argc, char **argv);
int kprof_cmd_report(int argc, char **argv);
int kprof_cmd_diff(int argc, char **argv);
int kprof_cmd_merge(int argc, char **argv);
int kprof_cmd_doctor(int argc, char **argv);
int kprof_cmd_top(int argc, char **argv);
int kprof_cmd_push(int argc, char **argv);
int kprof_cmd_symbolize(int argc, char **argv);
int kprof_cmd_archive(int argc, char **argv);
int kprof_cmd_symmap(int argc, char **argv);
int kprof_cmd_unwind(int argc, char **argv);
int kprof_cmd_serve(int argc, char **argv);
int kprof_cmd_symserver(int argc, char **argv);

/**
 * kprof_cmd_cannot() - says that something failed
 * @err: negative errno, the reason; 0 for none
 * @hint: what the user may do about it, NULL for none
 * @fmt: what could not be done, starting with a verb: "open %s"
 *
 * Prints "kprofctl: cannot open x: No such file or directory (hint)".
 *
 * Return: KPROF_EXIT_FAILED, so that a command can return it.
 */
int kprof_cmd_cannot(int err, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * kprof_cmd_misuse() - says that the command line is wrong
 * @command: name of the command, for a pointer to its help; may be NULL
 * @fmt: what is wrong
 *
 * Return: KPROF_EXIT_USAGE.
 */
int kprof_cmd_misuse(const char *command, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * A whole decimal number from @min to @max. 0, or what to exit with after a
 * message that names @what ("the rate").
 */
int kprof_cmd_parse_number(const char *what, const char *text, uint64_t min,
			   uint64_t max, uint64_t *ret);
/* The same from 1. */
int kprof_cmd_parse_number32(const char *what, const char *text, uint32_t max,
			     uint32_t *ret);

/* Of --max-memory: MiB to bytes. 0, or what to exit with. */
int kprof_cmd_parse_memory(const char *text, uint64_t *ret);

/* Of --debuginfod: are there servers to ask? 0, or what to exit with. */
int kprof_cmd_check_debuginfod(const char *command);

/* Messages of the library are shown up to this level; default: warnings. */
void kprof_cmd_set_log_level(enum kprof_log_level level);
enum {
	KPROF_CMD_MESSAGE_BYTES = 256,
};

/* Errors are kept here, the last one, and not shown. */
void kprof_cmd_keep_log(char message[KPROF_CMD_MESSAGE_BYTES]);
/* After a command has had the messages for itself. */
void kprof_cmd_restore_log(void);

#endif /* CMD_CMD_H */
