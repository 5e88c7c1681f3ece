// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: writing one.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/gsym_write.h"

#include "lib/elf_file.h"
#include "lib/gsym_encode.h"
#include "util/hash.h"
#include "util/io.h"
#include "util/outfile.h"
#include "util/vector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a function's blocks are in the writer's bodies. */
struct place {
	uint64_t start;
	uint32_t size;
	uint32_t offset;
};

struct file {
	uint32_t directory;
	uint32_t name;
};

/**
 * struct kprof_gsym_writer - a symbol map in the making
 * @build_id: whole
 * @strings: the string table
 * @string_index: over it, by offsets
 * @files: the file table
 * @file_index: over it
 * @bodies: of functions, as they will be in the file
 * @places: of functions
 * @counts: for who asks
 */
struct kprof_gsym_writer {
	char build_id[KPROF_ELF_BUILD_ID_HEX];
	struct kprof_strbuf strings;
	struct kprof_index string_index;
	vector(struct file) files;
	struct kprof_index file_index;
	struct kprof_strbuf bodies;
	vector(struct place) places;
	struct kprof_gsym_counts counts;
};

/* Tables */

static bool is_string(const void *array, uint32_t position, const void *key)
{
	return !strcmp((const char *)array + position, key);
}

int kprof_gsym_writer_string(struct kprof_gsym_writer *writer, const char *text,
			     uint32_t *ret)
{
	size_t len = strlen(text);
	uint64_t hash = kprof_hash_bytes(text, len);
	int err;

	*ret = kprof_index_find(&writer->string_index, hash, is_string,
				writer->strings.data, text);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	if (len >= UINT32_MAX - writer->strings.len)
		return -EFBIG;
	*ret = (uint32_t)writer->strings.len;
	kprof_strbuf_append(&writer->strings, text, len + 1);
	err = writer->strings.err;
	return err ?: kprof_index_add(&writer->string_index, hash, *ret);
}

static bool is_file(const void *array, uint32_t position, const void *key)
{
	const struct file *file = (const struct file *)array + position;
	const struct file *other = key;

	return file->directory == other->directory && file->name == other->name;
}

static int add_file(struct kprof_gsym_writer *writer, const struct file *file,
		    uint32_t *ret)
{
	uint64_t hash = kprof_hash_combine(file->directory, file->name);
	int err;

	*ret = kprof_index_find(&writer->file_index, hash, is_file,
				writer->files.data, file);
	if (*ret != KPROF_INDEX_NONE)
		return 0;
	err = vector_push(&writer->files, *file);
	if (err)
		return err;
	*ret = (uint32_t)writer->files.nr - 1;
	return kprof_index_add(&writer->file_index, hash, *ret);
}

int kprof_gsym_writer_file(struct kprof_gsym_writer *writer, const char *path,
			   uint32_t *ret)
{
	const char *slash = strrchr(path, '/');
	struct file file = {};
	char *directory;
	int err;

	if (!slash || slash == path) {
		err = kprof_gsym_writer_string(writer, path, &file.name);
		return err ?: add_file(writer, &file, ret);
	}
	directory = strndup(path, (size_t)(slash - path));
	if (!directory)
		return -ENOMEM;
	err = kprof_gsym_writer_string(writer, directory, &file.directory);
	free(directory);
	err = err ?: kprof_gsym_writer_string(writer, slash + 1, &file.name);
	return err ?: add_file(writer, &file, ret);
}

/* Functions */

static void append_u32(struct kprof_strbuf *buf, uint32_t value)
{
	kprof_strbuf_append(buf, &value, sizeof(value));
}

static void align(struct kprof_strbuf *buf)
{
	while (buf->len % sizeof(uint32_t) && !buf->err)
		kprof_strbuf_append_char(buf, 0);
}

/* Head of a block whose size is not known yet; where it will be. */
static size_t begin_block(struct kprof_strbuf *buf, uint32_t type)
{
	append_u32(buf, type);
	append_u32(buf, 0);
	return buf->len;
}

static void end_block(struct kprof_strbuf *buf, size_t start)
{
	uint32_t size;

	if (buf->err)
		return;
	size = (uint32_t)(buf->len - start);
	memcpy(buf->data + start - sizeof(size), &size, sizeof(size));
}

static void append_body(struct kprof_gsym_writer *writer, uint32_t name,
			const struct kprof_gsym_range *range,
			const struct kprof_gsym_body *body)
{
	struct kprof_strbuf *buf = &writer->bodies;
	size_t block;

	if (body && body->nr_lines) {
		block = begin_block(buf, KPROF_GSYM_LINES);
		kprof_gsym_encode_lines(buf, range->start, body);
		end_block(buf, block);
		writer->counts.with_lines++;
	}
	if (body && body->nr_inlines) {
		block = begin_block(buf, KPROF_GSYM_INLINES);
		kprof_gsym_encode_inlines(buf, range, name, body);
		end_block(buf, block);
		writer->counts.with_inlines++;
	}
	append_u32(buf, KPROF_GSYM_END);
	append_u32(buf, 0);
}

int kprof_gsym_writer_add(struct kprof_gsym_writer *writer, uint32_t name,
			  uint64_t start, uint64_t size,
			  const struct kprof_gsym_body *body)
{
	struct kprof_strbuf *buf = &writer->bodies;
	struct kprof_gsym_range range;
	struct place place;

	if (!name || !size)
		return 0;
	align(buf);
	if (buf->len > UINT32_MAX)
		return -EFBIG;
	place = (struct place){
		.start = start,
		.size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX,
		.offset = (uint32_t)buf->len,
	};
	range = (struct kprof_gsym_range){start, start + place.size};
	append_u32(buf, place.size);
	append_u32(buf, name);
	append_body(writer, name, &range, body);
	writer->counts.functions++;
	return buf->err ?: vector_push(&writer->places, place);
}

/* The file */

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return x->size < y->size ? -1 : x->size > y->size;
}

static uint8_t bytes_for(uint64_t value)
{
	if (value <= UINT8_MAX)
		return 1;
	if (value <= UINT16_MAX)
		return 2;
	return value <= UINT32_MAX ? 4 : 8;
}

static void append_start(struct kprof_strbuf *buf, uint8_t bytes,
			 uint64_t value)
{
	uint8_t byte = (uint8_t)value;
	uint16_t half = (uint16_t)value;
	uint32_t word = (uint32_t)value;

	switch (bytes) {
	case 1:
		kprof_strbuf_append(buf, &byte, bytes);
		break;
	case 2:
		kprof_strbuf_append(buf, &half, bytes);
		break;
	case 4:
		kprof_strbuf_append(buf, &word, bytes);
		break;
	default:
		kprof_strbuf_append(buf, &value, bytes);
	}
}

/* As much of the build-id as there is room for. */
static uint8_t decode_build_id(const char *build_id, uint8_t *ret)
{
	uint8_t nr = 0;
	unsigned int byte;

	while (nr < KPROF_GSYM_UUID_BYTES &&
	       sscanf(build_id + 2 * (size_t)nr, "%2x", &byte) == 1)
		ret[nr++] = (uint8_t)byte;
	return nr;
}

static struct kprof_gsym_header make_header(struct kprof_gsym_writer *writer)
{
	const struct place *places = writer->places.data;
	size_t nr = writer->places.nr;
	struct kprof_gsym_header header = {
		.magic = KPROF_GSYM_MAGIC,
		.version = KPROF_GSYM_VERSION,
		.base_address = nr ? places[0].start : 0,
		.nr_functions = (uint32_t)nr,
		.strings_bytes = (uint32_t)writer->strings.len,
	};

	header.start_bytes =
		bytes_for(nr ? places[nr - 1].start - places[0].start : 0);
	header.uuid_bytes = decode_build_id(writer->build_id, header.uuid);
	return header;
}

/* Everything in front of the strings. */
static int append_tables(struct kprof_gsym_writer *writer,
			 struct kprof_strbuf *buf)
{
	struct kprof_gsym_header header = make_header(writer);
	uint64_t bodies;
	size_t places;

	kprof_strbuf_append(buf, &header, sizeof(header));
	vector_for_each (&writer->places, place)
		append_start(buf, header.start_bytes,
			     place->start - header.base_address);
	align(buf);
	places = buf->len;
	vector_for_each (&writer->places, place)
		append_u32(buf, place->offset);
	append_u32(buf, (uint32_t)writer->files.nr);
	vector_for_each (&writer->files, file) {
		append_u32(buf, file->directory);
		append_u32(buf, file->name);
	}
	if (buf->err)
		return buf->err;
	bodies = (buf->len + writer->strings.len + 3) / 4 * 4;
	if (bodies + writer->bodies.len > UINT32_MAX)
		return -EFBIG;
	header.strings_offset = (uint32_t)buf->len;
	memcpy(buf->data, &header, sizeof(header));
	for (size_t i = 0; i < writer->places.nr; i++) {
		uint32_t offset =
			writer->places.data[i].offset + (uint32_t)bodies;

		memcpy(buf->data + places + i * sizeof(offset), &offset,
		       sizeof(offset));
	}
	return 0;
}

static int write_parts(struct kprof_gsym_writer *writer, int fd)
{
	_cleanup_strbuf_ struct kprof_strbuf tables = {};
	int err;

	qsort(writer->places.data, writer->places.nr, sizeof(struct place),
	      compare_places);
	err = append_tables(writer, &tables);
	/* Tables are aligned: what is missing for the bodies are zeros. */
	align(&writer->strings);
	err = err ?: writer->strings.err;
	err = err ?: kprof_io_write(fd, tables.data, tables.len);
	err = err
		      ?: kprof_io_write(fd, writer->strings.data,
					writer->strings.len);
	return err
		       ?: kprof_io_write(fd, writer->bodies.data,
					 writer->bodies.len);
}

int kprof_gsym_writer_save(struct kprof_gsym_writer *writer, const char *path)
{
	_cleanup_outfile_ struct kprof_outfile out = KPROF_OUTFILE_INIT;
	int err = kprof_outfile_open(&out, path);

	err = err ?: write_parts(writer, out.fd);
	return err ?: kprof_outfile_commit(&out);
}

/* Life */

static int init(struct kprof_gsym_writer *writer, const char *segments)
{
	uint32_t number;
	char *text;
	int err;

	/* "" is first, and file 0 is none. */
	err = kprof_gsym_writer_string(writer, "", &number);
	err = err ?: add_file(writer, &(struct file){}, &number);
	if (err || !segments[0])
		return err;
	if (asprintf(&text, "%s %s", KPROF_GSYM_LOAD, segments) < 0)
		return -ENOMEM;
	err = kprof_gsym_writer_string(writer, text, &number);
	free(text);
	return err;
}

int kprof_gsym_writer_create(const char *build_id, const char *segments,
			     struct kprof_gsym_writer **ret)
{
	struct kprof_gsym_writer *writer = calloc(1, sizeof(*writer));
	int err;

	if (!writer)
		return -ENOMEM;
	snprintf(writer->build_id, sizeof(writer->build_id), "%s", build_id);
	err = init(writer, segments);
	if (err) {
		kprof_gsym_writer_destroy(writer);
		return err;
	}
	*ret = writer;
	return 0;
}

void kprof_gsym_writer_destroy(struct kprof_gsym_writer *writer)
{
	if (!writer)
		return;
	kprof_strbuf_deinit(&writer->strings);
	kprof_index_deinit(&writer->string_index);
	vector_free(&writer->files);
	kprof_index_deinit(&writer->file_index);
	kprof_strbuf_deinit(&writer->bodies);
	vector_free(&writer->places);
	free(writer);
}

const char *kprof_gsym_writer_build_id(const struct kprof_gsym_writer *writer)
{
	return writer->build_id;
}

void kprof_gsym_writer_counts(const struct kprof_gsym_writer *writer,
			      struct kprof_gsym_counts *ret)
{
	*ret = writer->counts;
}
