// SPDX-License-Identifier: GPL-2.0-only
/*
 * A single-producer, single-consumer ring of bytes that user space may map.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * With ring.h the only place in the module with barriers. The reader's half is
 * userspace/lib/reader.c; both carry this table:
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
 * The shared page is written by user space. The kernel keeps its own head and
 * never reads that back; a tail that is not in [head - bytes, head] makes the
 * ring full, which loses samples of the one who wrote it and nothing else.
 */
#include "ring.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

int kprof_ring_init(struct kprof_ring *ring, u32 bytes, int cpu)
{
	struct kprof_ring_page *page;

	memset(ring, 0, sizeof(*ring));
	page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!page)
		return -ENOMEM;
	ring->data = __vmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_ZERO |
					      __GFP_NORETRY | __GFP_NOWARN);
	if (!ring->data) {
		free_page((unsigned long)page);
		return -ENOMEM;
	}
	page->abi_version = KPROF_ABI_VERSION;
	page->length = sizeof(*page);
	page->data_offset = PAGE_SIZE;
	page->data_bytes = bytes;
	page->cpu = cpu;
	ring->page = page;
	ring->bytes = bytes;
	ring->free = bytes;
	return 0;
}

void kprof_ring_deinit(struct kprof_ring *ring)
{
	vfree(ring->data);
	free_page((unsigned long)ring->page);
	ring->data = NULL;
	ring->page = NULL;
}

u32 kprof_ring_nr_pages(const struct kprof_ring *ring)
{
	return ring->page ? 1 + ring->bytes / PAGE_SIZE : 0;
}

/* The page, the data, and the data again, so that nothing appears wrapped. */
int kprof_ring_mmap(struct kprof_ring *ring, struct vm_area_struct *vma)
{
	unsigned long addr = vma->vm_start;
	u32 offset;
	int err, copy;

	err = vm_insert_page(vma, addr, virt_to_page(ring->page));
	for (copy = 0; copy < 2; copy++) {
		for (offset = 0; !err && offset < ring->bytes;
		     offset += PAGE_SIZE) {
			void *at = (char *)ring->data + offset;

			addr += PAGE_SIZE;
			err = vm_insert_page(vma, addr, vmalloc_to_page(at));
		}
	}
	return err;
}

/* A tail that cannot be leaves no room. */
bool kprof_ring_make_room(struct kprof_ring *ring, u32 bytes)
{
	/* A, pairs with D */
	u32 used = ring->head - smp_load_acquire(&ring->page->tail);

	ring->free = used <= ring->bytes ? ring->bytes - used : 0;
	return bytes <= ring->free;
}

/*
 * A loop, which WRITE_ONCE() keeps from becoming a memcpy(): for some hundred
 * bytes it takes less time than string instructions need to start.
 */
static void copy_words(u64 *to, const u64 *from, u32 nr)
{
	u32 n;

#pragma GCC unroll 4
	for (n = 0; n < nr; n++)
		WRITE_ONCE(to[n], from[n]);
}

void kprof_ring_put_words(struct kprof_ring *ring, const u64 *words, u32 nr)
{
	u32 at = (ring->cursor & (ring->bytes - 1)) / sizeof(u64);
	u32 first = min_t(u32, nr, ring->bytes / sizeof(u64) - at);

	copy_words(&ring->data[at], words, first);
	copy_words(ring->data, words + first, nr - first);
	ring->cursor += nr * sizeof(u64);
}

u32 kprof_ring_fill(const struct kprof_ring *ring)
{
	u32 used = READ_ONCE(ring->head) - READ_ONCE(ring->page->tail);

	return min(used, ring->bytes);
}

static int copy_out(const struct kprof_ring *ring, u32 from, char __user *to,
		    u32 bytes)
{
	u32 offset = from & (ring->bytes - 1);
	u32 first = min(bytes, ring->bytes - offset);

	if (copy_to_user(to, (char *)ring->data + offset, first))
		return -EFAULT;
	if (copy_to_user(to + first, ring->data, bytes - first))
		return -EFAULT;
	return 0;
}

/* The size field of the record at @pos: written by us, never mapped here. */
static u32 record_bytes(const struct kprof_ring *ring, u32 pos)
{
	u32 mask = ring->bytes / sizeof(u64) - 1;
	const struct kprof_record *rec;

	rec = (void *)&ring->data[(pos / sizeof(u64)) & mask];
	return rec->size;
}

/*
 * In read mode nobody maps the ring, so its page and data are the kernel's
 * alone, and what stands there is what the producer wrote.
 */
ssize_t kprof_ring_read(struct kprof_ring *ring, char __user *to, size_t room)
{
	/* C, pairs with B */
	u32 head = smp_load_acquire(&ring->page->head);
	u32 end = ring->read_tail;
	int err;

	while (end != head) {
		u32 next = end + record_bytes(ring, end);

		if (next - ring->read_tail > room)
			break;
		end = next;
	}
	if (end == ring->read_tail)
		return end == head ? 0 : -EMSGSIZE;
	err = copy_out(ring, ring->read_tail, to, end - ring->read_tail);
	if (err)
		return err;
	room = end - ring->read_tail;
	ring->read_tail = end;
	/* D, pairs with A */
	smp_store_release(&ring->page->tail, end);
	return room;
}
