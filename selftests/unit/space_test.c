// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of space.c: what a sample may believe about mappings.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/space.h"

#include "lib/elf_file.h"
#include "lib/kprof.h"
#include "lib/sym_vdso.h"

#include <sys/auxv.h>

#include "test.h"

enum {
	SPACE_ID = 7,
	/* Addresses: of a file A, of a file B, of nothing. */
	AT_A = 0x1000,
	AT_B = 0x2000,
	NOWHERE = 0x9000,
	SIZE = 0x1000,
};

static struct kprof_spaces spaces;

static int setup(void **state)
{
	(void)state;
	kprof_spaces_init(&spaces, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	kprof_spaces_deinit(&spaces);
	return 0;
}

static void map_in(uint32_t space_id, uint32_t epoch, uint64_t start,
		   const char *path)
{
	struct kprof_event_mmap mmap = {
		.space_id = space_id,
		.epoch = epoch,
		.start = start,
		.end = start + SIZE,
		.path = path,
		.path_bytes = strlen(path),
		.inode = 1,
	};

	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
}

static void map(uint32_t epoch, uint64_t start, const char *path)
{
	map_in(SPACE_ID, epoch, start, path);
}

static uint32_t add_maps(const struct kprof_event_maps *maps)
{
	uint32_t space;

	assert_int_equal(kprof_spaces_add_maps(&spaces, maps, &space), 0);
	return space;
}

static uint32_t snapshot(uint32_t generation, uint32_t epoch)
{
	return add_maps(&(struct kprof_event_maps){
		.space_id = SPACE_ID,
		.generation = generation,
		.epoch = epoch,
	});
}

static void end_space_of(uint32_t space_id, uint32_t generation)
{
	add_maps(&(struct kprof_event_maps){
		.space_id = space_id,
		.generation = generation,
		.is_exit = true,
	});
}

static void end_space(uint32_t generation)
{
	end_space_of(SPACE_ID, generation);
}

static struct kprof_space_view view(uint32_t generation)
{
	struct kprof_space_view ret;

	assert_int_equal(
		kprof_spaces_view(&spaces, 0, generation, generation, &ret), 0);
	return ret;
}

static bool has_to_wait(uint32_t generation)
{
	struct kprof_space_view ret;

	return kprof_spaces_view(&spaces, 0, generation, generation, &ret) ==
	       -EAGAIN;
}

/* What is seen at an address: a path, "none", "changing" or "unknown". */
static const char *seen(uint32_t generation, uint64_t address)
{
	struct kprof_space_view at = view(generation);
	uint32_t vma = kprof_space_view_lookup(&spaces, &at, address);

	if (vma == KPROF_VMA_NONE)
		return "none";
	if (vma == KPROF_VMA_CHANGING)
		return "changing";
	if (vma == KPROF_VMA_UNKNOWN)
		return "unknown";
	return spaces.binaries.all.data[spaces.vmas.data[vma].binary].path;
}

static void sample_waits_for_the_snapshot_behind_it(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	assert_true(has_to_wait(2));
	snapshot(3, 1);
	assert_false(has_to_wait(2));
	assert_string_equal(seen(2, AT_A), "/a");
	assert_string_equal(seen(2, AT_A + SIZE - 1), "/a");
	assert_string_equal(seen(2, AT_A + SIZE), "none");
	assert_string_equal(seen(2, AT_A - 1), "none");
}

static void sample_between_different_snapshots_needs_both(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	map(1, AT_B, "/b");
	snapshot(1, 1);
	map(2, AT_A, "/a");
	map(2, NOWHERE, "/c");
	snapshot(5, 2);
	assert_string_equal(seen(3, AT_A), "/a");
	assert_string_equal(seen(3, AT_B), "changing");
	assert_string_equal(seen(3, NOWHERE), "changing");
	assert_string_equal(seen(3, 0x5000), "none");
}

static void sample_at_a_snapshot_is_exact(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	map(2, AT_A, "/b");
	snapshot(2, 2);
	assert_true(view(1).is_exact);
	assert_true(view(2).is_exact);
	assert_string_equal(seen(1, AT_A), "/a");
	assert_string_equal(seen(2, AT_A), "/b");
}

static void unstable_snapshot_is_not_exact(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	add_maps(&(struct kprof_event_maps){
		.space_id = SPACE_ID,
		.generation = 1,
		.epoch = 1,
		.is_unstable = true,
	});
	assert_false(view(1).is_exact);
	assert_string_equal(seen(1, AT_A), "/a");
}

static void nothing_is_exact_where_the_module_cannot_tell(void **state)
{
	(void)state;
	spaces.has_exact_maps = false;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	assert_false(view(1).is_exact);
	assert_string_equal(seen(1, AT_A), "/a");
}

static void first_sample_takes_the_snapshot_behind_it(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(4, 1);
	assert_string_equal(seen(2, AT_A), "/a");
}

/* In the middle of exec nothing is mapped, and no user code has run. */
static void empty_first_snapshot_says_nothing(void **state)
{
	(void)state;
	snapshot(1, 1);
	map(2, AT_A, "/a");
	snapshot(4, 2);
	assert_string_equal(seen(1, AT_A), "/a");
	assert_string_equal(seen(3, AT_A), "/a");
	/* Later on it does. */
	snapshot(7, 3);
	assert_string_equal(seen(6, AT_A), "changing");
	assert_string_equal(seen(7, AT_A), "none");
}

static void last_sample_takes_the_snapshot_before_it(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(4, 1);
	assert_true(has_to_wait(6));
	end_space(9);
	assert_string_equal(seen(6, AT_A), "/a");
}

static void end_of_the_recording_ends_all_waiting(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(4, 1);
	assert_true(has_to_wait(6));
	kprof_spaces_end(&spaces);
	assert_string_equal(seen(6, AT_A), "/a");
}

static void space_that_cannot_be_seen_has_no_mappings(void **state)
{
	(void)state;
	add_maps(&(struct kprof_event_maps){
		.space_id = SPACE_ID,
		.generation = 1,
		.epoch = 1,
		.is_unavailable = true,
	});
	assert_true(has_to_wait(1));
	kprof_spaces_end(&spaces);
	assert_string_equal(seen(1, AT_A), "unknown");
}

static void what_a_cut_snapshot_does_not_show_is_unknown(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	add_maps(&(struct kprof_event_maps){
		.space_id = SPACE_ID,
		.generation = 1,
		.epoch = 1,
		.is_truncated = true,
	});
	assert_string_equal(seen(1, AT_A), "/a");
	assert_string_equal(seen(1, NOWHERE), "unknown");
}

static void two_files_at_one_address_contest_it(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	map(1, AT_B, "/b");
	snapshot(1, 1);
	assert_false(kprof_spaces_is_contested(&spaces, 0, AT_A));
	map(2, AT_A, "/other");
	map(2, AT_B, "/b");
	snapshot(2, 2);
	assert_true(kprof_spaces_is_contested(&spaces, 0, AT_A));
	assert_false(kprof_spaces_is_contested(&spaces, 0, AT_B));
}

static void absence_alone_contests_nothing(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	snapshot(2, 2);
	map(3, AT_A, "/a");
	snapshot(3, 3);
	assert_false(kprof_spaces_is_contested(&spaces, 0, AT_A));
	assert_string_equal(seen(2, AT_A), "none");
}

static void absence_in_between_does_not_hide_a_change(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	snapshot(2, 2);
	map(3, AT_A, "/b");
	snapshot(3, 3);
	assert_true(kprof_spaces_is_contested(&spaces, 0, AT_A));
}

static void spaces_do_not_contest_each_other(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	map_in(8, 1, AT_A, "/b");
	add_maps(&(struct kprof_event_maps){
		.space_id = 8,
		.generation = 1,
		.epoch = 1,
	});
	assert_false(kprof_spaces_is_contested(&spaces, 0, AT_A));
	assert_false(kprof_spaces_is_contested(&spaces, 1, AT_A));
}

/* A part of a mapping is made writable for a moment: it is cut, not moved. */
static void cut_mapping_is_the_same_code(void **state)
{
	struct kprof_event_mmap half = {
		.space_id = SPACE_ID,
		.epoch = 2,
		.start = AT_A + 0x800,
		.end = AT_A + SIZE,
		.file_offset = 0x800,
		.path = "/a",
		.path_bytes = 2,
		.inode = 1,
	};

	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	assert_int_equal(kprof_spaces_add_mmap(&spaces, &half), 0);
	snapshot(3, 2);
	assert_string_equal(seen(2, AT_A + 0x900), "/a");
	assert_string_equal(seen(2, AT_A + 0x100), "changing");
	assert_false(kprof_spaces_is_contested(&spaces, 0, AT_A + 0x900));
}

static void old_snapshots_are_forgotten(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 1000; i++) {
		map(i, i % 2 ? AT_A : AT_B, "/a");
		snapshot(i, i);
		kprof_spaces_prune(&spaces, 0, UINT32_MAX);
		kprof_spaces_next_pass(&spaces);
	}
	/* What the next sample may ask for is still there... */
	assert_string_equal(seen(1000, AT_B), "/a");
	assert_string_equal(seen(999, AT_A), "/a");
	/* ...and what nobody can ask for is gone: it got what comes next. */
	assert_false(view(1).is_exact);
}

static void waiting_sample_keeps_its_snapshot(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	for (uint32_t i = 2; i <= 10; i++) {
		map(i, AT_A, "/a");
		map(i, AT_B + i * SIZE, "/b");
		snapshot(i, i);
		kprof_spaces_prune(&spaces, 0, 3);
		kprof_spaces_next_pass(&spaces);
	}
	assert_true(view(3).is_exact);
}

static void ended_spaces_give_their_memory_back(void **state)
{
	(void)state;
	map(1, AT_A, "/a");
	snapshot(1, 1);
	end_space(1);
	for (uint32_t i = 0; i < KPROF_GONE_SPACES; i++) {
		kprof_spaces_next_pass(&spaces);
		assert_string_equal(seen(1, AT_A), "/a");
		assert_false(kprof_spaces_are_gone(&spaces));
		end_space_of(SPACE_ID + 1 + i, 1);
	}
	assert_true(kprof_spaces_are_gone(&spaces));
	kprof_spaces_next_pass(&spaces);
	assert_string_equal(seen(1, AT_A), "unknown");
	/* The last one may still have samples in the rings. */
	assert_in_range(spaces.gone.nr, 1, 3);
}

static void program_is_the_lowest_file(void **state)
{
	uint32_t program;

	(void)state;
	map(1, AT_B, "/library");
	map(1, AT_A, "/program");
	snapshot(1, 1);
	program = kprof_spaces_program(&spaces, 0);
	assert_string_equal(spaces.binaries.all.data[program].path, "/program");
}

static void same_build_id_is_the_same_file(void **state)
{
	struct kprof_event_mmap mmap = {
		.space_id = SPACE_ID,
		.epoch = 1,
		.start = AT_A,
		.end = AT_B,
		.path = "/a",
		.path_bytes = 2,
		.build_id_bytes = 2,
		.build_id = {0xab, 0x01},
	};

	(void)state;
	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
	mmap.path = "/copy";
	mmap.path_bytes = 5;
	mmap.inode = 5;
	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
	assert_int_equal(spaces.binaries.all.nr, 1);
	assert_string_equal(spaces.binaries.all.data[0].build_id, "ab01");
	mmap.build_id[1] = 2;
	assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
	assert_int_equal(spaces.binaries.all.nr, 2);
}

/* Code without a file is a process's own; the vdso is everybody's. */
static void code_without_a_file_is_not_shared(void **state)
{
	struct kprof_event_mmap mmap = {
		.epoch = 1,
		.start = AT_A,
		.end = AT_B,
		.is_special = true,
		.path = "//anon",
		.path_bytes = 6,
	};

	(void)state;
	for (mmap.space_id = 1; mmap.space_id <= 3; mmap.space_id++)
		assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
	assert_int_equal(spaces.binaries.all.nr, 3);
	mmap.path = "[vdso]";
	for (mmap.space_id = 1; mmap.space_id <= 3; mmap.space_id++)
		assert_int_equal(kprof_spaces_add_mmap(&spaces, &mmap), 0);
	assert_int_equal(spaces.binaries.all.nr, 4);
}

/* By which it is told from other kernels' where it is not at hand. */
static void our_vdso_has_its_build_id(void **state)
{
	struct kprof_event_mmap mmap = {
		.space_id = 1,
		.epoch = 1,
		.start = getauxval(AT_SYSINFO_EHDR),
		.is_special = true,
		.path = "[vdso]",
		.path_bytes = 6,
	};
	struct kprof_elf_file *own;

	(void)state;
	if (kprof_vdso_open(&own))
		skip();
	mmap.end = mmap.start + 0x2000;
	assert_ok(kprof_spaces_add_mmap(&spaces, &mmap));
	assert_string_equal(spaces.binaries.all.data[0].build_id,
			    own->build_id);
	assert_true(own->build_id[0]);
	/* Of a 32-bit task, which has another one. */
	mmap.start = 0x1000;
	mmap.end = 0x3000;
	assert_ok(kprof_spaces_add_mmap(&spaces, &mmap));
	if (sizeof(long) > 4)
		assert_string_equal(spaces.binaries.all.data[1].build_id, "");
	kprof_elf_file_close(own);
}

#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(sample_waits_for_the_snapshot_behind_it),
		test(sample_between_different_snapshots_needs_both),
		test(sample_at_a_snapshot_is_exact),
		test(unstable_snapshot_is_not_exact),
		test(nothing_is_exact_where_the_module_cannot_tell),
		test(first_sample_takes_the_snapshot_behind_it),
		test(empty_first_snapshot_says_nothing),
		test(last_sample_takes_the_snapshot_before_it),
		test(end_of_the_recording_ends_all_waiting),
		test(space_that_cannot_be_seen_has_no_mappings),
		test(what_a_cut_snapshot_does_not_show_is_unknown),
		test(two_files_at_one_address_contest_it),
		test(absence_alone_contests_nothing),
		test(absence_in_between_does_not_hide_a_change),
		test(spaces_do_not_contest_each_other),
		test(cut_mapping_is_the_same_code),
		test(old_snapshots_are_forgotten),
		test(waiting_sample_keeps_its_snapshot),
		test(ended_spaces_give_their_memory_back),
		test(program_is_the_lowest_file),
		test(same_build_id_is_the_same_file),
		test(code_without_a_file_is_not_shared),
		test(our_vdso_has_its_build_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
