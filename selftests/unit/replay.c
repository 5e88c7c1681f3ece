// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recorded stops of real programs, walked again by the module's walker for
 * their machine. data/chains-MACHINE.txt says what is in such a file.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "kernel/walker.c"

#include "our_regs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum {
	MAX_FRAMES = 64,
	MAX_WORDS = 512,
	MAX_LINE = 4096,
	MAX_REGS = STOPS_MAX_REGS,
	/* One instruction, so that rules hold nowhere else. */
	RULE_BYTES = 1,
};

struct word {
	u64 address;
	u64 bytes;
	u64 value;
};

/* A file of one instruction, at whose start the rule holds. */
struct place {
	struct {
		struct kprof_unwind_table table;
		struct kprof_unwind_rule rule;
		u32 first_row[2];
		struct kprof_unwind_row row;
	} file;
	struct kprof_image image;
};

static struct place places[MAX_FRAMES];
static u32 nr_places;
static struct word words[MAX_WORDS];
static u32 nr_words;
static _Alignas(8) char space[sizeof(struct kprof_code_map) +
			      MAX_FRAMES * sizeof(struct kprof_code_mapping)];
static struct kprof_code_map *const map = (void *)space;
static struct stops_stop stop;

bool shim_read_user(u64 addr, void *to, size_t bytes)
{
	for (u32 i = 0; i < nr_words; i++)
		if (words[i].address == addr && words[i].bytes == bytes) {
			memcpy(to, &words[i].value, bytes);
			return true;
		}
	return false;
}

u64 ktime_get_mono_fast_ns(void)
{
	return 0;
}

/* The next number of the line, in that base. */
static u64 number(char **line, int base)
{
	char *end;
	u64 value = strtoull(*line, &end, base);

	if (end == *line)
		fail_msg("expected a number: %s", *line);
	*line = end;
	return value;
}

static bool has_more(const char *line)
{
	return line[strspn(line, " \n")] != '\0';
}

static void read_registers(char *line)
{
	u32 i = 0;

	memset(&stop, 0, sizeof(stop));
	stop.pc = number(&line, 16);
	while (has_more(line) && i < MAX_REGS)
		stop.regs[i++] = number(&line, 16);
	nr_words = 0;
	nr_places = 0;
	map->id++;
	map->nr = 0;
}

static void read_memory(char *line)
{
	struct word *word = &words[nr_words++];

	assert_in_range(nr_words, 1, MAX_WORDS - 1);
	word->address = number(&line, 16);
	word->bytes = number(&line, 10);
	word->value = number(&line, 16);
}

static struct kprof_unwind_rule parse_rule(char *line)
{
	struct kprof_unwind_rule rule = {
		.cfa = (u8)number(&line, 10),
		.cfa_register = (u8)number(&line, 10),
		.ra = (u8)number(&line, 10),
		.saved = (u8)number(&line, 10),
		.cfa_offset = (s32)number(&line, 10),
		.cfa_add = (s16)number(&line, 10),
	};

	rule.ra_offset = (s16)number(&line, 10);
	rule.fp_offset = (s16)number(&line, 10);
	rule.fp1_offset = (s16)number(&line, 10);
	return rule;
}

static void read_rule(char *line)
{
	u64 pc = number(&line, 16);
	struct place *place = &places[nr_places++];

	assert_in_range(nr_places, 1, MAX_FRAMES - 1);
	*place = (struct place){.image.table = &place->file.table};
	place->file.table = (struct kprof_unwind_table){
		.magic = KPROF_UNWIND_MAGIC,
		.machine = KPROF_MACHINE,
		.bytes = sizeof(place->file),
		.nr_pages = 1,
		.nr_rows = 1,
		.nr_rules = 1,
	};
	place->file.rule = parse_rule(line);
	place->file.first_row[1] = 1;
	assert_int_equal(kprof_unwind_table_validate(&place->file,
						     sizeof(place->file),
						     KPROF_MACHINE),
			 0);
	map->mappings[map->nr++] = (struct kprof_code_mapping){
		.start = pc,
		.end = pc + RULE_BYTES,
		.image = &place->image,
	};
}

static void check_chain(char *line, const char *what)
{
	static struct kprof_row_cache cache;
	static u64 frames[MAX_FRAMES];
	const struct walker walker = {
		.code = map,
		.cache = &cache,
		.limit = OUR_LIMIT,
	};
	struct kprof_stack stack = {.frames = frames};
	struct pt_regs regs;
	u64 end = number(&line, 10);
	u32 nr = 0;

	our_regs(&stop, &regs);
	walker_walk(&walker, &regs, MAX_FRAMES, &stack);
	while (has_more(line)) {
		u64 expected = number(&line, 16);

		if (nr >= stack.nr_user || frames[nr] != expected)
			fail_msg("%s: frame %u: expected %#llx, got %#llx", what,
				 nr, (unsigned long long)expected,
				 nr < stack.nr_user ? (unsigned long long)
							      frames[nr] : 0);
		nr++;
	}
	if (nr != stack.nr_user || end != stack.user_end)
		fail_msg("%s: expected %u frames and end %llu, got %u and %u",
			 what, nr, (unsigned long long)end, stack.nr_user,
			 stack.user_end);
}

static void real_stacks_lead_to_the_same_callers(void **state)
{
	char line[MAX_LINE], what[MAX_LINE] = "";
	FILE *file = fopen(CHAINS, "re");
	u32 nr = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		char *behind = line + strcspn(line, " ");

		if (!strncmp(line, "#", 1)) {
			memcpy(what, line, sizeof(what));
			what[strcspn(what, "\n")] = '\0';
		} else if (!strncmp(line, "registers ", 10)) {
			read_registers(behind);
		} else if (!strncmp(line, "memory ", 7)) {
			read_memory(behind);
		} else if (!strncmp(line, "rule ", 5)) {
			read_rule(behind);
		} else if (!strncmp(line, "chain ", 6)) {
			check_chain(behind, what);
			nr++;
		}
	}
	fclose(file);
	assert_in_range(nr, 1, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_stacks_lead_to_the_same_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
