// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of gsym_batch.c: in whatever order addresses are asked for, each gets
 * the answer that it gets alone.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym.h"

#include "gsym_image.h"

enum {
	NR_FUNCTIONS = 300,
	NR_ADDRESSES = 2000,
	/* More than a byte each, and nothing in between. */
	DISTANCE = 0x10300,
};

static const uint64_t base = 0xffff800000001000;

static struct kprof_gsym *open_map(struct gsym_image *image)
{
	struct kprof_gsym_writer *writer = gsym_image_begin("0123", "");
	char name[16];

	for (uint64_t i = 0; i < NR_FUNCTIONS; i++) {
		snprintf(name, sizeof(name), "f%u", (unsigned int)i);
		gsym_image_add(writer, name, base + i * DISTANCE, 0x100, NULL);
	}
	gsym_image_save(image, writer);
	return gsym_image_open(image);
}

/**
 * struct reader - compares what comes with what comes alone
 * @gsym: a second map, so that the first is not disturbed
 * @addresses: all
 * @nr_seen: of each
 * @latest: address
 * @nr: answers
 */
struct reader {
	struct kprof_gsym *gsym;
	const uint64_t *addresses;
	unsigned int nr_seen[NR_ADDRESSES];
	uint64_t latest;
	size_t nr;
};

static int compare(void *context, const struct kprof_gsym_answer *answer)
{
	struct reader *reader = context;
	uint64_t address = reader->addresses[answer->index];
	struct kprof_gsym_function function;
	int err = kprof_gsym_find(reader->gsym, address, &function);

	assert_errno(answer->err, err);
	if (!err) {
		assert_int_equal(answer->function.start, function.start);
		assert_string_equal(answer->frames[0].name, function.name);
		assert_int_equal(answer->nr_frames, 1);
	}
	assert_true(address >= reader->latest);
	reader->latest = address;
	reader->nr_seen[answer->index]++;
	reader->nr++;
	return 0;
}

static void every_address_has_its_answer_once(void **state)
{
	static uint64_t addresses[NR_ADDRESSES];
	static struct reader reader;
	struct gsym_image image;
	struct kprof_gsym *gsym = open_map(&image);

	(void)state;
	srandom(1);
	/* In functions, between them, outside of all, and some twice. */
	for (size_t i = 0; i < NR_ADDRESSES; i++)
		addresses[i] =
			base + (uint64_t)random() % (NR_FUNCTIONS * DISTANCE);
	for (size_t i = 0; i < NR_ADDRESSES; i += 2)
		addresses[i] = base +
			       (uint64_t)random() % NR_FUNCTIONS * DISTANCE +
			       i % 0x110;
	addresses[7] = 0;
	addresses[8] = UINT64_MAX;
	addresses[9] = addresses[10];
	reader = (struct reader){gsym_image_open(&image), addresses, {}, 0, 0};
	assert_ok(kprof_gsym_frames_all(
		gsym, addresses, NR_ADDRESSES,
		&(struct kprof_gsym_visitor){compare, &reader}));
	for (size_t i = 0; i < NR_ADDRESSES; i++)
		assert_int_equal(reader.nr_seen[i], 1);
	kprof_gsym_close(reader.gsym);
	kprof_gsym_close(gsym);
	free(image.data);
}

static int count_to_three(void *context, const struct kprof_gsym_answer *answer)
{
	size_t *nr = context;

	(void)answer;
	return ++*nr == 3 ? -EPIPE : 0;
}

static void visitor_ends_it(void **state)
{
	static const uint64_t addresses[5];
	struct gsym_image image;
	struct kprof_gsym *gsym = open_map(&image);
	size_t nr = 0;
	const struct kprof_gsym_visitor visitor = {count_to_three, &nr};

	(void)state;
	assert_ok(kprof_gsym_frames_all(gsym, addresses, 0, &visitor));
	assert_ok(kprof_gsym_frames_all(gsym, addresses, 2, &visitor));
	nr = 0;
	assert_errno(kprof_gsym_frames_all(gsym, addresses, 5, &visitor),
		     -EPIPE);
	assert_int_equal(nr, 3);
	kprof_gsym_close(gsym);
	free(image.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_has_its_answer_once),
		cmocka_unit_test(visitor_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
