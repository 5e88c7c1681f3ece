/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Snapshots of an address space: its executable mappings as records.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_SNAPSHOT_H
#define KPROF_SNAPSHOT_H

#include <linux/types.h>

struct kprof_control;
struct kprof_spaces;

/* More executable mappings than this are cut (KPROF_MAPS_TRUNCATED). */
enum { KPROF_SNAPSHOT_MAPPINGS = 4096 };

/*
 * Worker only; sleeps. Takes a snapshot of the space at @index, writes its
 * records, and decides when the next one is due. Waits for the lock of the
 * address space until @give_up_ns, and tries once in any case. Returns 0, -ESRCH if the memory is
 * gone, or another error; after each error the reader has been told.
 */
int kprof_snapshot(struct kprof_spaces *spaces, u32 index, u64 give_up_ns,
		   struct kprof_control *control);

/* Worker only: tells that the space is gone. */
void kprof_snapshot_exit(struct kprof_spaces *spaces, u32 index,
			 struct kprof_control *control);

#endif /* KPROF_SNAPSHOT_H */
