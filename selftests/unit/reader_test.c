// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of reader.c: rings in memory of the test, with the test as the module.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/reader.h"

#include "util/vector.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kprof.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	DATA_BYTES = 64 * 1024,
	TYPE = 999,
};

/* The module's end of a ring: its page, and the data mapped twice. */
struct ring {
	struct kprof_ring_page *page;
	unsigned char *data;
	size_t bytes;
	uint32_t head;
};

static void setup_ring(struct ring *ring, uint32_t start)
{
	size_t page_bytes = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("ring", 0);
	unsigned char *memory;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, page_bytes + DATA_BYTES), 0);
	ring->bytes = page_bytes + 2 * DATA_BYTES;
	memory = mmap(NULL, ring->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      0);
	assert_true(memory != MAP_FAILED);
	assert_true(mmap(memory + page_bytes + DATA_BYTES, DATA_BYTES,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			 page_bytes) != MAP_FAILED);
	close(fd);
	ring->page = (struct kprof_ring_page *)memory;
	ring->data = memory + page_bytes;
	ring->head = start;
	*ring->page = (struct kprof_ring_page){
		.abi_version = KPROF_ABI_VERSION,
		.length = sizeof(*ring->page),
		.data_offset = page_bytes,
		.data_bytes = DATA_BYTES,
		.cpu = 3,
		.head = start,
		.tail = start,
	};
}

static void teardown_ring(struct ring *ring)
{
	munmap(ring->page, ring->bytes);
}

/* A record of @size bytes with a number in it. */
static void put(struct ring *ring, uint16_t size, uint32_t number)
{
	unsigned char *at = ring->data + (ring->head & (DATA_BYTES - 1));
	struct kprof_record rec = {TYPE, size};

	memset(at, (unsigned char)number, size);
	memcpy(at, &rec, sizeof(rec));
	memcpy(at + sizeof(rec), &number, sizeof(number));
	ring->head += size;
}

static void publish(struct ring *ring)
{
	__atomic_store_n(&ring->page->head, ring->head, __ATOMIC_RELEASE);
}

static uint32_t seen_tail(const struct ring *ring)
{
	return __atomic_load_n(&ring->page->tail, __ATOMIC_ACQUIRE);
}

/* What the reader handed out. */
struct log {
	uint32_t nr;
	uint32_t next;
	int cpu;
	int fail_at;
	const struct ring *ring;
	uint32_t released;
};

static int note(void *context, int cpu, const void *data, size_t size)
{
	struct log *log = context;
	const unsigned char *bytes = data;
	uint32_t number;

	memcpy(&number, bytes + sizeof(struct kprof_record), sizeof(number));
	assert_int_equal(number, log->next);
	for (size_t i = 8; i < size; i++)
		assert_int_equal(bytes[i], (unsigned char)number);
	log->next++;
	log->nr++;
	log->cpu = cpu;
	if (log->ring)
		log->released = seen_tail(log->ring);
	return log->fail_at && (int)log->nr == log->fail_at ? -ECANCELED : 0;
}

static void view_of(struct ring *ring, struct kprof_ring_view *view)
{
	assert_int_equal(kprof_ring_view_init(view, ring->page, ring->bytes),
			 0);
}

static void records_come_once_and_in_order(void **state)
{
	struct kprof_ring_view view;
	struct log log = {};
	struct ring ring;

	(void)state;
	setup_ring(&ring, 0);
	view_of(&ring, &view);
	for (uint32_t i = 0; i < 10; i++)
		put(&ring, 8 + 8 * i, i);
	assert_int_equal(kprof_ring_view_drain(&view, note, &log), 0);
	assert_int_equal(log.nr, 0);
	publish(&ring);
	assert_int_equal(kprof_ring_view_drain(&view, note, &log), 0);
	assert_int_equal(log.nr, 10);
	assert_int_equal(log.cpu, 3);
	assert_int_equal(seen_tail(&ring), ring.head);
	assert_int_equal(kprof_ring_view_drain(&view, note, &log), 0);
	assert_int_equal(log.nr, 10);
	teardown_ring(&ring);
}

/* Over the end of the data and over the end of 32 bits. */
static void ring_wraps(void **state)
{
	struct kprof_ring_view view;
	struct log log = {};
	struct ring ring;

	(void)state;
	setup_ring(&ring, -(uint32_t)DATA_BYTES * 3 - 40);
	view_of(&ring, &view);
	for (uint32_t i = 0; i < 5000; i++) {
		put(&ring, 8 + i * 56 % 4096 / 8 * 8, i);
		publish(&ring);
		assert_int_equal(kprof_ring_view_drain(&view, note, &log), 0);
		assert_int_equal(log.nr, i + 1);
	}
	teardown_ring(&ring);
}

static void full_ring_is_drained(void **state)
{
	struct kprof_ring_view view;
	struct log log = {};
	struct ring ring;

	(void)state;
	setup_ring(&ring, 24);
	view_of(&ring, &view);
	for (uint32_t i = 0; i < DATA_BYTES / 64; i++)
		put(&ring, 64, i);
	publish(&ring);
	log.ring = &ring;
	assert_int_equal(kprof_ring_view_drain(&view, note, &log), 0);
	assert_int_equal(log.nr, DATA_BYTES / 64);
	/* The module got room back before the end. */
	assert_true(log.released > DATA_BYTES / 2);
	teardown_ring(&ring);
}

static void only_the_reader_moves_its_tail(void **state)
{
	struct kprof_ring_view view;
	struct log log = {};
	struct ring ring;

	(void)state;
	setup_ring(&ring, 0);
	view_of(&ring, &view);
	put(&ring, 16, 0);
	publish(&ring);
	ring.page->tail = 4711;
	assert_int_equal(kprof_ring_view_drain(&view, note, &log), 0);
	assert_int_equal(log.nr, 1);
	assert_int_equal(seen_tail(&ring), 16);
	teardown_ring(&ring);
}

static void error_of_the_user_ends_the_draining(void **state)
{
	struct kprof_ring_view view;
	struct log log = {.fail_at = 2};
	struct ring ring;

	(void)state;
	setup_ring(&ring, 0);
	view_of(&ring, &view);
	for (uint32_t i = 0; i < 4; i++)
		put(&ring, 16, i);
	publish(&ring);
	assert_int_equal(kprof_ring_view_drain(&view, note, &log), -ECANCELED);
	assert_int_equal(log.nr, 2);
	teardown_ring(&ring);
}

/* A ring with one good record and then something that cannot be. */
static void drain_bad(uint32_t head, uint16_t size)
{
	struct kprof_ring_view view;
	struct kprof_record rec = {TYPE, size};
	struct log log = {};
	struct ring ring;

	setup_ring(&ring, 0);
	view_of(&ring, &view);
	put(&ring, 16, 0);
	memcpy(ring.data + 16, &rec, sizeof(rec));
	ring.head = head;
	publish(&ring);
	assert_int_equal(kprof_ring_view_drain(&view, note, &log), -EBADMSG);
	teardown_ring(&ring);
}

static void ring_that_lies_is_not_believed(void **state)
{
	(void)state;
	/* More than there can be. */
	drain_bad(DATA_BYTES + 8, 16);
	drain_bad(-8, 16);
	drain_bad(0x80000000, 16);
	/* Not a multiple of 8. */
	drain_bad(17, 16);
	/* Records: of no size, of an odd one, longer than what there is. */
	drain_bad(32, 0);
	drain_bad(32, 12);
	drain_bad(32, 24);
	drain_bad(32, UINT16_MAX / 8 * 8);
}

static int init_with(void (*change)(struct kprof_ring_page *page))
{
	struct kprof_ring_view view;
	struct ring ring;
	int err;

	setup_ring(&ring, 0);
	change(ring.page);
	err = kprof_ring_view_init(&view, ring.page, ring.bytes);
	teardown_ring(&ring);
	return err;
}

static void other_abi(struct kprof_ring_page *page)
{
	page->abi_version++;
}

static void other_size(struct kprof_ring_page *page)
{
	page->data_bytes *= 2;
}

static void odd_size(struct kprof_ring_page *page)
{
	page->data_bytes--;
}

static void no_size(struct kprof_ring_page *page)
{
	page->data_bytes = 0;
}

static void other_offset(struct kprof_ring_page *page)
{
	page->data_offset += 8;
}

static void shorter_page(struct kprof_ring_page *page)
{
	page->length = 128;
}

static void page_that_lies_is_not_believed(void **state)
{
	(void)state;
	assert_int_equal(init_with(other_abi), -EPROTONOSUPPORT);
	assert_int_equal(init_with(other_size), -EBADMSG);
	assert_int_equal(init_with(odd_size), -EBADMSG);
	assert_int_equal(init_with(no_size), -EBADMSG);
	assert_int_equal(init_with(other_offset), -EBADMSG);
	assert_int_equal(init_with(shorter_page), -EBADMSG);
}

enum {
	NR_CONCURRENT = 200000,
};

/* Sizes from 8 to 520, each with its number. */
static uint16_t concurrent_size(uint32_t number)
{
	return 8 + number * 7 % 65 * 8;
}

static void *produce(void *context)
{
	struct ring *ring = context;

	for (uint32_t i = 0; i < NR_CONCURRENT; i++) {
		while (ring->head + concurrent_size(i) - seen_tail(ring) >
		       DATA_BYTES)
			sched_yield();
		put(ring, concurrent_size(i), i);
		publish(ring);
	}
	return NULL;
}

static void nothing_is_torn_while_the_module_writes(void **state)
{
	struct kprof_ring_view view;
	struct log log = {};
	struct ring ring;
	pthread_t writer;

	(void)state;
	setup_ring(&ring, -4096);
	view_of(&ring, &view);
	assert_int_equal(pthread_create(&writer, NULL, produce, &ring), 0);
	while (log.nr < NR_CONCURRENT) {
		uint32_t nr = log.nr;

		assert_int_equal(kprof_ring_view_drain(&view, note, &log), 0);
		if (log.nr == nr)
			sched_yield();
	}
	pthread_join(writer, NULL);
	teardown_ring(&ring);
}

/* read() */

struct read_log {
	uint32_t nr;
	int cpus[8];
};

static int note_cpu(void *context, int cpu, const void *data, size_t size)
{
	struct read_log *log = context;

	(void)data;
	assert_int_equal(size, 16);
	log->cpus[log->nr++] = cpu;
	return 0;
}

/* A device that a pipe plays: what is written is what read() gives. */
struct fake {
	int fds[2];
	struct kprof_reader *reader;
};

static void setup_fake(struct fake *fake)
{
	struct kprof_device device = {};

	assert_int_equal(pipe2(fake->fds, O_NONBLOCK), 0);
	device.fd = fake->fds[0];
	assert_int_equal(kprof_reader_create(&device, true, &fake->reader), 0);
}

static void teardown_fake(struct fake *fake)
{
	kprof_reader_destroy(fake->reader);
	close(fake->fds[0]);
	close(fake->fds[1]);
}

static void send(struct fake *fake, const void *data, size_t size)
{
	assert_int_equal(write(fake->fds[1], data, size), size);
}

static void send_ring(struct fake *fake, int cpu)
{
	struct kprof_record_ring ring = {
		.rec = {KPROF_REC_RING, sizeof(ring)},
		.cpu = cpu,
	};

	send(fake, &ring, sizeof(ring));
}

static void send_record(struct fake *fake, uint16_t size)
{
	struct {
		struct kprof_record rec;
		uint32_t rest[3];
	} record = {.rec = {TYPE, size}};

	send(fake, &record, sizeof(record));
}

static void read_says_whose_records_are(void **state)
{
	struct read_log log = {};
	struct fake fake;

	(void)state;
	setup_fake(&fake);
	send_ring(&fake, 2);
	send_record(&fake, 16);
	send_record(&fake, 16);
	send_ring(&fake, -1);
	send_record(&fake, 16);
	assert_int_equal(kprof_reader_drain(fake.reader, note_cpu, &log), 0);
	assert_int_equal(log.nr, 3);
	assert_int_equal(log.cpus[0], 2);
	assert_int_equal(log.cpus[1], 2);
	assert_int_equal(log.cpus[2], KPROF_CONTROL_RING);
	/* Nothing is there, and nobody waits for it. */
	assert_int_equal(kprof_reader_drain(fake.reader, note_cpu, &log), 0);
	assert_int_equal(log.nr, 3);
	teardown_fake(&fake);
}

static void read_that_lies_is_not_believed(void **state)
{
	static const uint16_t sizes[] = {0, 12, 24, 65528};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct read_log log = {};
		struct fake fake;

		setup_fake(&fake);
		send_record(&fake, sizes[i]);
		assert_int_equal(
			kprof_reader_drain(fake.reader, note_cpu, &log),
			-EBADMSG);
		teardown_fake(&fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_once_and_in_order),
		cmocka_unit_test(ring_wraps),
		cmocka_unit_test(full_ring_is_drained),
		cmocka_unit_test(only_the_reader_moves_its_tail),
		cmocka_unit_test(error_of_the_user_ends_the_draining),
		cmocka_unit_test(ring_that_lies_is_not_believed),
		cmocka_unit_test(page_that_lies_is_not_believed),
		cmocka_unit_test(nothing_is_torn_while_the_module_writes),
		cmocka_unit_test(read_says_whose_records_are),
		cmocka_unit_test(read_that_lies_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
