// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: one line for each thing that was looked at.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "doctor.h"

#include <stdarg.h>

static void print_line(FILE *out, const char *verdict, const char *fmt,
		       va_list args)
{
	fprintf(out, "%-4s ", verdict);
	vfprintf(out, fmt, args);
	fputc('\n', out);
}

void kprof_doctor_ok(struct kprof_doctor *doctor, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line(doctor->out, "ok", fmt, args);
	va_end(args);
}

void kprof_doctor_bad(struct kprof_doctor *doctor, const char *fmt, ...)
{
	va_list args;

	doctor->nr_bad++;
	va_start(args, fmt);
	print_line(doctor->out, "bad", fmt, args);
	va_end(args);
}
