// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where sampled addresses lie in a profile.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/locate.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static const char *const synthetic_names[KPROF_NR_SYNTHETIC] = {
	[KPROF_MAPS_CHANGING] = "[maps changing]",
	[KPROF_KERNEL_NOT_SHOWN] = "[kernel]",
	[KPROF_NO_STACK] = "[no stack]",
	[KPROF_STACK_MISSING] = "[stack missing]",
};

/* Lifetime */

static bool same_build_id(const void *array, uint32_t position, const void *key)
{
	const struct kprof_binary *binaries = array;

	return !strcmp(binaries[position].build_id, key);
}

/* What was known by its path may turn out to be known already. */
static int find_same_binaries(struct kprof_locator *locator)
{
	const struct kprof_binary *binaries =
		locator->spaces->binaries.all.data;
	struct kprof_index index = {};
	int err = 0;

	for (size_t i = 0; !err && i < locator->spaces->binaries.all.nr; i++) {
		const char *build_id = binaries[i].build_id;
		uint64_t hash = kprof_hash_bytes(build_id, strlen(build_id));
		uint32_t same = kprof_index_find(&index, hash, same_build_id,
						 binaries, build_id);

		locator->same_binary[i] = i;
		if (!*build_id)
			continue;
		if (same != KPROF_INDEX_NONE)
			locator->same_binary[i] = same;
		else
			err = kprof_index_add(&index, hash, i);
	}
	kprof_index_deinit(&index);
	return err;
}

int kprof_locator_init(struct kprof_locator *locator,
		       const struct kprof_aggregate *aggregate,
		       struct kprof_profile *profile)
{
	const struct kprof_spaces *spaces = aggregate->spaces;

	*locator = (struct kprof_locator){
		.aggregate = aggregate,
		.spaces = spaces,
		.profile = profile,
	};
	/* One more, so that no array is empty. */
	locator->same_binary = calloc(spaces->binaries.all.nr + 1,
				      sizeof(*locator->same_binary));
	locator->mappings =
		calloc(spaces->vmas.nr + 1, sizeof(*locator->mappings));
	if (!locator->same_binary || !locator->mappings)
		return -ENOMEM;
	for (size_t i = 0; i < spaces->vmas.nr; i++)
		locator->mappings[i] = KPROF_NO_INDEX;
	for (int i = 0; i < KPROF_NR_SYNTHETIC; i++)
		locator->synthetic[i] = KPROF_NO_INDEX;
	return find_same_binaries(locator);
}

void kprof_locator_deinit(struct kprof_locator *locator)
{
	free(locator->same_binary);
	vector_free(&locator->segments);
	kprof_index_deinit(&locator->segment_index);
	free(locator->mappings);
	kprof_map_deinit(&locator->jits);
}

/* Mappings */

static bool same_segment(const void *array, uint32_t position, const void *key)
{
	const struct kprof_segment *a =
		(const struct kprof_segment *)array + position;
	const struct kprof_segment *b = key;

	return a->binary == b->binary && a->file_offset == b->file_offset &&
	       a->bytes == b->bytes;
}

static int duplicate(int fd)
{
	return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static int add_jit(struct kprof_locator *locator, uint32_t space_id,
		   const struct kprof_jit **ret)
{
	struct kprof_jit jit = kprof_spaces_jit(locator->spaces, space_id);
	uint32_t index = locator->profile->nr_jits;
	int err;

	if (jit.perf_map < 0 && jit.dump < 0)
		return 0;
	jit.perf_map = duplicate(jit.perf_map);
	jit.dump = duplicate(jit.dump);
	err = kprof_profile_add_jit(locator->profile, &jit, ret);
	if (err) {
		kprof_cleanup_close(&jit.perf_map);
		kprof_cleanup_close(&jit.dump);
		return err;
	}
	return kprof_map_set(&locator->jits, space_id, index);
}

/* NULL where a process says nothing of its own code. */
static int find_jit(struct kprof_locator *locator, uint32_t space_id,
		    const struct kprof_jit **ret)
{
	uint64_t index;

	if (!space_id)
		return 0;
	if (!kprof_map_get(&locator->jits, space_id, &index))
		return add_jit(locator, space_id, ret);
	*ret = locator->profile->jits[index];
	return 0;
}

static int add_mapping(struct kprof_locator *locator,
		       const struct kprof_vma *vma, uint32_t *ret)
{
	const struct kprof_binary *binary =
		&locator->spaces->binaries.all.data[vma->binary];
	struct kprof_mapping mapping = {
		.start = vma->start,
		.limit = vma->end,
		.file_offset = vma->file_offset,
		.filename = binary->path,
		.build_id = binary->build_id,
		.fd = -1,
	};
	int err = find_jit(locator, binary->space_id, &mapping.jit);

	if (err)
		return err;
	/*
	 * Without a descriptor it will be opened by its path, if it can be, and
	 * if its build-id can tell it from another.
	 */
	mapping.fd = duplicate(binary->fd);
	mapping.is_lost = mapping.fd < 0 && !*binary->build_id;
	err = kprof_profile_add_mapping(locator->profile, &mapping, ret);
	if (err)
		kprof_cleanup_close(&mapping.fd);
	return err;
}

static int find_segment(struct kprof_locator *locator,
			const struct kprof_vma *vma, uint32_t *ret)
{
	struct kprof_segment segment = {
		.binary = locator->same_binary[vma->binary],
		.file_offset = vma->file_offset,
		.bytes = vma->end - vma->start,
	};
	uint64_t hash = kprof_hash_combine(
		kprof_hash_combine(segment.binary, segment.file_offset),
		segment.bytes);
	uint32_t found =
		kprof_index_find(&locator->segment_index, hash, same_segment,
				 locator->segments.data, &segment);
	struct kprof_vma shown = *vma;
	int err;

	if (found != KPROF_INDEX_NONE) {
		*ret = locator->segments.data[found].mapping;
		return 0;
	}
	shown.binary = segment.binary;
	err = add_mapping(locator, &shown, &segment.mapping);
	if (!err)
		err = vector_push(&locator->segments, segment);
	if (!err)
		err = kprof_index_add(&locator->segment_index, hash,
				      locator->segments.nr - 1);
	*ret = segment.mapping;
	return err;
}

int kprof_locator_mapping(struct kprof_locator *locator, uint32_t vma,
			  uint32_t *ret)
{
	int err = 0;

	if (locator->mappings[vma] == KPROF_NO_INDEX)
		err = find_segment(locator, &locator->spaces->vmas.data[vma],
				   &locator->mappings[vma]);
	*ret = locator->mappings[vma];
	return err;
}

/* Locations */

/*
 * A location without an address. As in_kernel with a small number as its
 * address it can be none that was sampled.
 */
int kprof_locator_synthetic(struct kprof_locator *locator,
			    enum kprof_synthetic which, uint32_t *ret)
{
	struct kprof_function function = {
		.name = synthetic_names[which],
		.system_name = synthetic_names[which],
		.filename = "",
	};
	struct kprof_line line = {};
	int err = 0;

	if (locator->synthetic[which] == KPROF_NO_INDEX) {
		err = kprof_profile_add_function(locator->profile, &function,
						 &line.function);
		if (!err)
			err = kprof_profile_add_location(
				locator->profile, KPROF_NO_INDEX, which, true,
				&locator->synthetic[which]);
		if (!err)
			err = kprof_profile_set_lines(locator->profile,
						      locator->synthetic[which],
						      &line, 1);
	}
	*ret = locator->synthetic[which];
	return err;
}

uint64_t kprof_locator_address(const struct kprof_locator *locator,
			       const struct kprof_placed *placed,
			       uint32_t frame)
{
	const struct kprof_stack *stack =
		&locator->aggregate->stacks.data[placed->stack];

	return kprof_stack_address(locator->aggregate, stack,
				   stack->nr_kernel + frame);
}

uint32_t kprof_locator_vma(const struct kprof_locator *locator,
			   const struct kprof_placed *placed, uint32_t frame)
{
	uint32_t vma = locator->aggregate->vmas.data[placed->first_vma + frame];

	if (vma >= KPROF_VMA_FIRST_SPECIAL || placed->is_exact)
		return vma;
	if (kprof_spaces_is_contested(
		    locator->spaces, placed->space,
		    kprof_locator_address(locator, placed, frame)))
		return KPROF_VMA_CHANGING;
	return vma;
}

int kprof_locator_move(struct kprof_locator *locator, uint32_t vma,
		       uint64_t address, uint32_t *mapping_ret, uint64_t *ret)
{
	int err = kprof_locator_mapping(locator, vma, mapping_ret);

	if (!err)
		*ret = address - locator->spaces->vmas.data[vma].start +
		       locator->profile->mappings[*mapping_ret].start;
	return err;
}

int kprof_locator_user_frame(struct kprof_locator *locator,
			     const struct kprof_placed *placed, uint32_t frame,
			     uint32_t *ret)
{
	uint64_t address = kprof_locator_address(locator, placed, frame);
	uint32_t vma = kprof_locator_vma(locator, placed, frame);
	uint32_t mapping = KPROF_NO_INDEX;
	int err = 0;

	if (vma == KPROF_VMA_CHANGING)
		return kprof_locator_synthetic(locator, KPROF_MAPS_CHANGING,
					       ret);
	if (vma < KPROF_VMA_FIRST_SPECIAL)
		err = kprof_locator_move(locator, vma, address, &mapping,
					 &address);
	return err
		       ?: kprof_profile_add_location(locator->profile, mapping,
						     address, false, ret);
}
