// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes records out of the rings of a session.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The only file of user space with atomics. The writer's half is kmod/ring.c;
 * both carry this table:
 *
 *	kernel (producer)			user (consumer)
 *
 *	A  load-acquire tail			C  load-acquire head
 *	   if there is room:			   if there is data:
 *	   store data				   load data
 *	B  store-release head			D  store-release tail
 *
 * B pairs with C: a record is complete when its bytes are seen below head.
 * D pairs with A: a byte is free when the consumer has read it. Release and
 * acquire are enough on both sides, because each side only stores what the
 * other one only loads. Positions are u32 so that they are single copies on
 * 32-bit machines too, and free-running, so that full and empty differ.
 *
 * What the page and the records say is copied once, checked, and then used:
 * a ring that lies costs its profile, never memory that is not its own.
 */
#include "lib/reader.h"

#include "lib/barrier.h"
#include "util/cleanup.h"
#include "util/vector.h"

#include <errno.h>
#include <linux/kprof.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	RECORD_ALIGN = 8,
	/* What linux/kprof.h promises to be enough for any record. */
	READ_BUFFER_BYTES = 128 * 1024,
	/* The producer gets room back while a full ring is drained. */
	RELEASE_BYTES = 16 * 1024,
};

_Static_assert(sizeof(struct kprof_ring_page) == 3 * 128,
	       "head and tail have cache lines of their own");

/* 32-bit machines: build with _FILE_OFFSET_BITS=64. */
_Static_assert(sizeof(off_t) == 8, "the offset of a ring is beyond 4 GiB");

/* One ring */

int kprof_ring_view_init(struct kprof_ring_view *view, void *memory,
			 size_t bytes)
{
	struct kprof_ring_page *page = memory;
	size_t page_bytes = sysconf(_SC_PAGESIZE);
	uint32_t data_bytes;

	if (bytes < page_bytes)
		return -EBADMSG;
	if (read_once_u32(&page->abi_version) != KPROF_ABI_VERSION)
		return -EPROTONOSUPPORT;
	data_bytes = read_once_u32(&page->data_bytes);
	if (read_once_u32(&page->length) < sizeof(*page) ||
	    read_once_u32(&page->data_offset) != page_bytes ||
	    data_bytes < RECORD_ALIGN || data_bytes & (data_bytes - 1) ||
	    (bytes - page_bytes) / 2 != data_bytes)
		return -EBADMSG;
	*view = (struct kprof_ring_view){
		.page = page,
		.data = (unsigned char *)memory + page_bytes,
		.data_bytes = data_bytes,
		.tail = read_once_u32(&page->tail),
		.cpu = page->cpu,
	};
	return 0;
}

/* The size of the record at the start of @data, 0 if it cannot be right. */
static size_t record_size(const void *data, size_t available)
{
	struct kprof_record rec;

	if (available < sizeof(rec))
		return 0;
	memcpy(&rec, data, sizeof(rec));
	if (!rec.size || rec.size % RECORD_ALIGN || rec.size > available)
		return 0;
	return rec.size;
}

static void release(struct kprof_ring_view *view)
{
	/* D, pairs with A */
	smp_store_release_u32(&view->page->tail, view->tail);
}

static int drain_until(struct kprof_ring_view *view, uint32_t head,
		       kprof_reader_fn *fn, void *context)
{
	uint32_t mask = view->data_bytes - 1;
	uint32_t tail = view->tail;
	uint32_t released = tail;
	int err = 0;

	while (!err && tail != head) {
		const unsigned char *record = view->data + (tail & mask);
		size_t size = record_size(record, head - tail);

		if (!size)
			return -EBADMSG;
		err = fn(context, view->cpu, record, size);
		tail += size;
		view->tail = tail;
		if (tail - released >= RELEASE_BYTES) {
			release(view);
			released = tail;
		}
	}
	return err;
}

int kprof_ring_view_drain(struct kprof_ring_view *view, kprof_reader_fn *fn,
			  void *context)
{
	/* C, pairs with B */
	uint32_t head = smp_load_acquire_u32(&view->page->head);
	int err;

	if (head - view->tail > view->data_bytes ||
	    (head - view->tail) % RECORD_ALIGN)
		return -EBADMSG;
	if (head == view->tail)
		return 0;
	err = drain_until(view, head, fn, context);
	release(view);
	return err;
}

/* All rings */

struct mapped_ring {
	void *memory;
	size_t bytes;
	struct kprof_ring_view view;
};

/**
 * struct kprof_reader - all rings of a session
 * @fd: of the device
 * @rings: mapped, the control ring first; none when read() is used
 * @buffer: for read()
 * @current_cpu: in read mode, whose records come next
 */
struct kprof_reader {
	int fd;
	vector(struct mapped_ring) rings;
	void *buffer;
	int current_cpu;
};

static int map_ring(struct kprof_reader *reader, unsigned int ring,
		    uint32_t data_bytes)
{
	struct mapped_ring mapped = {
		.bytes = sysconf(_SC_PAGESIZE) + 2 * (size_t)data_bytes,
	};
	int err;

	mapped.memory =
		mmap(NULL, mapped.bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
		     reader->fd, (off_t)(ring * KPROF_MMAP_STRIDE));
	if (mapped.memory == MAP_FAILED)
		return -errno;
	err = kprof_ring_view_init(&mapped.view, mapped.memory, mapped.bytes);
	if (!err)
		err = vector_push(&reader->rings, mapped);
	if (err)
		munmap(mapped.memory, mapped.bytes);
	return err;
}

static int map_rings(struct kprof_reader *reader,
		     const struct kprof_device *device)
{
	int err = map_ring(reader, KPROF_RING_CONTROL,
			   device->control_ring_bytes);

	for (unsigned int cpu = 0; !err && cpu < device->info.nr_cpu_ids; cpu++)
		if (kprof_device_has_ring(device, cpu))
			err = map_ring(reader, KPROF_RING_CPU(cpu),
				       device->ring_bytes);
	return err;
}

static int prepare_read(struct kprof_reader *reader)
{
	reader->current_cpu = KPROF_CONTROL_RING;
	reader->buffer = malloc(READ_BUFFER_BYTES);
	return reader->buffer ? 0 : -ENOMEM;
}

int kprof_reader_create(const struct kprof_device *device, bool use_read,
			struct kprof_reader **ret)
{
	struct kprof_reader *reader = calloc(1, sizeof(*reader));
	int err;

	if (!reader)
		return -ENOMEM;
	reader->fd = device->fd;
	err = use_read ? -ENODEV : map_rings(reader, device);
	/* Aliasing data cache: the first ring says so, none is mapped. */
	if (err == -ENODEV && !reader->rings.nr)
		err = prepare_read(reader);
	if (err) {
		kprof_reader_destroy(reader);
		return err;
	}
	*ret = reader;
	return 0;
}

void kprof_reader_destroy(struct kprof_reader *reader)
{
	if (!reader)
		return;
	vector_for_each (&reader->rings, ring)
		munmap(ring->memory, ring->bytes);
	vector_free(&reader->rings);
	free(reader->buffer);
	free(reader);
}

static int hand_out(struct kprof_reader *reader, const unsigned char *data,
		    size_t bytes, kprof_reader_fn *fn, void *context)
{
	struct kprof_record_ring ring;
	size_t size;
	int err;

	for (; bytes; data += size, bytes -= size) {
		size = record_size(data, bytes);
		if (!size)
			return -EBADMSG;
		memcpy(&ring, data, sizeof(ring));
		if (ring.rec.type == KPROF_REC_RING) {
			reader->current_cpu = ring.cpu;
			continue;
		}
		err = fn(context, reader->current_cpu, data, size);
		if (err)
			return err;
	}
	return 0;
}

static int drain_by_read(struct kprof_reader *reader, kprof_reader_fn *fn,
			 void *context)
{
	ssize_t bytes;
	int err;

	for (;;) {
		bytes = read(reader->fd, reader->buffer, READ_BUFFER_BYTES);
		if (bytes < 0 && errno == EINTR)
			continue;
		if (bytes < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (!bytes)
			return 0;
		err = hand_out(reader, reader->buffer, bytes, fn, context);
		if (err)
			return err;
	}
}

int kprof_reader_drain(struct kprof_reader *reader, kprof_reader_fn *fn,
		       void *context)
{
	int err;

	if (reader->buffer)
		return drain_by_read(reader, fn, context);
	vector_for_each (&reader->rings, ring) {
		err = kprof_ring_view_drain(&ring->view, fn, context);
		if (err)
			return err;
	}
	return 0;
}
