// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of record.c: what is well-formed is taken apart, the rest is refused.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/record.h"

#include <errno.h>
#include <linux/kprof.h>
#include <linux/kprof_unwind.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The layout that both sides rely on. */
_Static_assert(sizeof(struct kprof_info) == 128, "info");
_Static_assert(sizeof(struct kprof_setup_args) == 56, "setup");
_Static_assert(sizeof(struct kprof_attach_args) == 16, "attach");
_Static_assert(sizeof(struct kprof_load_args) == 56, "load");
_Static_assert(sizeof(struct kprof_file_id) == 16, "file id");
_Static_assert(sizeof(struct kprof_unwind_table) == 32, "unwind table");
_Static_assert(sizeof(struct kprof_unwind_row) == 4, "unwind row");
_Static_assert(sizeof(struct kprof_unwind_rule) == 16, "unwind rule");
_Static_assert(sizeof(struct kprof_stats) == 200, "stats");
_Static_assert(sizeof(struct kprof_ring_page) == 384, "ring page");
_Static_assert(sizeof(struct kprof_record_sample) == 32, "sample");
_Static_assert(sizeof(struct kprof_record_stack) == 24, "stack");
_Static_assert(sizeof(struct kprof_record_context) == 72, "context");
_Static_assert(sizeof(struct kprof_record_lost) == 32, "lost");
_Static_assert(sizeof(struct kprof_record_mmap) == 96, "mmap");
_Static_assert(sizeof(struct kprof_record_maps) == 40, "maps");
_Static_assert(sizeof(struct kprof_record_task) == 24, "task");
_Static_assert(sizeof(struct kprof_record_throttle) == 24, "throttle");
_Static_assert(sizeof(struct kprof_record_stats) == 208, "stats record");
_Static_assert(sizeof(struct kprof_record_ring) == 8, "ring record");

/* Parses a copy of exactly @size bytes: the sanitizer sees every step beyond.
 */
static int parse(const void *data, size_t size, struct kprof_event *ret)
{
	void *copy = malloc(size);
	int err;

	assert_non_null(copy);
	memcpy(copy, data, size);
	err = kprof_record_parse(copy, size, ret);
	free(copy);
	return err;
}

#define HEAD(kind, bytes)                                 \
	{                                                 \
		.type = KPROF_REC_##kind, .size = (bytes) \
	}

static void sample_is_taken_apart(void **state)
{
	struct kprof_record_sample raw = {
		.rec = HEAD(SAMPLE, sizeof(raw)),
		.weight = 3,
		.stack_id = 0x1122334455667788,
		.context_id = 7,
		.generation = 9,
	};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.type, KPROF_EVENT_SAMPLE);
	assert_true(event.sample.stack_id == 0x1122334455667788);
	assert_int_equal(event.sample.context_id, 7);
	assert_int_equal(event.sample.generation, 9);
	assert_int_equal(event.sample.weight, 3);
}

static void sample_without_weight_is_refused(void **state)
{
	struct kprof_record_sample raw = {.rec = HEAD(SAMPLE, sizeof(raw))};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
}

struct stack_of_three {
	struct kprof_record_stack stack;
	uint64_t frames[3];
	uint64_t exact;
};

static void make_stack(struct stack_of_three *ret)
{
	*ret = (struct stack_of_three){
		.stack =
			{
				.rec = HEAD(STACK,
					    sizeof(struct stack_of_three)),
				.nr_kernel = 1,
				.nr_user = 2,
				.stack_id = 5,
				.user_end = KPROF_END_COMPLETE,
				.kernel_end = KPROF_END_COMPLETE,
				.flags = KPROF_STACK_LINK_REGISTER,
			},
		.frames = {10, 20, 30},
		.exact = 3,
	};
}

static void stack_is_taken_apart(void **state)
{
	struct stack_of_three raw;
	struct kprof_event event;

	(void)state;
	make_stack(&raw);
	assert_int_equal(kprof_record_parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.type, KPROF_EVENT_STACK);
	assert_int_equal(event.stack.nr_kernel, 1);
	assert_int_equal(event.stack.nr_user, 2);
	assert_int_equal(event.stack.frames[2], 30);
	assert_int_equal(event.stack.exact[0], 3);
	assert_int_equal(event.stack.end, KPROF_STACK_COMPLETE);
	assert_true(event.stack.has_link_register);
	assert_false(event.stack.is_in_kernel);
}

static void stack_longer_than_its_record_is_refused(void **state)
{
	struct stack_of_three raw;
	struct kprof_event event;

	(void)state;
	make_stack(&raw);
	raw.stack.nr_user = 3;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	raw.stack.nr_user = UINT16_MAX;
	raw.stack.nr_kernel = UINT16_MAX;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
}

/* The frames fit, but the words that say which are exact do not. */
static void stack_without_its_bits_is_refused(void **state)
{
	struct stack_of_three raw;
	struct kprof_event event;

	(void)state;
	make_stack(&raw);
	raw.stack.rec.size -= sizeof(uint64_t);
	assert_int_equal(parse(&raw, raw.stack.rec.size, &event), -EBADMSG);
}

static enum kprof_stack_end end_of(unsigned int user, unsigned int kernel)
{
	struct stack_of_three raw;
	struct kprof_event event;

	make_stack(&raw);
	raw.stack.user_end = user;
	raw.stack.kernel_end = kernel;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	return event.stack.end;
}

static void stack_is_complete_only_if_both_parts_are(void **state)
{
	(void)state;
	assert_int_equal(end_of(KPROF_END_COMPLETE, KPROF_END_NONE),
			 KPROF_STACK_COMPLETE);
	assert_int_equal(end_of(KPROF_END_COMPLETE, KPROF_END_NOT_WALKED),
			 KPROF_STACK_COMPLETE);
	assert_int_equal(end_of(KPROF_END_COMPLETE, KPROF_END_DEPTH),
			 KPROF_STACK_DEPTH_LIMIT);
	assert_int_equal(end_of(KPROF_END_TIME, KPROF_END_COMPLETE),
			 KPROF_STACK_TIME_LIMIT);
	assert_int_equal(end_of(KPROF_END_UNREADABLE, KPROF_END_NONE),
			 KPROF_STACK_UNREADABLE);
	assert_int_equal(end_of(KPROF_END_NO_UNWIND_INFO, KPROF_END_NONE),
			 KPROF_STACK_NO_UNWIND_INFO);
	assert_int_equal(end_of(KPROF_END_EXEC, KPROF_END_NONE),
			 KPROF_STACK_OTHER);
	assert_int_equal(end_of(4711, KPROF_END_NONE), KPROF_STACK_OTHER);
}

static void kernel_thread_is_complete_without_a_user_stack(void **state)
{
	(void)state;
	assert_int_equal(end_of(KPROF_END_KERNEL_TASK, KPROF_END_COMPLETE),
			 KPROF_STACK_COMPLETE);
	assert_int_equal(end_of(KPROF_END_KERNEL_TASK, KPROF_END_NONE),
			 KPROF_STACK_OTHER);
}

static struct kprof_record_context make_context(void)
{
	return (struct kprof_record_context){
		.rec = HEAD(CONTEXT, sizeof(struct kprof_record_context)),
		.context_id = 4,
		.pid = 100,
		.tid = 101,
		.space_id = 6,
		.comm = "program",
		.thread_comm = "thread",
	};
}

static void context_is_taken_apart(void **state)
{
	struct kprof_record_context raw = make_context();
	struct kprof_event event;

	(void)state;
	/* What is behind the name must not make it another one. */
	raw.comm[10] = 'x';
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.type, KPROF_EVENT_CONTEXT);
	assert_int_equal(event.context.context_id, 4);
	assert_int_equal(event.context.pid, 100);
	assert_int_equal(event.context.tid, 101);
	assert_int_equal(event.context.space_id, 6);
	assert_string_equal(event.context.comm, "program");
	assert_int_equal(event.context.comm[10], 0);
	assert_string_equal(event.context.thread_comm, "thread");
}

static void name_without_end_is_refused(void **state)
{
	struct kprof_record_context raw = make_context();
	struct kprof_event event;

	(void)state;
	memset(raw.comm, 'x', sizeof(raw.comm));
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	raw = make_context();
	memset(raw.thread_comm, 'x', sizeof(raw.thread_comm));
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
}

struct mmap_with_path {
	struct kprof_record_mmap mmap;
	char path[32];
};

static void make_mmap(struct mmap_with_path *ret, const char *path)
{
	*ret = (struct mmap_with_path){
		.mmap =
			{
				.rec = HEAD(MMAP,
					    sizeof(struct mmap_with_path)),
				.space_id = 3,
				.epoch = 2,
				.start = 0x1000,
				.end = 0x3000,
				.file_offset = 0x4000,
				.inode = 77,
				.dev_major = 8,
				.dev_minor = 1,
				.build_id_state = KPROF_BUILD_ID_OK,
				.build_id_bytes = 20,
				.path_bytes = strlen(path) + 1,
				.build_id = {0xab},
			},
	};

	strcpy(ret->path, path);
}

static void mmap_is_taken_apart(void **state)
{
	struct mmap_with_path raw;
	struct kprof_event event;

	(void)state;
	make_mmap(&raw, "/bin/true");
	assert_int_equal(kprof_record_parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.type, KPROF_EVENT_MMAP);
	assert_int_equal(event.mmap.space_id, 3);
	assert_int_equal(event.mmap.epoch, 2);
	assert_int_equal(event.mmap.start, 0x1000);
	assert_int_equal(event.mmap.end, 0x3000);
	assert_int_equal(event.mmap.file_offset, 0x4000);
	assert_int_equal(event.mmap.inode, 77);
	assert_int_equal(event.mmap.build_id_bytes, 20);
	assert_int_equal(event.mmap.build_id[0], 0xab);
	assert_int_equal(event.mmap.path_bytes, strlen("/bin/true"));
	assert_memory_equal(event.mmap.path, "/bin/true",
			    event.mmap.path_bytes);
}

static void deleted_file_loses_its_mark(void **state)
{
	struct mmap_with_path raw;
	struct kprof_event event;

	(void)state;
	make_mmap(&raw, "/bin/true (deleted)");
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.mmap.path_bytes, strlen("/bin/true (deleted)"));
	raw.mmap.flags = KPROF_MMAP_DELETED;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_true(event.mmap.is_deleted);
	assert_int_equal(event.mmap.path_bytes, strlen("/bin/true"));
	make_mmap(&raw, "x");
	raw.mmap.flags = KPROF_MMAP_DELETED;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.mmap.path_bytes, 1);
}

static void path_that_does_not_fit_is_refused(void **state)
{
	struct mmap_with_path raw;
	struct kprof_event event;

	(void)state;
	make_mmap(&raw, "/bin/true");
	raw.mmap.path_bytes = sizeof(raw.path) + 1;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	raw.mmap.path_bytes = 0;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	raw.mmap.path_bytes = UINT32_MAX;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	/* Its end is not where the length says. */
	raw.mmap.path_bytes = 5;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	raw.mmap.path_bytes = 12;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
}

static void mapping_without_addresses_is_refused(void **state)
{
	struct mmap_with_path raw;
	struct kprof_event event;

	(void)state;
	make_mmap(&raw, "/bin/true");
	raw.mmap.end = raw.mmap.start;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	raw.mmap.end = 0;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
}

static void build_id_is_believed_only_if_it_is_one(void **state)
{
	struct mmap_with_path raw;
	struct kprof_event event;

	(void)state;
	make_mmap(&raw, "/bin/true");
	raw.mmap.build_id_bytes = KPROF_BUILD_ID_MAX + 1;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
	raw.mmap.build_id_state = KPROF_BUILD_ID_NONE;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.mmap.build_id_bytes, 0);
}

static void maps_is_taken_apart(void **state)
{
	struct kprof_record_maps raw = {
		.rec = HEAD(MAPS, sizeof(raw)),
		.space_id = 3,
		.generation = 8,
		.epoch = 2,
		.flags = KPROF_MAPS_EXIT | KPROF_MAPS_UNSTABLE,
		.pid = 12,
	};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.type, KPROF_EVENT_MAPS);
	assert_int_equal(event.maps.space_id, 3);
	assert_int_equal(event.maps.generation, 8);
	assert_int_equal(event.maps.epoch, 2);
	assert_int_equal(event.maps.pid, 12);
	assert_true(event.maps.is_exit);
	assert_true(event.maps.is_unstable);
	assert_false(event.maps.is_unavailable);
	assert_false(event.maps.is_truncated);
}

static void small_records_are_taken_apart(void **state)
{
	struct kprof_record_lost lost = {
		.rec = HEAD(LOST, sizeof(lost)),
		.samples = 5,
		.weight = 6,
	};
	struct kprof_record_task task = {
		.rec = HEAD(TASK, sizeof(task)),
		.event = KPROF_TASK_EXITED,
		.id = 9,
		.nr_tracked = 0,
	};
	struct kprof_record_throttle throttle = {
		.rec = HEAD(THROTTLE, sizeof(throttle)),
		.cpu = 1,
		.every = 4,
		.time_ns = 99,
	};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&lost, sizeof(lost), &event), 0);
	assert_int_equal(event.lost.samples, 5);
	assert_int_equal(event.lost.weight, 6);
	assert_int_equal(parse(&task, sizeof(task), &event), 0);
	assert_true(event.task.is_exit);
	assert_int_equal(event.task.nr_tracked, 0);
	assert_int_equal(parse(&throttle, sizeof(throttle), &event), 0);
	assert_int_equal(event.throttle.every, 4);
	throttle.every = 0;
	assert_int_equal(parse(&throttle, sizeof(throttle), &event), -EBADMSG);
}

static void stats_add_up_all_causes_of_loss(void **state)
{
	struct kprof_record_stats raw = {
		.rec = HEAD(STATS, sizeof(raw)),
		.stats =
			{
				.flags = KPROF_STATS_FINAL,
				.taken_samples = 10,
				.lost_samples = {1, 2},
				.lost_weight = {3, 4},
			},
	};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_true(event.stats.is_final);
	assert_int_equal(event.stats.taken_samples, 10);
	assert_int_equal(event.stats.lost_samples, 3);
	assert_int_equal(event.stats.lost_weight, 7);
	assert_int_equal(event.stats.ring_full_samples, 1);
}

static void unknown_record_is_skipped(void **state)
{
	struct {
		struct kprof_record rec;
		uint32_t rest;
	} raw = {.rec = {.type = 999, .size = sizeof(raw)}};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.type, KPROF_EVENT_UNKNOWN);
}

static void longer_record_of_a_newer_module_is_accepted(void **state)
{
	struct {
		struct kprof_record_maps maps;
		uint64_t more;
	} raw = {.maps = {.rec = HEAD(MAPS, sizeof(raw)), .epoch = 5}};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&raw, sizeof(raw), &event), 0);
	assert_int_equal(event.maps.epoch, 5);
}

/* Every type, cut everywhere. */
static void cut_record_is_refused(void **state)
{
	static const uint16_t types[] = {
		KPROF_REC_SAMPLE, KPROF_REC_STACK,    KPROF_REC_CONTEXT,
		KPROF_REC_LOST,	  KPROF_REC_MMAP,     KPROF_REC_MAPS,
		KPROF_REC_TASK,	  KPROF_REC_THROTTLE, KPROF_REC_STATS,
	};
	static const size_t sizes[] = {
		sizeof(struct kprof_record_sample),
		sizeof(struct kprof_record_stack),
		sizeof(struct kprof_record_context),
		sizeof(struct kprof_record_lost),
		sizeof(struct kprof_record_mmap),
		sizeof(struct kprof_record_maps),
		sizeof(struct kprof_record_task),
		sizeof(struct kprof_record_throttle),
		sizeof(struct kprof_record_stats),
	};
	uint64_t raw[64] = {};
	struct kprof_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		for (size_t size = 1; size < sizes[i]; size++) {
			struct kprof_record rec = {types[i], size};

			memcpy(raw, &rec, sizeof(rec));
			assert_int_equal(parse(raw, size, &event), -EBADMSG);
		}
	}
}

static void size_that_is_not_the_record_s_is_refused(void **state)
{
	struct kprof_record_sample raw = {
		.rec = HEAD(SAMPLE, sizeof(raw) + 8),
		.weight = 1,
	};
	struct kprof_event event;

	(void)state;
	assert_int_equal(parse(&raw, sizeof(raw), &event), -EBADMSG);
}

static void unaligned_record_is_refused(void **state)
{
	uint64_t raw[8] = {};
	struct kprof_record rec = {999, 16};
	struct kprof_event event;

	(void)state;
	memcpy((char *)raw + 4, &rec, sizeof(rec));
	assert_int_equal(kprof_record_parse((char *)raw + 4, 16, &event),
			 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_is_taken_apart),
		cmocka_unit_test(sample_without_weight_is_refused),
		cmocka_unit_test(stack_is_taken_apart),
		cmocka_unit_test(stack_longer_than_its_record_is_refused),
		cmocka_unit_test(stack_without_its_bits_is_refused),
		cmocka_unit_test(stack_is_complete_only_if_both_parts_are),
		cmocka_unit_test(
			kernel_thread_is_complete_without_a_user_stack),
		cmocka_unit_test(context_is_taken_apart),
		cmocka_unit_test(name_without_end_is_refused),
		cmocka_unit_test(mmap_is_taken_apart),
		cmocka_unit_test(deleted_file_loses_its_mark),
		cmocka_unit_test(path_that_does_not_fit_is_refused),
		cmocka_unit_test(mapping_without_addresses_is_refused),
		cmocka_unit_test(build_id_is_believed_only_if_it_is_one),
		cmocka_unit_test(maps_is_taken_apart),
		cmocka_unit_test(small_records_are_taken_apart),
		cmocka_unit_test(stats_add_up_all_causes_of_loss),
		cmocka_unit_test(unknown_record_is_skipped),
		cmocka_unit_test(longer_record_of_a_newer_module_is_accepted),
		cmocka_unit_test(cut_record_is_refused),
		cmocka_unit_test(size_that_is_not_the_record_s_is_refused),
		cmocka_unit_test(unaligned_record_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
