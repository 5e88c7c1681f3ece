// SPDX-License-Identifier: GPL-2.0-only
/*
 * gzip or plain profile.proto to profile.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Any bytes are safe. Every index and id is checked, and what pprof refuses is
 * refused. What a file can make us allocate is bounded: MAX_FILE_BYTES of it,
 * MAX_ENTRIES of each kind and some more of their parts, MAX_MESSAGE_BYTES for
 * one unpacked message. Fields
 * may come in any order, so they are gone through once for the strings and
 * once more for each kind that refers to another.
 */
#include "kprof.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pprof_wire.h"
#include "profile.h"
#include "profile.pb-c.h"
#include "util/arena.h"
#include "util/cleanup.h"
#include "util/gzip.h"
#include "util/hash.h"
#include "util/io.h"
#include "util/log.h"
#include "util/vector.h"

enum {
	MAX_FILE_BYTES = 1 << 30,
	MAX_ENTRIES = 1 << 24,
	MAX_MESSAGE_BYTES = 1 << 26,
	MAX_LINES = 1 << 26,
	MAX_LABELS = 1 << 25,
	MAX_STACK_ENTRIES = 1 << 28,
};

/**
 * struct reader - a file being read
 * @profile: what has been read
 * @file: all of it, uncompressed
 * @strings: the string table as it stands in the file
 * @interned: the profile's copies, NULL until somebody asks
 * @mapping_ids: from the ids in the file to our indices; the next likewise
 * @arena: for one unpacked message
 * @allocator: @arena as protobuf-c wants it
 */
struct reader {
	struct kprof_profile *profile;
	struct kprof_pprof_cursor file;
	vector(struct kprof_bytes) strings;
	const char **interned;
	struct kprof_map mapping_ids;
	struct kprof_map function_ids;
	struct kprof_map location_ids;
	vector(struct kprof_line) lines;
	vector(uint32_t) locations;
	vector(struct kprof_label) labels;
	struct kprof_arena arena;
	ProtobufCAllocator allocator;
};

typedef int visit_fn(struct reader *reader,
		     const struct kprof_pprof_field *field);

static void *arena_alloc(void *arena, size_t size)
{
	return kprof_arena_alloc(arena, size);
}

static void arena_free(void *arena, void *data)
{
	(void)arena;
	(void)data;
}

static void reader_deinit(struct reader *reader)
{
	kprof_profile_destroy(reader->profile);
	free(reader->interned);
	vector_free(&reader->strings);
	vector_free(&reader->lines);
	vector_free(&reader->locations);
	vector_free(&reader->labels);
	kprof_map_deinit(&reader->mapping_ids);
	kprof_map_deinit(&reader->function_ids);
	kprof_map_deinit(&reader->location_ids);
	kprof_arena_deinit(&reader->arena);
}

__attribute__((format(printf, 1, 2))) static int malformed(const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	log_error("malformed profile: %s", what);
	return -EINVAL;
}

/* Unpacks a submessage; it lives until the next one. */
static void *unpack(struct reader *reader,
		    const ProtobufCMessageDescriptor *descriptor,
		    const struct kprof_pprof_field *field)
{
	void *message;

	kprof_arena_reset(&reader->arena);
	message = protobuf_c_message_unpack(descriptor, &reader->allocator,
					    field->len, field->data);
	if (!message)
		malformed("a %s cannot be decoded", descriptor->short_name);
	return message;
}

/* The profile's copy of string @id of the file. */
static int string_by_id(struct reader *reader, int64_t id, const char **ret)
{
	const struct kprof_bytes *text;
	int err = 0;

	if (id < 0 || (uint64_t)id >= reader->strings.nr)
		return malformed("there is no string %" PRId64, id);
	if (!reader->interned[id]) {
		text = &reader->strings.data[id];
		err = kprof_profile_intern_bytes(reader->profile, text->data,
						 text->len,
						 &reader->interned[id]);
	}
	*ret = reader->interned[id];
	return err;
}

/* Remembers that @id in the file is @index here. */
static int add_id(struct kprof_map *map, const char *kind, uint64_t id,
		  uint32_t index)
{
	uint64_t other;

	if (!id)
		return malformed("a %s has the reserved id 0", kind);
	if (kprof_map_get(map, id, &other))
		return malformed("two %ss have the id %" PRIu64, kind, id);
	if (map->nr >= MAX_ENTRIES)
		return malformed("there are more than %d %ss", MAX_ENTRIES,
				 kind);
	return kprof_map_set(map, id, index);
}

/* First pass: strings, and whether all fields are of the right type. */

static bool is_right_type(const struct kprof_pprof_field *field)
{
	switch (field->number) {
	case PPROF_SAMPLE_TYPE ... PPROF_STRING_TABLE:
	case PPROF_PERIOD_TYPE:
		return field->wire_type == WIRE_LENGTH;
	case PPROF_COMMENT:
		return field->wire_type == WIRE_LENGTH ||
		       field->wire_type == WIRE_VARINT;
	case PPROF_DROP_FRAMES ... PPROF_DURATION_NANOS:
	case PPROF_PERIOD:
	case PPROF_DEFAULT_SAMPLE_TYPE:
	case PPROF_DOC_URL:
		return field->wire_type == WIRE_VARINT;
	default:
		return true;
	}
}

static int visit_string(struct reader *reader,
			const struct kprof_pprof_field *field)
{
	if (!is_right_type(field))
		return malformed("field %" PRIu32 " has the wrong type",
				 field->number);
	if (field->number != PPROF_STRING_TABLE)
		return 0;
	if (reader->strings.nr >= MAX_ENTRIES)
		return malformed("there are more than %d strings", MAX_ENTRIES);
	return vector_push(
		&reader->strings,
		(struct kprof_bytes){(const char *)field->data, field->len});
}

static int check_strings(struct reader *reader)
{
	if (!reader->strings.nr)
		return malformed("it has no strings");
	if (reader->strings.data[0].len)
		return malformed("its first string is not empty");
	reader->interned = calloc(reader->strings.nr, sizeof(char *));
	return reader->interned ? 0 : -ENOMEM;
}

/* Second pass: what refers to strings only. */

static int read_value_type(struct reader *reader,
			   const struct kprof_pprof_field *field,
			   struct kprof_value_type *ret)
{
	Perftools__Profiles__ValueType *message;
	int err;

	message = unpack(reader, &perftools__profiles__value_type__descriptor,
			 field);
	if (!message)
		return -EINVAL;
	err = string_by_id(reader, message->type, &ret->type);
	return err ?: string_by_id(reader, message->unit, &ret->unit);
}

static int read_sample_type(struct reader *reader,
			    const struct kprof_pprof_field *field)
{
	struct kprof_value_type type;
	int err = read_value_type(reader, field, &type);

	if (err)
		return err;
	if (reader->profile->nr_sample_types == KPROF_MAX_SAMPLE_TYPES)
		return malformed("it has more than %d sample types",
				 KPROF_MAX_SAMPLE_TYPES);
	return kprof_profile_add_sample_type(reader->profile, type.type,
					     type.unit);
}

static int read_mapping(struct reader *reader,
			const struct kprof_pprof_field *field)
{
	struct kprof_mapping added = {.fd = -1};
	Perftools__Profiles__Mapping *message;
	uint32_t index;
	int err;

	message = unpack(reader, &perftools__profiles__mapping__descriptor,
			 field);
	if (!message)
		return -EINVAL;
	added.start = message->memory_start;
	added.limit = message->memory_limit;
	added.file_offset = message->file_offset;
	added.has_functions = message->has_functions;
	added.has_filenames = message->has_filenames;
	added.has_line_numbers = message->has_line_numbers;
	added.has_inline_frames = message->has_inline_frames;
	err = string_by_id(reader, message->filename, &added.filename);
	if (!err)
		err = string_by_id(reader, message->build_id, &added.build_id);
	if (!err)
		err = kprof_profile_add_mapping(reader->profile, &added,
						&index);
	return err
		       ?: add_id(&reader->mapping_ids, "mapping", message->id,
				 index);
}

static int read_function(struct reader *reader,
			 const struct kprof_pprof_field *field)
{
	Perftools__Profiles__Function *message;
	struct kprof_function added;
	uint32_t index;
	int err;

	message = unpack(reader, &perftools__profiles__function__descriptor,
			 field);
	if (!message)
		return -EINVAL;
	added.start_line = message->start_line;
	err = string_by_id(reader, message->name, &added.name);
	if (!err)
		err = string_by_id(reader, message->system_name,
				   &added.system_name);
	if (!err)
		err = string_by_id(reader, message->filename, &added.filename);
	if (!err)
		err = kprof_profile_add_function(reader->profile, &added,
						 &index);
	return err
		       ?: add_id(&reader->function_ids, "function", message->id,
				 index);
}

static int read_comment(struct reader *reader, int64_t id)
{
	const char *comment;
	int err = string_by_id(reader, id, &comment);

	return err ?: kprof_profile_add_comment(reader->profile, "%s", comment);
}

/* A packed list, or a single one. */
static int read_comments(struct reader *reader,
			 const struct kprof_pprof_field *field)
{
	struct kprof_pprof_cursor list = {field->data, field->len};
	uint64_t id;
	int status;

	if (field->wire_type == WIRE_VARINT)
		return read_comment(reader, field->value);
	while ((status = kprof_pprof_next_varint(&list, &id)) > 0) {
		status = read_comment(reader, id);
		if (status)
			break;
	}
	return status;
}

static int read_time(struct reader *reader, int64_t time_nanos)
{
	if (reader->profile->time_nanos)
		return malformed("several profiles follow each other");
	reader->profile->time_nanos = time_nanos;
	return 0;
}

static int visit_basics(struct reader *reader,
			const struct kprof_pprof_field *field)
{
	struct kprof_profile *profile = reader->profile;

	switch (field->number) {
	case PPROF_SAMPLE_TYPE:
		return read_sample_type(reader, field);
	case PPROF_MAPPING:
		return read_mapping(reader, field);
	case PPROF_FUNCTION:
		return read_function(reader, field);
	case PPROF_COMMENT:
		return read_comments(reader, field);
	case PPROF_DROP_FRAMES:
		return string_by_id(reader, field->value,
				    &profile->drop_frames);
	case PPROF_KEEP_FRAMES:
		return string_by_id(reader, field->value,
				    &profile->keep_frames);
	case PPROF_TIME_NANOS:
		return read_time(reader, field->value);
	case PPROF_DURATION_NANOS:
		profile->duration_nanos = field->value;
		return 0;
	case PPROF_PERIOD_TYPE:
		return read_value_type(reader, field, &profile->period_type);
	case PPROF_PERIOD:
		profile->period = field->value;
		return 0;
	case PPROF_DEFAULT_SAMPLE_TYPE:
		return string_by_id(reader, field->value,
				    &profile->default_sample_type);
	case PPROF_DOC_URL:
		return string_by_id(reader, field->value, &profile->doc_url);
	default:
		return 0;
	}
}

/* Third pass: locations, which refer to mappings and functions. */

static int read_lines(struct reader *reader,
		      const Perftools__Profiles__Location *message)
{
	struct kprof_line line;
	uint64_t function;

	if (vector_reserve(&reader->lines, message->n_line))
		return -ENOMEM;
	for (size_t i = 0; i < message->n_line; i++) {
		if (!kprof_map_get(&reader->function_ids,
				   message->line[i]->function_id, &function))
			return malformed("location %" PRIu64
					 " has a line with no function",
					 message->id);
		line.function = function;
		line.line = message->line[i]->line;
		reader->lines.data[i] = line;
	}
	return 0;
}

static int visit_location(struct reader *reader,
			  const struct kprof_pprof_field *field)
{
	Perftools__Profiles__Location *message;
	uint64_t mapping;
	uint32_t index;
	int err;

	if (field->number != PPROF_LOCATION)
		return 0;
	message = unpack(reader, &perftools__profiles__location__descriptor,
			 field);
	if (!message)
		return -EINVAL;
	/* pprof takes a mapping that is not there for none, and so do we. */
	if (!kprof_map_get(&reader->mapping_ids, message->mapping_id, &mapping))
		mapping = KPROF_NO_INDEX;
	err = kprof_profile_append_location(reader->profile, mapping,
					    message->address, &index);
	if (!err)
		err = add_id(&reader->location_ids, "location", message->id,
			     index);
	if (!err)
		err = read_lines(reader, message);
	if (err)
		return err;
	reader->profile->locations[index].is_folded = message->is_folded;
	return kprof_profile_set_lines(reader->profile, index,
				       reader->lines.data, message->n_line);
}

/* Fourth pass: samples, which refer to locations and sample types. */

static int read_stack(struct reader *reader,
		      const Perftools__Profiles__Sample *message)
{
	uint64_t location;

	if (vector_reserve(&reader->locations, message->n_location_id))
		return -ENOMEM;
	for (size_t i = 0; i < message->n_location_id; i++) {
		if (!kprof_map_get(&reader->location_ids,
				   message->location_id[i], &location))
			return malformed("a sample has no location %" PRIu64,
					 message->location_id[i]);
		reader->locations.data[i] = location;
	}
	return 0;
}

static int read_label(struct reader *reader,
		      const Perftools__Profiles__Label *message)
{
	struct kprof_label label = {.num = message->num};
	int err;

	/* As pprof has it: a number 0 without unit is no label. */
	if (!message->str && !message->num && !message->num_unit)
		return 0;
	err = string_by_id(reader, message->key, &label.key);
	if (!err && message->str) {
		label.num = 0;
		err = string_by_id(reader, message->str, &label.str);
	} else if (!err) {
		err = string_by_id(reader, message->num_unit, &label.num_unit);
	}
	return err ?: vector_push(&reader->labels, label);
}

static int visit_sample(struct reader *reader,
			const struct kprof_pprof_field *field)
{
	struct kprof_profile *profile = reader->profile;
	Perftools__Profiles__Sample *message;
	int err;

	if (field->number != PPROF_SAMPLE)
		return 0;
	if (!profile->nr_sample_types)
		return malformed("it has samples but no sample types");
	if (profile->nr_samples >= MAX_ENTRIES)
		return malformed("there are more than %d samples", MAX_ENTRIES);
	message =
		unpack(reader, &perftools__profiles__sample__descriptor, field);
	if (!message)
		return -EINVAL;
	if (message->n_value != profile->nr_sample_types)
		return malformed("a sample has %zu values for %" PRIu32
				 " sample types",
				 message->n_value, profile->nr_sample_types);
	err = read_stack(reader, message);
	reader->labels.nr = 0;
	for (size_t i = 0; i < message->n_label && !err; i++)
		err = read_label(reader, message->label[i]);
	return err
		       ?: kprof_profile_add_sample(
				  profile, reader->locations.data,
				  message->n_location_id, reader->labels.data,
				  reader->labels.nr, message->value);
}

/* Of what has no id of its own. */
static int check_limits(const struct kprof_profile *profile)
{
	if (profile->nr_lines > MAX_LINES)
		return malformed("there are more than %d lines", MAX_LINES);
	if (profile->nr_labels > MAX_LABELS)
		return malformed("there are more than %d labels", MAX_LABELS);
	if (profile->nr_location_indices > MAX_STACK_ENTRIES)
		return malformed("there are more than %d frames",
				 MAX_STACK_ENTRIES);
	return 0;
}

static int visit_all(struct reader *reader, visit_fn *visit)
{
	struct kprof_pprof_cursor cursor = reader->file;
	struct kprof_pprof_field field;
	int status;

	while ((status = kprof_pprof_next_field(&cursor, &field)) > 0) {
		status = visit(reader, &field);
		if (!status)
			status = check_limits(reader->profile);
		if (status)
			break;
	}
	return status;
}

static int read_messages(struct reader *reader)
{
	int err = visit_all(reader, visit_string);

	if (!err)
		err = check_strings(reader);
	if (!err)
		err = visit_all(reader, visit_basics);
	if (!err)
		err = visit_all(reader, visit_location);
	if (!err)
		err = visit_all(reader, visit_sample);
	return err;
}

static int parse_plain(const void *data, size_t size,
		       struct kprof_profile **ret)
{
	struct reader reader = {
		.file = {data, size},
		.arena = {.max_bytes = MAX_MESSAGE_BYTES},
		.allocator = {arena_alloc, arena_free, NULL},
	};
	int err;

	reader.allocator.allocator_data = &reader.arena;
	err = kprof_profile_create(&reader.profile);
	if (!err)
		err = read_messages(&reader);
	if (!err)
		*ret = no_cleanup_ptr(reader.profile);
	reader_deinit(&reader);
	return err;
}

/* Why a file could not be decompressed; the errno alone does not say. */
static int explain_gzip(int err)
{
	if (err == -EPIPE)
		log_error("its compressed data ends too early");
	else if (err == -EINVAL)
		log_error("its compressed data is damaged");
	else if (err == -EFBIG)
		log_error("it is larger than %d MiB uncompressed",
			  MAX_FILE_BYTES >> 20);
	return err == -EPIPE ? -EINVAL : err;
}

int kprof_pprof_parse(const void *data, size_t size, struct kprof_profile **ret)
{
	_cleanup_free_ char *plain = NULL;
	size_t plain_size;
	int err;

	if (!size) {
		log_error("it is empty");
		return -EINVAL;
	}
	if (!kprof_gzip_is_gzip(data, size))
		return parse_plain(data, size, ret);
	err = kprof_gzip_inflate(data, size, MAX_FILE_BYTES, &plain,
				 &plain_size);
	if (err)
		return explain_gzip(err);
	return parse_plain(plain, plain_size, ret);
}

int kprof_pprof_read(int fd, struct kprof_profile **ret)
{
	_cleanup_free_ char *data = NULL;
	size_t size;
	int err;

	err = kprof_io_read_all(fd, MAX_FILE_BYTES, &data, &size);
	return err ?: kprof_pprof_parse(data, size, ret);
}
