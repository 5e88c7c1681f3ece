// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: jit-PID.dump, in which programs describe the code they make.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The file is a log: records of code that was loaded, with its name and its
 * bytes, before it often one with its lines, and of code that was moved. Where
 * code overlaps, the newest is right. Only heads of records are read at first;
 * names and lines stay in the file. So memory is bounded by a number of
 * functions, time by a number of records, whatever the file.
 */
#include "lib/sym_jitdump.h"

#include "lib/jitdump_lines.h"
#include "lib/kprof.h"
#include "lib/overlay.h"
#include "util/cleanup.h"
#include "util/hash.h"
#include "util/io.h"
#include "util/log.h"
#include "util/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	MAGIC = 0x4a695444,
	VERSION = 1,

	/* Types of records; others are skipped. */
	CODE_LOAD = 0,
	CODE_MOVE = 1,
	CODE_DEBUG_INFO = 2,
	CODE_CLOSE = 3,

	/* A name is cut here. */
	NAME_BYTES = 4096,
	/* When there are more functions, all before are forgotten. */
	MAX_CODES = 1 << 18,
	MAX_RECORDS = 1 << 22,
};

/* Structures of the file, in the byte order of the machine that wrote it. */

struct dump_header {
	uint32_t magic;
	uint32_t version;
	uint32_t header_bytes;
	uint32_t machine;
	uint32_t pad;
	uint32_t pid;
	uint64_t timestamp;
	uint64_t flags;
};

struct dump_record {
	uint32_t type;
	uint32_t bytes;
	uint64_t timestamp;
};

/* A name with its NUL follows, and the code. */
struct dump_load {
	struct dump_record record;
	uint32_t pid;
	uint32_t tid;
	uint64_t vma;
	uint64_t address;
	uint64_t size;
	uint64_t index;
};

struct dump_move {
	struct dump_record record;
	uint32_t pid;
	uint32_t tid;
	uint64_t vma;
	uint64_t old_address;
	uint64_t address;
	uint64_t size;
	uint64_t index;
};

struct dump_debug {
	struct dump_record record;
	uint64_t address;
	uint64_t nr_entries;
};

union dump_any {
	struct dump_record record;
	struct dump_load load;
	struct dump_move move;
	struct dump_debug debug;
};

/**
 * struct code - a function
 * @load: where its record is
 * @lines: where its lines are, if there are any
 * @address: where it is now
 */
struct code {
	uint64_t load;
	struct kprof_jitdump_lines lines;
	uint64_t address;
};

/**
 * struct jitdump - a file
 * @fd: the profile's
 * @size: of it, when it was read
 * @codes: functions
 * @by_index: these by the number that the file has for them
 * @overlay: where they are; values are indices of @codes
 * @lines: for the next function
 * @name: of the newest find, like the next two
 * @file: of its source
 * @frame: with its line
 */
struct jitdump {
	int fd;
	uint64_t size;
	vector(struct code) codes;
	struct kprof_map by_index;
	struct kprof_overlay overlay;
	struct kprof_jitdump_lines lines;
	char name[NAME_BYTES];
	char file[NAME_BYTES];
	struct kprof_symbol_frame frame;
};

/* Reading */

static void forget_all(struct jitdump *dump)
{
	log_warning(
		"only the last functions of a jitdump have names: "
		"there are more than %d",
		MAX_CODES);
	dump->codes.nr = 0;
	dump->overlay.ranges.nr = 0;
	kprof_map_deinit(&dump->by_index);
	dump->by_index = (struct kprof_map){};
}

static int add_code(struct jitdump *dump, const struct code *code,
		    uint64_t size, uint64_t index)
{
	int err;

	if (dump->codes.nr >= MAX_CODES)
		forget_all(dump);
	err = kprof_map_set(&dump->by_index, index, dump->codes.nr);
	if (!err)
		err = kprof_overlay_add(&dump->overlay, code->address, size,
					(uint32_t)dump->codes.nr);
	return err ?: vector_push(&dump->codes, *code);
}

static int add_load(struct jitdump *dump, uint64_t offset,
		    const struct dump_load *load)
{
	struct code code = {.load = offset, .address = load->address};

	if (dump->lines.address == load->address) {
		code.lines = dump->lines;
		code.lines.code_bytes = load->size;
	}
	dump->lines = (struct kprof_jitdump_lines){};
	return add_code(dump, &code, load->size, load->index);
}

static int add_move(struct jitdump *dump, const struct dump_move *move)
{
	struct code code;
	uint64_t known;

	if (!kprof_map_get(&dump->by_index, move->index, &known))
		return 0;
	code = dump->codes.data[known];
	code.address = move->address;
	return add_code(dump, &code, move->size, move->index);
}

static int add_record(struct jitdump *dump, uint64_t offset,
		      const union dump_any *any)
{
	uint32_t bytes = any->record.bytes;

	if (any->record.type == CODE_LOAD && bytes > sizeof(any->load))
		return add_load(dump, offset, &any->load);
	if (any->record.type == CODE_MOVE && bytes >= sizeof(any->move))
		return add_move(dump, &any->move);
	if (any->record.type == CODE_DEBUG_INFO && bytes > sizeof(any->debug))
		dump->lines = (struct kprof_jitdump_lines){
			.offset = offset + sizeof(any->debug),
			.end = offset + bytes,
			.nr = any->debug.nr_entries,
			.address = any->debug.address,
		};
	return 0;
}

/* A record whose end is not there yet is still being written. */
static int read_records(struct jitdump *dump, uint64_t offset)
{
	union dump_any any;

	for (uint32_t i = 0; i < MAX_RECORDS; i++) {
		size_t got =
			kprof_io_read_at(dump->fd, offset, &any, sizeof(any));
		int err;

		if (got < sizeof(any.record) ||
		    any.record.bytes < sizeof(any.record) ||
		    any.record.bytes > dump->size - offset ||
		    any.record.type == CODE_CLOSE)
			return 0;
		memset((char *)&any + got, 0, sizeof(any) - got);
		err = add_record(dump, offset, &any);
		if (err)
			return err;
		offset += any.record.bytes;
	}
	return 0;
}

static bool read_header(int fd, struct dump_header *ret)
{
	return kprof_io_read_at(fd, 0, ret, sizeof(*ret)) == sizeof(*ret) &&
	       ret->magic == MAGIC && ret->version == VERSION &&
	       ret->header_bytes >= sizeof(*ret);
}

bool kprof_jitdump_is_dump(int fd)
{
	struct dump_header header;

	return read_header(fd, &header);
}

/* Opening and closing */

static void jitdump_close(void *opaque)
{
	struct jitdump *dump = opaque;

	if (!dump)
		return;
	vector_free(&dump->codes);
	kprof_map_deinit(&dump->by_index);
	kprof_overlay_deinit(&dump->overlay);
	free(dump);
}

define_cleanup(cleanup_jitdump, struct jitdump *, jitdump_close)

	static int read_file(struct jitdump *dump)
{
	struct dump_header header;
	struct stat st;
	int err;

	if (fstat(dump->fd, &st))
		return -errno;
	dump->size = (uint64_t)st.st_size;
	if (!read_header(dump->fd, &header) || header.header_bytes > dump->size)
		return -EINVAL;
	err = read_records(dump, header.header_bytes);
	if (err)
		return err;
	/* Not needed any more. */
	kprof_map_deinit(&dump->by_index);
	dump->by_index = (struct kprof_map){};
	if (!dump->codes.nr)
		return -ENOENT;
	return kprof_overlay_finish(&dump->overlay);
}

static int jitdump_open(const struct kprof_symbol_binary *binary, void **ret)
{
	_cleanup_(cleanup_jitdump) struct jitdump *dump = NULL;
	int err;

	if (!binary->jit || binary->jit->dump < 0)
		return -ENOENT;
	dump = calloc(1, sizeof(*dump));
	if (!dump)
		return -ENOMEM;
	dump->fd = binary->jit->dump;
	dump->overlay.max_ranges = MAX_CODES;
	err = read_file(dump);
	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	*ret = no_cleanup_ptr(dump);
	return 0;
}

/* Finding */

/* The file may have been written anew: the record must still be that one. */
static bool read_name(struct jitdump *dump, const struct code *code)
{
	struct dump_load load;
	size_t size;

	if (kprof_io_read_at(dump->fd, code->load, &load, sizeof(load)) <
		    sizeof(load) ||
	    load.record.type != CODE_LOAD || load.record.bytes <= sizeof(load))
		return false;
	size = load.record.bytes - sizeof(load);
	if (size > sizeof(dump->name) - 1)
		size = sizeof(dump->name) - 1;
	size = kprof_io_read_at(dump->fd, code->load + sizeof(load), dump->name,
				size);
	dump->name[size] = '\0';
	kprof_utf8_replace_controls(dump->name, strlen(dump->name));
	return dump->name[0];
}

static bool read_line(struct jitdump *dump, const struct code *code,
		      uint64_t address)
{
	/* Lines are told for where the code was loaded. */
	uint64_t loaded = address - code->address + code->lines.address;

	if (!code->lines.nr ||
	    kprof_jitdump_lines_find(&code->lines, dump->fd, loaded, dump->file,
				     sizeof(dump->file), &dump->frame.line))
		return false;
	dump->frame.name = dump->name;
	dump->frame.file = dump->file;
	return true;
}

static int jitdump_find(void *opaque, uint64_t address,
			struct kprof_symbol *ret)
{
	struct jitdump *dump = opaque;
	struct kprof_overlay_range range;
	const struct code *code;
	int err = kprof_overlay_find(&dump->overlay, address, &range);

	if (err)
		return err;
	code = &dump->codes.data[range.value];
	if (!read_name(dump, code))
		return -ENOENT;
	*ret = (struct kprof_symbol){
		.name = dump->name,
		.start = range.start,
		.end = range.end,
	};
	if (read_line(dump, code, address)) {
		ret->frames = &dump->frame;
		ret->nr_frames = 1;
	}
	return 0;
}

const struct kprof_symbolizer_ops kprof_jitdump_ops = {
	.name = "jitdump",
	.open = jitdump_open,
	.find = jitdump_find,
	.close = jitdump_close,
};
