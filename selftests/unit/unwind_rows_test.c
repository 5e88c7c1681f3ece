// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the module's unwind_rows.c: what rows, frame pointers and signal
 * frames lead to, and that nothing leads astray for ever.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kernel/walker.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum {
	TEXT = 0x400000,
	TEXT_BYTES = 0x10000,
	FILE_OFFSET = 0x20000,
	STACK_WORDS = 4096,
	MAX_RULES = 32,
	MAX_DEPTH = 1024,
};

#define STACK_AT 0x7f0000100000ULL

/* A program of functions that are 256 bytes long, each with one rule. */
static struct {
	struct kprof_unwind_table table;
	struct kprof_unwind_rule rules[MAX_RULES];
	u32 first_row[2];
	struct kprof_unwind_row rows[MAX_RULES];
} program;

static struct kprof_image image;
static u64 stack_words[STACK_WORDS];
static u64 frames[MAX_DEPTH];
static u64 clock_ns, clock_step_ns;

static _Alignas(8) char space[sizeof(struct kprof_code_map) +
			      sizeof(struct kprof_code_mapping)];
static struct kprof_code_map *const map = (void *)space;

static struct kprof_row_cache cache;

bool shim_read_user(u64 addr, void *to, size_t bytes)
{
	u64 at = addr - STACK_AT;

	if (at >= sizeof(stack_words) || bytes > sizeof(stack_words) - at)
		return false;
	memcpy(to, (const char *)stack_words + at, bytes);
	return true;
}

u64 ktime_get_mono_fast_ns(void)
{
	clock_ns += clock_step_ns;
	return clock_ns;
}

/* An address in the function of a rule. */
static u64 in(u32 rule)
{
	return TEXT + rule * 256 + 100;
}

static u64 slot(u32 word)
{
	return STACK_AT + word * 8ULL;
}

static int setup(void **state)
{
	(void)state;
	memset(&program, 0, sizeof(program));
	memset(&cache, 0, sizeof(cache));
	memset(stack_words, 0, sizeof(stack_words));
	clock_step_ns = 0;
	program.table = (struct kprof_unwind_table){
		.magic = KPROF_UNWIND_MAGIC,
		.machine = KPROF_MACHINE,
		.bytes = sizeof(program),
		.first_page = FILE_OFFSET / KPROF_UNWIND_PAGE,
		.nr_pages = 1,
		.nr_rows = MAX_RULES,
		.nr_rules = MAX_RULES,
	};
	program.first_row[1] = MAX_RULES;
	for (u32 i = 0; i < MAX_RULES; i++)
		program.rows[i] = (struct kprof_unwind_row){
			.offset = i * 256,
			.rule = i,
		};
	image.table = &program.table;
	map->id = 1;
	map->nr = 1;
	map->mappings[0] = (struct kprof_code_mapping){
		.start = TEXT,
		.end = TEXT + TEXT_BYTES,
		.file_offset = FILE_OFFSET,
		.image = &image,
	};
	return 0;
}

/* push %rbp never done; the frame has so many words below the CFA. */
static struct kprof_unwind_rule sp_rule(u32 words)
{
	return (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = KPROF_DWARF_SP,
		.cfa_offset = words * 8,
		.ra_offset = -8,
	};
}

static struct kprof_stack walk_to(struct pt_regs *regs, u32 max_depth)
{
	static struct walker walker;
	struct kprof_stack stack = {.frames = frames};

	walker = (struct walker){
		.code = map,
		.cache = &cache,
		.limit = 0x7ffffffff000,
	};
	assert_int_equal(kprof_unwind_table_validate(&program, sizeof(program),
						     KPROF_MACHINE),
			 0);
	walker_walk(&walker, regs, max_depth, &stack);
	return stack;
}

static struct kprof_stack walk(struct pt_regs *regs)
{
	return walk_to(regs, MAX_DEPTH);
}

static void assert_frames(const struct kprof_stack *stack, u32 nr,
			  const u64 *expected)
{
	if (stack->nr_user != nr)
		fail_msg("expected %u frames, got %u", nr, stack->nr_user);
	for (u32 i = 0; i < nr; i++)
		if (frames[i] != expected[i])
			fail_msg("frame %u: expected %#llx, got %#llx", i,
				 (unsigned long long)expected[i],
				 (unsigned long long)frames[i]);
}

static void stack_pointer_frames_lead_to_the_outermost(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0)};
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = sp_rule(1);
	program.rules[2] = sp_rule(5);
	program.rules[3].cfa = KPROF_CFA_OUTERMOST;
	stack_words[0] = in(2);
	stack_words[5] = in(3);
	stack = walk(&regs);
	assert_frames(&stack, 3, (u64[]){in(1), in(2), in(3)});
	assert_int_equal(stack.user_end, KPROF_END_COMPLETE);
	assert_int_equal(stack.flags, 0);
}

/* A call as the last instruction: the next function must not be taken. */
static void return_address_behind_a_function_belongs_to_it(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0)};
	u64 behind_2 = TEXT + 3 * 256;
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = sp_rule(1);
	program.rules[2].cfa = KPROF_CFA_OUTERMOST;
	program.rules[3] = sp_rule(1);
	stack_words[0] = behind_2;
	stack_words[1] = in(1);
	stack = walk(&regs);
	assert_frames(&stack, 2, (u64[]){in(1), behind_2});
	assert_int_equal(stack.user_end, KPROF_END_COMPLETE);
}

static void exact_pc_at_a_function_start_belongs_to_it(void **state)
{
	struct pt_regs regs = {.ip = TEXT + 3 * 256, .sp = slot(0)};
	struct kprof_stack stack;

	(void)state;
	program.rules[2] = sp_rule(9);
	program.rules[3].cfa = KPROF_CFA_OUTERMOST;
	stack = walk(&regs);
	assert_frames(&stack, 1, (u64[]){regs.ip});
	assert_int_equal(stack.user_end, KPROF_END_COMPLETE);
}

static void frame_register_is_restored_for_whoever_needs_it(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0), .bp = 12345};
	struct kprof_stack stack;

	(void)state;
	/* Pushes rbp and uses it for something else. */
	program.rules[1] = sp_rule(3);
	program.rules[1].saved = KPROF_SAVED_CFA;
	program.rules[1].fp_offset = -16;
	/* Leaves it alone. */
	program.rules[2] = sp_rule(2);
	/* Finds its frame by it. */
	program.rules[3] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = KPROF_DWARF_FP,
		.cfa_offset = 16,
		.ra_offset = -8,
		.saved = KPROF_SAVED_CFA,
		.fp_offset = -16,
	};
	program.rules[4].cfa = KPROF_CFA_OUTERMOST;
	stack_words[1] = slot(20);
	stack_words[2] = in(2);
	stack_words[4] = in(3);
	stack_words[21] = in(4);
	stack = walk(&regs);
	assert_frames(&stack, 4, (u64[]){in(1), in(2), in(3), in(4)});
	assert_int_equal(stack.user_end, KPROF_END_COMPLETE);
}

static void realigned_stack_is_found_through_memory(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0), .bp = slot(10)};
	struct kprof_stack stack;

	(void)state;
	/* gcc: CFA = *(rbp - 8), rbp saved at rbp. */
	program.rules[1] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_MEMORY,
		.cfa_register = KPROF_DWARF_FP,
		.cfa_offset = -8,
		.ra_offset = -8,
		.saved = KPROF_SAVED_SELF,
	};
	program.rules[2] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = KPROF_DWARF_FP,
		.cfa_offset = 16,
		.ra_offset = -8,
	};
	program.rules[3].cfa = KPROF_CFA_OUTERMOST;
	stack_words[9] = slot(16);
	stack_words[10] = slot(30);
	stack_words[15] = in(2);
	stack_words[31] = in(3);
	stack = walk(&regs);
	assert_frames(&stack, 3, (u64[]){in(1), in(2), in(3)});
	assert_int_equal(stack.user_end, KPROF_END_COMPLETE);
}

static void other_registers_are_known_innermost_only(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0), .r11 = slot(3)};
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = 11,
		.cfa_offset = 8,
		.ra_offset = -8,
	};
	stack_words[3] = in(1);
	stack = walk(&regs);
	assert_frames(&stack, 2, (u64[]){in(1), in(1)});
	assert_int_equal(stack.user_end, KPROF_END_NO_UNWIND_INFO);
}

static void plt_stub_is_deeper_behind_its_push(void **state)
{
	struct pt_regs regs = {.ip = TEXT + 256 + 16 + 10, .sp = slot(0)};
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_PLT,
		.cfa_offset = 8,
		.cfa_add = 11,
		.ra_offset = -8,
	};
	program.rules[2].cfa = KPROF_CFA_OUTERMOST;
	stack_words[0] = in(2);
	stack_words[1] = in(2) + 1;
	stack = walk(&regs);
	assert_frames(&stack, 2, (u64[]){regs.ip, in(2)});
	regs.ip++;
	stack = walk(&regs);
	assert_frames(&stack, 2, (u64[]){regs.ip, in(2) + 1});
}

/* On another stack, which lies above: the interrupted one is below it. */
static void signal_handler_on_its_own_stack(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(2000)};
	struct sigcontext_64 *context = (void *)&stack_words[2010];
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = sp_rule(1);
	program.rules[2] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_SIGNAL,
		.cfa_offset = 9 * 8,
	};
	/* Interrupted where its frame is only known by r10. */
	program.rules[3] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = 10,
		.ra_offset = -8,
	};
	program.rules[4].cfa = KPROF_CFA_OUTERMOST;
	stack_words[2000] = in(2);
	context->ip = TEXT + 3 * 256;
	context->sp = slot(4);
	context->r10 = slot(9);
	stack_words[8] = in(4);
	stack = walk(&regs);
	assert_frames(&stack, 4, (u64[]){in(1), in(2), context->ip, in(4)});
	assert_int_equal(stack.user_end, KPROF_END_COMPLETE);
	assert_int_equal(stack.nr_signals, 1);
	assert_int_equal(stack.signals[0], 2);
}

static void signal_frames_that_lead_in_a_circle_end(void **state)
{
	struct pt_regs regs = {.ip = in(2), .sp = slot(0)};
	struct sigcontext_64 *context = (void *)&stack_words[0];
	struct kprof_stack stack;

	(void)state;
	program.rules[2].cfa = KPROF_CFA_SIGNAL;
	context->ip = in(2);
	context->sp = slot(0);
	stack = walk(&regs);
	assert_int_equal(stack.nr_user, 1 + KPROF_MAX_SIGNAL_FRAMES);
	assert_int_equal(stack.user_end, KPROF_END_NO_UNWIND_INFO);
}

static void frames_that_do_not_go_up_end_the_stack(void **state)
{
	static const s32 offsets[] = {0, -8, -80, INT32_MIN, 4, INT32_MAX};
	struct pt_regs regs = {.ip = in(1), .sp = slot(100)};

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		struct kprof_stack stack;

		memset(&cache, 0, sizeof(cache));
		program.rules[1] = sp_rule(0);
		program.rules[1].cfa_offset = offsets[i];
		for (u32 n = 0; n < STACK_WORDS; n++)
			stack_words[n] = in(1);
		stack = walk(&regs);
		if (stack.nr_user != 1 ||
		    stack.user_end == KPROF_END_COMPLETE)
			fail_msg("offset %d: expected 1 frame that is not "
				 "complete, got %u, end %u",
				 offsets[i], stack.nr_user, stack.user_end);
	}
}

static void kernel_addresses_are_not_read(void **state)
{
	static const u64 pointers[] = {
		0xffff888000000000, 0x8000000000000000, 0x7ffffffffff8 + 8,
		0x0000800000000000, 0xdeadbeefdeadbee8,
	};

	(void)state;
	program.rules[1] = (struct kprof_unwind_rule){
		.cfa = KPROF_CFA_REGISTER,
		.cfa_register = 0,
		.ra_offset = -8,
	};
	for (size_t i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		struct pt_regs regs = {
			.ip = in(1),
			.sp = slot(0),
			.ax = pointers[i],
		};
		struct kprof_stack stack = walk(&regs);

		assert_int_equal(stack.nr_user, 1);
		assert_int_equal(stack.user_end, KPROF_END_NO_UNWIND_INFO);
	}
}

static void unmapped_stack_is_unreadable(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = 0x10000};
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = sp_rule(1);
	stack = walk(&regs);
	assert_int_equal(stack.nr_user, 1);
	assert_int_equal(stack.user_end, KPROF_END_UNREADABLE);
}

/* rows -> frame pointers -> rows */
static void code_without_rows_is_crossed_by_frame_pointers(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0), .bp = slot(10)};
	u64 elsewhere = TEXT + TEXT_BYTES + 0x1000;
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = sp_rule(1);
	program.rules[2] = sp_rule(4);
	program.rules[3].cfa = KPROF_CFA_OUTERMOST;
	stack_words[0] = elsewhere;
	stack_words[10] = slot(40);
	stack_words[11] = in(2);
	stack_words[15] = in(3);
	stack = walk(&regs);
	assert_frames(&stack, 4, (u64[]){in(1), elsewhere, in(2), in(3)});
	assert_int_equal(stack.user_end, KPROF_END_COMPLETE);
	assert_int_equal(stack.flags, KPROF_STACK_FALLBACK);
}

static void lost_frame_register_is_not_followed(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0), .bp = slot(10)};
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = sp_rule(1);
	program.rules[1].saved = KPROF_SAVED_LOST;
	stack_words[0] = in(0);
	stack_words[11] = in(0);
	stack = walk(&regs);
	assert_frames(&stack, 2, (u64[]){in(1), in(0)});
	assert_int_equal(stack.user_end, KPROF_END_NO_UNWIND_INFO);
}

static void depth_and_time_cut_deep_recursion(void **state)
{
	struct pt_regs regs = {.ip = in(1), .sp = slot(0)};
	struct kprof_stack stack;

	(void)state;
	program.rules[1] = sp_rule(1);
	for (u32 n = 0; n < STACK_WORDS; n++)
		stack_words[n] = in(1);
	stack = walk_to(&regs, 127);
	assert_int_equal(stack.nr_user, 127);
	assert_int_equal(stack.user_end, KPROF_END_DEPTH);
	clock_step_ns = 1ULL << 33;
	clock_ns = 0;
	stack = walk(&regs);
	assert_in_range(stack.nr_user, 2, 64);
	assert_int_equal(stack.user_end, KPROF_END_TIME);
}

static void stack_with_a_signal_has_another_hash(void **state)
{
	struct pt_regs regs = {.ip = in(2), .sp = slot(0)};
	struct sigcontext_64 *context = (void *)&stack_words[0];
	struct kprof_stack a, b;

	(void)state;
	program.rules[2].cfa = KPROF_CFA_SIGNAL;
	context->ip = in(3);
	context->sp = slot(100);
	program.rules[3].cfa = KPROF_CFA_OUTERMOST;
	a = walk(&regs);
	memset(&cache, 0, sizeof(cache));
	program.rules[2] = sp_rule(17);
	b = walk(&regs);
	assert_int_equal(a.nr_user, b.nr_user);
	assert_int_not_equal(a.hash, b.hash);
}

/* Whatever a table says, a walk ends and stays in user memory. */
static void random_tables_do_no_harm(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 20000; round++) {
		struct pt_regs regs;
		struct kprof_stack stack;

		for (u32 i = 0; i < MAX_RULES; i++)
			program.rules[i] = (struct kprof_unwind_rule){
				.cfa = KPROF_CFA_REGISTER + rand() % 2,
				.cfa_register = rand() % 16,
				.ra = rand() % 8 == 0,
				.saved = rand() % 2,
				.cfa_offset = rand() % 200,
			};
		for (u32 i = 0; i < MAX_RULES; i++)
			program.rules[i].ra_offset = program.rules[i].ra ?
							     rand() % 16 : -8;
		for (size_t i = 0; i < sizeof(regs) / 8; i++)
			((u64 *)&regs)[i] = rand() % 2 ?
						    slot(rand() % STACK_WORDS) :
						    in(rand() % MAX_RULES);
		regs.ip = in(rand() % MAX_RULES);
		for (u32 n = 0; n < STACK_WORDS; n++)
			stack_words[n] = rand() % 2 ?
						 in(rand() % MAX_RULES) :
						 slot(rand() % STACK_WORDS);
		memset(&cache, 0, sizeof(cache));
		stack = walk(&regs);
		assert_in_range(stack.nr_user, 1, MAX_DEPTH);
		assert_int_not_equal(stack.user_end, KPROF_END_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, setup)
		TEST(stack_pointer_frames_lead_to_the_outermost),
		TEST(return_address_behind_a_function_belongs_to_it),
		TEST(exact_pc_at_a_function_start_belongs_to_it),
		TEST(frame_register_is_restored_for_whoever_needs_it),
		TEST(realigned_stack_is_found_through_memory),
		TEST(other_registers_are_known_innermost_only),
		TEST(plt_stub_is_deeper_behind_its_push),
		TEST(signal_handler_on_its_own_stack),
		TEST(signal_frames_that_lead_in_a_circle_end),
		TEST(frames_that_do_not_go_up_end_the_stack),
		TEST(kernel_addresses_are_not_read),
		TEST(unmapped_stack_is_unreadable),
		TEST(code_without_rows_is_crossed_by_frame_pointers),
		TEST(lost_frame_register_is_not_followed),
		TEST(depth_and_time_cut_deep_recursion),
		TEST(stack_with_a_signal_has_another_hash),
		TEST(random_tables_do_no_harm),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
