// SPDX-License-Identifier: GPL-2.0-only
/*
 * Profile to profile.proto to gzip.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Messages are packed one by one and compressed in pieces, the string table
 * comes last: beside the profile this takes the memory of the string table's
 * index and a fixed buffer, so that a small board can write a large profile.
 */
#include "kprof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "pprof_wire.h"
#include "profile.pb-c.h"
#include "util/cleanup.h"
#include "util/hash.h"
#include "util/io.h"
#include "util/strbuf.h"
#include "util/vector.h"

enum {
	/* Bytes to collect before they are compressed. */
	PIECE_BYTES = 64 * 1024,
	/* Of deflateInit2(): a window of 32 KiB, and a gzip header. */
	GZIP_WINDOW_BITS = 15 + 16,
	GZIP_MEMORY_LEVEL = 8,
	/* A third of the time of the default for 5 % more bytes. */
	GZIP_LEVEL = 3,
};

/**
 * struct writer - a file being written
 * @profile: what
 * @fd: where
 * @stream: the compressor
 * @pending: packed, not yet compressed
 * @strings: the string table, in the order of the indices
 * @string_ids: from the address of an interned string to its index
 * @location_ids: room for those of a sample
 * @labels: room for those of a sample, @label_pointers point to them
 * @lines: likewise for the lines of a location
 * @err: the first error; everything after it does nothing
 */
struct writer {
	const struct kprof_profile *profile;
	int fd;
	z_stream stream;
	struct kprof_strbuf pending;
	vector(const char *) strings;
	struct kprof_map string_ids;
	vector(uint64_t) location_ids;
	vector(Perftools__Profiles__Label) labels;
	vector(Perftools__Profiles__Label *) label_pointers;
	vector(Perftools__Profiles__Line) lines;
	vector(Perftools__Profiles__Line *) line_pointers;
	int err;
};

static void writer_deinit(struct writer *writer)
{
	deflateEnd(&writer->stream);
	kprof_strbuf_deinit(&writer->pending);
	kprof_map_deinit(&writer->string_ids);
	vector_free(&writer->strings);
	vector_free(&writer->location_ids);
	vector_free(&writer->labels);
	vector_free(&writer->label_pointers);
	vector_free(&writer->lines);
	vector_free(&writer->line_pointers);
}

/* Bytes */

static void compress_pending(struct writer *writer, int flush)
{
	unsigned char out[16 * 1024];
	int status;

	writer->err = writer->err ?: writer->pending.err;
	writer->stream.next_in = (Bytef *)writer->pending.data;
	writer->stream.avail_in = writer->pending.len;
	do {
		if (writer->err)
			return;
		writer->stream.next_out = out;
		writer->stream.avail_out = sizeof(out);
		status = deflate(&writer->stream, flush);
		writer->err =
			status == Z_STREAM_ERROR
				? -EIO
				: kprof_io_write(writer->fd, out,
						 writer->stream.next_out - out);
	} while (!writer->stream.avail_out ||
		 (flush == Z_FINISH && status != Z_STREAM_END));
	kprof_strbuf_reset(&writer->pending);
}

static void put_varint(struct writer *writer, uint64_t value)
{
	unsigned char bytes[10];
	size_t nr = 0;

	for (; value >= 0x80; value >>= 7)
		bytes[nr++] = value | 0x80;
	bytes[nr++] = value;
	kprof_strbuf_append(&writer->pending, bytes, nr);
}

/* What comes before @len bytes of a string or message. */
static void put_header(struct writer *writer, unsigned int field, size_t len)
{
	if (writer->pending.len >= PIECE_BYTES)
		compress_pending(writer, Z_NO_FLUSH);
	put_varint(writer, field << 3 | WIRE_LENGTH);
	put_varint(writer, len);
}

/* For protobuf-c, which packs into a sink. */
struct sink {
	ProtobufCBuffer base;
	struct kprof_strbuf *buf;
};

static void append_to_sink(ProtobufCBuffer *base, size_t len,
			   const uint8_t *data)
{
	struct sink *sink = (struct sink *)base;

	kprof_strbuf_append(sink->buf, data, len);
}

/* The bytes of a message without tag and length. */
static void put_fields(struct writer *writer, const ProtobufCMessage *message)
{
	struct sink sink = {{append_to_sink}, &writer->pending};

	protobuf_c_message_pack_to_buffer(message, &sink.base);
}

static void put_message(struct writer *writer, unsigned int field,
			const ProtobufCMessage *message)
{
	put_header(writer, field, protobuf_c_message_get_packed_size(message));
	put_fields(writer, message);
}

/* Strings */

static int64_t string_id(struct writer *writer, const char *str)
{
	uint64_t id;

	if (!*str)
		return 0;
	if (kprof_map_get(&writer->string_ids, (uintptr_t)str, &id))
		return id;
	/* 0 is "", which is not among the strings here. */
	id = writer->strings.nr + 1;
	if (vector_push(&writer->strings, str) ||
	    kprof_map_set(&writer->string_ids, (uintptr_t)str, id))
		writer->err = -ENOMEM;
	return id;
}

static void put_strings(struct writer *writer)
{
	size_t len;

	put_header(writer, PPROF_STRING_TABLE, 0);
	vector_for_each (&writer->strings, str) {
		len = strlen(*str);
		put_header(writer, PPROF_STRING_TABLE, len);
		kprof_strbuf_append(&writer->pending, *str, len);
	}
}

/* Messages */

static Perftools__Profiles__ValueType
value_type(struct writer *writer, const struct kprof_value_type *type)
{
	Perftools__Profiles__ValueType message =
		PERFTOOLS__PROFILES__VALUE_TYPE__INIT;

	message.type = string_id(writer, type->type);
	message.unit = string_id(writer, type->unit);
	return message;
}

static void put_sample_types(struct writer *writer)
{
	const struct kprof_profile *profile = writer->profile;
	Perftools__Profiles__ValueType message;

	for (uint32_t i = 0; i < profile->nr_sample_types; i++) {
		message = value_type(writer, &profile->sample_types[i]);
		put_message(writer, PPROF_SAMPLE_TYPE, &message.base);
	}
}

/* The fields of Profile that are no lists: a Profile with nothing else. */
static void put_scalars(struct writer *writer)
{
	const struct kprof_profile *profile = writer->profile;
	Perftools__Profiles__Profile message =
		PERFTOOLS__PROFILES__PROFILE__INIT;
	Perftools__Profiles__ValueType period_type =
		value_type(writer, &profile->period_type);
	_cleanup_free_ int64_t *comments =
		calloc(profile->nr_comments + 1, sizeof(*comments));

	if (!comments) {
		writer->err = -ENOMEM;
		return;
	}
	for (uint32_t i = 0; i < profile->nr_comments; i++)
		comments[i] = string_id(writer, profile->comments[i]);
	message.comment = comments;
	message.n_comment = profile->nr_comments;
	message.time_nanos = profile->time_nanos;
	message.duration_nanos = profile->duration_nanos;
	message.period_type = &period_type;
	message.period = profile->period;
	message.default_sample_type =
		string_id(writer, profile->default_sample_type);
	message.doc_url = string_id(writer, profile->doc_url);
	message.drop_frames = string_id(writer, profile->drop_frames);
	message.keep_frames = string_id(writer, profile->keep_frames);
	put_fields(writer, &message.base);
}

static void put_mapping(struct writer *writer, uint32_t i)
{
	const struct kprof_mapping *mapping = &writer->profile->mappings[i];
	Perftools__Profiles__Mapping message =
		PERFTOOLS__PROFILES__MAPPING__INIT;

	message.id = i + 1;
	message.memory_start = mapping->start;
	message.memory_limit = mapping->limit;
	message.file_offset = mapping->file_offset;
	message.filename = string_id(writer, mapping->filename);
	message.build_id = string_id(writer, mapping->build_id);
	message.has_functions = mapping->has_functions;
	message.has_filenames = mapping->has_filenames;
	message.has_line_numbers = mapping->has_line_numbers;
	message.has_inline_frames = mapping->has_inline_frames;
	put_message(writer, PPROF_MAPPING, &message.base);
}

static void put_function(struct writer *writer, uint32_t i)
{
	const struct kprof_function *function = &writer->profile->functions[i];
	Perftools__Profiles__Function message =
		PERFTOOLS__PROFILES__FUNCTION__INIT;

	message.id = i + 1;
	message.name = string_id(writer, function->name);
	message.system_name = string_id(writer, function->system_name);
	message.filename = string_id(writer, function->filename);
	message.start_line = function->start_line;
	put_message(writer, PPROF_FUNCTION, &message.base);
}

static int fill_lines(struct writer *writer,
		      const struct kprof_location *location)
{
	Perftools__Profiles__Line message = PERFTOOLS__PROFILES__LINE__INIT;
	const struct kprof_line *lines = writer->profile->lines;

	if (vector_reserve(&writer->lines, location->nr_lines) ||
	    vector_reserve(&writer->line_pointers, location->nr_lines))
		return -ENOMEM;
	for (uint32_t i = 0; i < location->nr_lines; i++) {
		message.function_id =
			lines[location->first_line + i].function + 1;
		message.line = lines[location->first_line + i].line;
		writer->lines.data[i] = message;
		writer->line_pointers.data[i] = &writer->lines.data[i];
	}
	return 0;
}

static void put_location(struct writer *writer, uint32_t i)
{
	const struct kprof_location *location = &writer->profile->locations[i];
	Perftools__Profiles__Location message =
		PERFTOOLS__PROFILES__LOCATION__INIT;

	if (fill_lines(writer, location)) {
		writer->err = -ENOMEM;
		return;
	}
	message.id = i + 1;
	if (location->mapping != KPROF_NO_INDEX)
		message.mapping_id = location->mapping + 1;
	message.address = location->address;
	message.is_folded = location->is_folded;
	message.line = writer->line_pointers.data;
	message.n_line = location->nr_lines;
	put_message(writer, PPROF_LOCATION, &message.base);
}

/*
 * pprof takes a number 0 without a unit for a label that is not there. Its
 * unit for numbers without one is the key, so saying so changes nothing else.
 */
static const char *unit_to_write(const struct kprof_label *label)
{
	if (label->str)
		return "";
	if (!label->num && !*label->num_unit)
		return label->key;
	return label->num_unit;
}

static int fill_labels(struct writer *writer, const struct kprof_sample *sample)
{
	Perftools__Profiles__Label message = PERFTOOLS__PROFILES__LABEL__INIT;
	const struct kprof_label *label;

	if (vector_reserve(&writer->labels, sample->nr_labels) ||
	    vector_reserve(&writer->label_pointers, sample->nr_labels))
		return -ENOMEM;
	for (uint32_t i = 0; i < sample->nr_labels; i++) {
		label = &writer->profile->labels[sample->first_label + i];
		message.key = string_id(writer, label->key);
		message.str = string_id(writer, label->str ?: "");
		message.num = label->str ? 0 : label->num;
		message.num_unit = string_id(writer, unit_to_write(label));
		writer->labels.data[i] = message;
		writer->label_pointers.data[i] = &writer->labels.data[i];
	}
	return 0;
}

static int fill_location_ids(struct writer *writer,
			     const struct kprof_sample *sample)
{
	const uint32_t *indices = writer->profile->location_indices;

	if (vector_reserve(&writer->location_ids, sample->nr_locations))
		return -ENOMEM;
	for (uint32_t i = 0; i < sample->nr_locations; i++)
		writer->location_ids.data[i] =
			indices[sample->first_location + i] + 1ULL;
	return 0;
}

static void put_sample(struct writer *writer, uint32_t i)
{
	const struct kprof_sample *sample = &writer->profile->samples[i];
	Perftools__Profiles__Sample message = PERFTOOLS__PROFILES__SAMPLE__INIT;

	if (fill_labels(writer, sample) || fill_location_ids(writer, sample)) {
		writer->err = -ENOMEM;
		return;
	}
	message.location_id = writer->location_ids.data;
	message.n_location_id = sample->nr_locations;
	/* protobuf-c does not write to what it packs. */
	message.value = (int64_t *)sample->values;
	message.n_value = writer->profile->nr_sample_types;
	message.label = writer->label_pointers.data;
	message.n_label = sample->nr_labels;
	put_message(writer, PPROF_SAMPLE, &message.base);
}

static void put_each(struct writer *writer, uint32_t nr,
		     void (*put)(struct writer *writer, uint32_t i))
{
	for (uint32_t i = 0; i < nr && !writer->err; i++)
		put(writer, i);
}

int kprof_pprof_write(const struct kprof_profile *profile, int fd)
{
	struct writer writer = {.profile = profile, .fd = fd};

	if (deflateInit2(&writer.stream, GZIP_LEVEL, Z_DEFLATED,
			 GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	put_sample_types(&writer);
	put_scalars(&writer);
	put_each(&writer, profile->nr_mappings, put_mapping);
	put_each(&writer, profile->nr_locations, put_location);
	put_each(&writer, profile->nr_functions, put_function);
	put_each(&writer, profile->nr_samples, put_sample);
	put_strings(&writer);
	compress_pending(&writer, Z_FINISH);
	writer_deinit(&writer);
	return writer.err;
}
