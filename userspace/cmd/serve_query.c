// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a request asks for: the parts of its address, and a collection's
 * parameters.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/serve_query.h"

#include "cmd/options.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_NAME_BYTES = 32,
};

/**
 * struct parse - of a query
 * @limits: of the parameters
 * @window: that is filled
 * @debug: likewise
 * @why: what is wrong
 * @why_bytes: room for that
 */
struct parse {
	const struct kprof_serve_limits *limits;
	struct kprof_serve_window *window;
	uint32_t debug;
	char *why;
	size_t why_bytes;
};

/* Text */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes percent-encoding; false for a wrong one, a NUL, or too long a text. */
static bool decode(const char *text, size_t len, char *ret, size_t size)
{
	size_t at = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '+' ? ' ' : text[i];

		if (c == '%') {
			int high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

			if (low < 0)
				return false;
			c = high << 4 | low;
			i += 2;
		}
		if (!c || at + 1 >= size)
			return false;
		ret[at++] = c;
	}
	ret[at] = '\0';
	return true;
}

/* The next "name=value" at *query, which moves behind it; false at the end. */
static bool take_pair(const char **query, const char **name, size_t *name_len,
		      const char **value, size_t *value_len)
{
	const char *at = *query + strspn(*query, "&");
	size_t len = strcspn(at, "&");
	const char *equals = memchr(at, '=', len);

	*query = at + len;
	*name = at;
	*name_len = equals ? (size_t)(equals - at) : len;
	*value = equals ? equals + 1 : at + len;
	*value_len = len - *name_len - !!equals;
	return len > 0;
}

const char *kprof_serve_query_of(const char *uri)
{
	const char *mark = strchr(uri, '?');

	return mark ? mark + 1 : "";
}

bool kprof_serve_query_has(const char *query, const char *name)
{
	const char *found, *value;
	size_t found_len, value_len;

	while (take_pair(&query, &found, &found_len, &value, &value_len))
		if (found_len == strlen(name) &&
		    !memcmp(found, name, found_len))
			return true;
	return false;
}

/* Parameters; each function is 0 or -EINVAL. */

static int wrong(struct parse *parse, const char *name, const char *want)
{
	snprintf(parse->why, parse->why_bytes,
		 "invalid value for \"%s\" - must be %s", name, want);
	return -EINVAL;
}

static bool parse_number(const char *text, uint64_t max, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end || errno || value > max)
		return false;
	*ret = value;
	return true;
}

/* As Go has it: what is no number above 0 is the default; a fraction is one. */
static int set_seconds(struct parse *parse, const char *text)
{
	uint32_t max = parse->limits->max_seconds;
	double seconds;
	char *end;

	seconds = strtod(text, &end);
	if (end == text || *end || !(seconds > 0))
		seconds = KPROF_SERVE_DEFAULT_SECONDS;
	if (seconds > max)
		seconds = max;
	parse->window->seconds = seconds < 1 ? 1 : (uint32_t)seconds;
	return 0;
}

static int set_rate(struct parse *parse, const char *text)
{
	char want[64];
	uint64_t rate;

	if (!parse_number(text, parse->limits->max_rate_hz, &rate) || !rate) {
		snprintf(want, sizeof(want), "a number from 1 to %" PRIu32,
			 parse->limits->max_rate_hz);
		return wrong(parse, "hz", want);
	}
	parse->window->rate_hz = rate;
	return 0;
}

static int compare_pids(const void *a, const void *b)
{
	return *(const int32_t *)a < *(const int32_t *)b ? -1 : 1;
}

static int add_pid(struct kprof_serve_window *window, int32_t pid)
{
	for (uint32_t i = 0; i < window->nr_pids; i++)
		if (window->pids[i] == pid)
			return 0;
	if (window->nr_pids == KPROF_SERVE_MAX_PIDS)
		return -EINVAL;
	window->pids[window->nr_pids++] = pid;
	/* In order, so that equal windows have equal bytes. */
	qsort(window->pids, window->nr_pids, sizeof(*window->pids),
	      compare_pids);
	return 0;
}

static int set_pids(struct parse *parse, char *text)
{
	char *state, *word = strtok_r(text, ",", &state);
	uint64_t pid;

	if (!word)
		return wrong(parse, "pid", "a list of process ids");
	for (; word; word = strtok_r(NULL, ",", &state)) {
		if (!parse_number(word, INT32_MAX, &pid) || !pid)
			return wrong(parse, "pid", "a list of process ids");
		if (add_pid(parse->window, pid))
			return wrong(parse, "pid", "a list of at most 64");
	}
	return 0;
}

/* Names in order, and each once, for the same reason. */
static int set_comm(struct parse *parse, const char *text)
{
	struct kprof_serve_window *window = parse->window;
	uint32_t at = 0;
	int order = 1;

	if (!*text || strlen(text) >= KPROF_SERVE_COMM_BYTES)
		return wrong(parse, "comm", "a name of at most 15 bytes");
	while (at < window->nr_comms &&
	       (order = strcmp(window->comms[at], text)) < 0)
		at++;
	if (at < window->nr_comms && !order)
		return 0;
	if (window->nr_comms == KPROF_SERVE_MAX_COMMS)
		return wrong(parse, "comm", "given at most 8 times");
	memmove(&window->comms[at + 1], &window->comms[at],
		(window->nr_comms - at) * sizeof(*window->comms));
	memset(window->comms[at], 0, sizeof(window->comms[at]));
	strcpy(window->comms[at], text);
	window->nr_comms++;
	return 0;
}

/* A path below the file system of control groups, and never out of it. */
static int set_cgroup(struct parse *parse, const char *text)
{
	size_t len;

	text += strspn(text, "/");
	len = strlen(text);
	while (len && text[len - 1] == '/')
		len--;
	if (!len || len >= KPROF_SERVE_CGROUP_BYTES ||
	    !strncmp(text, "../", 3) || !strcmp(text, "..") ||
	    strstr(text, "/../") ||
	    (len >= 3 && !strncmp(text + len - 3, "/..", 3)))
		return wrong(parse, "cgroup", "the path of a control group");
	memset(parse->window->cgroup, 0, sizeof(parse->window->cgroup));
	memcpy(parse->window->cgroup, text, len);
	return 0;
}

static int set_flag(struct parse *parse, const char *name, const char *text,
		    uint32_t max, uint32_t *ret)
{
	uint64_t value;

	if (!parse_number(text, max, &value))
		return wrong(parse, name, "0 or 1");
	*ret = value;
	return 0;
}

static int set_parameter(struct parse *parse, const char *name, char *value)
{
	if (!strcmp(name, "seconds"))
		return set_seconds(parse, value);
	if (!strcmp(name, "hz"))
		return set_rate(parse, value);
	if (!strcmp(name, "pid"))
		return set_pids(parse, value);
	if (!strcmp(name, "comm"))
		return set_comm(parse, value);
	if (!strcmp(name, "cgroup"))
		return set_cgroup(parse, value);
	if (!strcmp(name, "kernel"))
		return set_flag(parse, name, value, 1,
				&parse->window->has_kernel);
	if (!strcmp(name, "debug"))
		return set_flag(parse, name, value, 1, &parse->debug);
	snprintf(parse->why, parse->why_bytes,
		 "there is no parameter \"%s\"; there are seconds, hz, pid, "
		 "comm, cgroup, kernel and debug",
		 name);
	return -EINVAL;
}

bool kprof_serve_window_is_plain(const struct kprof_serve_window *window)
{
	return !window->nr_pids && !window->nr_comms && !window->cgroup[0] &&
	       !window->has_kernel && window->rate_hz == KPROF_DEFAULT_RATE_HZ;
}

int kprof_serve_parse_window(const char *query,
			     const struct kprof_serve_limits *limits,
			     struct kprof_serve_window *ret,
			     uint32_t *debug_ret, char *why, size_t why_bytes)
{
	struct parse parse = {
		.limits = limits,
		.window = ret,
		.why = why,
		.why_bytes = why_bytes,
	};
	char name[MAX_NAME_BYTES], value[KPROF_SERVE_VALUE_BYTES];
	const char *name_at, *value_at;
	size_t name_len, value_len;

	/* With its padding: windows are compared as bytes. */
	memset(ret, 0, sizeof(*ret));
	ret->rate_hz = KPROF_DEFAULT_RATE_HZ;
	set_seconds(&parse, "");
	while (take_pair(&query, &name_at, &name_len, &value_at, &value_len)) {
		if (!decode(name_at, name_len, name, sizeof(name)) ||
		    !decode(value_at, value_len, value, sizeof(value))) {
			snprintf(why, why_bytes, "invalid URL escape");
			return -EINVAL;
		}
		if (set_parameter(&parse, name, value))
			return -EINVAL;
	}
	*debug_ret = parse.debug;
	return 0;
}

/* Addresses */

size_t kprof_serve_parse_addresses(const char *text, uint64_t *ret, size_t max)
{
	size_t nr = 0;

	while (*text && nr < max) {
		char *end = (char *)text;

		errno = 0;
		if (text[0] == '0' && (text[1] | 0x20) == 'x' &&
		    isxdigit((unsigned char)text[2]))
			ret[nr] = strtoull(text, &end, 16);
		if (end != text && !errno && (!*end || *end == '+'))
			nr++;
		text += strcspn(text, "+");
		text += *text == '+';
	}
	return nr;
}
