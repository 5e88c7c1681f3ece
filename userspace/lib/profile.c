// SPDX-License-Identifier: GPL-2.0-only
/*
 * The profile model: strings, mappings, functions and locations.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "profile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/hash.h"
#include "util/strbuf.h"
#include "util/utf8.h"
#include "util/vector.h"

enum {
	/* Strings are kept in blocks of this size; a longer one has its own. */
	STRING_BLOCK_BYTES = 64 * 1024,
};

struct string_block {
	struct string_block *next;
	size_t used;
	size_t size;
	char data[];
};

/* Life */

int kprof_profile_create(struct kprof_profile **ret)
{
	struct kprof_profile *profile = calloc(1, sizeof(*profile));

	if (!profile)
		return -ENOMEM;
	profile->index = calloc(1, sizeof(*profile->index));
	if (!profile->index) {
		free(profile);
		return -ENOMEM;
	}
	profile->period_type = (struct kprof_value_type){"", ""};
	profile->default_sample_type = "";
	profile->doc_url = "";
	profile->drop_frames = "";
	profile->keep_frames = "";
	*ret = profile;
	return 0;
}

static void destroy_index(struct kprof_profile_index *index)
{
	struct string_block *block, *next;

	for (block = index->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	vector_free(&index->strings);
	vector_free(&index->stacks);
	vector_free(&index->label_sets);
	vector_free(&index->sorted_labels);
	kprof_index_deinit(&index->string_index);
	kprof_index_deinit(&index->function_index);
	kprof_index_deinit(&index->location_index);
	kprof_index_deinit(&index->stack_index);
	kprof_index_deinit(&index->label_set_index);
	kprof_index_deinit(&index->sample_index);
	free(index);
}

static void destroy_jit(struct kprof_jit *jit)
{
	kprof_cleanup_close(&jit->perf_map);
	kprof_cleanup_close(&jit->dump);
	free(jit);
}

void kprof_profile_destroy(struct kprof_profile *profile)
{
	if (!profile)
		return;
	for (uint32_t i = 0; i < profile->nr_mappings; i++)
		if (profile->mappings[i].fd >= 0)
			close(profile->mappings[i].fd);
	for (uint32_t i = 0; i < profile->nr_jits; i++)
		destroy_jit(profile->jits[i]);
	destroy_index(profile->index);
	free(profile->mappings);
	free(profile->functions);
	free(profile->lines);
	free(profile->locations);
	free(profile->labels);
	free(profile->location_indices);
	free(profile->samples);
	free(profile->comments);
	free(profile->jits);
	free(profile);
}

/* Strings */

static bool string_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_bytes *a =
		(const struct kprof_bytes *)array + position;
	const struct kprof_bytes *b = key;

	return a->len == b->len && !memcmp(a->data, b->data, b->len);
}

/* A copy that lives as long as the profile. */
static char *store_string(struct kprof_profile_index *index,
			  const struct kprof_bytes *text)
{
	struct string_block *block = index->blocks;
	size_t size = text->len + 1;
	char *copy;

	if (!block || block->size - block->used < size) {
		if (size < STRING_BLOCK_BYTES)
			size = STRING_BLOCK_BYTES;
		block = malloc(sizeof(*block) + size);
		if (!block)
			return NULL;
		*block = (struct string_block){index->blocks, 0, size};
		index->blocks = block;
	}
	copy = block->data + block->used;
	memcpy(copy, text->data, text->len);
	copy[text->len] = '\0';
	block->used += text->len + 1;
	return copy;
}

static int intern_valid(struct kprof_profile_index *index,
			const struct kprof_bytes *text, const char **ret)
{
	uint64_t hash = kprof_hash_bytes(text->data, text->len);
	uint32_t position;
	char *copy;

	position = kprof_index_find(&index->string_index, hash, string_equal,
				    index->strings.data, text);
	if (position != KPROF_INDEX_NONE) {
		*ret = index->strings.data[position].data;
		return 0;
	}
	if (!kprof_profile_has_room(index->strings.nr, 1))
		return -EOVERFLOW;
	if (kprof_index_reserve(&index->string_index) ||
	    vector_reserve(&index->strings, index->strings.nr + 1))
		return -ENOMEM;
	copy = store_string(index, text);
	if (!copy)
		return -ENOMEM;
	kprof_index_add(&index->string_index, hash, index->strings.nr);
	index->strings.data[index->strings.nr++] =
		(struct kprof_bytes){copy, text->len};
	*ret = copy;
	return 0;
}

static int intern_repaired(struct kprof_profile_index *index,
			   const struct kprof_bytes *text, const char **ret)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	kprof_utf8_append_repaired(&buf, text->data, text->len);
	if (buf.err)
		return buf.err;
	return intern_valid(index, &(struct kprof_bytes){buf.data, buf.len},
			    ret);
}

int kprof_profile_intern_bytes(struct kprof_profile *profile, const char *data,
			       size_t len, const char **ret)
{
	struct kprof_bytes text = {data, len};

	if (kprof_utf8_is_valid(text.data, len) &&
	    !memchr(text.data, '\0', len))
		return intern_valid(profile->index, &text, ret);
	return intern_repaired(profile->index, &text, ret);
}

int kprof_profile_intern(struct kprof_profile *profile, const char *str,
			 const char **ret)
{
	return kprof_profile_intern_bytes(profile, str, strlen(str), ret);
}

int kprof_profile_intern_field(struct kprof_profile *profile, const char **str)
{
	return kprof_profile_intern(profile, *str ?: "", str);
}

/* Sample types, comments, mappings */

int kprof_profile_add_sample_type(struct kprof_profile *profile,
				  const char *type, const char *unit)
{
	struct kprof_value_type added = {type, unit};
	int err;

	if (profile->nr_sample_types == KPROF_MAX_SAMPLE_TYPES)
		return -EOVERFLOW;
	/* Samples that are there would have no value of it. */
	if (profile->nr_samples)
		return -EBUSY;
	err = kprof_profile_intern_field(profile, &added.type);
	if (!err)
		err = kprof_profile_intern_field(profile, &added.unit);
	if (!err)
		profile->sample_types[profile->nr_sample_types++] = added;
	return err;
}

int kprof_profile_add_comment(struct kprof_profile *profile, const char *fmt,
			      ...)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};
	const char *comment;
	va_list args;
	int err;

	va_start(args, fmt);
	kprof_strbuf_vappendf(&buf, fmt, args);
	va_end(args);
	err = buf.err;
	if (!err)
		err = kprof_profile_intern(profile, kprof_strbuf_str(&buf),
					   &comment);
	if (!err)
		err = kprof_profile_grow(profile, comments, 1);
	if (!err)
		profile->comments[profile->nr_comments++] = comment;
	return err;
}

int kprof_profile_add_mapping(struct kprof_profile *profile,
			      const struct kprof_mapping *mapping,
			      uint32_t *ret)
{
	struct kprof_mapping added = *mapping;
	int err;

	err = kprof_profile_intern_field(profile, &added.filename);
	if (!err)
		err = kprof_profile_intern_field(profile, &added.build_id);
	if (!err)
		err = kprof_profile_grow(profile, mappings, 1);
	if (err)
		return err;
	*ret = profile->nr_mappings;
	profile->mappings[profile->nr_mappings++] = added;
	return 0;
}

/* One by one in memory: mappings point to them. */
int kprof_profile_add_jit(struct kprof_profile *profile,
			  const struct kprof_jit *jit,
			  const struct kprof_jit **ret)
{
	struct kprof_jit *added;
	int err = kprof_profile_grow(profile, jits, 1);

	if (err)
		return err;
	added = malloc(sizeof(*added));
	if (!added)
		return -ENOMEM;
	*added = *jit;
	profile->jits[profile->nr_jits++] = added;
	*ret = added;
	return 0;
}

/* Functions; their strings are interned, so that pointers can be compared. */

static uint64_t hash_function(const struct kprof_function *function)
{
	uint64_t hash = kprof_profile_hash_string(function->name);

	hash = kprof_hash_combine(
		hash, kprof_profile_hash_string(function->system_name));
	hash = kprof_hash_combine(
		hash, kprof_profile_hash_string(function->filename));
	return kprof_hash_combine(hash, function->start_line);
}

static bool function_equal(const void *array, uint32_t position,
			   const void *key)
{
	const struct kprof_function *a =
		(const struct kprof_function *)array + position;
	const struct kprof_function *b = key;

	return a->name == b->name && a->system_name == b->system_name &&
	       a->filename == b->filename && a->start_line == b->start_line;
}

int kprof_profile_add_function(struct kprof_profile *profile,
			       const struct kprof_function *function,
			       uint32_t *ret)
{
	struct kprof_index *index = &profile->index->function_index;
	struct kprof_function added = *function;
	uint64_t hash;
	int err;

	err = kprof_profile_intern_field(profile, &added.name);
	if (!err)
		err = kprof_profile_intern_field(profile, &added.system_name);
	if (!err)
		err = kprof_profile_intern_field(profile, &added.filename);
	if (err)
		return err;
	hash = hash_function(&added);
	*ret = kprof_index_find(index, hash, function_equal, profile->functions,
				&added);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	err = kprof_profile_grow(profile, functions, 1);
	if (!err)
		err = kprof_index_add(index, hash, profile->nr_functions);
	if (err)
		return err;
	*ret = profile->nr_functions;
	profile->functions[profile->nr_functions++] = added;
	return 0;
}

/* Locations and lines */

static uint64_t hash_location(const struct kprof_location *location)
{
	uint64_t hash =
		kprof_hash_combine(location->mapping, location->address);

	return kprof_hash_combine(hash, location->in_kernel);
}

static bool location_equal(const void *array, uint32_t position,
			   const void *key)
{
	const struct kprof_location *a =
		(const struct kprof_location *)array + position;
	const struct kprof_location *b = key;

	return a->mapping == b->mapping && a->address == b->address &&
	       a->in_kernel == b->in_kernel;
}

static int append_location(struct kprof_profile *profile,
			   const struct kprof_location *location, uint32_t *ret)
{
	int err;

	if (location->mapping != KPROF_NO_INDEX &&
	    location->mapping >= profile->nr_mappings)
		return -EINVAL;
	err = kprof_profile_grow(profile, locations, 1);
	if (err)
		return err;
	*ret = profile->nr_locations;
	profile->locations[profile->nr_locations++] = *location;
	return 0;
}

int kprof_profile_append_location(struct kprof_profile *profile,
				  uint32_t mapping, uint64_t address,
				  uint32_t *ret)
{
	struct kprof_location added = {
		.address = address,
		.mapping = mapping,
	};

	return append_location(profile, &added, ret);
}

int kprof_profile_add_location(struct kprof_profile *profile, uint32_t mapping,
			       uint64_t address, bool in_kernel, uint32_t *ret)
{
	struct kprof_index *index = &profile->index->location_index;
	struct kprof_location added = {
		.address = address,
		.mapping = mapping,
		.in_kernel = in_kernel,
	};
	uint64_t hash = hash_location(&added);
	int err;

	*ret = kprof_index_find(index, hash, location_equal, profile->locations,
				&added);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	err = kprof_index_reserve(index);
	if (!err)
		err = append_location(profile, &added, ret);
	if (!err)
		err = kprof_index_add(index, hash, *ret);
	return err;
}

int kprof_profile_set_lines(struct kprof_profile *profile, uint32_t location,
			    const struct kprof_line *lines, uint32_t nr_lines)
{
	struct kprof_location *set;
	int err;

	if (location >= profile->nr_locations)
		return -EINVAL;
	for (uint32_t i = 0; i < nr_lines; i++)
		if (lines[i].function >= profile->nr_functions)
			return -EINVAL;
	set = &profile->locations[location];
	if (nr_lines > set->nr_lines) {
		err = kprof_profile_grow(profile, lines, nr_lines);
		if (err)
			return err;
		set->first_line = profile->nr_lines;
		profile->nr_lines += nr_lines;
	}
	if (nr_lines)
		memcpy(profile->lines + set->first_line, lines,
		       nr_lines * sizeof(*lines));
	set->nr_lines = nr_lines;
	return 0;
}

/* Anew, after their mappings have got other numbers. */
static int index_locations(struct kprof_profile *profile)
{
	struct kprof_index *index = &profile->index->location_index;
	int err = 0;

	kprof_index_reset(index);
	for (uint32_t i = 0; i < profile->nr_locations && !err; i++)
		err = kprof_index_add(index,
				      hash_location(&profile->locations[i]), i);
	return err;
}

int kprof_profile_move_mapping_first(struct kprof_profile *profile,
				     uint32_t first)
{
	struct kprof_location *location;
	struct kprof_mapping moved;

	if (first >= profile->nr_mappings)
		return -EINVAL;
	moved = profile->mappings[first];
	memmove(profile->mappings + 1, profile->mappings,
		first * sizeof(*profile->mappings));
	profile->mappings[0] = moved;

	for (uint32_t i = 0; i < profile->nr_locations; i++) {
		location = &profile->locations[i];
		if (location->mapping == first)
			location->mapping = 0;
		else if (location->mapping < first)
			location->mapping++;
	}
	return index_locations(profile);
}
