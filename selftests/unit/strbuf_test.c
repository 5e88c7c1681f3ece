// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of util/strbuf.c.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/strbuf.h"

#include "test.h"

static void empty_text_is_a_string(void **state)
{
	struct kprof_strbuf buf = {};
	char *text;

	(void)state;
	assert_string_equal(kprof_strbuf_str(&buf), "");
	text = kprof_strbuf_steal(&buf);
	assert_string_equal(text, "");
	free(text);
}

static void text_grows_by_all_kinds_of_appends(void **state)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	(void)state;
	kprof_strbuf_append_str(&buf, "one ");
	kprof_strbuf_appendf(&buf, "%d %s", 2, "three");
	kprof_strbuf_append_char(&buf, '!');
	kprof_strbuf_append(&buf, "xyz", 1);
	kprof_strbuf_append(&buf, NULL, 0);
	assert_string_equal(kprof_strbuf_str(&buf), "one 2 three!x");
	assert_int_equal(buf.len, strlen("one 2 three!x"));
	assert_int_equal(buf.err, 0);
}

static void long_format_is_whole(void **state)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	(void)state;
	kprof_strbuf_appendf(&buf, "%5000d", 7);
	assert_int_equal(buf.len, 5000);
	assert_string_equal(buf.data + 4998, " 7");
}

static void first_failure_is_remembered(void **state)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	(void)state;
	kprof_strbuf_append_str(&buf, "kept");
	kprof_strbuf_append(&buf, "x", SIZE_MAX);
	assert_int_equal(buf.err, -ENOMEM);
	kprof_strbuf_append_str(&buf, "lost");
	assert_string_equal(kprof_strbuf_str(&buf), "kept");
	assert_null(kprof_strbuf_steal(&buf));
}

static void reset_text_is_empty_and_usable(void **state)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	(void)state;
	kprof_strbuf_append_str(&buf, "old");
	kprof_strbuf_reset(&buf);
	assert_string_equal(kprof_strbuf_str(&buf), "");
	kprof_strbuf_append_str(&buf, "new");
	assert_string_equal(kprof_strbuf_str(&buf), "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_text_is_a_string),
		cmocka_unit_test(text_grows_by_all_kinds_of_appends),
		cmocka_unit_test(long_format_is_whole),
		cmocka_unit_test(first_failure_is_remembered),
		cmocka_unit_test(reset_text_is_empty_and_usable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
