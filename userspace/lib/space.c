// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address spaces: which file was mapped where, when.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/space.h"

#include "lib/kprof.h"
#include "lib/layout.h"
#include "lib/perf_map_watch.h"
#include "util/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/**
 * struct kprof_epoch - mappings that stayed the same over some snapshots
 * @serial: unique among all epochs of the session
 * @number: the module's, unique in the space
 * @nr_users: snapshots that show it
 * @is_truncated: there were more mappings
 * @nr: mappings
 * @vmas: indices of them, sorted by address
 */
struct kprof_epoch {
	uint32_t serial;
	uint32_t number;
	uint32_t nr_users;
	bool is_truncated;
	uint32_t nr;
	uint32_t vmas[];
};

struct snapshot {
	uint32_t generation;
	uint32_t pass;
	bool is_exact;
	struct kprof_epoch *epoch;
};

struct staged_vma {
	uint32_t epoch;
	uint32_t vma;
	bool is_deleted;
};

/**
 * struct kprof_space - an address space
 * @id: the module's
 * @pid: a process that uses it, 0 if none is known
 * @program: binary of the program, KPROF_NO_INDEX
 * @jitdump: binary that describes its own code, KPROF_NO_INDEX
 * @map_watch: for its perf map, NULL as long as it has no code of its own
 * @is_gone: no snapshot will come any more
 * @snapshots: by generation; only those that samples may still ask for
 * @staged: mappings of the next snapshot
 * @layout: of all its snapshots
 */
struct kprof_space {
	uint32_t id;
	int32_t pid;
	uint32_t program;
	uint32_t jitdump;
	struct kprof_perf_map_watch *map_watch;
	bool is_gone;
	vector(struct snapshot) snapshots;
	vector(struct staged_vma) staged;
	struct kprof_layout layout;
};

/* Lifetime */

void kprof_spaces_init(struct kprof_spaces *spaces, bool has_exact_maps)
{
	*spaces = (struct kprof_spaces){.has_exact_maps = has_exact_maps};
}

static void put_epoch(struct kprof_epoch *epoch)
{
	if (!--epoch->nr_users)
		free(epoch);
}

static void drop_snapshots(struct kprof_space *space)
{
	vector_for_each (&space->snapshots, snapshot)
		put_epoch(snapshot->epoch);
	vector_free(&space->snapshots);
	vector_free(&space->staged);
	kprof_layout_settle(&space->layout);
}

static void destroy_space(struct kprof_space *space)
{
	drop_snapshots(space);
	if (space->map_watch)
		kprof_perf_map_watch_deinit(space->map_watch);
	free(space->map_watch);
	kprof_layout_deinit(&space->layout);
	free(space);
}

void kprof_spaces_deinit(struct kprof_spaces *spaces)
{
	vector_for_each (&spaces->all, space)
		destroy_space(*space);
	vector_free(&spaces->all);
	vector_free(&spaces->gone);
	kprof_map_deinit(&spaces->by_id);
	vector_free(&spaces->vmas);
	kprof_index_deinit(&spaces->vma_index);
	kprof_binaries_deinit(&spaces->binaries);
}

static int create_space(struct kprof_spaces *spaces, uint32_t id)
{
	struct kprof_space *space = calloc(1, sizeof(*space));
	int err;

	if (!space)
		return -ENOMEM;
	space->id = id;
	space->program = KPROF_NO_INDEX;
	space->jitdump = KPROF_NO_INDEX;
	err = vector_reserve(&spaces->all, spaces->all.nr + 1);
	if (!err)
		err = kprof_map_set(&spaces->by_id, id, spaces->all.nr);
	if (err) {
		free(space);
		return err;
	}
	return vector_push(&spaces->all, space);
}

int kprof_spaces_find(struct kprof_spaces *spaces, uint32_t space_id,
		      uint32_t *ret)
{
	uint64_t index;
	int err;

	if (kprof_map_get(&spaces->by_id, space_id, &index)) {
		*ret = index;
		return 0;
	}
	err = create_space(spaces, space_id);
	if (!err)
		*ret = spaces->all.nr - 1;
	return err;
}

/* Mappings */

static bool same_vma(const void *array, uint32_t position, const void *key)
{
	const struct kprof_vma *a = (const struct kprof_vma *)array + position;
	const struct kprof_vma *b = key;

	return a->start == b->start && a->end == b->end &&
	       a->file_offset == b->file_offset && a->binary == b->binary;
}

static uint64_t hash_vma(const struct kprof_vma *vma)
{
	return kprof_hash_combine(
		kprof_hash_combine(vma->start, vma->end),
		kprof_hash_combine(vma->file_offset, vma->binary));
}

static int intern_vma(struct kprof_spaces *spaces, const struct kprof_vma *vma,
		      uint32_t *ret)
{
	uint64_t hash = hash_vma(vma);
	int err;

	*ret = kprof_index_find(&spaces->vma_index, hash, same_vma,
				spaces->vmas.data, vma);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	*ret = spaces->vmas.nr;
	err = kprof_index_reserve(&spaces->vma_index);
	if (!err)
		err = vector_push(&spaces->vmas, *vma);
	if (!err)
		err = kprof_index_add(&spaces->vma_index, hash, *ret);
	return err;
}

/*
 * Memory without a file has no offsets. With its addresses for them each place
 * in it has a name of its own, however it is cut into mappings.
 */
static bool is_nameless(const struct kprof_binary *binary)
{
	return !binary->is_file && binary->space_id;
}

int kprof_spaces_add_mmap(struct kprof_spaces *spaces,
			  const struct kprof_event_mmap *mmap)
{
	struct kprof_vma vma = {
		.start = mmap->start,
		.end = mmap->end,
		.file_offset = mmap->file_offset,
	};
	struct staged_vma staged = {
		.epoch = mmap->epoch,
		.is_deleted = mmap->is_deleted,
	};
	uint32_t index;
	int err;

	err = kprof_spaces_find(spaces, mmap->space_id, &index);
	if (!err)
		err = kprof_binaries_add(&spaces->binaries, mmap, &vma.binary);
	if (!err && is_nameless(&spaces->binaries.all.data[vma.binary]))
		vma.file_offset = vma.start;
	if (!err)
		err = intern_vma(spaces, &vma, &staged.vma);
	if (!err)
		err = vector_push(&spaces->all.data[index]->staged, staged);
	return err;
}

/* Snapshots */

static int compare_starts(const void *a, const void *b, void *vmas)
{
	const struct kprof_vma *first = vmas, *second = vmas;

	first += *(const uint32_t *)a;
	second += *(const uint32_t *)b;
	return (first->start > second->start) - (first->start < second->start);
}

static struct kprof_epoch *make_epoch(struct kprof_spaces *spaces,
				      struct kprof_space *space,
				      uint32_t number)
{
	struct kprof_epoch *epoch = malloc(
		sizeof(*epoch) + space->staged.nr * sizeof(epoch->vmas[0]));

	if (!epoch)
		return NULL;
	*epoch = (struct kprof_epoch){
		.serial = ++spaces->last_serial,
		.number = number,
	};
	vector_for_each (&space->staged, staged)
		if (staged->epoch == number)
			epoch->vmas[epoch->nr++] = staged->vma;
	qsort_r(epoch->vmas, epoch->nr, sizeof(epoch->vmas[0]), compare_starts,
		spaces->vmas.data);
	return epoch;
}

static int add_layout(const struct kprof_spaces *spaces,
		      struct kprof_space *space,
		      const struct kprof_epoch *epoch)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < epoch->nr; i++) {
		const struct kprof_vma *vma =
			&spaces->vmas.data[epoch->vmas[i]];
		struct kprof_piece piece = {
			.start = vma->start,
			.end = vma->end,
			.binary = vma->binary,
		};

		if (spaces->binaries.all.data[vma->binary].is_file)
			piece.bias = vma->file_offset - vma->start;
		err = kprof_layout_add(&space->layout, &piece);
	}
	return err;
}

static void look_for_map(struct kprof_spaces *spaces, struct kprof_space *space)
{
	if (!space->map_watch) {
		struct kprof_perf_map_watch *watch = malloc(sizeof(*watch));

		if (!watch || !kprof_binaries_take_descriptors(
				      &spaces->binaries,
				      KPROF_PERF_MAP_WATCH_DESCRIPTORS)) {
			free(watch);
			return;
		}
		*watch = (struct kprof_perf_map_watch)KPROF_PERF_MAP_WATCH_INIT;
		space->map_watch = watch;
	}
	kprof_perf_map_watch_look(space->map_watch, space->pid);
}

static void open_staged(struct kprof_spaces *spaces, struct kprof_space *space)
{
	const struct kprof_binary *binaries = spaces->binaries.all.data;
	bool has_own_code = false;

	vector_for_each (&space->staged, staged) {
		const struct kprof_vma *vma = &spaces->vmas.data[staged->vma];

		kprof_binaries_open(&spaces->binaries, vma->binary,
				    &(struct kprof_binary_hint){
					    .pid = space->pid,
					    .start = vma->start,
					    .end = vma->end,
					    .is_deleted = staged->is_deleted,
				    });
		if (binaries[vma->binary].is_jitdump)
			space->jitdump = vma->binary;
		if (binaries[vma->binary].space_id)
			has_own_code = true;
	}
	if (has_own_code)
		look_for_map(spaces, space);
}

/*
 * The file that /proc/PID/exe names, if it is among the mappings; else the
 * lowest one with a file: the kernel puts programs below their libraries.
 */
static uint32_t find_program(const struct kprof_spaces *spaces,
			     const struct kprof_space *space,
			     const struct kprof_epoch *epoch)
{
	const struct kprof_binary *binaries = spaces->binaries.all.data;
	uint32_t lowest = KPROF_NO_INDEX;
	struct stat st = {};
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/exe", space->pid);
	if (space->pid <= 0 || stat(path, &st))
		st.st_ino = 0;
	for (uint32_t i = 0; i < epoch->nr; i++) {
		uint32_t nr = spaces->vmas.data[epoch->vmas[i]].binary;

		if (!binaries[nr].is_file)
			continue;
		if (st.st_ino && binaries[nr].inode == st.st_ino)
			return nr;
		if (lowest == KPROF_NO_INDEX)
			lowest = nr;
	}
	return lowest;
}

/*
 * A failed one leaves the space as it was, but for what the layout has learnt,
 * which is true in any case.
 */
static int add_epoch(struct kprof_spaces *spaces, struct kprof_space *space,
		     const struct kprof_event_maps *maps,
		     struct kprof_epoch **ret)
{
	struct kprof_epoch *epoch = make_epoch(spaces, space, maps->epoch);
	int err;

	if (!epoch)
		return -ENOMEM;
	err = add_layout(spaces, space, epoch);
	if (err) {
		free(epoch);
		return err;
	}
	epoch->is_truncated = maps->is_truncated;
	open_staged(spaces, space);
	if (space->program == KPROF_NO_INDEX)
		space->program = find_program(spaces, space, epoch);
	*ret = epoch;
	return 0;
}

static struct snapshot *newest(const struct kprof_space *space)
{
	return space->snapshots.nr
		       ? &space->snapshots.data[space->snapshots.nr - 1]
		       : NULL;
}

static int add_snapshot(struct kprof_spaces *spaces, struct kprof_space *space,
			const struct kprof_event_maps *maps)
{
	const struct snapshot *last = newest(space);
	struct snapshot snapshot = {
		.generation = maps->generation,
		.pass = spaces->pass,
		.is_exact = spaces->has_exact_maps && !maps->is_unstable,
	};
	int err;

	if (last && last->epoch->number == maps->epoch)
		snapshot.epoch = last->epoch;
	/* Lookups need the order that the module promises. */
	if (last && last->generation > snapshot.generation)
		snapshot.generation = last->generation;
	err = vector_reserve(&space->snapshots, space->snapshots.nr + 1);
	if (!err && !snapshot.epoch)
		err = add_epoch(spaces, space, maps, &snapshot.epoch);
	if (err)
		return err;
	snapshot.epoch->nr_users++;
	return vector_push(&space->snapshots, snapshot);
}

/*
 * A snapshot without any code comes from the middle of exec. No user code had
 * run then, so a sample of user code is from after it: to it, it is no snapshot
 * before, but the time before there was anything to map.
 */
static bool is_before_exec(const struct kprof_space *space)
{
	return !space->snapshots.nr && !space->staged.nr;
}

int kprof_spaces_add_maps(struct kprof_spaces *spaces,
			  const struct kprof_event_maps *maps, uint32_t *ret)
{
	struct kprof_space *space;
	int err = kprof_spaces_find(spaces, maps->space_id, ret);

	if (err)
		return err;
	space = spaces->all.data[*ret];
	if (maps->pid)
		space->pid = maps->pid;
	log_debug(
		"space %u of process %d: generation %u, epoch %u, "
		"%zu new mappings%s%s%s",
		space->id, space->pid, maps->generation, maps->epoch,
		space->staged.nr, maps->is_unavailable ? ", unavailable" : "",
		maps->is_unstable ? ", unstable" : "",
		maps->is_exit ? ", exit" : "");
	/* The end of a space shows nothing that was not shown before. */
	if (!maps->is_unavailable && !maps->is_exit && !is_before_exec(space))
		err = add_snapshot(spaces, space, maps);
	space->staged.nr = 0;
	if (!err && maps->is_exit && !space->is_gone) {
		space->is_gone = true;
		err = vector_push(&spaces->gone, (struct kprof_gone_space){
							 *ret, spaces->pass});
	}
	return err;
}

void kprof_spaces_prune(struct kprof_spaces *spaces, uint32_t index,
			uint32_t generation)
{
	struct kprof_space *space = spaces->all.data[index];
	struct snapshot *snapshots = space->snapshots.data;
	size_t nr = 0;

	/* The next one is older than all that may ask: this one is not needed.
	 */
	while (nr + 1 < space->snapshots.nr &&
	       spaces->pass - snapshots[nr + 1].pass >= 2 &&
	       snapshots[nr + 1].generation <= generation)
		put_epoch(snapshots[nr++].epoch);
	if (!nr)
		return;
	space->snapshots.nr -= nr;
	memmove(snapshots, snapshots + nr,
		space->snapshots.nr * sizeof(*snapshots));
}

bool kprof_spaces_are_gone(const struct kprof_spaces *spaces)
{
	return spaces->gone.nr > KPROF_GONE_SPACES;
}

/*
 * Address spaces that have ended keep only what is needed at the end of the
 * recording. Their last samples have been drained after two passes.
 */
static void forget_gone(struct kprof_spaces *spaces)
{
	size_t nr = 0;

	vector_for_each (&spaces->gone, gone) {
		if (spaces->pass - gone->pass >= 2)
			drop_snapshots(spaces->all.data[gone->space]);
		else
			spaces->gone.data[nr++] = *gone;
	}
	spaces->gone.nr = nr;
}

void kprof_spaces_next_pass(struct kprof_spaces *spaces)
{
	if (kprof_spaces_are_gone(spaces))
		forget_gone(spaces);
	spaces->pass++;
}

void kprof_spaces_end(struct kprof_spaces *spaces)
{
	spaces->is_over = true;
	vector_for_each (&spaces->all, space)
		if ((*space)->map_watch)
			kprof_perf_map_watch_finish((*space)->map_watch);
}

/* Views */

/* How many snapshots have generations below @generation. */
static size_t nr_below(const struct kprof_space *space, uint32_t generation)
{
	size_t low = 0, high = space->snapshots.nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->snapshots.data[middle].generation < generation)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The epoch of the newest snapshot of exactly @generation, if it is exact. */
static const struct kprof_epoch *exact_epoch(const struct kprof_space *space,
					     uint32_t generation)
{
	for (size_t i = nr_below(space, generation);
	     i < space->snapshots.nr &&
	     space->snapshots.data[i].generation == generation;
	     i++)
		if (space->snapshots.data[i].is_exact)
			return space->snapshots.data[i].epoch;
	return NULL;
}

/* The newest snapshot that is not above @generation. */
static const struct kprof_epoch *epoch_before(const struct kprof_space *space,
					      uint32_t generation)
{
	size_t nr = generation == UINT32_MAX ? space->snapshots.nr
					     : nr_below(space, generation + 1);

	return nr ? space->snapshots.data[nr - 1].epoch : NULL;
}

/* The oldest snapshot that is not below @generation. */
static const struct kprof_epoch *epoch_after(const struct kprof_space *space,
					     uint32_t generation)
{
	size_t nr = nr_below(space, generation);

	return nr < space->snapshots.nr ? space->snapshots.data[nr].epoch
					: NULL;
}

int kprof_spaces_view(const struct kprof_spaces *spaces, uint32_t index,
		      uint32_t first, uint32_t last,
		      struct kprof_space_view *ret)
{
	const struct kprof_space *space = spaces->all.data[index];

	*ret = (struct kprof_space_view){};
	if (first == last)
		ret->before = exact_epoch(space, first);
	if (ret->before) {
		ret->after = ret->before;
		ret->is_exact = true;
		return 0;
	}
	ret->before = epoch_before(space, first);
	ret->after = epoch_after(space, last);
	if (!ret->after && !space->is_gone && !spaces->is_over)
		return -EAGAIN;
	ret->before = ret->before ?: ret->after;
	ret->after = ret->after ?: ret->before;
	return 0;
}

uint64_t kprof_space_view_key(const struct kprof_space_view *view)
{
	if (!view->before)
		return UINT64_MAX;
	return (uint64_t)view->before->serial << 32 |
	       (view->after->serial << 1 | view->is_exact);
}

static uint32_t lookup(const struct kprof_spaces *spaces,
		       const struct kprof_epoch *epoch, uint64_t address)
{
	const struct kprof_vma *vmas = spaces->vmas.data;
	uint32_t low = 0, high = epoch->nr;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (vmas[epoch->vmas[middle]].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < epoch->nr && vmas[epoch->vmas[low]].start <= address)
		return epoch->vmas[low];
	return epoch->is_truncated ? KPROF_VMA_UNKNOWN : KPROF_VMA_NONE;
}

/* A mapping that was cut in two is still the same code at the same place. */
static bool same_code(const struct kprof_vma *a, const struct kprof_vma *b)
{
	return a->binary == b->binary &&
	       a->file_offset - a->start == b->file_offset - b->start;
}

uint32_t kprof_space_view_lookup(const struct kprof_spaces *spaces,
				 const struct kprof_space_view *view,
				 uint64_t address)
{
	uint32_t before, after;

	if (!view->before)
		return KPROF_VMA_UNKNOWN;
	before = lookup(spaces, view->before, address);
	if (view->before == view->after)
		return before;
	after = lookup(spaces, view->after, address);
	if (before == after)
		return before;
	if (before < KPROF_VMA_FIRST_SPECIAL &&
	    after < KPROF_VMA_FIRST_SPECIAL &&
	    same_code(&spaces->vmas.data[before], &spaces->vmas.data[after]))
		return before;
	return KPROF_VMA_CHANGING;
}

bool kprof_spaces_is_contested(const struct kprof_spaces *spaces,
			       uint32_t space, uint64_t address)
{
	return kprof_layout_is_contested(&spaces->all.data[space]->layout,
					 address);
}

uint32_t kprof_spaces_program(const struct kprof_spaces *spaces, uint32_t space)
{
	return spaces->all.data[space]->program;
}

struct kprof_jit kprof_spaces_jit(const struct kprof_spaces *spaces,
				  uint32_t space_id)
{
	struct kprof_jit jit = {.perf_map = -1, .dump = -1};
	const struct kprof_space *space;
	uint64_t index;

	if (!kprof_map_get(&spaces->by_id, space_id, &index))
		return jit;
	space = spaces->all.data[index];
	if (space->map_watch)
		jit.perf_map = space->map_watch->file;
	if (space->jitdump != KPROF_NO_INDEX)
		jit.dump = spaces->binaries.all.data[space->jitdump].fd;
	return jit;
}

int32_t kprof_spaces_pid(const struct kprof_spaces *spaces, uint32_t space)
{
	return spaces->all.data[space]->pid;
}
