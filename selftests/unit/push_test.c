// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of kprofctl push: labels, messages, requests, and the queue.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/push.h"
#include "cmd/push_queue.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "test.h"
#include "util/base64.h"
#include "util/strbuf.h"

/* Base 64 */

static void base64_is_that_of_the_rfc(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};
	char back[6];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct kprof_strbuf buf = {};

		kprof_base64_append(&buf, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(kprof_strbuf_str(&buf), pairs[i][1]);
		kprof_strbuf_deinit(&buf);
		assert_int_equal(
			kprof_base64_decode(pairs[i][1], back, sizeof(back)),
			strlen(pairs[i][0]));
		assert_memory_equal(back, pairs[i][0], strlen(pairs[i][0]));
	}
}

/* Longer than what is appended at once; all six-bit values. */
static void base64_of_much_is_whole(void **state)
{
	struct kprof_strbuf buf = {};
	char bytes[3 * 1024 + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = "\x00\x10\x83\x10\x51\x87"[i % 6];
	kprof_base64_append(&buf, bytes, sizeof(bytes));
	assert_int_equal(buf.len, 4 * 1024 + 4);
	for (size_t i = 0; i + 4 < buf.len; i++)
		assert_int_equal(buf.data[i], "ABCDEFGH"[i % 8]);
	assert_string_equal(buf.data + 4 * 1024, "AA==");
	kprof_strbuf_deinit(&buf);
}

/* Labels */

static kprof_push_labels labels;

static void assert_label(const char *text, int expected)
{
	const char *why;

	assert_errno(kprof_push_add_label(&labels, text, &why), expected);
}

static int free_labels(void **state)
{
	(void)state;
	kprof_push_free_labels(&labels);
	labels = (kprof_push_labels){};
	return 0;
}

static void labels_are_what_stores_take(void **state)
{
	char text[3000] = "name=";

	(void)state;
	assert_label("zone=eu west", 0);
	assert_label("_a1=\xc3\xa4", 0);
	assert_label("zone=us", 0);
	assert_string_equal(kprof_push_label_value(&labels, "zone"), "us");
	assert_null(kprof_push_label_value(&labels, "zon"));
	assert_label("zone", -EINVAL);
	assert_label("=x", -EINVAL);
	assert_label("1a=x", -EINVAL);
	assert_label("a-b=x", -EINVAL);
	assert_label("a=", -EINVAL);
	assert_label("a=b\nlabel c=d", -EINVAL);
	assert_label("a=\xff", -EINVAL);
	assert_label("__name__=x", -EINVAL);
	memset(text + 5, 'x', 2049);
	assert_label(text, -EINVAL);
	for (int i = 0; i < 28; i++) {
		snprintf(text, sizeof(text), "l%d=x", i);
		assert_label(text, 0);
	}
	assert_label("one_more=x", -EINVAL);
}

/* Messages */

static struct kprof_profile *make_profile(uint32_t nr_samples)
{
	struct kprof_profile *profile;

	assert_ok(kprof_profile_create(&profile));
	assert_ok(kprof_profile_add_sample_type(profile, "cpu", "nanoseconds"));
	profile->time_nanos = 1700000000000000000;
	profile->duration_nanos = 10000000000;
	for (uint32_t i = 0; i < nr_samples; i++) {
		int64_t value = i + 1;
		uint32_t location;

		assert_ok(kprof_profile_add_location(
			profile, KPROF_NO_INDEX, 4096 + i, false, &location));
		assert_ok(kprof_profile_add_sample(profile, &location, 1, NULL,
						   0, &value));
	}
	return profile;
}

struct taken {
	unsigned int nr;
	uint32_t most_samples;
	int64_t sum;
	char *last;
	size_t last_len;
};

static int take(const void *data, size_t len, void *context)
{
	struct kprof_push_message message;
	struct kprof_profile *profile;
	struct taken *taken = context;

	assert_ok(kprof_push_read_message(data, len, &message));
	assert_true(message.from_ns == 1700000000000000000);
	assert_true(message.until_ns == 1700000010000000000);
	assert_string_equal(kprof_push_label_value(&message.labels, "zone"),
			    "eu");
	assert_ok(kprof_pprof_parse(message.profile, message.profile_bytes,
				    &profile));
	for (uint32_t i = 0; i < profile->nr_samples; i++)
		taken->sum += profile->samples[i].values[0];
	if (profile->nr_samples > taken->most_samples)
		taken->most_samples = profile->nr_samples;
	/* A part has nothing that belongs to another. */
	assert_int_equal(profile->nr_locations, profile->nr_samples);
	taken->nr++;
	kprof_profile_destroy(profile);
	kprof_push_free_message(&message);
	free(taken->last);
	taken->last = memcpy(malloc(len), data, len);
	taken->last_len = len;
	return 0;
}

static void parts_keep_to_the_limits_and_add_up(void **state)
{
	struct kprof_profile *profile = make_profile(1000);
	struct taken taken = {};

	(void)state;
	assert_label("zone=eu", 0);
	assert_ok(kprof_push_make_messages(profile, &labels, 1000, 1 << 20,
					   take, &taken));
	assert_int_equal(taken.nr, 1);
	assert_int_equal(taken.sum, 500500);
	taken.nr = taken.sum = taken.most_samples = 0;
	assert_ok(kprof_push_make_messages(profile, &labels, 999, 1 << 20, take,
					   &taken));
	assert_int_equal(taken.nr, 2);
	assert_int_equal(taken.sum, 500500);
	taken.nr = taken.sum = taken.most_samples = 0;
	assert_ok(kprof_push_make_messages(profile, &labels, 1000, 4000, take,
					   &taken));
	assert_true(taken.nr > 2 && taken.most_samples < 500);
	assert_int_equal(taken.sum, 500500);
	assert_errno(kprof_push_make_messages(profile, &labels, 1000, 10, take,
					      &taken),
		     -EFBIG);
	kprof_profile_destroy(profile);
	free(taken.last);
}

static void an_empty_profile_is_one_message(void **state)
{
	struct kprof_profile *profile = make_profile(0), *nothing;
	struct taken taken = {};

	(void)state;
	assert_label("zone=eu", 0);
	assert_ok(kprof_push_make_messages(profile, &labels, 10, 1 << 20, take,
					   &taken));
	assert_int_equal(taken.nr, 1);
	assert_ok(kprof_profile_create(&nothing));
	assert_errno(kprof_push_make_messages(nothing, &labels, 10, 1 << 20,
					      take, &taken),
		     -ENODATA);
	kprof_profile_destroy(nothing);
	kprof_profile_destroy(profile);
	free(taken.last);
}

/* Whatever is on a disk. */
static void a_cut_message_is_damaged_or_short(void **state)
{
	struct kprof_profile *profile = make_profile(3);
	struct kprof_push_message message;
	struct taken taken = {};
	size_t head;

	(void)state;
	assert_label("zone=eu", 0);
	assert_ok(kprof_push_make_messages(profile, &labels, 10, 1 << 20, take,
					   &taken));
	head = (char *)memmem(taken.last, taken.last_len, "\n\n", 2) + 2 -
	       taken.last;
	for (size_t len = 0; len < taken.last_len; len++) {
		char *copy = memcpy(malloc(len + 1), taken.last, len);

		assert_errno(kprof_push_read_message(copy, len, &message),
			     len < head ? -EBADMSG : 0);
		if (len >= head)
			kprof_push_free_message(&message);
		free(copy);
	}
	taken.last[0] = 'x';
	assert_errno(
		kprof_push_read_message(taken.last, taken.last_len, &message),
		-EBADMSG);
	kprof_profile_destroy(profile);
	free(taken.last);
}

/* Requests */

static void assert_request(enum kprof_push_protocol protocol, const char *base,
			   const struct taken *taken, const char *url,
			   const char *body_part)
{
	struct kprof_push_request request;

	assert_ok(kprof_push_make_request(protocol, base, taken->last,
					  taken->last_len, &request));
	assert_string_equal(request.url, url);
	if (body_part &&
	    !memmem(request.body, request.len, body_part, strlen(body_part)))
		fail_msg("expected '%s', got '%.*s'", body_part,
			 (int)request.len, request.body);
	kprof_push_free_request(&request);
}

static void requests_are_what_each_store_wants(void **state)
{
	struct kprof_profile *profile = make_profile(3);
	struct taken taken = {};

	(void)state;
	assert_label("zone=eu", 0);
	assert_label("service_name=a b", 0);
	assert_ok(kprof_push_make_messages(profile, &labels, 10, 1 << 20, take,
					   &taken));
	assert_request(KPROF_PUSH_PYROSCOPE, "http://x:1/", &taken,
		       "http://x:1/push.v1.PusherService/Push",
		       "\"rawProfile\"");
	assert_request(KPROF_PUSH_PARCA, "http://x:1/api", &taken,
		       "http://x:1/api/profiles/writeraw", "\"raw_profile\"");
	assert_request(KPROF_PUSH_INGEST, "http://x:1", &taken,
		       "http://x:1/ingest?name=a%20b%7Bzone%3Deu%7D"
		       "&from=1700000000&until=1700000010"
		       "&format=pprof&spyName=kprof",
		       NULL);
	kprof_profile_destroy(profile);
	free(taken.last);
}

/* Queue */

static char folder[64];
static struct kprof_push_queue queue;

static void open_queue(uint64_t max_bytes)
{
	queue = (struct kprof_push_queue)KPROF_PUSH_QUEUE_INIT;
	assert_ok(kprof_push_queue_open(&queue, folder, max_bytes));
}

static void reopen_queue(uint64_t max_bytes)
{
	kprof_push_queue_close(&queue);
	open_queue(max_bytes);
}

static int create_queue(void **state)
{
	(void)state;
	test_make_directory(folder);
	open_queue(100);
	return 0;
}

static int destroy_queue(void **state)
{
	(void)state;
	kprof_push_queue_close(&queue);
	test_remove_directory(folder);
	return 0;
}

static void add(const char *text)
{
	assert_ok(kprof_push_queue_add(&queue,
				       kprof_push_queue_take_number(&queue),
				       text, strlen(text)));
}

static void assert_next(const char *expected)
{
	uint64_t number;
	char *text;
	size_t len;

	assert_ok(kprof_push_queue_first(&queue, &number, &text, &len));
	assert_string_equal(text, expected);
	free(text);
	kprof_push_queue_remove(&queue, number);
}

static void assert_empty(void)
{
	uint64_t number;
	char *text;
	size_t len;

	assert_errno(kprof_push_queue_first(&queue, &number, &text, &len),
		     -ENOENT);
	assert_int_equal(queue.bytes, 0);
}

static void messages_come_in_their_order_after_a_restart(void **state)
{
	uint64_t early;

	(void)state;
	add("one");
	early = kprof_push_queue_take_number(&queue);
	add("three");
	/* It was under way while the third one came. */
	assert_ok(kprof_push_queue_add(&queue, early, "two", 3));
	reopen_queue(100);
	add("four");
	assert_next("one");
	assert_next("two");
	assert_next("three");
	reopen_queue(100);
	assert_next("four");
	assert_empty();
}

static void the_oldest_are_dropped_and_counted(void **state)
{
	char text[41];

	(void)state;
	for (int i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "%-40d", i);
		add(text);
		assert_true(queue.bytes <= 100);
	}
	assert_int_equal(queue.dropped, 3);
	reopen_queue(100);
	assert_int_equal(queue.dropped, 3);
	assert_int_equal(queue.dropped_before, 3);
	reopen_queue(50);
	assert_int_equal(queue.dropped, 4);
	snprintf(text, sizeof(text), "%-40d", 4);
	assert_next(text);
	assert_empty();
}

/* Room is made by dropping what is older only. */
static void an_older_one_does_not_drop_newer_ones(void **state)
{
	uint64_t early = kprof_push_queue_take_number(&queue);
	char text[91];

	(void)state;
	memset(text, 'x', 90);
	text[90] = '\0';
	add(text);
	assert_ok(kprof_push_queue_add(&queue, early, "01234567890", 11));
	assert_int_equal(queue.dropped, 1);
	assert_next(text);
	assert_empty();
}

static void what_is_too_large_is_dropped(void **state)
{
	char text[102];

	(void)state;
	memset(text, 'x', 101);
	text[101] = '\0';
	add(text);
	assert_int_equal(queue.dropped, 1);
	assert_empty();
}

static void a_queue_is_one_process_s(void **state)
{
	struct kprof_push_queue other = KPROF_PUSH_QUEUE_INIT;

	(void)state;
	assert_errno(kprof_push_queue_open(&other, folder, 100), -EWOULDBLOCK);
	kprof_push_queue_close(&other);
}

static void what_was_half_written_is_removed(void **state)
{
	char path[128];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/.x.message.abcdef", folder);
	file = fopen(path, "w");
	fputs("half", file);
	fclose(file);
	reopen_queue(100);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_empty();
}

static void folders_are_made_as_needed(void **state)
{
	struct kprof_push_queue other = KPROF_PUSH_QUEUE_INIT;
	char path[128];
	struct stat st;

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b/c", folder);
	assert_ok(kprof_push_queue_open(&other, path, 100));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	kprof_push_queue_close(&other);
}

#define with_labels(name) \
	cmocka_unit_test_setup_teardown(name, NULL, free_labels)
#define with_queue(name) \
	cmocka_unit_test_setup_teardown(name, create_queue, destroy_queue)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_that_of_the_rfc),
		cmocka_unit_test(base64_of_much_is_whole),
		with_labels(labels_are_what_stores_take),
		with_labels(parts_keep_to_the_limits_and_add_up),
		with_labels(an_empty_profile_is_one_message),
		with_labels(a_cut_message_is_damaged_or_short),
		with_labels(requests_are_what_each_store_wants),
		with_queue(messages_come_in_their_order_after_a_restart),
		with_queue(the_oldest_are_dropped_and_counted),
		with_queue(an_older_one_does_not_drop_newer_ones),
		with_queue(what_is_too_large_is_dropped),
		with_queue(a_queue_is_one_process_s),
		with_queue(what_was_half_written_is_removed),
		with_queue(folders_are_made_as_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
