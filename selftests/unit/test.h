/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What cmocka wants to be included before it, and what it does not have.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef UNIT_TEST_H
#define UNIT_TEST_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* Numbers in cmocka are unsigned: an errno would be hard to recognise. */
#define assert_errno(call, expected)                                         \
	do {                                                                 \
		int __got = (call);                                          \
		if (__got != (expected))                                     \
			fail_msg("%s: expected %d (%s), got %d (%s)", #call, \
				 (expected), strerror(-(expected)), __got,   \
				 strerror(-__got));                          \
	} while (0)

#define assert_ok(call) assert_errno(call, 0)

/* A directory that is gone after the test. */
static inline char *test_make_directory(char name[64])
{
	strcpy(name, "/tmp/kprof-unit.XXXXXX");
	assert_non_null(mkdtemp(name));
	return name;
}

static inline void test_remove_directory(const char *name)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", name);
	assert_int_equal(system(command), 0);
}

#endif /* UNIT_TEST_H */
