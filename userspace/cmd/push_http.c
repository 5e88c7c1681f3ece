// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl push: one POST at a time, without waiting for it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "push_http.h"

#ifdef HAVE_LIBCURL

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/log.h"
#include "util/strbuf.h"

enum {
	CONNECT_MS = 10000,
	/* What is polled for beside libcurl's own. */
	MAX_FDS = 4,
};

/* The functions of libcurl that are used. */
#define FUNCTIONS(do_each)                                                   \
	do_each(curl_global_init) do_each(curl_multi_init) do_each(          \
		curl_multi_cleanup) do_each(curl_multi_add_handle)           \
		do_each(curl_multi_remove_handle) do_each(                   \
			curl_multi_perform) do_each(curl_multi_poll)         \
			do_each(curl_multi_info_read) do_each(               \
				curl_easy_init) do_each(curl_easy_cleanup)   \
				do_each(curl_easy_setopt) do_each(           \
					curl_easy_getinfo)                   \
					do_each(curl_easy_strerror) do_each( \
						curl_slist_append)           \
						do_each(curl_slist_free_all)

#define DECLARE(name) static __typeof__(&(name)) lib_##name;
FUNCTIONS(DECLARE)
#undef DECLARE

/**
 * struct kprof_push_http - a connection to a store
 * @options: of the caller
 * @multi: goes on with requests
 * @easy: the request
 * @headers: of the request
 * @answer: what has come so far
 * @error: why nothing came
 * @is_running: a request has not ended
 */
struct kprof_push_http {
	struct kprof_push_http_options options;
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	struct kprof_strbuf answer;
	char error[CURL_ERROR_SIZE];
	bool is_running;
};

/* Library */

/* Never closed: what it loads has threads and memory of its own. */
static bool load(void)
{
	static const char *const names[] = {"libcurl-gnutls.so.4",
					    "libcurl.so.4"};
	void *library = NULL;

	for (size_t i = 0; !library && i < sizeof(names) / sizeof(*names); i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		log_error("%s", dlerror());
		return false;
	}
#define FIND(name)                                                      \
	lib_##name = (__typeof__(lib_##name))dlsym(library, #name);     \
	if (!lib_##name) {                                              \
		log_error("this libcurl is too old: it has no " #name); \
		return false;                                           \
	}
	FUNCTIONS(FIND)
#undef FIND
	return !lib_curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* Lifetime */

static int add_header(struct kprof_push_http *http, const char *name,
		      const char *value)
{
	struct kprof_strbuf line = {};
	struct curl_slist *headers;

	kprof_strbuf_appendf(&line, "%s: %s", name, value);
	headers = line.err ? NULL
			   : lib_curl_slist_append(http->headers, line.data);
	kprof_strbuf_deinit(&line);
	if (!headers)
		return -ENOMEM;
	http->headers = headers;
	return 0;
}

int kprof_push_http_create(const struct kprof_push_http_options *options,
			   struct kprof_push_http **ret)
{
	struct kprof_push_http *http;

	if (!load())
		return -ENOPKG;
	http = calloc(1, sizeof(*http));
	if (!http)
		return -ENOMEM;
	http->options = *options;
	http->multi = lib_curl_multi_init();
	http->easy = lib_curl_easy_init();
	if (!http->multi || !http->easy) {
		kprof_push_http_destroy(http);
		return -ENOMEM;
	}
	*ret = http;
	return 0;
}

static void end_request(struct kprof_push_http *http)
{
	if (http->is_running)
		lib_curl_multi_remove_handle(http->multi, http->easy);
	http->is_running = false;
	lib_curl_slist_free_all(http->headers);
	http->headers = NULL;
}

void kprof_push_http_destroy(struct kprof_push_http *http)
{
	if (!http)
		return;
	end_request(http);
	if (http->easy)
		lib_curl_easy_cleanup(http->easy);
	if (http->multi)
		lib_curl_multi_cleanup(http->multi);
	kprof_strbuf_deinit(&http->answer);
	free(http);
}

/* Request */

/* The beginning is kept; the rest is taken, so that the connection can stay. */
static size_t take_answer(char *data, size_t size, size_t nr, void *context)
{
	struct kprof_push_http *http = context;
	size_t room = KPROF_PUSH_TEXT_BYTES - 1 - http->answer.len;
	size_t len = size * nr;

	kprof_strbuf_append(&http->answer, data, len < room ? len : room);
	return len;
}

static int make_headers(struct kprof_push_http *http,
			const struct kprof_push_request *request)
{
	struct kprof_strbuf bearer = {};
	int err = add_header(http, "Content-Type", request->content_type);

	if (!err && http->options.tenant)
		err = add_header(http, "X-Scope-OrgID", http->options.tenant);
	if (!err && http->options.token) {
		kprof_strbuf_appendf(&bearer, "Bearer %s", http->options.token);
		err = bearer.err
			      ?: add_header(http, "Authorization", bearer.data);
		kprof_strbuf_deinit(&bearer);
	}
	/* The body is sent at once: a store that refuses it loses little. */
	return err ?: add_header(http, "Expect", "");
}

static void set_options(struct kprof_push_http *http,
			const struct kprof_push_request *request)
{
	CURL *easy = http->easy;

	lib_curl_easy_setopt(easy, CURLOPT_URL, request->url);
	lib_curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	lib_curl_easy_setopt(easy, CURLOPT_USERAGENT,
			     "kprofctl/" KPROF_VERSION);
	lib_curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
	lib_curl_easy_setopt(easy, CURLOPT_POST, 1L);
	lib_curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	lib_curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
			     (curl_off_t)request->len);
	lib_curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	lib_curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
	lib_curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->error);
	lib_curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	lib_curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	lib_curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
			     (long)http->options.timeout_ms);
	if (http->options.ca_file)
		lib_curl_easy_setopt(easy, CURLOPT_CAINFO,
				     http->options.ca_file);
}

int kprof_push_http_start(struct kprof_push_http *http,
			  const struct kprof_push_request *request)
{
	int err = make_headers(http, request);

	if (err)
		return err;
	kprof_strbuf_reset(&http->answer);
	*http->error = '\0';
	set_options(http, request);
	if (lib_curl_multi_add_handle(http->multi, http->easy))
		return -ENOMEM;
	http->is_running = true;
	return 0;
}

/* Answer */

/* One line, whatever somebody else's server says. */
static void copy_line(char ret[KPROF_PUSH_TEXT_BYTES], const char *text)
{
	size_t len = strcspn(text, "\r\n");

	if (len >= KPROF_PUSH_TEXT_BYTES)
		len = KPROF_PUSH_TEXT_BYTES - 1;
	for (size_t i = 0; i < len; i++)
		ret[i] = (unsigned char)text[i] < 0x20 ? ' ' : text[i];
	ret[len] = '\0';
}

static void read_answer(struct kprof_push_http *http, CURLcode code,
			struct kprof_push_answer *ret)
{
	curl_off_t retry_after = 0;
	const char *type = NULL;

	*ret = (struct kprof_push_answer){};
	if (code) {
		copy_line(ret->text, *http->error
					     ? http->error
					     : lib_curl_easy_strerror(code));
		return;
	}
	lib_curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &ret->status);
	lib_curl_easy_getinfo(http->easy, CURLINFO_RETRY_AFTER, &retry_after);
	lib_curl_easy_getinfo(http->easy, CURLINFO_CONTENT_TYPE, &type);
	ret->retry_after_s = retry_after > 0 ? retry_after : 0;
	ret->is_json = type && !strncasecmp(type, "application/json", 16);
	copy_line(ret->text, kprof_strbuf_str(&http->answer));
}

bool kprof_push_http_step(struct kprof_push_http *http,
			  struct kprof_push_answer *ret)
{
	int running, left;
	CURLMsg *message;

	if (!http->is_running)
		return false;
	lib_curl_multi_perform(http->multi, &running);
	message = lib_curl_multi_info_read(http->multi, &left);
	if (!message || message->msg != CURLMSG_DONE)
		return false;
	read_answer(http, message->data.result, ret);
	end_request(http);
	return true;
}

void kprof_push_http_wait(struct kprof_push_http *http, struct pollfd *fds,
			  unsigned int nr, int timeout_ms)
{
	struct curl_waitfd waits[MAX_FDS] = {};

	for (unsigned int i = 0; i < nr && i < MAX_FDS; i++) {
		waits[i].fd = fds[i].fd;
		waits[i].events = CURL_WAIT_POLLIN;
	}
	lib_curl_multi_poll(http->multi, waits, nr < MAX_FDS ? nr : MAX_FDS,
			    timeout_ms, NULL);
	for (unsigned int i = 0; i < nr && i < MAX_FDS; i++)
		fds[i].revents =
			waits[i].revents & CURL_WAIT_POLLIN ? POLLIN : 0;
}

#endif
