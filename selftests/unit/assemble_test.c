// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of assemble.c: what becomes of counted stacks in a profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/assemble.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	SIZE = 0x1000,
	PERIOD_NS = 1000,
};

static struct kprof_spaces spaces;
static struct kprof_aggregate aggregate;
static struct kprof_profile *profile;
static struct kprof_tally tally;

static int setup(void **state)
{
	(void)state;
	kprof_spaces_init(&spaces, true);
	return kprof_aggregate_init(&aggregate, &spaces)
		       ?: kprof_profile_create(&profile);
}

static int teardown(void **state)
{
	(void)state;
	kprof_profile_destroy(profile);
	kprof_aggregate_deinit(&aggregate);
	kprof_spaces_deinit(&spaces);
	return 0;
}

/* A file with a build-id of one byte. */
static void map(uint32_t space_id, uint32_t epoch, uint64_t start,
		uint8_t build_id)
{
	struct kprof_event_mmap mmap = {
		.space_id = space_id,
		.epoch = epoch,
		.start = start,
		.end = start + SIZE,
		.file_offset = 0x4000,
		.path = "/nonexistent/file",
		.path_bytes = 17,
		.build_id = {build_id},
		.build_id_bytes = 1,
	};

	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
}

/* Memory without a file, or one that is memory by another name. */
static void map_memory(uint32_t space_id, uint32_t epoch, uint64_t start,
		       const char *path)
{
	bool is_special = path[0] == '[' || path[1] == '/';
	struct kprof_event_mmap mmap = {
		.space_id = space_id,
		.epoch = epoch,
		.start = start,
		.end = start + SIZE,
		.path = path,
		.path_bytes = strlen(path),
		.is_special = is_special,
		.is_deleted = !is_special,
		.inode = !is_special,
	};

	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
}

static void snapshot_of(uint32_t space_id, uint32_t generation, uint32_t epoch,
			int32_t pid)
{
	struct kprof_event_maps maps = {
		.space_id = space_id,
		.generation = generation,
		.epoch = epoch,
		.pid = pid,
	};
	uint32_t space;

	assert_int_equal(kprof_spaces_add_maps(&spaces, &maps, &space), 0);
	assert_int_equal(kprof_aggregate_fold(&aggregate, space), 0);
}

static void snapshot(uint32_t space_id, uint32_t generation, uint32_t epoch)
{
	snapshot_of(space_id, generation, epoch, 0);
}

static void add_frames(uint64_t id, const uint64_t *frames, uint16_t nr_kernel,
		       uint16_t nr_user, bool has_link_register)
{
	uint64_t words[16];
	struct kprof_event_stack stack = {
		.stack_id = id,
		.frames = words,
		.exact = words + nr_kernel + nr_user,
		.nr_kernel = nr_kernel,
		.nr_user = nr_user,
		.has_link_register = has_link_register,
		.is_in_kernel = nr_kernel,
	};

	if (nr_kernel + nr_user)
		memcpy(words, frames, (nr_kernel + nr_user) * sizeof(*frames));
	/* The innermost of each part is where it was interrupted. */
	words[nr_kernel + nr_user] = 1 | 1U << nr_kernel;
	assert_int_equal(kprof_aggregate_add_stack(&aggregate, &stack), 0);
}

static void add_stack(uint64_t id, uint64_t pc, uint64_t caller)
{
	add_frames(id, (uint64_t[]){pc, caller}, 0, 2, false);
}

static void add_sample_of(uint64_t stack, int32_t pid, int32_t ns_pid,
			  uint32_t space_id, uint32_t generation)
{
	struct kprof_event_context context = {
		.context_id = pid,
		.pid = pid,
		.tid = pid + 1,
		.ns_pid = ns_pid,
		.space_id = space_id,
		.comm = "program",
		.thread_comm = "worker",
	};
	struct kprof_event_sample sample = {
		.stack_id = stack,
		.context_id = pid,
		.generation = generation,
		.weight = 3,
	};

	assert_int_equal(kprof_aggregate_add_context(&aggregate, 0, &context),
			 0);
	assert_int_equal(kprof_aggregate_add_sample(&aggregate, 0, &sample), 0);
}

static void add_sample(uint64_t stack, int32_t pid, uint32_t space_id,
		       uint32_t generation)
{
	add_sample_of(stack, pid, pid, space_id, generation);
}

static void assemble_as(int32_t pid, bool walks_rows)
{
	struct kprof_assemble_options options = {
		.period_ns = PERIOD_NS,
		.pid = pid,
		.walks_rows = walks_rows,
	};

	kprof_profile_add_sample_type(profile, "samples", "count");
	kprof_profile_add_sample_type(profile, "cpu", "nanoseconds");
	kprof_spaces_end(&spaces);
	assert_int_equal(kprof_aggregate_end(&aggregate), 0);
	assert_int_equal(kprof_assemble(&aggregate, &options, profile, &tally),
			 0);
}

static void assemble(int32_t pid)
{
	assemble_as(pid, false);
}

static const struct kprof_location *location(uint32_t sample, uint32_t frame)
{
	const struct kprof_sample *at = &profile->samples[sample];

	assert_true(sample < profile->nr_samples);
	assert_true(frame < at->nr_locations);
	return &profile->locations
			[profile->location_indices[at->first_location + frame]];
}

static const char *name(uint32_t sample, uint32_t frame)
{
	const struct kprof_location *at = location(sample, frame);

	if (!at->nr_lines)
		return "";
	return profile->functions[profile->lines[at->first_line].function].name;
}

static void sample_has_its_values_and_labels(void **state)
{
	const struct kprof_sample *sample;
	const struct kprof_label *labels;

	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	add_stack(1, 0x10010, 0x10020);
	add_sample(1, 100, 1, 1);
	add_sample(1, 100, 1, 1);
	assemble(0);
	assert_int_equal(profile->nr_samples, 1);
	sample = &profile->samples[0];
	assert_int_equal(sample->values[0], 2);
	assert_int_equal(sample->values[1], 2 * 3 * PERIOD_NS);
	assert_int_equal(sample->nr_labels, 5);
	labels = &profile->labels[sample->first_label];
	for (uint32_t i = 0; i < sample->nr_labels; i++) {
		if (!strcmp(labels[i].key, "pid"))
			assert_int_equal(labels[i].num, 100);
		if (!strcmp(labels[i].key, "tid"))
			assert_int_equal(labels[i].num, 101);
		if (!strcmp(labels[i].key, "comm"))
			assert_string_equal(labels[i].str, "program");
		if (!strcmp(labels[i].key, "thread_name"))
			assert_string_equal(labels[i].str, "worker");
		if (!strcmp(labels[i].key, "cpu"))
			assert_string_equal(labels[i].num_unit, "cpu");
	}
	assert_int_equal(tally.nr_threads, 1);
}

static void process_of_a_container_has_both_its_numbers(void **state)
{
	const struct kprof_sample *sample;
	const struct kprof_label *labels;
	int64_t pid = 0, ns_pid = 0;

	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	add_stack(1, 0x10010, 0x10020);
	add_sample_of(1, 100, 7, 1, 1);
	assemble(0);
	sample = &profile->samples[0];
	labels = &profile->labels[sample->first_label];
	assert_int_equal(sample->nr_labels, 6);
	for (uint32_t i = 0; i < sample->nr_labels; i++) {
		if (!strcmp(labels[i].key, "pid"))
			pid = labels[i].num;
		if (!strcmp(labels[i].key, "ns_pid"))
			ns_pid = labels[i].num;
	}
	assert_int_equal(pid, 100);
	assert_int_equal(ns_pid, 7);
}

static void leaf_is_exact_and_callers_are_their_calls(void **state)
{
	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	add_stack(1, 0x10010, 0x10020);
	add_sample(1, 100, 1, 1);
	assemble(0);
	assert_int_equal(location(0, 0)->address, 0x10010);
	assert_int_equal(location(0, 1)->address, 0x1001f);
}

static void same_code_at_different_places_is_one_location(void **state)
{
	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	map(2, 1, 0x50000, 1);
	snapshot(2, 1, 1);
	add_stack(1, 0x10010, 0x10020);
	add_stack(2, 0x50010, 0x50020);
	add_sample(1, 100, 1, 1);
	add_sample(2, 200, 2, 1);
	assemble(0);
	assert_int_equal(profile->nr_mappings, 1);
	assert_int_equal(profile->nr_locations, 2);
	assert_int_equal(profile->nr_samples, 2);
	assert_string_equal(profile->mappings[0].build_id, "01");
	assert_int_equal(profile->mappings[0].file_offset, 0x4000);
}

static void different_files_are_different_mappings(void **state)
{
	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	map(2, 1, 0x10000, 2);
	snapshot(2, 1, 1);
	add_stack(1, 0x10010, 0x10020);
	add_sample(1, 100, 1, 1);
	add_sample(1, 200, 2, 1);
	assemble(0);
	assert_int_equal(profile->nr_mappings, 2);
	assert_int_equal(profile->nr_locations, 4);
}

static void program_of_the_target_is_the_first_mapping(void **state)
{
	(void)state;
	/* Much is done in a library, and more by another process. */
	map(1, 1, 0x90000, 9);
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	map(2, 1, 0x10000, 2);
	snapshot(2, 1, 1);
	add_stack(1, 0x90010, 0x90020);
	add_stack(2, 0x10010, 0x10020);
	add_sample(1, 100, 1, 1);
	for (int i = 0; i < 5; i++)
		add_sample(2, 200, 2, 1);
	assemble(100);
	assert_string_equal(profile->mappings[0].build_id, "01");
}

static void program_with_most_samples_is_the_first_mapping(void **state)
{
	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	map(2, 1, 0x10000, 2);
	snapshot(2, 1, 1);
	add_stack(1, 0x10010, 0x10020);
	add_sample(1, 100, 1, 1);
	for (int i = 0; i < 5; i++)
		add_sample(1, 200, 2, 1);
	assemble(0);
	assert_string_equal(profile->mappings[0].build_id, "02");
}

static void contested_code_is_named_only_where_it_is_certain(void **state)
{
	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 2, 1);
	add_stack(1, 0x10010, 0x10020);
	/* At the snapshot, and between this and the next of the same epoch. */
	add_sample(1, 100, 1, 2);
	add_sample(1, 200, 1, 3);
	snapshot(1, 4, 1);
	/* Only now it is known that there is another file, too. */
	map(1, 2, 0x10000, 2);
	snapshot(1, 9, 2);
	assemble(0);
	assert_int_equal(profile->nr_samples, 2);
	assert_string_equal(name(0, 0), "");
	assert_int_equal(location(0, 0)->address, 0x10010);
	assert_string_equal(name(1, 0), "[maps changing]");
	assert_string_equal(name(1, 1), "[maps changing]");
	assert_int_equal(tally.changing, 1);
}

/* The unwind table may have been the other file's. */
static void rows_of_contested_code_are_not_believed(void **state)
{
	(void)state;
	map(1, 1, 0x10000, 1);
	map(1, 1, 0x20000, 3);
	snapshot(1, 2, 1);
	add_frames(1, (uint64_t[]){0x20010, 0x10010, 0x20020}, 0, 3, false);
	add_sample(1, 100, 1, 3);
	map(1, 2, 0x10000, 2);
	map(1, 2, 0x20000, 3);
	snapshot(1, 4, 2);
	assemble_as(0, true);
	assert_int_equal(profile->samples[0].nr_locations, 2);
	assert_string_equal(name(0, 1), "[maps changing]");
	assert_int_equal(tally.ends[KPROF_STACK_NO_UNWIND_INFO], 1);
}

static void stacks_found_in_part_by_frame_pointers_are_counted(void **state)
{
	const uint64_t words[] = {0x10010, 1};
	struct kprof_event_stack stack = {
		.stack_id = 1,
		.frames = words,
		.exact = words + 1,
		.nr_user = 1,
		.is_fallback = true,
	};

	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	assert_int_equal(kprof_aggregate_add_stack(&aggregate, &stack), 0);
	add_stack(2, 0x10010, 0x10020);
	add_sample(1, 100, 1, 1);
	add_sample(2, 100, 1, 1);
	assemble_as(0, true);
	assert_int_equal(tally.fallback, 1);
}

static void address_without_mapping_is_kept(void **state)
{
	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	add_stack(1, 0x70010, 0x10020);
	add_sample(1, 100, 1, 1);
	assemble(0);
	assert_int_equal(location(0, 0)->address, 0x70010);
	assert_int_equal(location(0, 0)->mapping, KPROF_NO_INDEX);
	assert_int_equal(tally.changing, 0);
}

/* The frame pointer was no frame pointer: it led to data. */
static void stack_ends_where_a_return_address_is_no_code(void **state)
{
	uint64_t frames[] = {0x10010, 0x10020, 0x7ffc12345678, 0x10030};

	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	add_frames(1, frames, 0, 4, false);
	add_sample(1, 100, 1, 1);
	/* Without a snapshot nobody knows what is code. */
	add_sample(1, 200, 2, 1);
	assemble(0);
	assert_int_equal(profile->samples[0].nr_locations, 2);
	assert_int_equal(profile->samples[1].nr_locations, 4);
	assert_int_equal(tally.ends[KPROF_STACK_COMPLETE], 1);
	assert_int_equal(tally.ends[KPROF_STACK_NO_UNWIND_INFO], 1);
}

static void kernel_frames_are_said_to_be(void **state)
{
	uint64_t frames[] = {0xffffffff81000010, 0xffffffff81000020, 0x10010};

	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	add_frames(1, frames, 2, 1, false);
	add_sample(1, 100, 1, 1);
	assemble(0);
	assert_int_equal(profile->samples[0].nr_locations, 3);
	assert_true(location(0, 0)->in_kernel);
	assert_true(location(0, 1)->address == 0xffffffff8100001f);
	assert_false(location(0, 2)->in_kernel);
	assert_int_equal(location(0, 2)->address, 0x10010);
}

static void stack_without_frames_has_a_name(void **state)
{
	(void)state;
	add_frames(1, NULL, 0, 0, false);
	add_sample(1, 100, 0, 1);
	add_sample(4711, 200, 0, 1);
	assemble(0);
	assert_int_equal(profile->nr_samples, 2);
	assert_string_equal(name(0, 0), "[no stack]");
	assert_string_equal(name(1, 0), "[stack missing]");
}

/* The return address was in the link register and on the stack. */
static void repeated_return_address_is_dropped(void **state)
{
	uint64_t twice[] = {0x10010, 0x10020, 0x10020, 0x10030};
	uint64_t once[] = {0x10010, 0x10020, 0x10030, 0x10040};

	(void)state;
	map(1, 1, 0x10000, 1);
	snapshot(1, 1, 1);
	add_frames(1, twice, 0, 4, true);
	add_frames(2, once, 0, 4, true);
	add_frames(3, twice, 0, 4, false);
	add_sample(1, 100, 1, 1);
	add_sample(2, 200, 1, 1);
	add_sample(3, 300, 1, 1);
	assemble(0);
	assert_int_equal(profile->samples[0].nr_locations, 3);
	assert_int_equal(location(0, 1)->address, 0x1001f);
	assert_int_equal(location(0, 2)->address, 0x1002f);
	assert_int_equal(profile->samples[1].nr_locations, 4);
	assert_int_equal(profile->samples[2].nr_locations, 4);
}

/* Code that processes make; this program is one of them. */

static char our_map[64];

static void write_our_map(const char *text)
{
	int fd;

	snprintf(our_map, sizeof(our_map), "/tmp/perf-%d.map", getpid());
	fd = open(our_map, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void symbolize(void)
{
	assert_int_equal(kprof_symbolize(profile, NULL), 0);
	unlink(our_map);
}

static void code_of_a_process_has_the_names_of_its_perf_map(void **state)
{
	(void)state;
	write_our_map("70010 10 early\n");
	map_memory(1, 1, 0x70000, "//anon");
	map_memory(1, 1, 0x80000, "/memfd:code");
	map_memory(2, 1, 0x70000, "//anon");
	snapshot_of(1, 1, 1, getpid());
	snapshot(2, 1, 1);
	add_stack(1, 0x70018, 0x80021);
	add_stack(2, 0x70108, 0x70110);
	add_sample(1, 100, 1, 1);
	add_sample(2, 100, 1, 1);
	add_sample(1, 200, 2, 1);
	/* The map is complete only at the end. */
	write_our_map("70010 10 early\n80020 8 in memfd\n70010 10 late\n");
	assemble(0);
	symbolize();
	assert_string_equal(name(0, 0), "late");
	assert_string_equal(name(0, 1), "in memfd");
	/* Without a name its address is its name. */
	assert_string_equal(name(1, 0), "[anon+0x70108]");
	/* The other process has the same addresses, but other code. */
	assert_string_equal(name(2, 0), "[anon+0x70018]");
	assert_int_equal(profile->nr_jits, 1);
}

/* V8 makes one function after the other executable. */
static void memory_cut_into_mappings_is_the_same_code(void **state)
{
	(void)state;
	map_memory(1, 1, 0x70000, "//anon");
	snapshot(1, 1, 1);
	add_stack(1, 0x70108, 0x70110);
	add_sample(1, 100, 1, 2);
	map_memory(1, 2, 0x70000 - SIZE / 2, "//anon");
	map_memory(1, 2, 0x70000 + SIZE / 2, "//anon");
	snapshot(1, 3, 2);
	assemble(0);
	symbolize();
	assert_string_equal(name(0, 0), "[anon+0x70108]");
	assert_int_equal(tally.changing, 0);
}

static void memory_has_the_name_it_was_given(void **state)
{
	(void)state;
	map_memory(1, 1, 0x70000, "/memfd:a/b");
	map_memory(1, 1, 0x80000, "/SYSV0000002a");
	map_memory(1, 1, 0x90000, "/dev/zero");
	map_memory(1, 1, 0xa0000, "[heap]");
	map_memory(1, 1, 0xb0000, "[stack]");
	snapshot(1, 1, 1);
	add_stack(1, 0x70018, 0x80021);
	add_stack(2, 0x90018, 0xa0021);
	add_stack(3, 0xb0018, 0xa0021);
	add_sample(1, 100, 1, 1);
	add_sample(2, 100, 1, 1);
	add_sample(3, 100, 1, 1);
	assemble(0);
	symbolize();
	assert_string_equal(name(0, 0), "[memfd:a/b+0x18]");
	assert_string_equal(name(0, 1), "[SYSV0000002a+0x20]");
	assert_string_equal(name(1, 0), "[zero+0x18]");
	assert_string_equal(name(1, 1), "[heap+0xa0020]");
	assert_string_equal(name(2, 0), "[stack+0xb0018]");
}

/* What is at its path now is another file, or may be. */
static void file_that_nobody_could_open_is_not_named_after_another(void **state)
{
	static const char path[] = "/bin/sh";
	struct kprof_event_mmap mmap = {
		.space_id = 1,
		.epoch = 1,
		.start = 0x10000,
		.end = 0x40000,
		.path = path,
		.path_bytes = strlen(path),
		.inode = UINT64_MAX,
	};

	(void)state;
	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
	snapshot(1, 1, 1);
	add_stack(1, 0x15010, 0x15020);
	add_sample(1, 100, 1, 1);
	assemble(0);
	assert_true(profile->mappings[0].is_lost);
	symbolize();
	assert_string_equal(name(0, 0), "[sh+0x5010]");
	assert_string_equal(profile->mappings[0].build_id, "");
}

static void nothing_makes_an_empty_profile(void **state)
{
	(void)state;
	assemble(100);
	assert_int_equal(profile->nr_samples, 0);
	assert_int_equal(profile->nr_mappings, 0);
	assert_int_equal(tally.nr_threads, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(sample_has_its_values_and_labels),
		test(process_of_a_container_has_both_its_numbers),
		test(leaf_is_exact_and_callers_are_their_calls),
		test(same_code_at_different_places_is_one_location),
		test(different_files_are_different_mappings),
		test(program_of_the_target_is_the_first_mapping),
		test(program_with_most_samples_is_the_first_mapping),
		test(contested_code_is_named_only_where_it_is_certain),
		test(rows_of_contested_code_are_not_believed),
		test(stacks_found_in_part_by_frame_pointers_are_counted),
		test(address_without_mapping_is_kept),
		test(stack_ends_where_a_return_address_is_no_code),
		test(kernel_frames_are_said_to_be),
		test(stack_without_frames_has_a_name),
		test(repeated_return_address_is_dropped),
		test(code_of_a_process_has_the_names_of_its_perf_map),
		test(memory_cut_into_mappings_is_the_same_code),
		test(memory_has_the_name_it_was_given),
		test(file_that_nobody_could_open_is_not_named_after_another),
		test(nothing_makes_an_empty_profile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
