// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames: the names in stacks, one number for each.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "report_frames.h"

#include <inttypes.h>
#include <string.h>

#include "report.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

/* What pprof takes for a C++ name that was demangled already. */
static bool looks_demangled(const char *name)
{
	if (strstr(name, ".<") || strstr(name, "])."))
		return false;
	return strpbrk(name, "<>[]") || strstr(name, "::");
}

/*
 * Cuts what is between @start and @end out of @name, nested or not. From an
 * @end too many on nothing is cut; nor is what has no @end.
 */
static void cut_matching(char *name, char start, char end)
{
	char *to = name, *first = name;
	long depth = 0;

	for (const char *from = name; *from; from++) {
		if (depth >= 0 && *from == start && !depth++)
			first = to;
		*to++ = *from;
		if (depth >= 0 && *from == end && !--depth)
			to = first;
	}
	*to = '\0';
}

/*
 * pprof cuts arguments and template arguments off names that have no other
 * mangled name, so ours must do so to be the same.
 */
static int simplify(struct kprof_profile *profile, const char *name,
		    const char **ret)
{
	_cleanup_free_ char *copy = strdup(name);

	if (!copy)
		return -ENOMEM;
	cut_matching(copy, '(', ')');
	cut_matching(copy, '<', '>');
	return kprof_profile_intern(profile, copy, ret);
}

static int function_name(struct kprof_profile *profile, uint32_t function,
			 const char **ret)
{
	const struct kprof_function *f = &profile->functions[function];
	const char *name = *f->name ? f->name : f->system_name;

	*ret = name;
	if (name == f->system_name && looks_demangled(name))
		return simplify(profile, name, ret);
	return 0;
}

/* As pprof has it: the binary in brackets, or <unknown>. */
static int nameless(struct kprof_profile *profile, const char *binary,
		    const char **ret)
{
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	if (!*binary)
		return kprof_profile_intern(profile, "<unknown>", ret);
	kprof_strbuf_appendf(&buf, "[%s]", kprof_report_basename(binary));
	return buf.err ?: kprof_profile_intern(profile, buf.data, ret);
}

static bool is_kernel(const char *binary)
{
	static const char *const user[] = {"[vdso]", "[vsyscall]", "[heap]",
					   "[stack]", "[anon"};

	if (*binary != '[')
		return false;
	for (size_t i = 0; i < sizeof(user) / sizeof(user[0]); i++)
		if (!strncmp(binary, user[i], strlen(user[i])))
			return false;
	return true;
}

static bool frame_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_frame *a =
		(const struct kprof_frame *)array + position;
	const struct kprof_frame *b = key;

	return a->name == b->name && a->binary == b->binary;
}

/* The function of a new frame @frame; a new one if its name is new. */
static int find_function(struct kprof_frames *frames, const char *name,
			 uint32_t frame, uint32_t *ret)
{
	uint64_t id;
	int err;

	if (kprof_map_get(&frames->function_ids, (uintptr_t)name, &id)) {
		*ret = id;
		return 0;
	}
	*ret = frames->functions.nr;
	err = kprof_map_set(&frames->function_ids, (uintptr_t)name, *ret);
	return err ?: vector_push(&frames->functions, frame);
}

/* @key has interned strings and no function yet. */
static int add_interned(struct kprof_frames *frames, struct kprof_frame *key,
			uint32_t *ret)
{
	uint64_t hash = kprof_hash_combine((uintptr_t)key->name,
					   (uintptr_t)key->binary);
	int err;

	*ret = kprof_index_find(&frames->frame_index, hash, frame_equal,
				frames->frames.data, key);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	*ret = frames->frames.nr;
	key->in_kernel = is_kernel(key->binary);
	err = find_function(frames, key->name, *ret, &key->function);
	if (!err)
		err = vector_push(&frames->frames, *key);
	return err ?: kprof_index_add(&frames->frame_index, hash, *ret);
}

int kprof_frames_add(struct kprof_frames *frames, const char *name,
		     const char *binary, uint32_t *ret)
{
	struct kprof_frame key = {};
	int err;

	err = kprof_profile_intern(frames->profile, name, &key.name);
	key.system_name = key.name;
	if (!err)
		err = kprof_profile_intern(frames->profile, binary,
					   &key.binary);
	return err ?: add_interned(frames, &key, ret);
}

static int add_id(struct kprof_frames *frames, const char *name,
		  const char *system_name, const char *binary)
{
	struct kprof_frame key = {
		.name = name,
		.system_name = system_name,
		.binary = binary,
	};
	uint32_t id;
	int err = add_interned(frames, &key, &id);

	return err ?: vector_push(&frames->ids, id);
}

/* "name file:line", as far as they are known: what pprof calls a line. */
static int name_with_line(struct kprof_frames *frames,
			  const struct kprof_line *line, const char **name)
{
	struct kprof_profile *profile = frames->profile;
	const char *file = profile->functions[line->function].filename;
	_cleanup_strbuf_ struct kprof_strbuf buf = {};

	if (!*file && !line->line)
		return 0;
	kprof_strbuf_appendf(&buf, "%s%s%s", *name, **name ? " " : "", file);
	if (line->line)
		kprof_strbuf_appendf(&buf, ":%" PRId64, line->line);
	return buf.err ?: kprof_profile_intern(profile, buf.data, name);
}

static int add_line(struct kprof_frames *frames, const struct kprof_line *line,
		    const char *binary)
{
	const char *name;
	int err = function_name(frames->profile, line->function, &name);

	if (!err && frames->by == KPROF_FRAMES_BY_LINE)
		err = name_with_line(frames, line, &name);
	if (!err && !*name)
		err = nameless(frames->profile, binary, &name);
	return err
		       ?: add_id(frames, name,
				 frames->profile->functions[line->function]
					 .system_name,
				 binary);
}

/* One frame for each location, called like its file. */
static int add_binary(struct kprof_frames *frames, const char *binary)
{
	const char *name, *none;
	int err = kprof_profile_intern(
		frames->profile,
		*binary ? kprof_report_basename(binary) : "<unknown>", &name);

	if (!err)
		err = kprof_profile_intern(frames->profile, "", &none);
	return err ?: add_id(frames, name, name, none);
}

static int add_location(struct kprof_frames *frames,
			const struct kprof_location *location)
{
	struct kprof_profile *profile = frames->profile;
	const char *binary, *name;
	int err;

	err = kprof_profile_intern(profile, "", &binary);
	if (!err)
		err = vector_push(&frames->first_ids, frames->ids.nr);
	if (location->mapping != KPROF_NO_INDEX)
		binary = profile->mappings[location->mapping].filename;
	if (!err && frames->by == KPROF_FRAMES_BY_BINARY)
		return add_binary(frames, binary);
	for (uint32_t i = 0; i < location->nr_lines && !err; i++)
		err = add_line(frames,
			       &profile->lines[location->first_line + i],
			       binary);
	if (err || location->nr_lines)
		return err;
	err = nameless(profile, binary, &name);
	return err ?: add_id(frames, name, name, binary);
}

int kprof_frames_init(struct kprof_frames *frames,
		      struct kprof_profile *profile, enum kprof_frames_by by)
{
	int err = 0;

	*frames = (struct kprof_frames){.profile = profile, .by = by};
	for (uint32_t i = 0; i < profile->nr_locations && !err; i++)
		err = add_location(frames, &profile->locations[i]);
	return err ?: vector_push(&frames->first_ids, frames->ids.nr);
}

void kprof_frames_deinit(struct kprof_frames *frames)
{
	vector_free(&frames->frames);
	vector_free(&frames->functions);
	vector_free(&frames->ids);
	vector_free(&frames->first_ids);
	kprof_index_deinit(&frames->frame_index);
	kprof_map_deinit(&frames->function_ids);
}

int kprof_frames_expand(const struct kprof_frames *frames,
			const struct kprof_sample *sample,
			kprof_frame_list *ret)
{
	const uint32_t *indices = frames->profile->location_indices;
	const uint32_t *first = frames->first_ids.data;
	uint32_t location, nr;

	ret->nr = 0;
	for (uint32_t i = 0; i < sample->nr_locations; i++) {
		location = indices[sample->first_location + i];
		nr = first[location + 1] - first[location];
		if (vector_reserve(ret, ret->nr + nr))
			return -ENOMEM;
		memcpy(ret->data + ret->nr, frames->ids.data + first[location],
		       nr * sizeof(*ret->data));
		ret->nr += nr;
	}
	return 0;
}
