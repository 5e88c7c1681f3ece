// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of util/utf8.c.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/utf8.h"

#include "test.h"

static size_t encode(uint32_t c, char out[4])
{
	if (c < 0x80) {
		out[0] = c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = 0xc0 | c >> 6;
		out[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	if (c < 0x10000) {
		out[0] = 0xe0 | c >> 12;
		out[1] = 0x80 | (c >> 6 & 0x3f);
		out[2] = 0x80 | (c & 0x3f);
		return 3;
	}
	out[0] = 0xf0 | c >> 18;
	out[1] = 0x80 | (c >> 12 & 0x3f);
	out[2] = 0x80 | (c >> 6 & 0x3f);
	out[3] = 0x80 | (c & 0x3f);
	return 4;
}

static void every_character_is_recognised(void **state)
{
	char text[4];
	size_t bytes;
	bool is_surrogate;

	(void)state;
	for (uint32_t c = 0; c < 0x120000; c++) {
		bytes = encode(c, text);
		is_surrogate = c >= 0xd800 && c <= 0xdfff;
		if (kprof_utf8_char_bytes(text, bytes) !=
		    (is_surrogate || c > 0x10ffff ? 0 : bytes))
			fail_msg("U+%04X: expected %zu bytes, got %zu", c,
				 bytes, kprof_utf8_char_bytes(text, bytes));
		if (bytes > 1)
			assert_false(kprof_utf8_is_valid(text, bytes - 1));
	}
}

static void overlong_forms_are_wrong(void **state)
{
	(void)state;
	assert_false(kprof_utf8_is_valid("\xc0\x80", 2));
	assert_false(kprof_utf8_is_valid("\xc1\xbf", 2));
	assert_false(kprof_utf8_is_valid("\xe0\x9f\xbf", 3));
	assert_false(kprof_utf8_is_valid("\xf0\x8f\xbf\xbf", 4));
}

static void characters_are_counted(void **state)
{
	(void)state;
	assert_int_equal(kprof_utf8_length("", 0), 0);
	assert_int_equal(kprof_utf8_length("a\xc3\xbc\xff", 4), 3);
}

static void wrong_bytes_and_nuls_are_replaced(void **state)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	(void)state;
	kprof_utf8_append_repaired(&buf, "a\xff\0\xc3\xbc\xc3", 6);
	assert_string_equal(kprof_strbuf_str(&buf),
			    "a" KPROF_UTF8_REPLACEMENT KPROF_UTF8_REPLACEMENT
			    "\xc3\xbc" KPROF_UTF8_REPLACEMENT);
}

static void controls_are_replaced(void **state)
{
	char text[] = "a\033[31m\tb\x7f\xc2\x9b" "c\xc3\xbc\xc2\xa0\xc2";

	(void)state;
	kprof_utf8_replace_controls(text, strlen(text));
	assert_string_equal(text, "a?[31m?b???c\xc3\xbc\xc2\xa0\xc2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_is_recognised),
		cmocka_unit_test(overlong_forms_are_wrong),
		cmocka_unit_test(characters_are_counted),
		cmocka_unit_test(wrong_bytes_and_nuls_are_replaced),
		cmocka_unit_test(controls_are_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
