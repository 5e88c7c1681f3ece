/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kprofctl doctor: one line for each thing that was looked at.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_DOCTOR_H
#define CMD_DOCTOR_H

#include <stdio.h>

#include "lib/kprof.h"

/**
 * struct kprof_doctor - an examination
 * @out: where the lines go
 * @nr_bad: of them, those that say what to do
 */
struct kprof_doctor {
	FILE *out;
	unsigned int nr_bad;
};

/* "ok   ..." */
void kprof_doctor_ok(struct kprof_doctor *doctor, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "bad  ...", what is wrong and what to do about it. */
void kprof_doctor_bad(struct kprof_doctor *doctor, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Everything that a profile tells of itself. */
void kprof_doctor_profile(struct kprof_doctor *doctor,
			  const struct kprof_profile *profile);

#endif /* CMD_DOCTOR_H */
