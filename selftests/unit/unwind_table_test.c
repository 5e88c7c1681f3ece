// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the module's unwind_table.c: no unsound table gets in, and look-up
 * finds what a search of all rows finds.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kmod/unwind_table.h"

#include "test.h"

enum {
	MAX_ROWS = 4096,
};

/* A table being made. */
struct draft {
	struct kprof_unwind_table header;
	struct kprof_unwind_rule rules[8];
	__u32 first_rows[8];
	struct kprof_unwind_row rows[MAX_ROWS];
};

static const struct kprof_unwind_rule call_frame = {
	.cfa = KPROF_CFA_REGISTER,
	.cfa_register = 7,
	.cfa_offset = 16,
	.ra_offset = -8,
	.saved = KPROF_SAVED_CFA,
	.fp_offset = -16,
};

/* Pages 3 and 4 of a file; page 4 goes on with what page 3 says. */
static struct draft small_draft(void)
{
	return (struct draft){
		.header =
			{
				.magic = KPROF_UNWIND_MAGIC,
				.machine = KPROF_UNWIND_X86_64,
				.first_page = 3,
				.nr_pages = 2,
				.nr_rows = 3,
				.nr_rules = 2,
			},
		.rules = {{}, call_frame},
		.first_rows = {0, 2, 3},
		.rows = {{0x10, 1}, {0x20, 0}, {0x40, 1}},
	};
}

static size_t append(void *table, size_t at, const void *data, size_t size)
{
	memcpy((char *)table + at, data, size);
	return at + size;
}

/* The bytes of a draft, exactly as many as there are: ASan sees the rest. */
static void *lay_out(const struct draft *draft, size_t *bytes_ret)
{
	struct kprof_unwind_table header = draft->header;
	size_t rules = header.nr_rules * sizeof(draft->rules[0]);
	size_t firsts = (header.nr_pages + 1) * sizeof(__u32);
	size_t rows = header.nr_rows * sizeof(draft->rows[0]);
	size_t bytes = sizeof(header) + rules + firsts + rows, at = 0;
	void *table = malloc(bytes);

	assert_non_null(table);
	if (!header.bytes)
		header.bytes = (__u32)bytes;
	at = append(table, at, &header, sizeof(header));
	at = append(table, at, draft->rules, rules);
	at = append(table, at, draft->first_rows, firsts);
	append(table, at, draft->rows, rows);
	*bytes_ret = bytes;
	return table;
}

static int validate(const struct draft *draft)
{
	size_t bytes;
	void *table = lay_out(draft, &bytes);
	int err =
		kprof_unwind_table_validate(table, bytes, KPROF_UNWIND_X86_64);

	free(table);
	return err;
}

static void sound_table_is_taken(void **state)
{
	struct draft draft = small_draft();

	(void)state;
	assert_ok(validate(&draft));
}

static void header_that_lies_is_refused(void **state)
{
	struct draft draft;

	(void)state;
#define refused(change, errno_)                         \
	do {                                            \
		draft = small_draft();                  \
		draft.header.change;                    \
		assert_errno(validate(&draft), errno_); \
	} while (0)
	refused(magic = 1, -EINVAL);
	refused(machine = KPROF_UNWIND_ARM64, -ENOEXEC);
	refused(flags = 1, -EINVAL);
	refused(pad = 1, -EINVAL);
	refused(bytes = 92, -EINVAL);
	refused(first_page = 0xffffffff, -EINVAL);
#undef refused
}

static void counts_beyond_the_bytes_are_refused(void **state)
{
	static const size_t counts[] = {
		offsetof(struct kprof_unwind_table, nr_pages),
		offsetof(struct kprof_unwind_table, nr_rows),
		offsetof(struct kprof_unwind_table, nr_rules),
	};
	static const __u32 values[] = {0,	   1,	       4,	  65537,
				       0x10000002, 0x80000000, 0xffffffff};
	struct draft draft = small_draft();
	size_t bytes;
	char *table = lay_out(&draft, &bytes);

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		__u32 right;

		memcpy(&right, table + counts[i], sizeof(right));
		for (size_t k = 0; k < sizeof(values) / sizeof(values[0]);
		     k++) {
			memcpy(table + counts[i], &values[k], sizeof(right));
			assert_errno(kprof_unwind_table_validate(
					     table, bytes, KPROF_UNWIND_X86_64),
				     -EINVAL);
		}
		memcpy(table + counts[i], &right, sizeof(right));
	}
	for (size_t size = 0; size < bytes; size++)
		assert_errno(kprof_unwind_table_validate(table, size,
							 KPROF_UNWIND_X86_64),
			     -EINVAL);
	free(table);
}

static void rows_out_of_order_are_refused(void **state)
{
	struct draft draft;

	(void)state;
#define refused(change)                                  \
	do {                                             \
		draft = small_draft();                   \
		draft.change;                            \
		assert_errno(validate(&draft), -EINVAL); \
	} while (0)
	refused(rows[1].offset = 0x10);
	refused(rows[1].offset = 0xf);
	refused(rows[2].rule = 2);
	refused(first_rows[0] = 1);
	refused(first_rows[1] = 4);
	refused(first_rows[1] = 0xffffffff);
	refused(first_rows[2] = 2);
#undef refused
}

static int validate_rule(struct kprof_unwind_rule rule)
{
	struct draft draft = small_draft();

	draft.rules[1] = rule;
	return validate(&draft);
}

static void rules_of_every_kind_are_taken(void **state)
{
	struct kprof_unwind_rule rule = call_frame;

	(void)state;
	assert_ok(validate_rule(
		(struct kprof_unwind_rule){.cfa = KPROF_CFA_OUTERMOST}));
	assert_ok(validate_rule((struct kprof_unwind_rule){
		.cfa = KPROF_CFA_SIGNAL, .cfa_offset = 40}));
	assert_ok(validate_rule((struct kprof_unwind_rule){.cfa = KPROF_CFA_PLT,
							   .cfa_offset = 8,
							   .cfa_add = 11,
							   .ra_offset = -8}));
	rule.cfa = KPROF_CFA_MEMORY;
	rule.cfa_add = -8;
	assert_ok(validate_rule(rule));
	rule.ra = KPROF_RA_REGISTER;
	rule.ra_offset = 15;
	rule.saved = KPROF_SAVED_SELF;
	assert_ok(validate_rule(rule));
	rule.saved = KPROF_SAVED_LOST;
	rule.fp_offset = 0;
	assert_ok(validate_rule(rule));
}

static void rules_without_a_meaning_are_refused(void **state)
{
	struct kprof_unwind_rule rule;

	(void)state;
#define refused(change)                                     \
	do {                                                \
		rule = call_frame;                          \
		rule.change;                                \
		assert_errno(validate_rule(rule), -EINVAL); \
	} while (0)
	refused(cfa = 6);
	refused(cfa = KPROF_CFA_UNKNOWN);
	refused(cfa = KPROF_CFA_OUTERMOST);
	refused(cfa = KPROF_CFA_SIGNAL);
	refused(cfa = KPROF_CFA_PLT);
	refused(cfa_register = 16);
	refused(cfa_add = 1);
	refused(ra = 2);
	refused(ra = KPROF_RA_REGISTER);
	refused(saved = 4);
	refused(saved = KPROF_SAVED_SAME);
	refused(saved = KPROF_SAVED_LOST);
	refused(saved = KPROF_SAVED_CFA | KPROF_SAVED_CFA << 4);
	refused(fp1_offset = 8);
#undef refused
	rule = (struct kprof_unwind_rule){.cfa = KPROF_CFA_PLT, .cfa_add = 16};
	assert_errno(validate_rule(rule), -EINVAL);
	rule.cfa_add = -1;
	assert_errno(validate_rule(rule), -EINVAL);
	rule = call_frame;
	rule.ra = KPROF_RA_REGISTER;
	rule.ra_offset = 16;
	assert_errno(validate_rule(rule), -EINVAL);
}

/* Look-up */

static int rule_at(const void *table, __u64 offset)
{
	const struct kprof_unwind_rule *rule =
		kprof_unwind_table_find(table, offset);

	return rule ? (int)(rule - kprof_unwind_table_rules(table)) : -1;
}

static void row_holds_until_the_next_one(void **state)
{
	struct draft draft = small_draft();
	size_t bytes;
	void *table = lay_out(&draft, &bytes);

	(void)state;
	assert_int_equal(rule_at(table, 0), -1);
	assert_int_equal(rule_at(table, 0x2ffff), -1);
	assert_int_equal(rule_at(table, 0x3000f), -1);
	assert_int_equal(rule_at(table, 0x30010), 1);
	assert_int_equal(rule_at(table, 0x3001f), 1);
	assert_int_equal(rule_at(table, 0x30020), 0);
	assert_int_equal(rule_at(table, 0x3ffff), 0);
	assert_int_equal(rule_at(table, 0x40000), 0);
	assert_int_equal(rule_at(table, 0x40040), 1);
	assert_int_equal(rule_at(table, 0x4ffff), 1);
	assert_int_equal(rule_at(table, 0x50000), -1);
	assert_int_equal(rule_at(table, ~0ULL), -1);
	free(table);
}

/* Random rows in seven pages, some of them without any. */
static struct draft random_draft(unsigned int seed)
{
	struct draft draft = small_draft();
	__u32 nr = 0;

	srand(seed);
	draft.header.nr_pages = 7;
	draft.header.nr_rules = 8;
	for (size_t i = 0; i < 8; i++)
		draft.rules[i] = call_frame;
	for (__u32 page = 0; page < 7; page++) {
		__u32 at = (__u32)rand() % 3000, step = 1 + (__u32)rand() % 900;

		for (draft.first_rows[page] = nr;
		     page % 3 && at < 65536 && nr < MAX_ROWS;
		     at += 1 + (__u32)rand() % step)
			draft.rows[nr++] = (struct kprof_unwind_row){
				(__u16)at, (__u16)(rand() % 8)};
	}
	draft.first_rows[7] = nr;
	draft.header.nr_rows = nr;
	return draft;
}

static int search_all(const struct draft *draft, __u64 offset)
{
	int rule = -1;

	if (offset >= (draft->header.first_page + 7ULL) << 16)
		return -1;
	for (__u32 page = 0; page < 7; page++)
		for (__u32 i = draft->first_rows[page];
		     i < draft->first_rows[page + 1]; i++)
			if (((draft->header.first_page + page) << 16 |
			     draft->rows[i].offset) <= offset)
				rule = draft->rows[i].rule;
	return rule;
}

static void look_up_finds_what_a_search_of_all_finds(void **state)
{
	(void)state;
	for (unsigned int seed = 1; seed < 20; seed++) {
		struct draft draft = random_draft(seed);
		size_t bytes;
		void *table = lay_out(&draft, &bytes);

		assert_ok(kprof_unwind_table_validate(table, bytes,
						      KPROF_UNWIND_X86_64));
		for (int i = 0; i < 2000; i++) {
			__u64 offset = (__u64)rand() % (12 << 16);

			assert_int_equal(rule_at(table, offset),
					 search_all(&draft, offset));
		}
		free(table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_table_is_taken),
		cmocka_unit_test(header_that_lies_is_refused),
		cmocka_unit_test(counts_beyond_the_bytes_are_refused),
		cmocka_unit_test(rows_out_of_order_are_refused),
		cmocka_unit_test(rules_of_every_kind_are_taken),
		cmocka_unit_test(rules_without_a_meaning_are_refused),
		cmocka_unit_test(row_holds_until_the_next_one),
		cmocka_unit_test(look_up_finds_what_a_search_of_all_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
