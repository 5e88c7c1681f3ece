// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of serve_auth.c, serve_address.c and serve_targets.c: who may ask,
 * where the server listens, and which processes are meant.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_auth.h"

#include "cmd/serve_address.h"
#include "cmd/serve_targets.h"

#include "test.h"

#include <sys/stat.h>

#define TOKEN "0123456789abcdef"

static bool lets_in(const char *header)
{
	return kprof_serve_is_authorized(header, TOKEN);
}

static void the_token_lets_in(void **state)
{
	(void)state;
	assert_true(lets_in("Bearer " TOKEN));
	assert_true(lets_in("bearer  " TOKEN));
	/* "me:" and it */
	assert_true(lets_in("Basic bWU6MDEyMzQ1Njc4OWFiY2RlZg=="));
	/* ":" and it */
	assert_true(lets_in("basic OjAxMjM0NTY3ODlhYmNkZWY="));
}

static void nothing_else_lets_in(void **state)
{
	static const char *const wrong[] = {
		"",
		"Bearer",
		"Bearer ",
		"Bearer 0123456789abcde",
		"Bearer 0123456789abcdef0",
		"Bearer " TOKEN TOKEN,
		"Bearer 1123456789abcdef",
		"Bearer 0123456789abcdeF",
		TOKEN,
		"Basic " TOKEN,
		"Basic ",
		/* "me0123456789abcdef", without a colon */
		"Basic bWUwMTIzNDU2Nzg5YWJjZGVm",
		/* "0123456789abcdef:me" */
		"Basic MDEyMzQ1Njc4OWFiY2RlZjptZQ==",
		"Digest " TOKEN,
	};
	char huge[4096] = "Basic ";

	(void)state;
	assert_false(lets_in(NULL));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (lets_in(wrong[i]))
			fail_msg("'%s' lets in", wrong[i]);
	memset(huge + 6, 'A', sizeof(huge) - 7);
	assert_false(lets_in(huge));
}

static int read_token(const char *content, char *ret)
{
	char path[] = "/tmp/kprof-token-XXXXXX";
	int fd = mkstemp(path), err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)),
			 (ssize_t)strlen(content));
	close(fd);
	err = kprof_serve_read_token(path, ret);
	unlink(path);
	return err;
}

static void a_token_is_a_line_of_visible_characters(void **state)
{
	char token[KPROF_TOKEN_MAX_BYTES + 1], text[300];

	(void)state;
	assert_int_equal(read_token(TOKEN "\r\nmore", token), 0);
	assert_string_equal(token, TOKEN);
	assert_int_equal(read_token(TOKEN, token), 0);
	assert_int_equal(read_token("0123456789abcde\n", token), -EINVAL);
	assert_int_equal(read_token("", token), -EINVAL);
	assert_int_equal(read_token("0123456789 abcdef\n", token), -EINVAL);
	assert_int_equal(read_token("0123456789\tabcdef\n", token), -EINVAL);
	memset(text, 'x', sizeof(text));
	text[KPROF_TOKEN_MAX_BYTES] = '\0';
	assert_int_equal(read_token(text, token), 0);
	text[KPROF_TOKEN_MAX_BYTES] = 'x';
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(read_token(text, token), -EINVAL);
	assert_int_equal(kprof_serve_read_token("/nonexistent", token),
			 -ENOENT);
}

static void a_browser_may_not_be_led_here(void **state)
{
	static const char *const names[] = {"board.example"};
	static const char *const right[] = {
		"localhost",  "localhost:6060", "127.0.0.1:6060",
		"[::1]:6060", "192.0.2.7",	"[2001:db8::1]",
		"LOCALHOST",  "board.example",	"Board.Example:80",
	};
	static const char *const wrong[] = {
		"",
		"attacker.example",
		"127.0.0.1.example",
		"localhost.example",
		"localhost:80x",
		"[::1",
		":6060",
		"board.example.",
		"[localhost]x",
	};

	(void)state;
	assert_true(kprof_serve_is_host_right(NULL, names, 1));
	for (size_t i = 0; i < sizeof(right) / sizeof(*right); i++)
		if (!kprof_serve_is_host_right(right[i], names, 1))
			fail_msg("'%s' is refused", right[i]);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (kprof_serve_is_host_right(wrong[i], names, 1))
			fail_msg("'%s' is taken", wrong[i]);
}

/* Addresses */

static void an_address_is_local_or_not(void **state)
{
	static const struct {
		const char *text;
		const char *shown;
		bool is_local;
	} addresses[] = {
		{"127.0.0.1:6060", "127.0.0.1:6060", true},
		{"127.1.2.3:1", "127.1.2.3:1", true},
		{"[::1]:6060", "[::1]:6060", true},
		{"unix:/run/kprof.sock", "unix:/run/kprof.sock", true},
		{"0.0.0.0:6060", "0.0.0.0:6060", false},
		{":6060", "[::]:6060", false},
		{"[::]:6060", "[::]:6060", false},
		{"192.0.2.1:80", "192.0.2.1:80", false},
		{"[2001:db8::1]:80", "[2001:db8::1]:80", false},
	};
	struct kprof_serve_address address;
	char text[KPROF_SERVE_ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		assert_int_equal(
			kprof_serve_address_parse(addresses[i].text, &address),
			0);
		assert_string_equal(kprof_serve_address_text(&address, text),
				    addresses[i].shown);
		if (kprof_serve_address_is_local(&address) !=
		    addresses[i].is_local)
			fail_msg("%s: expected local %d", addresses[i].text,
				 addresses[i].is_local);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",	      "6060",	      "localhost:6060",	 "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:x",  "127.0.0.1:65536", "::1:6060",
		"[::1]",      "[::1:6060",    "unix:",		 "127.0.0:80",
		"[]:1",	      "127.0.0.1:-1",
	};
	struct kprof_serve_address address;
	char path[256] = "unix:/";

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		if (!kprof_serve_address_parse(wrong[i], &address))
			fail_msg("'%s' is taken", wrong[i]);
	memset(path + 6, 'x', 120);
	assert_int_equal(kprof_serve_address_parse(path, &address), -EINVAL);
}

static void a_stale_socket_is_replaced(void **state)
{
	struct kprof_serve_address address;
	char dir[] = "/tmp/kprof-serve-XXXXXX", text[64];
	struct stat st;
	int first, second;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(text, sizeof(text), "unix:%s/s", dir);
	assert_int_equal(kprof_serve_address_parse(text, &address), 0);
	first = kprof_serve_listen(&address);
	assert_true(first >= 0);
	assert_int_equal(stat(address.local.sun_path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	/* It is served. */
	assert_int_equal(kprof_serve_listen(&address), -EADDRINUSE);
	close(first);
	second = kprof_serve_listen(&address);
	assert_true(second >= 0);
	close(second);
	unlink(address.local.sun_path);
	rmdir(dir);
}

/* Processes */

static void a_process_may_be_called_anything(void **state)
{
	struct kprof_process process;

	(void)state;
	assert_int_equal(
		kprof_process_parse("42 (a) R (b c) S 1 42 42 0 -1 4194560 1 2 "
				    "3 4 100 23 0 0 20 0 1 0 5 6 7",
				    &process),
		0);
	assert_int_equal(process.pid, 42);
	assert_string_equal(process.comm, "a) R (b c");
	assert_true(process.cpu_ticks == 123);
	assert_false(process.is_kernel);
	assert_int_equal(
		kprof_process_parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 "
				    "0 1 0 0 20 0 1 0 1 0 0",
				    &process),
		0);
	assert_true(process.is_kernel);
	assert_int_equal(kprof_process_parse("", &process), -EINVAL);
	assert_int_equal(kprof_process_parse("1 )(", &process), -EINVAL);
	assert_int_equal(kprof_process_parse("1 (x) S 1", &process), -EINVAL);
}

static void processes_are_listed(void **state)
{
	kprof_processes processes = {};
	bool is_there = false;

	(void)state;
	assert_int_equal(kprof_processes_list("/proc", &processes), 0);
	vector_for_each (&processes, process)
		is_there |= process->pid == getpid();
	vector_free(&processes);
	assert_true(is_there);
	assert_int_equal(kprof_processes_list("/nonexistent", &processes),
			 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_token_lets_in),
		cmocka_unit_test(nothing_else_lets_in),
		cmocka_unit_test(a_token_is_a_line_of_visible_characters),
		cmocka_unit_test(a_browser_may_not_be_led_here),
		cmocka_unit_test(an_address_is_local_or_not),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(a_stale_socket_is_replaced),
		cmocka_unit_test(a_process_may_be_called_anything),
		cmocka_unit_test(processes_are_listed),
	};

	return cmocka_run_group_tests_name("serve_auth", tests, NULL, NULL);
}
