// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of unwinding 32-bit ARM without DWARF: what the instructions of the
 * exception handling ABI come to, and where prologues and epilogues differ.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/cfi_arm.h"

#include "kmod/unwind_table.h"
#include "lib/cfi_builder.h"
#include "lib/cfi_ehabi.h"
#include "test.h"

enum {
	SP = 13,
	LR = 14,
	START = 0x1000,
};

static struct kprof_unwind_rule rule_of(const char *code, size_t size)
{
	struct kprof_unwind_rule rule;

	if (!kprof_cfi_ehabi((const uint8_t *)code, size, &rule))
		return (struct kprof_unwind_rule){};
	return rule;
}

#define RULE(code) rule_of(code, sizeof(code) - 1)

static void assert_cfa(struct kprof_unwind_rule rule, int reg, int offset)
{
	assert_int_equal(rule.cfa, KPROF_CFA_REGISTER);
	assert_int_equal(rule.cfa_register, reg);
	assert_int_equal(rule.cfa_offset, offset);
}

static void stack_pointer_moves_as_each_instruction_says(void **state)
{
	(void)state;
	assert_cfa(RULE("\xb0"), SP, 0);
	assert_cfa(RULE("\x00\xb0"), SP, 4);
	assert_cfa(RULE("\x3f\xb0"), SP, 0x100);
	assert_cfa(RULE("\x3f\x41"), SP, 0x100 - 8);
	assert_cfa(RULE("\xb2\x04"), SP, 0x204 + 16);
	assert_cfa(RULE("\xb2\x80\x01"), SP, 0x204 + 512);
	assert_cfa(RULE("\xb1\x0f"), SP, 16);
	assert_cfa(RULE("\xb3\x81"), SP, 8 * 2 + 4);
	assert_cfa(RULE("\xb4"), SP, 4);
	assert_cfa(RULE("\xb9"), SP, 8 * 2 + 4);
	assert_cfa(RULE("\xc1"), SP, 8 * 2);
	assert_cfa(RULE("\xc6\x03"), SP, 8 * 4);
	assert_cfa(RULE("\xc7\x05"), SP, 8);
	assert_cfa(RULE("\xc8\x10"), SP, 8);
	assert_cfa(RULE("\xc9\x83"), SP, 8 * 4);
	assert_cfa(RULE("\xd7"), SP, 8 * 8);
	assert_cfa(RULE("\x97\x01"), 7, 8);
	/* What comes behind the end is not done. */
	assert_cfa(RULE("\xb0\x3f"), SP, 0);
}

static void popped_registers_are_where_they_were(void **state)
{
	struct kprof_unwind_rule rule = RULE("\xaf\xb0");

	(void)state;
	/* r4 to r11, lr */
	assert_cfa(rule, SP, 36);
	assert_int_equal(rule.ra, KPROF_RA_MEMORY);
	assert_int_equal(rule.ra_offset, -4);
	assert_int_equal(rule.saved, KPROF_SAVED_CFA | KPROF_SAVED_CFA << 4);
	assert_int_equal(rule.fp_offset, -8);
	assert_int_equal(rule.fp1_offset, -24);

	/* r4, pc by mask: what is popped into the pc is the return address */
	rule = RULE("\x88\x01\xb0");
	assert_cfa(rule, SP, 8);
	assert_int_equal(rule.ra_offset, -4);

	/* r4 to r6 only: the link register has it */
	rule = RULE("\xa2\xb0");
	assert_int_equal(rule.ra, KPROF_RA_REGISTER);
	assert_int_equal(rule.ra_offset, LR);
}

static void what_cannot_be_unwound_has_no_rule(void **state)
{
	static const char *const refused[] = {
		/* refuse */ "\x80",
		"\x9d",
		"\x9f",
		/* spare */ "\xb1\x10",
		"\xb5",
		"\xca",
		"\xd8",
		"\xe0",
		"\xff",
		/* the stack pointer from the stack */ "\x82\x01",
		/* pop, then another base */ "\xa8\x97",
		/* cut off */ "\xb2",
		"\xb3",
		"\xc6",
	};

	(void)state;
	assert_int_equal(RULE("\x80\x00").cfa, KPROF_CFA_UNKNOWN);
	assert_int_equal(RULE("\xb1\x00").cfa, KPROF_CFA_UNKNOWN);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (rule_of(refused[i], strlen(refused[i])).cfa)
			fail_msg("number %zu: expected no rule", i);
}

/* Code */

static struct kprof_unwind_image image;

static void follow(const char *code, size_t size, struct kprof_unwind_rule rule)
{
	struct kprof_cfi_builder builder;

	kprof_unwind_image_deinit(&image);
	assert_ok(kprof_cfi_builder_init(&builder, START));
	assert_true(kprof_cfi_arm_add(&builder, START, (const uint8_t *)code,
				      size, &rule));
	assert_ok(kprof_cfi_builder_finish(&builder, KPROF_UNWIND_ARM, &image));
}

static void assert_at(size_t at, int reg, int cfa_offset, bool in_link)
{
	const struct kprof_unwind_rule *rule =
		kprof_unwind_table_find(image.table, START + at);

	if (!rule || rule->cfa_register != reg ||
	    rule->cfa_offset != cfa_offset ||
	    (rule->ra == KPROF_RA_REGISTER) != in_link)
		fail_msg(
			"at %zu: expected r%d%+d, return address in %s; got "
			"r%d%+d, %d",
			at, reg, cfa_offset, in_link ? "lr" : "memory",
			rule ? rule->cfa_register : -1,
			rule ? rule->cfa_offset : -1, rule ? rule->ra : -1);
}

/* push {r4, r5, lr}; sub sp, #12; nop; bl; add sp, #12; pop {r4, r5, pc} */
#define THUMB "\x30\xb5\x83\xb0\x00\xbf\x00\xf0\x00\xf8\x03\xb0\x30\xbd"

static void thumb_function_has_its_prologue_and_epilogue(void **state)
{
	(void)state;
	follow(THUMB, sizeof(THUMB) - 1, RULE("\x02\xa9\xb0"));
	assert_at(0, SP, 0, true);
	assert_at(2, SP, 12, false);
	assert_at(4, SP, 24, false);
	assert_at(10, SP, 24, false);
	assert_at(12, SP, 12, false);
}

static void function_behind_another_starts_again(void **state)
{
	(void)state;
	/* With a nop between */
	follow(THUMB "\x00\xbf" THUMB, 2 * (sizeof(THUMB) - 1) + 2,
	       RULE("\x02\xa9\xb0"));
	assert_at(12, SP, 12, false);
	assert_at(16, SP, 0, true);
	assert_at(18, SP, 12, false);
	assert_at(20, SP, 24, false);
}

static void conditional_return_leaves_the_frame(void **state)
{
	(void)state;
	/* push {r4, lr}; itt eq; moveq; popeq {r4, pc}; nop; pop {r4, pc} */
	follow("\x10\xb5\x04\xbf\x00\x20\x10\xbd\x00\xbf\x10\xbd", 12,
	       RULE("\xa8\xb0"));
	assert_at(0, SP, 0, true);
	assert_at(2, SP, 8, false);
	assert_at(8, SP, 8, false);
	assert_at(10, SP, 8, false);
}

static void frame_register_is_followed_to_the_end(void **state)
{
	(void)state;
	/* push {r7, lr}; sub sp, #8; add r7, sp, #0; nop;
	   adds r7, #8; mov sp, r7; pop {r7, pc} */
	follow("\x80\xb5\x82\xb0\x00\xaf\x00\xbf\x08\x37\xbd\x46\x80\xbd", 14,
	       RULE("\x97\x01\x84\x08\xb0"));
	assert_at(0, SP, 0, true);
	assert_at(2, SP, 8, false);
	assert_at(4, SP, 16, false);
	assert_at(6, 7, 16, false);
	assert_at(8, 7, 16, false);
	assert_at(10, 7, 8, false);
	assert_at(12, SP, 8, false);
}

static void arm_code_is_followed_as_well(void **state)
{
	(void)state;
	/* push {r4, lr}; sub sp, sp, #8; nop; add sp, sp, #8; pop {r4, pc} */
	follow("\x10\x40\x2d\xe9\x08\xd0\x4d\xe2\x00\xf0\x20\xe3"
	       "\x08\xd0\x8d\xe2\x10\x80\xbd\xe8",
	       20, RULE("\x01\xa8\xb0"));
	assert_at(0, SP, 0, true);
	assert_at(4, SP, 8, false);
	assert_at(8, SP, 16, false);
	assert_at(12, SP, 16, false);
	assert_at(16, SP, 8, false);
}

static void data_is_not_taken_for_code(void **state)
{
	/* push {r4, lr}; ldr r0, [pc, #4]; pop {r4, pc}; nop; a word that
	   looks like two pushes; and the same function again */
	static const char code[] =
		"\x10\xb5\x01\x48\x10\xbd\x00\xbf"
		"\xf0\xb5\xf0\xb5"
		"\x10\xb5\x01\x48\x10\xbd\x00\xbf"
		"\xf0\xb5\xf0\xb5";

	(void)state;
	follow(code, sizeof(code) - 1, RULE("\xa8\xb0"));
	assert_at(4, SP, 8, false);
	assert_at(12, SP, 0, true);
	assert_at(14, SP, 8, false);
}

static void code_that_says_something_else_is_not_believed(void **state)
{
	struct kprof_unwind_rule rule = RULE("\x02\xaf\xb0");
	struct kprof_cfi_builder builder;

	(void)state;
	assert_ok(kprof_cfi_builder_init(&builder, START));
	assert_false(kprof_cfi_arm_add(&builder, START, (const uint8_t *)THUMB,
				       sizeof(THUMB) - 1, &rule));
	assert_int_equal(builder.rows.nr, 0);
	kprof_cfi_builder_deinit(&builder);
}

static int teardown(void **state)
{
	(void)state;
	kprof_unwind_image_deinit(&image);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stack_pointer_moves_as_each_instruction_says),
		cmocka_unit_test(popped_registers_are_where_they_were),
		cmocka_unit_test(what_cannot_be_unwound_has_no_rule),
		cmocka_unit_test(thumb_function_has_its_prologue_and_epilogue),
		cmocka_unit_test(function_behind_another_starts_again),
		cmocka_unit_test(conditional_return_leaves_the_frame),
		cmocka_unit_test(frame_register_is_followed_to_the_end),
		cmocka_unit_test(arm_code_is_followed_as_well),
		cmocka_unit_test(data_is_not_taken_for_code),
		cmocka_unit_test(code_that_says_something_else_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
