// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the commands of kprofctl share: words and numbers.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum kprof_log_level log_level = KPROF_LOG_WARNING;

int kprof_cmd_cannot(int err, const char *hint, const char *fmt, ...)
{
	va_list args;

	fputs("kprofctl: cannot ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	if (err)
		fprintf(stderr, ": %s", strerror(-err));
	if (hint)
		fprintf(stderr, " (%s)", hint);
	fputc('\n', stderr);
	return KPROF_EXIT_FAILED;
}

int kprof_cmd_misuse(const char *command, const char *fmt, ...)
{
	va_list args;

	fputs("kprofctl: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry 'kprofctl %s%s'.\n", command ? command : "help",
		command ? " --help" : "");
	return KPROF_EXIT_USAGE;
}

int kprof_cmd_parse_number(const char *what, const char *text, uint64_t min,
			   uint64_t max, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	/* strtoull() itself takes spaces and a minus sign. */
	if (*text < '0' || *text > '9' || *end || errno || value < min ||
	    value > max) {
		fprintf(stderr,
			"kprofctl: %s must be a number from %" PRIu64
			" to %" PRIu64 ", not '%s'\n",
			what, min, max, text);
		return KPROF_EXIT_USAGE;
	}
	*ret = value;
	return 0;
}

int kprof_cmd_parse_number32(const char *what, const char *text, uint32_t max,
			     uint32_t *ret)
{
	uint64_t value;
	int status = kprof_cmd_parse_number(what, text, 1, max, &value);

	if (!status)
		*ret = (uint32_t)value;
	return status;
}

int kprof_cmd_parse_memory(const char *text, uint64_t *ret)
{
	uint32_t mib;
	int status = kprof_cmd_parse_number32("the memory in MiB", text,
					      UINT32_MAX, &mib);

	if (!status)
		*ret = (uint64_t)mib << 20;
	return status;
}

int kprof_cmd_check_debuginfod(const char *command)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	if (urls && *urls)
		return 0;
	return kprof_cmd_misuse(
		command, "--debuginfod: DEBUGINFOD_URLS names no server");
}

static void print_log(enum kprof_log_level level, const char *message,
		      void *context)
{
	static const char *const prefix[] = {
		[KPROF_LOG_ERROR] = "error: ",
		[KPROF_LOG_WARNING] = "warning: ",
		[KPROF_LOG_INFO] = "",
		[KPROF_LOG_DEBUG] = "debug: ",
	};

	(void)context;
	if (level <= log_level)
		fprintf(stderr, "kprofctl: %s%s\n", prefix[level], message);
}

static void keep_message(enum kprof_log_level level, const char *message,
			 void *context)
{
	if (level == KPROF_LOG_ERROR)
		snprintf(context, KPROF_CMD_MESSAGE_BYTES, "%s", message);
}

void kprof_cmd_keep_log(char message[KPROF_CMD_MESSAGE_BYTES])
{
	*message = '\0';
	kprof_set_log(keep_message, message);
}

void kprof_cmd_set_log_level(enum kprof_log_level level)
{
	log_level = level;
	kprof_cmd_restore_log();
}

void kprof_cmd_restore_log(void)
{
	kprof_set_log(print_log, NULL);
}
