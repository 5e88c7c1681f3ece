/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A single-producer, single-consumer ring of bytes that user space may map.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Knows bytes, not samples. The barriers are explained in ring.c. One record
 * at a time is built between kprof_ring_reserve() and kprof_ring_commit(). The
 * memory is owned by whoever called kprof_ring_init(); pages that are mapped
 * stay until the mapping goes, because a mapping holds the file.
 */
#ifndef KPROF_RING_H
#define KPROF_RING_H

#include <linux/compiler.h>
#include <linux/kprof.h>
#include <linux/mm.h>
#include <linux/types.h>
#include <asm/barrier.h>

struct vm_area_struct;

/* The largest record that is built in place. */
enum { KPROF_RING_SPARE_BYTES = 32 };

struct kprof_ring {
	/* Set up once. */
	struct kprof_ring_page *page;
	u64 *data;
	u32 bytes;

	/* Producer. */
	u32 head;
	u32 cursor;
	/* Bytes behind head that the consumer is known to have left. */
	u32 free;
	u64 spare[KPROF_RING_SPARE_BYTES / sizeof(u64)];

	/* Consumer in the kernel: read(). */
	u32 read_tail;
};

/* Process context; may sleep */
int kprof_ring_init(struct kprof_ring *ring, u32 bytes, int cpu);
void kprof_ring_deinit(struct kprof_ring *ring);
int kprof_ring_mmap(struct kprof_ring *ring, struct vm_area_struct *vma);
u32 kprof_ring_nr_pages(const struct kprof_ring *ring);

/* The page, and the data twice. */
static inline u64 kprof_ring_map_bytes(const struct kprof_ring *ring)
{
	return PAGE_SIZE + 2ULL * ring->bytes;
}

/* Single producer; no sleep, no locks. Bounded by the record. */

bool kprof_ring_make_room(struct kprof_ring *ring, u32 bytes);

/*
 * The shared tail is only looked at when the last one seen leaves no room, so
 * that the reader's cache line is touched once in a while, not each time.
 */
static inline bool kprof_ring_reserve(struct kprof_ring *ring, u32 bytes)
{
	ring->cursor = ring->head;
	return likely(bytes <= ring->free) || kprof_ring_make_room(ring, bytes);
}

/* The kernel maps the data once and wraps by hand (aliasing caches). */
void kprof_ring_put_words(struct kprof_ring *ring, const u64 *words, u32 nr);

static inline void kprof_ring_put(struct kprof_ring *ring, const void *rec,
				  u32 bytes)
{
	kprof_ring_put_words(ring, rec, bytes / sizeof(u64));
}

/*
 * Where the usual, small record is built: in the ring, unless it would wrap.
 * Closed before anything else is put.
 */
static inline void *kprof_ring_open_record(struct kprof_ring *ring, u32 bytes)
{
	u32 at = ring->cursor & (ring->bytes - 1);

	if (unlikely(at + bytes > ring->bytes))
		return ring->spare;
	return (char *)ring->data + at;
}

static inline void kprof_ring_close_record(struct kprof_ring *ring,
					   const void *rec, u32 bytes)
{
	if (unlikely(rec == ring->spare))
		kprof_ring_put(ring, rec, bytes);
	else
		ring->cursor += bytes;
}

static inline void kprof_ring_commit(struct kprof_ring *ring)
{
	u32 head = ring->cursor;

	ring->free -= head - ring->head;
	WRITE_ONCE(ring->head, head);
	/* B, pairs with C */
	smp_store_release(&ring->page->head, head);
}

/* Any context: what the consumer has not taken yet, as far as it can be seen */
u32 kprof_ring_fill(const struct kprof_ring *ring);

/*
 * Single consumer in the kernel, process context, may fault. Copies whole
 * records. Returns bytes copied, 0 if the ring is empty, -EMSGSIZE if the
 * next record is larger than @room.
 */
ssize_t kprof_ring_read(struct kprof_ring *ring, char __user *to, size_t room);

#endif /* KPROF_RING_H */
