// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of the module, taken apart and checked.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Pure: a buffer in, a structure out. The fixed part of a record is copied
 * before it is looked at, so what was checked is what is used, even if the
 * buffer is memory that somebody else can write. Records may be longer than
 * what is known here: a newer module may add fields at their ends.
 */
#include "lib/record.h"

#include <errno.h>
#include <linux/kprof.h>
#include <string.h>

_Static_assert(KPROF_EVENT_COMM_LEN == KPROF_COMM_LEN, "names fit");
_Static_assert(KPROF_EVENT_BUILD_ID_MAX == KPROF_BUILD_ID_MAX, "build-ids fit");

/* How the kernel marks paths of unlinked files. */
static const char deleted_suffix[] = " (deleted)";

/*
 * Copies the fixed part of a record to a variable of its type; false if the
 * record is too short for it.
 */
#define take(to, data, size) take_bytes((to), sizeof(*(to)), (data), (size))

static bool take_bytes(void *to, size_t bytes, const void *data, size_t size)
{
	if (size < bytes)
		return false;
	memcpy(to, data, bytes);
	return true;
}

static int parse_sample(const void *data, size_t size,
			struct kprof_event_sample *ret)
{
	struct kprof_record_sample raw;

	if (!take(&raw, data, size) || !raw.weight)
		return -EBADMSG;
	*ret = (struct kprof_event_sample){
		.stack_id = raw.stack_id,
		.context_id = raw.context_id,
		.generation = raw.generation,
		.weight = raw.weight,
	};
	return 0;
}

static enum kprof_stack_end end_of(unsigned int end)
{
	switch (end) {
	case KPROF_END_COMPLETE:
		return KPROF_STACK_COMPLETE;
	case KPROF_END_DEPTH:
		return KPROF_STACK_DEPTH_LIMIT;
	case KPROF_END_TIME:
		return KPROF_STACK_TIME_LIMIT;
	case KPROF_END_UNREADABLE:
		return KPROF_STACK_UNREADABLE;
	case KPROF_END_NO_UNWIND_INFO:
		return KPROF_STACK_NO_UNWIND_INFO;
	default:
		return KPROF_STACK_OTHER;
	}
}

/*
 * One word for both parts: a stack is complete when nothing is missing. A
 * kernel thread has nothing but its kernel part.
 */
static enum kprof_stack_end stack_end(const struct kprof_record_stack *raw)
{
	enum kprof_stack_end kernel = end_of(raw->kernel_end);

	if (raw->user_end == KPROF_END_KERNEL_TASK)
		return kernel;
	if (kernel != KPROF_STACK_COMPLETE && kernel != KPROF_STACK_OTHER)
		return kernel;
	return end_of(raw->user_end);
}

static int parse_stack(const void *data, size_t size,
		       struct kprof_event_stack *ret)
{
	struct kprof_record_stack raw;
	const uint64_t *frames;
	size_t nr, nr_words;

	if (!take(&raw, data, size))
		return -EBADMSG;
	nr = (size_t)raw.nr_kernel + raw.nr_user;
	nr_words = nr + (nr + 63) / 64;
	if (nr_words > (size - sizeof(raw)) / sizeof(uint64_t))
		return -EBADMSG;
	frames = (const uint64_t *)((const char *)data + sizeof(raw));
	*ret = (struct kprof_event_stack){
		.stack_id = raw.stack_id,
		.frames = frames,
		.exact = frames + nr,
		.nr_kernel = raw.nr_kernel,
		.nr_user = raw.nr_user,
		.end = stack_end(&raw),
		.is_in_kernel = raw.flags & KPROF_STACK_IN_KERNEL,
		.has_link_register = raw.flags & KPROF_STACK_LINK_REGISTER,
		.is_fallback = raw.flags & KPROF_STACK_FALLBACK,
	};
	return 0;
}

static bool is_terminated(const char *text, size_t bytes)
{
	return memchr(text, '\0', bytes);
}

static int parse_context(const void *data, size_t size,
			 struct kprof_event_context *ret)
{
	struct kprof_record_context raw;

	if (!take(&raw, data, size) ||
	    !is_terminated(raw.comm, sizeof(raw.comm)) ||
	    !is_terminated(raw.thread_comm, sizeof(raw.thread_comm)))
		return -EBADMSG;
	*ret = (struct kprof_event_context){
		.context_id = raw.context_id,
		.space_id = raw.space_id,
		.pid = raw.pid,
		.tid = raw.tid,
		.ns_pid = raw.ns_pid,
		.start_ns = raw.start_ns,
	};
	/* What follows the NUL would make equal names differ. */
	strcpy(ret->comm, raw.comm);
	strcpy(ret->thread_comm, raw.thread_comm);
	return 0;
}

static int parse_lost(const void *data, size_t size,
		      struct kprof_event_lost *ret)
{
	struct kprof_record_lost raw;

	if (!take(&raw, data, size))
		return -EBADMSG;
	ret->samples = raw.samples;
	ret->weight = raw.weight;
	return 0;
}

static uint32_t build_id_bytes(const struct kprof_record_mmap *raw)
{
	return raw->build_id_state == KPROF_BUILD_ID_OK ? raw->build_id_bytes
							: 0;
}

/* Bytes of @path without " (deleted)" and without its NUL. */
static uint32_t plain_path_bytes(const struct kprof_record_mmap *raw,
				 const char *path)
{
	size_t suffix = sizeof(deleted_suffix) - 1;
	size_t len = raw->path_bytes - 1;

	if (!(raw->flags & KPROF_MMAP_DELETED) || len < suffix ||
	    memcmp(path + len - suffix, deleted_suffix, suffix))
		return len;
	return len - suffix;
}

static bool is_sound_mmap(const struct kprof_record_mmap *raw, const char *path,
			  size_t room)
{
	return raw->start < raw->end && raw->path_bytes &&
	       raw->path_bytes <= room &&
	       memchr(path, '\0', raw->path_bytes) ==
		       path + raw->path_bytes - 1 &&
	       build_id_bytes(raw) <= KPROF_BUILD_ID_MAX;
}

static int parse_mmap(const void *data, size_t size,
		      struct kprof_event_mmap *ret)
{
	struct kprof_record_mmap raw;
	const char *path;

	if (!take(&raw, data, size))
		return -EBADMSG;
	path = (const char *)data + sizeof(raw);
	if (!is_sound_mmap(&raw, path, size - sizeof(raw)))
		return -EBADMSG;
	*ret = (struct kprof_event_mmap){
		.space_id = raw.space_id,
		.epoch = raw.epoch,
		.start = raw.start,
		.end = raw.end,
		.file_offset = raw.file_offset,
		.inode = raw.inode,
		.dev_major = raw.dev_major,
		.dev_minor = raw.dev_minor,
		.is_special = raw.flags & KPROF_MMAP_SPECIAL,
		.is_deleted = raw.flags & KPROF_MMAP_DELETED,
		.path = path,
		.path_bytes = plain_path_bytes(&raw, path),
		.build_id_bytes = build_id_bytes(&raw),
	};
	memcpy(ret->build_id, raw.build_id, ret->build_id_bytes);
	return 0;
}

static int parse_maps(const void *data, size_t size,
		      struct kprof_event_maps *ret)
{
	struct kprof_record_maps raw;

	if (!take(&raw, data, size))
		return -EBADMSG;
	*ret = (struct kprof_event_maps){
		.space_id = raw.space_id,
		.generation = raw.generation,
		.epoch = raw.epoch,
		.pid = raw.pid,
		.is_unavailable = raw.flags & KPROF_MAPS_UNAVAILABLE,
		.is_exit = raw.flags & KPROF_MAPS_EXIT,
		.is_truncated = raw.flags & KPROF_MAPS_TRUNCATED,
		.is_unstable = raw.flags & KPROF_MAPS_UNSTABLE,
	};
	return 0;
}

static int parse_task(const void *data, size_t size,
		      struct kprof_event_task *ret)
{
	struct kprof_record_task raw;

	if (!take(&raw, data, size))
		return -EBADMSG;
	ret->nr_tracked = raw.nr_tracked;
	ret->id = raw.id;
	ret->is_exit = raw.event == KPROF_TASK_EXITED;
	return 0;
}

static int parse_throttle(const void *data, size_t size,
			  struct kprof_event_throttle *ret)
{
	struct kprof_record_throttle raw;

	if (!take(&raw, data, size) || !raw.every)
		return -EBADMSG;
	ret->cpu = raw.cpu;
	ret->every = raw.every;
	ret->time_ns = raw.time_ns;
	return 0;
}

void kprof_record_parse_stats(const struct kprof_stats *stats,
			      struct kprof_counters *ret)
{
	*ret = (struct kprof_counters){
		.start_ns = stats->start_ns,
		.stop_ns = stats->stop_ns,
		.taken_samples = stats->taken_samples,
		.taken_weight = stats->taken_weight,
		.delivered_samples = stats->delivered_samples,
		.delivered_weight = stats->delivered_weight,
		.ring_full_samples = stats->lost_samples[KPROF_LOST_RING_FULL],
		.missed_cells = stats->missed_cells,
		.interrupts = stats->interrupts,
		.handler_ns = stats->handler_ns,
		.handler_measured = stats->handler_measured,
		.handler_max_ns = stats->handler_max_ns,
		.denied_samples = stats->denied_samples,
		.nr_tracked = stats->tracked,
		.tracked_overflow = stats->tracked_overflow,
		.spaces_overflow = stats->spaces_overflow,
		.snapshots_failed = stats->snapshots_failed,
		.is_final = stats->flags & KPROF_STATS_FINAL,
		.is_tick_bound = stats->flags & KPROF_STATS_TICK_BOUND,
		.is_inherit_approximate =
			stats->flags & KPROF_STATS_INHERIT_APPROXIMATE,
		.is_throttled = stats->flags & KPROF_STATS_THROTTLED,
	};
	for (int i = 0; i < KPROF_LOST_NR; i++) {
		ret->lost_samples += stats->lost_samples[i];
		ret->lost_weight += stats->lost_weight[i];
	}
}

static int parse_stats(const void *data, size_t size,
		       struct kprof_counters *ret)
{
	struct kprof_record_stats raw;

	if (!take(&raw, data, size))
		return -EBADMSG;
	kprof_record_parse_stats(&raw.stats, ret);
	return 0;
}

bool kprof_record_is_sample(const void *data, size_t size,
			    struct kprof_event_sample *ret)
{
	struct kprof_record rec;

	return take(&rec, data, size) && rec.type == KPROF_REC_SAMPLE &&
	       !parse_sample(data, size, ret);
}

int kprof_record_parse(const void *data, size_t size, struct kprof_event *ret)
{
	struct kprof_record rec;

	if ((uintptr_t)data % sizeof(uint64_t) || !take(&rec, data, size) ||
	    rec.size != size)
		return -EBADMSG;
	switch (rec.type) {
	case KPROF_REC_SAMPLE:
		ret->type = KPROF_EVENT_SAMPLE;
		return parse_sample(data, size, &ret->sample);
	case KPROF_REC_STACK:
		ret->type = KPROF_EVENT_STACK;
		return parse_stack(data, size, &ret->stack);
	case KPROF_REC_CONTEXT:
		ret->type = KPROF_EVENT_CONTEXT;
		return parse_context(data, size, &ret->context);
	case KPROF_REC_LOST:
		ret->type = KPROF_EVENT_LOST;
		return parse_lost(data, size, &ret->lost);
	case KPROF_REC_MMAP:
		ret->type = KPROF_EVENT_MMAP;
		return parse_mmap(data, size, &ret->mmap);
	case KPROF_REC_MAPS:
		ret->type = KPROF_EVENT_MAPS;
		return parse_maps(data, size, &ret->maps);
	case KPROF_REC_TASK:
		ret->type = KPROF_EVENT_TASK;
		return parse_task(data, size, &ret->task);
	case KPROF_REC_THROTTLE:
		ret->type = KPROF_EVENT_THROTTLE;
		return parse_throttle(data, size, &ret->throttle);
	case KPROF_REC_STATS:
		ret->type = KPROF_EVENT_STATS;
		return parse_stats(data, size, &ret->stats);
	default:
		ret->type = KPROF_EVENT_UNKNOWN;
		return 0;
	}
}
