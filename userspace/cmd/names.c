// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names that were found before, for those who want names again and again.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/hash.h"
#include "util/vector.h"

enum {
	/* Then everything is forgotten: some 20 MiB. */
	MAX_LOCATIONS = 200000,
};

/**
 * struct kprof_names - what is known
 * @options: how it is found
 * @known: a profile without samples: mappings, locations, their names
 * @nr_named: of its locations, those that were looked for
 * @kernel: from kernel addresses to locations
 */
struct kprof_names {
	const struct kprof_symbolize_options *options;
	struct kprof_profile *known;
	uint32_t nr_named;
	struct kprof_map kernel;
};

/**
 * struct giving - a profile that gets names
 * @mappings: of each of its mappings, the one in what is known, or
 *	KPROF_NO_INDEX
 * @locations: likewise
 * @of_known: of each known mapping, its own; KPROF_NO_INDEX if it has none yet
 */
struct giving {
	struct kprof_names *names;
	struct kprof_profile *profile;
	uint32_t *mappings;
	uint32_t *locations;
	uint32_t *of_known;
	vector(struct kprof_line) lines;
};

/* Lifetime */

static void forget(struct kprof_names *names)
{
	kprof_profile_destroy(names->known);
	names->known = NULL;
	names->nr_named = 0;
	kprof_map_deinit(&names->kernel);
	names->kernel = (struct kprof_map){};
}

int kprof_names_create(const struct kprof_symbolize_options *options,
		       struct kprof_names **ret)
{
	struct kprof_names *names = calloc(1, sizeof(*names));

	if (!names)
		return -ENOMEM;
	names->options = options;
	*ret = names;
	return 0;
}

void kprof_names_destroy(struct kprof_names *names)
{
	if (!names)
		return;
	forget(names);
	free(names);
}

/* What is looked for */

static bool is_certain(const struct kprof_mapping *mapping)
{
	return *mapping->build_id && !mapping->jit && !mapping->is_lost;
}

static bool is_same_part(const struct kprof_mapping *a,
			 const struct kprof_mapping *b)
{
	return a->file_offset == b->file_offset &&
	       a->limit - a->start == b->limit - b->start &&
	       !strcmp(a->build_id, b->build_id) &&
	       !strcmp(a->filename, b->filename);
}

/* The known one that shows the same as @mapping; made if there is none. */
static int find_mapping(struct kprof_profile *known,
			const struct kprof_mapping *mapping, uint32_t *ret)
{
	struct kprof_mapping copy = *mapping;

	for (*ret = 0; *ret < known->nr_mappings; ++*ret)
		if (is_same_part(&known->mappings[*ret], mapping))
			return 0;
	/* The file may be gone by its name. */
	if (mapping->fd >= 0)
		copy.fd = fcntl(mapping->fd, F_DUPFD_CLOEXEC, 0);
	return kprof_profile_add_mapping(known, &copy, ret);
}

static int find_mappings(struct giving *giving)
{
	struct kprof_profile *profile = giving->profile;
	int err = 0;

	for (uint32_t i = 0; !err && i < profile->nr_mappings; i++) {
		giving->mappings[i] = KPROF_NO_INDEX;
		if (is_certain(&profile->mappings[i]))
			err = find_mapping(giving->names->known,
					   &profile->mappings[i],
					   &giving->mappings[i]);
	}
	return err;
}

/*
 * Once it has been found where in the kernel it is, it is not found by its
 * address any more: that is what the map is for.
 */
static int find_kernel_location(struct kprof_names *names, uint64_t address,
				uint32_t *ret)
{
	uint64_t known;
	int err;

	if (kprof_map_get(&names->kernel, address, &known)) {
		*ret = known;
		return 0;
	}
	err = kprof_profile_add_location(names->known, KPROF_NO_INDEX, address,
					 true, ret);
	return err ?: kprof_map_set(&names->kernel, address, *ret);
}

static int find_location(struct giving *giving,
			 const struct kprof_location *location, uint32_t *ret)
{
	struct kprof_profile *known = giving->names->known;
	uint32_t mapping;

	*ret = KPROF_NO_INDEX;
	if (location->nr_lines)
		return 0;
	if (location->in_kernel)
		return find_kernel_location(giving->names, location->address,
					    ret);
	if (location->mapping == KPROF_NO_INDEX)
		return 0;
	mapping = giving->mappings[location->mapping];
	if (mapping == KPROF_NO_INDEX)
		return 0;
	return kprof_profile_add_location(
		known, mapping,
		location->address -
			giving->profile->mappings[location->mapping].start +
			known->mappings[mapping].start,
		false, ret);
}

static int find_locations(struct giving *giving)
{
	const struct kprof_profile *profile = giving->profile;
	int err = 0;

	for (uint32_t i = 0; !err && i < profile->nr_locations; i++)
		err = find_location(giving, &profile->locations[i],
				    &giving->locations[i]);
	return err;
}

static int name_new(struct kprof_names *names)
{
	int err = 0;

	if (names->known->nr_locations > names->nr_named)
		err = kprof_symbolize(names->known, names->options);
	names->nr_named = names->known->nr_locations;
	return err;
}

/* Giving */

static int give_lines(struct giving *giving, uint32_t nr,
		      const struct kprof_location *from)
{
	const struct kprof_profile *known = giving->names->known;
	struct kprof_line line;
	int err = 0;

	giving->lines.nr = 0;
	for (uint32_t i = 0; !err && i < from->nr_lines; i++) {
		line = known->lines[from->first_line + i];
		err = kprof_profile_add_function(
			giving->profile, &known->functions[line.function],
			&line.function);
		if (!err)
			err = vector_push(&giving->lines, line);
	}
	return err
		       ?: kprof_profile_set_lines(giving->profile, nr,
						  giving->lines.data,
						  giving->lines.nr);
}

/* Of the kernel: the profile has no mapping of it yet. */
static int give_mapping(struct giving *giving, uint32_t nr,
			const struct kprof_location *from)
{
	struct kprof_mapping copy;
	uint32_t *own;
	int err = 0;

	if (from->mapping == KPROF_NO_INDEX)
		return 0;
	own = &giving->of_known[from->mapping];
	if (*own == KPROF_NO_INDEX) {
		copy = giving->names->known->mappings[from->mapping];
		copy.fd = -1;
		err = kprof_profile_add_mapping(giving->profile, &copy, own);
	}
	if (!err)
		giving->profile->locations[nr].mapping = *own;
	return err;
}

static int give_location(struct giving *giving, uint32_t nr)
{
	struct kprof_location *to = &giving->profile->locations[nr];
	const struct kprof_location *from =
		&giving->names->known->locations[giving->locations[nr]];
	int err = to->in_kernel ? give_mapping(giving, nr, from) : 0;

	to->is_folded = from->is_folded;
	return err ?: give_lines(giving, nr, from);
}

static void give_flags(const struct kprof_mapping *from,
		       struct kprof_mapping *to)
{
	to->has_functions = from->has_functions;
	to->has_filenames = from->has_filenames;
	to->has_line_numbers = from->has_line_numbers;
	to->has_inline_frames = from->has_inline_frames;
}

static int give(struct giving *giving)
{
	const struct kprof_profile *known = giving->names->known;
	struct kprof_profile *profile = giving->profile;
	uint32_t nr_mappings = profile->nr_mappings;
	int err = 0;

	for (uint32_t i = 0; i < known->nr_mappings; i++)
		giving->of_known[i] = KPROF_NO_INDEX;
	for (uint32_t i = 0; !err && i < profile->nr_locations; i++)
		if (giving->locations[i] != KPROF_NO_INDEX)
			err = give_location(giving, i);
	for (uint32_t i = 0; i < nr_mappings; i++)
		if (giving->mappings[i] != KPROF_NO_INDEX)
			give_flags(&known->mappings[giving->mappings[i]],
				   &profile->mappings[i]);
	return err;
}

static bool has_unnamed(const struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_locations; i++)
		if (!profile->locations[i].nr_lines)
			return true;
	return false;
}

static int give_known(struct giving *giving)
{
	struct kprof_names *names = giving->names;
	int err = find_mappings(giving);

	if (!err)
		err = find_locations(giving);
	if (!err)
		err = name_new(names);
	if (err)
		return err;
	/* One more, so that it is not empty. */
	giving->of_known = calloc(names->known->nr_mappings + 1,
				  sizeof(*giving->of_known));
	return giving->of_known ? give(giving) : -ENOMEM;
}

int kprof_names_give(struct kprof_names *names, struct kprof_profile *profile)
{
	struct giving giving = {.names = names, .profile = profile};
	int err = 0;

	if (names->known && names->known->nr_locations > MAX_LOCATIONS)
		forget(names);
	if (!names->known)
		err = kprof_profile_create(&names->known);
	giving.mappings =
		calloc(profile->nr_mappings + 1, sizeof(*giving.mappings));
	giving.locations =
		calloc(profile->nr_locations + 1, sizeof(*giving.locations));
	if (!err && (!giving.mappings || !giving.locations))
		err = -ENOMEM;
	if (!err)
		err = give_known(&giving);
	if (!err && has_unnamed(profile))
		err = kprof_symbolize(profile, names->options);
	free(giving.mappings);
	free(giving.locations);
	free(giving.of_known);
	vector_free(&giving.lines);
	return err;
}
