// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the records of a session and checks what the header promises of them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <poll.h>

#define BUFFER_BYTES 65536
/* Long enough for a busy machine; only a hang gets there */
#define PATIENCE_MS 20000

struct stream *stream_create(void)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (!stream)
		die("calloc");
	stream->current_ring = -1;
	return stream;
}

static void fail(struct stream *stream, const char *what)
{
	if (!stream->error)
		stream->error = what;
}

static bool knows_stack(const struct stream_ring *ring, uint64_t id)
{
	for (uint32_t i = 0; i < ring->nr_stacks; i++)
		if (ring->stacks[i] == id)
			return true;
	return false;
}

static bool knows_context(const struct stream_ring *ring, uint32_t id)
{
	for (uint32_t i = 0; i < ring->nr_contexts; i++)
		if (ring->contexts[i] == id)
			return true;
	return false;
}

/*
 * Without jitter a cell's point is its start: the last cell that a sample
 * stands for is the one that it was taken in.
 */
static void check_cells(struct stream *stream, struct stream_ring *ring,
			const struct kprof_record_sample *sample)
{
	uint64_t cell = (sample->time_ns - stream->start_ns) / PERIOD_NS;

	if (sample->weight > cell + 1 ||
	    cell + 1 - sample->weight < ring->next_cell)
		fail(stream, "a cell is counted twice");
	ring->next_cell = cell + 1;
}

static void feed_sample(struct stream *stream, struct stream_ring *ring,
			const struct kprof_record_sample *sample)
{
	if (sample->rec.size != sizeof(*sample))
		fail(stream, "a SAMPLE record has the wrong size");
	if (!sample->weight)
		fail(stream, "a SAMPLE record has no weight");
	if (!knows_stack(ring, sample->stack_id))
		fail(stream, "a SAMPLE record has an undefined stack");
	if (!knows_context(ring, sample->context_id))
		fail(stream, "a SAMPLE record has an undefined context");
	if (stream->start_ns)
		check_cells(stream, ring, sample);
	if (ring->nr_times < STREAM_SAMPLES)
		ring->times[ring->nr_times++] = sample->time_ns;
	if (sample->weight > stream->heaviest)
		stream->heaviest = sample->weight;
	stream->samples++;
	stream->weight += sample->weight;
}

static void feed_stack(struct stream *stream, struct stream_ring *ring,
		       const struct kprof_record_stack *stack)
{
	uint32_t nr = (uint32_t)stack->nr_kernel + stack->nr_user;
	size_t words = nr + (nr + 63) / 64;

	if (stack->rec.size != sizeof(*stack) + words * 8)
		fail(stream, "a STACK record has the wrong size");
	if (stack->pad)
		fail(stream, "a STACK record's padding is not zero");
	if (!stack->nr_user != (stack->user_end == KPROF_END_NONE ||
				(stack->user_end >= KPROF_END_KERNEL_TASK &&
				 stack->user_end <= KPROF_END_NO_MM)))
		fail(stream, "a STACK record's user_end and nr_user disagree");
	stream->ends |= 1ULL << stack->user_end;
	stream->kernel_frames += stack->nr_kernel;
	stream->kernel_stacks += stack->flags & KPROF_STACK_IN_KERNEL;
	if (ring->nr_stacks < STREAM_IDS)
		ring->stacks[ring->nr_stacks++] = stack->stack_id;
	for (uint32_t i = stack->nr_kernel; i < nr; i++) {
		stream->user_frames++;
		for (uint32_t j = 0; j < stream->nr_ranges; j++)
			if (stack->frames[i] >= stream->ranges[j][0] &&
			    stack->frames[i] < stream->ranges[j][1]) {
				stream->mapped_frames++;
				break;
			}
	}
}

static void feed_context(struct stream *stream, struct stream_ring *ring,
			 const struct kprof_record_context *context)
{
	if (context->rec.size != sizeof(*context))
		fail(stream, "a CONTEXT record has the wrong size");
	if (!memchr(context->comm, 0, KPROF_COMM_LEN) ||
	    !memchr(context->thread_comm, 0, KPROF_COMM_LEN))
		fail(stream, "a CONTEXT record's name has no end");
	if (stream->sampled_pid && stream->sampled_pid != context->pid)
		stream->has_other_pid = true;
	stream->sampled_pid = context->pid;
	if (!knows_context(ring, context->context_id) &&
	    ring->nr_contexts < STREAM_IDS)
		ring->contexts[ring->nr_contexts++] = context->context_id;
}

static void feed_lost(struct stream *stream,
		      const struct kprof_record_lost *lost)
{
	if (lost->rec.size != sizeof(*lost) || lost->pad)
		fail(stream, "a LOST record has the wrong size or padding");
	if (lost->cause >= KPROF_LOST_NR)
		fail(stream, "a LOST record has an unknown cause");
	stream->lost_samples += lost->samples;
	stream->lost_weight += lost->weight;
}

static void feed_mmap(struct stream *stream,
		      const struct kprof_record_mmap *map)
{
	if (map->rec.size < sizeof(*map) + map->path_bytes ||
	    map->path_bytes == 0 || map->path[map->path_bytes - 1])
		fail(stream, "a MMAP record's path has no end");
	if (map->start >= map->end)
		fail(stream, "a MMAP record is empty");
	if (map->build_id_bytes > KPROF_BUILD_ID_MAX ||
	    !map->build_id_bytes != (map->build_id_state != KPROF_BUILD_ID_OK))
		fail(stream, "a MMAP record's build id is wrong");
	if (stream->nr_ranges < 256) {
		stream->ranges[stream->nr_ranges][0] = map->start;
		stream->ranges[stream->nr_ranges++][1] = map->end;
	}
}

static void feed_task(struct stream *stream,
		      const struct kprof_record_task *task)
{
	if (task->rec.size != sizeof(*task) || !task->event ||
	    task->event > KPROF_TASK_EXITED)
		fail(stream, "a TASK record is wrong");
	else
		stream->tasks[task->event]++;
	stream->last_nr_tracked = task->nr_tracked;
}

static void feed_stats(struct stream *stream,
		       const struct kprof_record_stats *stats)
{
	if (stats->rec.size != sizeof(*stats) || stats->pad)
		fail(stream, "a STATS record has the wrong size or padding");
	if (stats->stats.flags & KPROF_STATS_FINAL) {
		stream->is_final = true;
		stream->final = stats->stats;
	}
}

static void feed_control(struct stream *stream, const void *record,
			 unsigned int type)
{
	if (stream->is_final)
		fail(stream, "a record follows the final STATS");
	switch (type) {
	case KPROF_REC_LOST:
		feed_lost(stream, record);
		break;
	case KPROF_REC_MMAP:
		feed_mmap(stream, record);
		break;
	case KPROF_REC_TASK:
		feed_task(stream, record);
		break;
	case KPROF_REC_STATS:
		feed_stats(stream, record);
		break;
	case KPROF_REC_THROTTLE:
		stream->nr_throttles++;
		break;
	case KPROF_REC_MAPS:
		break;
	default:
		fail(stream, "a type that is not of the control ring");
	}
}

static void feed_cpu(struct stream *stream, struct stream_ring *ring,
		     const void *record, unsigned int type)
{
	switch (type) {
	case KPROF_REC_SAMPLE:
		feed_sample(stream, ring, record);
		break;
	case KPROF_REC_STACK:
		feed_stack(stream, ring, record);
		break;
	case KPROF_REC_CONTEXT:
		feed_context(stream, ring, record);
		break;
	case KPROF_REC_LOST:
		feed_lost(stream, record);
		break;
	default:
		fail(stream, "a type that is not of a sample ring");
	}
}

void stream_feed(struct stream *stream, int ring, const void *data,
		 size_t bytes)
{
	const char *at = data;
	const struct kprof_record *record;
	int target;

	for (; bytes; at += record->size, bytes -= record->size) {
		record = (const void *)at;
		if (bytes < sizeof(*record) || record->size > bytes ||
		    record->size < 8 || record->size % 8) {
			fail(stream, "a record's size is impossible");
			return;
		}
		if (record->type < 64)
			stream->seen |= 1ULL << record->type;
		if (record->type == KPROF_REC_RING) {
			const struct kprof_record_ring *head = (const void *)at;

			if (ring >= 0)
				fail(stream, "a RING record in a mapped ring");
			stream->current_ring = head->cpu + 1;
			continue;
		}
		target = ring >= 0 ? ring : stream->current_ring;
		if (target == KPROF_RING_CONTROL)
			feed_control(stream, at, record->type);
		else if (target > 0 && target < 9)
			feed_cpu(stream, &stream->rings[target], at,
				 record->type);
		else
			fail(stream, "a record before any RING record");
	}
}

bool stream_read_all(struct stream *stream, int fd)
{
	static char buffer[BUFFER_BYTES] __attribute__((aligned(8)));
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	ssize_t got;

	for (;;) {
		if (poll(&poll_fd, 1, PATIENCE_MS) <= 0) {
			fail(stream, "poll() waits for ever");
			return false;
		}
		got = read(fd, buffer, sizeof(buffer));
		if (got < 0) {
			fail(stream, "read() failed");
			return false;
		}
		if (!got)
			return stream->is_final;
		stream_feed(stream, -1, buffer, (size_t)got);
	}
}

bool ring_map(int fd, int ring, size_t data_bytes, struct mapped_ring *ret)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *map;

	ret->bytes = page + 2 * data_bytes;
	map = mmap(NULL, ret->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   (off_t)((uint64_t)ring * KPROF_MMAP_STRIDE));
	if (map == MAP_FAILED)
		return false;
	ret->page = map;
	ret->data = (const char *)map + page;
	return true;
}

void ring_unmap(struct mapped_ring *ring)
{
	munmap(ring->page, ring->bytes);
}

bool ring_drain(struct mapped_ring *mapped, int ring, struct stream *stream)
{
	struct kprof_ring_page *page = mapped->page;
	uint32_t head = __atomic_load_n(&page->head, __ATOMIC_ACQUIRE);
	uint32_t tail = page->tail;

	if (head == tail)
		return false;
	if (head - tail > page->data_bytes) {
		fail(stream, "a ring holds more than fits");
		return false;
	}
	/* The second mapping of the data makes this one piece. */
	stream_feed(stream, ring, mapped->data + tail % page->data_bytes,
		    head - tail);
	__atomic_store_n(&page->tail, head, __ATOMIC_RELEASE);
	return true;
}
