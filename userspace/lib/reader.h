/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes records out of the rings of a session.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Knows bytes, not records: record.c takes them apart. One reader per session
 * and no second thread.
 */
#ifndef LIB_READER_H
#define LIB_READER_H

#include "lib/device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Number of the control ring where sample rings have their CPU's. */
#define KPROF_CONTROL_RING (-1)

/*
 * Gets each record: @data is aligned to 8 bytes and valid until it returns.
 * Anything but 0 ends the draining.
 */
typedef int kprof_reader_fn(void *context, int cpu, const void *data,
			    size_t size);

/* One ring, as it lies in memory. */

struct kprof_ring_page;

/**
 * struct kprof_ring_view - a mapped ring
 * @page: shared with the module
 * @data: the ring, twice in a row
 * @data_bytes: of one of them, a power of two
 * @tail: ours; what the page says is for the module
 * @cpu: or KPROF_CONTROL_RING
 */
struct kprof_ring_view {
	struct kprof_ring_page *page;
	const unsigned char *data;
	uint32_t data_bytes;
	uint32_t tail;
	int cpu;
};

/*
 * Looks at a ring in @bytes of memory: its page, then the data twice.
 * -EPROTONOSUPPORT if the page is of another ABI, -EBADMSG if it is no ring.
 */
int kprof_ring_view_init(struct kprof_ring_view *view, void *memory,
			 size_t bytes);
/*
 * Hands out what was complete when it was called. -EBADMSG if that cannot be:
 * then the ring is not to be read any further.
 */
int kprof_ring_view_drain(struct kprof_ring_view *view, kprof_reader_fn *fn,
			  void *context);

/* All rings of a session. */

struct kprof_reader;

/* After setup. @use_read: read() even where mapping works. */
int kprof_reader_create(const struct kprof_device *device, bool use_read,
			struct kprof_reader **ret);
void kprof_reader_destroy(struct kprof_reader *reader);
/*
 * Hands out everything there is, the control ring first: once its last record
 * is seen, the sample rings that follow are complete.
 */
int kprof_reader_drain(struct kprof_reader *reader, kprof_reader_fn *fn,
		       void *context);

#endif /* LIB_READER_H */
