// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several profiles in one.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * What is taken for the same is what pprof takes for the same, so that both
 * make the same profile of the same files; but for the time, of which pprof
 * says that it is the earliest that is known, and here it is.
 */
#include "kprof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"
#include "util/cleanup.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/strbuf.h"

enum {
	/* Sizes of mappings are rounded up to it before they are compared. */
	MAPPING_ROUNDING = 4096,
};

/**
 * struct source - a profile on its way in
 * @from: the profile
 * @first_value: where its values go in the sum's samples
 * @mappings: of each of its mappings, the index in the sum, or KPROF_NO_INDEX
 *	as long as no sample was in it; the next two likewise
 */
struct source {
	const struct kprof_profile *from;
	uint32_t first_value;
	uint32_t *mappings;
	uint32_t *functions;
	uint32_t *locations;
};

/**
 * struct kprof_merger - profiles being added up
 * @sum: of those so far, NULL before the first
 * @mapping_index: over the mappings of @sum
 * @location_index: over its locations
 * @lines: of a location on its way in
 * @stack: of a sample on its way in
 */
struct kprof_merger {
	struct kprof_profile *sum;
	struct kprof_index mapping_index;
	struct kprof_index location_index;
	vector(struct kprof_line) lines;
	vector(uint32_t) stack;
};

int kprof_merger_create(struct kprof_merger **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

void kprof_merger_destroy(struct kprof_merger *merger)
{
	if (!merger)
		return;
	kprof_profile_destroy(merger->sum);
	kprof_index_deinit(&merger->mapping_index);
	kprof_index_deinit(&merger->location_index);
	vector_free(&merger->lines);
	vector_free(&merger->stack);
	free(merger);
}

/* Mappings */

static uint64_t rounded_size(const struct kprof_mapping *mapping)
{
	uint64_t size = mapping->limit - mapping->start + MAPPING_ROUNDING - 1;

	return size - size % MAPPING_ROUNDING;
}

static const char *identity(const struct kprof_mapping *mapping)
{
	return *mapping->build_id ? mapping->build_id : mapping->filename;
}

/* Where it starts is not asked: each run has other addresses. */
static bool mapping_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_profile *sum = array;
	const struct kprof_mapping *a = &sum->mappings[position], *b = key;

	return rounded_size(a) == rounded_size(b) &&
	       a->file_offset == b->file_offset &&
	       !strcmp(identity(a), identity(b));
}

static uint64_t hash_mapping(const struct kprof_mapping *mapping)
{
	const char *name = identity(mapping);
	uint64_t hash = kprof_hash_combine(rounded_size(mapping),
					   mapping->file_offset);

	return kprof_hash_combine(hash, kprof_hash_bytes(name, strlen(name)));
}

static int merge_mapping(struct kprof_merger *merger, struct source *source,
			 uint32_t index, uint32_t *ret)
{
	struct kprof_mapping added;
	uint64_t hash;
	int err = 0;

	*ret = KPROF_NO_INDEX;
	if (index == KPROF_NO_INDEX)
		return 0;
	*ret = source->mappings[index];
	if (*ret != KPROF_NO_INDEX)
		return 0;
	added = source->from->mappings[index];
	hash = hash_mapping(&added);
	*ret = kprof_index_find(&merger->mapping_index, hash, mapping_equal,
				merger->sum, &added);
	if (*ret == KPROF_INDEX_NONE) {
		/* What is open belongs to the other profile. */
		added.fd = -1;
		added.jit = NULL;
		err = kprof_profile_add_mapping(merger->sum, &added, ret);
		if (!err)
			err = kprof_index_add(&merger->mapping_index, hash,
					      *ret);
	}
	source->mappings[index] = *ret;
	return err;
}

/* Functions and lines */

static int merge_function(struct kprof_merger *merger, struct source *source,
			  uint32_t index, uint32_t *ret)
{
	int err = 0;

	*ret = source->functions[index];
	if (*ret != KPROF_NO_INDEX)
		return 0;
	err = kprof_profile_add_function(merger->sum,
					 &source->from->functions[index], ret);
	source->functions[index] = *ret;
	return err;
}

/* Those of a location, into merger->lines. */
static int merge_lines(struct kprof_merger *merger, struct source *source,
		       const struct kprof_location *location)
{
	const struct kprof_line *lines = source->from->lines;
	struct kprof_line line;
	int err = 0;

	merger->lines.nr = 0;
	for (uint32_t i = 0; i < location->nr_lines && !err; i++) {
		line = lines[location->first_line + i];
		err = merge_function(merger, source, line.function,
				     &line.function);
		if (!err)
			err = vector_push(&merger->lines, line);
	}
	return err;
}

/* Locations */

struct location_key {
	struct kprof_location location;
	const struct kprof_line *lines;
};

static bool location_equal(const void *array, uint32_t position,
			   const void *key)
{
	const struct kprof_profile *sum = array;
	const struct kprof_location *a = &sum->locations[position];
	const struct location_key *wanted = key;
	const struct kprof_location *b = &wanted->location;
	const struct kprof_line *lines;

	if (a->mapping != b->mapping || a->address != b->address ||
	    a->is_folded != b->is_folded || a->nr_lines != b->nr_lines)
		return false;
	lines = sum->lines + a->first_line;
	for (uint32_t i = 0; i < a->nr_lines; i++)
		if (lines[i].function != wanted->lines[i].function ||
		    lines[i].line != wanted->lines[i].line)
			return false;
	return true;
}

static uint64_t hash_location(const struct location_key *key)
{
	uint64_t hash = kprof_hash_combine(key->location.mapping,
					   key->location.address);

	hash = kprof_hash_combine(hash, key->location.is_folded);
	for (uint32_t i = 0; i < key->location.nr_lines; i++) {
		hash = kprof_hash_combine(hash, key->lines[i].function);
		hash = kprof_hash_combine(hash, key->lines[i].line);
	}
	return hash;
}

static int add_location(struct kprof_profile *sum,
			const struct location_key *key, uint32_t *ret)
{
	int err = kprof_profile_append_location(
		sum, key->location.mapping, key->location.address, ret);

	if (err)
		return err;
	sum->locations[*ret].is_folded = key->location.is_folded;
	sum->locations[*ret].in_kernel = key->location.in_kernel;
	return kprof_profile_set_lines(sum, *ret, key->lines,
				       key->location.nr_lines);
}

static int merge_location(struct kprof_merger *merger, struct source *source,
			  uint32_t index, uint32_t *ret)
{
	const struct kprof_profile *from = source->from;
	struct location_key key = {.location = from->locations[index]};
	uint32_t mapping = key.location.mapping;
	uint64_t hash;
	int err;

	*ret = source->locations[index];
	if (*ret != KPROF_NO_INDEX)
		return 0;
	err = merge_mapping(merger, source, mapping, &key.location.mapping);
	if (!err)
		err = merge_lines(merger, source, &key.location);
	if (err)
		return err;
	key.lines = merger->lines.data;
	if (mapping != KPROF_NO_INDEX)
		key.location.address +=
			merger->sum->mappings[key.location.mapping].start -
			from->mappings[mapping].start;
	hash = hash_location(&key);
	*ret = kprof_index_find(&merger->location_index, hash, location_equal,
				merger->sum, &key);
	if (*ret == KPROF_INDEX_NONE) {
		err = add_location(merger->sum, &key, ret);
		if (!err)
			err = kprof_index_add(&merger->location_index, hash,
					      *ret);
	}
	source->locations[index] = *ret;
	return err;
}

/* Samples */

static bool is_zero(const struct kprof_profile *profile,
		    const struct kprof_sample *sample)
{
	for (uint32_t i = 0; i < profile->nr_sample_types; i++)
		if (sample->values[i])
			return false;
	return true;
}

static int merge_sample(struct kprof_merger *merger, struct source *source,
			const struct kprof_sample *sample)
{
	const struct kprof_profile *from = source->from;
	int64_t values[KPROF_MAX_SAMPLE_TYPES] = {};
	int err = vector_reserve(&merger->stack, sample->nr_locations);

	for (uint32_t i = 0; i < sample->nr_locations && !err; i++)
		err = merge_location(
			merger, source,
			from->location_indices[sample->first_location + i],
			&merger->stack.data[i]);
	if (err)
		return err;
	memcpy(values + source->first_value, sample->values,
	       from->nr_sample_types * sizeof(*values));
	return kprof_profile_add_sample(merger->sum, merger->stack.data,
					sample->nr_locations,
					from->labels + sample->first_label,
					sample->nr_labels, values);
}

/* Heads */

static bool type_equal(const struct kprof_value_type *a,
		       const struct kprof_value_type *b)
{
	return !strcmp(a->type, b->type) && !strcmp(a->unit, b->unit);
}

static void append_types(struct kprof_strbuf *buf,
			 const struct kprof_value_type *types, uint32_t nr)
{
	if (!nr)
		kprof_strbuf_append_str(buf, "none");
	for (uint32_t i = 0; i < nr; i++)
		kprof_strbuf_appendf(buf, "%s%s/%s", i ? ", " : "",
				     types[i].type, types[i].unit);
}

static int differ(const char *what, const struct kprof_value_type *a,
		  uint32_t nr_a, const struct kprof_value_type *b,
		  uint32_t nr_b)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	append_types(&buf, a, nr_a);
	kprof_strbuf_append_str(&buf, " before, ");
	append_types(&buf, b, nr_b);
	kprof_strbuf_append_str(&buf, " here");
	log_error("the %s differ: %s", what, kprof_strbuf_str(&buf));
	return -EINVAL;
}

static int check_alike(const struct kprof_profile *a,
		       const struct kprof_profile *b)
{
	bool is_alike = a->nr_sample_types == b->nr_sample_types;

	for (uint32_t i = 0; i < a->nr_sample_types && is_alike; i++)
		is_alike = type_equal(&a->sample_types[i], &b->sample_types[i]);
	if (!is_alike)
		return differ("sample types", a->sample_types,
			      a->nr_sample_types, b->sample_types,
			      b->nr_sample_types);
	if (!type_equal(&a->period_type, &b->period_type))
		return differ("types of period", &a->period_type, 1,
			      &b->period_type, 1);
	return 0;
}

static int add_types(struct kprof_profile *sum,
		     const struct kprof_profile *from)
{
	int err = 0;

	for (uint32_t i = 0; i < from->nr_sample_types && !err; i++)
		err = kprof_profile_add_sample_type(sum,
						    from->sample_types[i].type,
						    from->sample_types[i].unit);
	return err;
}

/* What only the first profile has a say in. */
static int start_head(struct kprof_profile *sum,
		      const struct kprof_profile *from)
{
	int err = kprof_profile_intern(sum, from->period_type.type,
				       &sum->period_type.type);

	if (!err)
		err = kprof_profile_intern(sum, from->period_type.unit,
					   &sum->period_type.unit);
	if (!err)
		err = kprof_profile_intern(sum, from->drop_frames,
					   &sum->drop_frames);
	return err
		       ?: kprof_profile_intern(sum, from->keep_frames,
					       &sum->keep_frames);
}

static int merge_comment(struct kprof_profile *sum, const char *comment)
{
	for (uint32_t i = 0; i < sum->nr_comments; i++)
		if (!strcmp(sum->comments[i], comment))
			return 0;
	return kprof_profile_add_comment(sum, "%s", comment);
}

static int merge_head(struct kprof_profile *sum,
		      const struct kprof_profile *from)
{
	int err = 0;

	if (from->time_nanos &&
	    (!sum->time_nanos || from->time_nanos < sum->time_nanos))
		sum->time_nanos = from->time_nanos;
	if (__builtin_add_overflow(sum->duration_nanos, from->duration_nanos,
				   &sum->duration_nanos))
		sum->duration_nanos = INT64_MAX;
	if (!sum->period || from->period > sum->period)
		sum->period = from->period;
	for (uint32_t i = 0; i < from->nr_comments && !err; i++)
		err = merge_comment(sum, from->comments[i]);
	if (!err && !*sum->default_sample_type)
		err = kprof_profile_intern(sum, from->default_sample_type,
					   &sum->default_sample_type);
	if (!err && !*sum->doc_url)
		err = kprof_profile_intern(sum, from->doc_url, &sum->doc_url);
	return err;
}

/* Profiles */

/* @nr numbers that are none yet; one more, so that it is not empty. */
static uint32_t *allocate_indices(uint32_t nr)
{
	size_t size = (nr + 1ULL) * sizeof(uint32_t);
	uint32_t *indices = malloc(size);

	if (indices)
		memset(indices, 0xff, size);
	return indices;
}

static int merge_samples(struct kprof_merger *merger, struct source *source)
{
	const struct kprof_profile *from = source->from;
	uint32_t main_mapping;
	int err = 0;

	/* pprof takes the first mapping for the program, sampled or not. */
	if (!merger->sum->nr_mappings && from->nr_mappings)
		err = merge_mapping(merger, source, 0, &main_mapping);
	for (uint32_t i = 0; i < from->nr_samples && !err; i++)
		if (!is_zero(from, &from->samples[i]))
			err = merge_sample(merger, source, &from->samples[i]);
	return err;
}

static int merge_body(struct kprof_merger *merger,
		      const struct kprof_profile *from, uint32_t first_value)
{
	_cleanup_free_ uint32_t *mappings = allocate_indices(from->nr_mappings);
	_cleanup_free_ uint32_t *functions =
		allocate_indices(from->nr_functions);
	_cleanup_free_ uint32_t *locations =
		allocate_indices(from->nr_locations);
	struct source source = {from, first_value, mappings, functions,
				locations};

	if (!mappings || !functions || !locations)
		return -ENOMEM;
	return merge_samples(merger, &source);
}

static int start(struct kprof_merger *merger, const struct kprof_profile *from)
{
	int err = kprof_profile_create(&merger->sum);

	if (!err)
		err = start_head(merger->sum, from);
	return err ?: add_types(merger->sum, from);
}

int kprof_merger_add(struct kprof_merger *merger,
		     const struct kprof_profile *profile)
{
	int err = merger->sum ? check_alike(merger->sum, profile)
			      : start(merger, profile);

	if (!err)
		err = merge_head(merger->sum, profile);
	return err ?: merge_body(merger, profile, 0);
}

/* Values of different signs may have become 0. */
static bool has_zero_samples(const struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_samples; i++)
		if (is_zero(profile, &profile->samples[i]))
			return true;
	return false;
}

/* Once more, without what only such samples refer to. */
static int without_zero_samples(const struct kprof_profile *profile,
				struct kprof_profile **ret)
{
	struct kprof_merger merger = {};
	int err = kprof_merger_add(&merger, profile);

	if (!err)
		*ret = no_cleanup_ptr(merger.sum);
	kprof_profile_destroy(merger.sum);
	kprof_index_deinit(&merger.mapping_index);
	kprof_index_deinit(&merger.location_index);
	vector_free(&merger.lines);
	vector_free(&merger.stack);
	return err;
}

int kprof_merger_finish(struct kprof_merger *merger, struct kprof_profile **ret)
{
	if (!merger->sum)
		return -EINVAL;
	if (has_zero_samples(merger->sum))
		return without_zero_samples(merger->sum, ret);
	*ret = no_cleanup_ptr(merger->sum);
	return 0;
}

int kprof_profile_pair(const struct kprof_profile *a,
		       const struct kprof_profile *b,
		       struct kprof_profile **ret)
{
	struct kprof_merger *merger;
	int err = check_alike(a, b);

	if (!err)
		err = kprof_merger_create(&merger);
	if (err)
		return err;
	err = start(merger, a);
	if (!err)
		err = add_types(merger->sum, b);
	if (!err)
		err = merge_head(merger->sum, a);
	if (!err)
		err = merge_head(merger->sum, b);
	if (!err)
		err = merge_body(merger, a, 0);
	if (!err)
		err = merge_body(merger, b, a->nr_sample_types);
	if (!err)
		*ret = no_cleanup_ptr(merger->sum);
	kprof_merger_destroy(merger);
	return err;
}
