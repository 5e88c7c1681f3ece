// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of util/json.c.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "util/json.h"

#include "test.h"

struct document {
	struct kprof_json json;
	char *text;
	size_t len;
};

static void begin(struct document *document)
{
	FILE *out = open_memstream(&document->text, &document->len);

	assert_non_null(out);
	kprof_json_init(&document->json, out);
}

static void assert_document(struct document *document, const char *expected)
{
	assert_ok(kprof_json_finish(&document->json));
	fclose(document->json.out);
	assert_string_equal(document->text, expected);
	free(document->text);
}

static void assert_string_written(const char *value, const char *expected)
{
	struct document document;

	begin(&document);
	kprof_json_string(&document.json, value);
	assert_document(&document, expected);
}

static void values_are_separated(void **state)
{
	struct document document;

	(void)state;
	begin(&document);
	kprof_json_begin_object(&document.json);
	kprof_json_member_string(&document.json, "name", "x");
	kprof_json_key(&document.json, "list");
	kprof_json_begin_array(&document.json);
	kprof_json_int(&document.json, INT64_MIN);
	kprof_json_uint(&document.json, UINT64_MAX);
	kprof_json_begin_object(&document.json);
	kprof_json_member_bool(&document.json, "a", true);
	kprof_json_member_int(&document.json, "b", -1);
	kprof_json_end_object(&document.json);
	kprof_json_null(&document.json);
	kprof_json_end_array(&document.json);
	kprof_json_key(&document.json, "empty");
	kprof_json_begin_array(&document.json);
	kprof_json_end_array(&document.json);
	kprof_json_end_object(&document.json);
	assert_document(&document,
			"{\n\t\"name\": \"x\",\n\t\"list\": [\n"
			"\t\t-9223372036854775808,\n"
			"\t\t18446744073709551615,\n"
			"\t\t{\"a\": true, \"b\": -1},\n\t\tnull\n\t],\n"
			"\t\"empty\": []\n}\n");
}

static void strings_are_escaped(void **state)
{
	(void)state;
	assert_string_written("a\"b\\c/d", "\"a\\\"b\\\\c/d\"\n");
	assert_string_written("\b\f\n\r\t\x01\x1f\x7f",
			      "\"\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\"\n");
	assert_string_written("gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\xa5",
			      "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\xa5\"\n");
}

static void bytes_that_are_no_text_are_replaced(void **state)
{
	(void)state;
	assert_string_written(
		"a\xff"
		"b\xc3",
		"\"a\xef\xbf\xbd"
		"b\xef\xbf\xbd\"\n");
	/* A surrogate, and a slash in too many bytes. */
	assert_string_written("\xed\xa0\x80",
			      "\"\xef\xbf\xbd\xef\xbf\xbd"
			      "\xef\xbf\xbd\"\n");
	assert_string_written("\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"\n");
}

static void full_device_is_an_error(void **state)
{
	FILE *out = fopen("/dev/full", "w");
	struct kprof_json json;

	(void)state;
	assert_non_null(out);
	kprof_json_init(&json, out);
	kprof_json_string(&json, "x");
	assert_errno(kprof_json_finish(&json), -ENOSPC);
	fclose(out);
}

static void in_a_page_no_string_ends_the_script(void **state)
{
	struct kprof_json json;
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	kprof_json_init(&json, out);
	json.is_in_html = true;
	kprof_json_string(&json, "a</script><!--");
	assert_ok(kprof_json_finish(&json));
	fclose(out);
	assert_string_equal(text, "\"a\\u003c/script>\\u003c!--\"\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_separated),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(bytes_that_are_no_text_are_replaced),
		cmocka_unit_test(full_device_is_an_error),
		cmocka_unit_test(in_a_page_no_string_ends_the_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
