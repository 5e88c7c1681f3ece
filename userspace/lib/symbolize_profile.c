// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names the locations of a profile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Locations are named binary by binary, sorted by their offset in the file, so
 * that each symbol table is read once and each distinct offset is looked up
 * once, whatever the number of mappings that show the file.
 */
#include "lib/kprof.h"

#include "lib/demangle.h"
#include "lib/kernel_places.h"
#include "lib/name_sources.h"
#include "lib/symbolize.h"
#include "util/cleanup.h"
#include "util/vector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Names for people are cut at this length. */
	NAME_BYTES = 4096,
};

/**
 * struct naming - the work on one profile
 * @profile: which
 * @options: how
 * @symbolizer: who knows the names
 * @sources: of the name of each location, NULL where it was there before
 * @source: of the newest location
 * @area: of the newest kernel location
 * @area_mapping: its mapping
 * @lines: of the newest location
 */
struct naming {
	struct kprof_profile *profile;
	const struct kprof_symbolize_options *options;
	struct kprof_symbolizer *symbolizer;
	const char **sources;
	const char *source;
	const struct kprof_symbol_area *area;
	uint32_t area_mapping;
	vector(struct kprof_line) lines;
};

static uint64_t file_offset(const struct kprof_mapping *mapping,
			    uint64_t address)
{
	return address - mapping->start + mapping->file_offset;
}

/* The kernel */

/*
 * Moves a location into the mapping of its area, NULL if that is unknown. The
 * running kernel's have one already: this is for lists from elsewhere.
 */
static int place_kernel(struct naming *naming, uint32_t location,
			const struct kprof_symbol_area *area)
{
	struct kprof_profile *profile = naming->profile;
	struct kprof_mapping *mapping;
	int err;

	if (naming->area_mapping == KPROF_NO_INDEX || naming->area != area) {
		err = kprof_kernel_mapping(
			profile, area ? area->name : KPROF_KERNEL_MAPPING,
			&naming->area_mapping);
		if (err)
			return err;
		naming->area = area;
	}
	profile->locations[location].mapping = naming->area_mapping;
	mapping = &profile->mappings[naming->area_mapping];
	if (area && !mapping->limit) {
		mapping->start = area->start;
		mapping->limit = area->limit;
	}
	return 0;
}

/* Naming */

static int add_function(struct kprof_profile *profile, const char *name,
			const struct kprof_symbol_frame *frame, uint32_t *ret)
{
	struct kprof_function function = {
		.name = name,
		.system_name = frame->name,
		.filename = frame->file,
		.start_line = frame->start_line,
	};

	return kprof_profile_add_function(profile, &function, ret);
}

static int add_frame(struct kprof_profile *profile,
		     const struct kprof_symbol_frame *frame, uint32_t *ret)
{
	char readable[NAME_BYTES];

	if (!kprof_demangle(frame->name, readable, sizeof(readable)))
		return add_function(profile, frame->name, frame, ret);
	return add_function(profile, readable, frame, ret);
}

/* The last part of a path; of [vdso] what is between, of //anon anon. */
static const char *base_name(const char *filename, size_t *len_ret)
{
	const char *slash = strrchr(filename, '/');
	const char *base = slash ? slash + 1 : filename;

	/* No path, though it looks like one; its rest is any text. */
	if (!strncmp(filename, "/memfd:", strlen("/memfd:")))
		base = filename + 1;
	if (!*base)
		base = "anon";
	*len_ret = strlen(base);
	if (base[0] == '[' && *len_ret > 2 && base[*len_ret - 1] == ']') {
		base++;
		*len_ret -= 2;
	}
	return base;
}

/* [libc.so.6+0x1234]; [vdso+0x12], [anon+0x12] where there is no file. */
static int place_name(const struct kprof_profile *profile,
		      const struct kprof_location *location, char **ret)
{
	const struct kprof_mapping *mapping;
	const char *base;
	size_t len;

	if (location->mapping == KPROF_NO_INDEX) {
		*ret = strdup("[unknown]");
		return *ret ? 0 : -ENOMEM;
	}
	mapping = &profile->mappings[location->mapping];
	base = base_name(mapping->filename, &len);
	if (asprintf(ret, "[%.*s+0x%llx]", (int)len, base,
		     (unsigned long long)file_offset(mapping,
						     location->address)) < 0) {
		*ret = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int add_unknown(struct kprof_profile *profile, uint32_t location,
		       uint32_t *ret)
{
	_cleanup_free_ char *name = NULL;
	int err = place_name(profile, &profile->locations[location], &name);

	if (err)
		return err;
	return add_frame(profile, &(struct kprof_symbol_frame){.name = name},
			 ret);
}

/* Lines of a location: the symbolizer's frames, as functions of the profile. */
static int make_lines(struct naming *naming, const struct kprof_symbol *symbol)
{
	const struct kprof_symbol_frame only = {.name = symbol->name};
	const struct kprof_symbol_frame *frames =
		symbol->nr_frames ? symbol->frames : &only;
	uint32_t nr = symbol->nr_frames ?: 1;
	int err = 0;

	naming->lines.nr = 0;
	for (uint32_t i = 0; !err && i < nr; i++) {
		struct kprof_line line = {.line = frames[i].line};

		err = add_frame(naming->profile, &frames[i], &line.function);
		if (!err)
			err = vector_push(&naming->lines, line);
	}
	return err;
}

static bool is_named(const struct naming *naming, uint32_t location)
{
	return naming->profile->locations[location].nr_lines;
}

/* Names a location after @symbol, or after its place if that is NULL. */
static int name_location(struct naming *naming, uint32_t location,
			 const struct kprof_symbol *symbol)
{
	struct kprof_line line = {};
	int err;

	/* A name that somebody else knew is better than none. */
	if (!symbol && is_named(naming, location))
		return 0;
	naming->source = symbol ? symbol->source : KPROF_NAME_FROM_NONE;
	naming->sources[location] = naming->source;
	if (symbol) {
		err = make_lines(naming, symbol);
	} else {
		naming->lines.nr = 0;
		err = add_unknown(naming->profile, location, &line.function);
		if (!err)
			err = vector_push(&naming->lines, line);
	}
	if (err)
		return err;
	return kprof_profile_set_lines(naming->profile, location,
				       naming->lines.data, naming->lines.nr);
}

/* What a vmlinux or its symbol map says has lines, the kernel's list has not. */
static int find_kernel(struct naming *naming,
		       const struct kprof_location *at,
		       struct kprof_symbol *ret)
{
	int err = -ENOENT;

	if (at->mapping != KPROF_NO_INDEX)
		err = kprof_symbolizer_find(naming->symbolizer, at->mapping,
					    at->address, ret);
	if (err != -ENOENT)
		return err;
	*ret = (struct kprof_symbol){};
	return kprof_symbolizer_find_kernel(naming->symbolizer, at->address,
					    ret);
}

static int name_kernel(struct naming *naming, uint32_t location)
{
	const struct kprof_location *at = &naming->profile->locations[location];
	struct kprof_symbol symbol;
	int err = 0, find_err = find_kernel(naming, at, &symbol);

	if (find_err && find_err != -ENOENT)
		return find_err;
	if (at->mapping == KPROF_NO_INDEX)
		err = place_kernel(naming, location, symbol.area);
	if (err)
		return err;
	return name_location(naming, location, find_err ? NULL : &symbol);
}

static int name_user(struct naming *naming, uint32_t location)
{
	const struct kprof_location *at = &naming->profile->locations[location];
	struct kprof_symbol symbol;
	int err = -ENOENT;

	if (at->mapping != KPROF_NO_INDEX)
		err = kprof_symbolizer_find(naming->symbolizer, at->mapping,
					    at->address, &symbol);
	if (err && err != -ENOENT)
		return err;
	return name_location(naming, location, err ? NULL : &symbol);
}

/* All locations */

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* Equal mappings show one file: without a build-id none is known to. */
static int compare_mappings(const struct kprof_profile *profile, uint32_t a,
			    uint32_t b)
{
	const struct kprof_mapping *x, *y;

	if (a == b || a == KPROF_NO_INDEX || b == KPROF_NO_INDEX)
		return compare_numbers(a, b);
	x = &profile->mappings[a];
	y = &profile->mappings[b];
	if (x->filename != y->filename)
		return compare_numbers((uintptr_t)x->filename,
				       (uintptr_t)y->filename);
	if (x->build_id != y->build_id)
		return compare_numbers((uintptr_t)x->build_id,
				       (uintptr_t)y->build_id);
	if (x->build_id[0])
		return 0;
	/* What one process made is one binary, but not one place. */
	if (x->jit != y->jit)
		return compare_numbers((uintptr_t)x->jit, (uintptr_t)y->jit);
	return compare_numbers(a, b);
}

static uint64_t offset_of(const struct kprof_profile *profile,
			  const struct kprof_location *location)
{
	if (location->in_kernel || location->mapping == KPROF_NO_INDEX)
		return location->address;
	return file_offset(&profile->mappings[location->mapping],
			   location->address);
}

/* The kernel's first; 0 for what needs only one look-up. */
static int compare_places(const struct kprof_profile *profile, uint32_t a,
			  uint32_t b)
{
	const struct kprof_location *x = &profile->locations[a];
	const struct kprof_location *y = &profile->locations[b];
	int ret;

	if (x->in_kernel != y->in_kernel)
		return y->in_kernel - x->in_kernel;
	ret = x->in_kernel ? 0
			   : compare_mappings(profile, x->mapping, y->mapping);
	if (ret)
		return ret;
	return compare_numbers(offset_of(profile, x), offset_of(profile, y));
}

static int compare_locations(const void *a, const void *b, void *profile)
{
	const uint32_t *x = a, *y = b;
	int ret = compare_places(profile, *x, *y);

	return ret ? ret : compare_numbers(*x, *y);
}

/* Has it only the name that is given here to what nobody knows? */
static int has_place_name(const struct kprof_profile *profile,
			  const struct kprof_location *location, bool *ret)
{
	const struct kprof_function *function;
	_cleanup_free_ char *name = NULL;
	int err;

	*ret = false;
	if (location->nr_lines != 1)
		return 0;
	function = &profile->functions[profile->lines[location->first_line]
					       .function];
	if (function->name[0] != '[')
		return 0;
	err = place_name(profile, location, &name);
	if (!err)
		*ret = !strcmp(name, function->name);
	return err;
}

/* Unnamed are, from here on, those that have no line. */
static int forget_place_names(struct kprof_profile *profile)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < profile->nr_locations; i++) {
		bool has;

		err = has_place_name(profile, &profile->locations[i], &has);
		if (!err && has)
			err = kprof_profile_set_lines(profile, i, NULL, 0);
	}
	return err;
}

static size_t sort_unnamed(const struct kprof_profile *profile, bool all,
			   uint32_t *ret)
{
	size_t nr = 0;

	for (uint32_t i = 0; i < profile->nr_locations; i++)
		if (all || !profile->locations[i].nr_lines)
			ret[nr++] = i;
	qsort_r(ret, nr, sizeof(*ret), compare_locations, (void *)profile);
	return nr;
}

static void limit_has(const struct kprof_profile *profile,
		      const struct kprof_location *location)
{
	struct kprof_mapping *mapping = &profile->mappings[location->mapping];

	if (!location->nr_lines)
		mapping->has_functions = false;
	for (uint32_t i = 0; i < location->nr_lines; i++) {
		const struct kprof_line *line =
			&profile->lines[location->first_line + i];

		if (!profile->functions[line->function].filename[0])
			mapping->has_filenames = false;
		if (!line->line)
			mapping->has_line_numbers = false;
	}
	if (location->nr_lines > 1)
		mapping->has_inline_frames = true;
}

/* What every location of a mapping has; inlined functions in any of them. */
static void set_has(struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_mappings; i++) {
		profile->mappings[i].has_functions = true;
		profile->mappings[i].has_filenames = true;
		profile->mappings[i].has_line_numbers = true;
	}
	for (uint32_t i = 0; i < profile->nr_locations; i++)
		if (profile->locations[i].mapping != KPROF_NO_INDEX)
			limit_has(profile, &profile->locations[i]);
}

/* As the one before it, which is at the same place of the same file. */
static int name_again(struct naming *naming, uint32_t location)
{
	naming->sources[location] = naming->source;
	return kprof_profile_set_lines(naming->profile, location,
				       naming->lines.data, naming->lines.nr);
}

static int name_all(struct naming *naming, const uint32_t *unnamed, size_t nr)
{
	struct kprof_profile *profile = naming->profile;
	bool is_fresh = false;

	for (size_t i = 0; i < nr; i++) {
		int err;

		if (i && is_fresh &&
		    !compare_places(profile, unnamed[i - 1], unnamed[i]) &&
		    !profile->locations[unnamed[i]].in_kernel) {
			err = name_again(naming, unnamed[i]);
		} else {
			naming->source = NULL;
			err = profile->locations[unnamed[i]].in_kernel
				      ? name_kernel(naming, unnamed[i])
				      : name_user(naming, unnamed[i]);
			is_fresh = naming->source;
		}
		if (err)
			return err;
	}
	return 0;
}

/* Files do not say which addresses are the kernel's. */
static void mark_kernel(struct kprof_profile *profile)
{
	for (uint32_t i = 0; i < profile->nr_locations; i++) {
		struct kprof_location *location = &profile->locations[i];

		if (location->mapping == KPROF_NO_INDEX &&
		    !location->nr_lines && location->address >> 63)
			location->in_kernel = true;
	}
}

define_cleanup(cleanup_symbolizer, struct kprof_symbolizer *,
	       kprof_symbolizer_destroy)

	static int name_profile(struct naming *naming)
{
	const struct kprof_symbolize_options *options = naming->options;
	_cleanup_(cleanup_symbolizer) struct kprof_symbolizer *symbolizer =
		NULL;
	struct kprof_profile *profile = naming->profile;
	_cleanup_free_ uint32_t *unnamed = NULL;
	size_t nr;
	int err;

	unnamed = malloc((profile->nr_locations + 1) * sizeof(*unnamed));
	if (!unnamed)
		return -ENOMEM;
	nr = sort_unnamed(profile, options->force, unnamed);
	err = kprof_symbolizer_create(profile, options, &symbolizer);
	if (err)
		return err;
	naming->symbolizer = symbolizer;
	return name_all(naming, unnamed, nr);
}

int kprof_symbolize(struct kprof_profile *profile,
		    const struct kprof_symbolize_options *options)
{
	static const struct kprof_symbolize_options usual;
	_cleanup_free_ const char **sources =
		calloc(profile->nr_locations + 1, sizeof(*sources));
	struct naming naming = {
		.profile = profile,
		.options = options ?: &usual,
		.sources = sources,
		.area_mapping = KPROF_NO_INDEX,
	};
	int err;

	if (!sources)
		return -ENOMEM;
	err = forget_place_names(profile);
	if (err)
		return err;
	if (naming.options->other_machine)
		mark_kernel(profile);
	/* A list of symbols from elsewhere says nothing of this kernel. */
	else if (!naming.options->kallsyms)
		err = kprof_place_kernel(profile);
	err = err ?: name_profile(&naming);
	vector_free(&naming.lines);
	if (err)
		return err;
	set_has(profile);
	return kprof_name_sources_add(profile, sources);
}
