// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol maps: the file, its tables, and the function around an address.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The file is mapped, not read: what is never asked for costs nothing. A file
 * that were made shorter meanwhile would be a SIGBUS. Its size is checked when
 * it is opened, and a map that is replaced, by us or by whoever installs
 * packages, is a new file under the old name, never the old one rewritten.
 */
#include "lib/gsym.h"

#include "lib/gsym_cursor.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Blocks of one function that are looked at; there are two kinds. */
	MAX_BLOCKS = 64,
	/* Functions with the same start that are tried. */
	MAX_TWINS = 64,
};

/* The head of the file */

static int check_header(const struct kprof_gsym *gsym)
{
	const struct kprof_gsym_header *header = &gsym->header;

	if (header->magic == KPROF_GSYM_MAGIC_SWAPPED)
		return -EOPNOTSUPP;
	if (header->magic != KPROF_GSYM_MAGIC)
		return -ENOEXEC;
	if (header->version != KPROF_GSYM_VERSION)
		return -EPROTONOSUPPORT;
	switch (header->start_bytes) {
	case 1:
	case 2:
	case 4:
	case 8:
		break;
	default:
		return -EBADMSG;
	}
	return header->uuid_bytes > KPROF_GSYM_UUID_BYTES ? -EBADMSG : 0;
}

/* @nr elements behind @offset, which moves behind them; NULL if there are not.
 */
static const uint8_t *take_table(const struct kprof_gsym *gsym,
				 uint64_t *offset, uint64_t nr,
				 uint64_t element_bytes)
{
	uint64_t start = (*offset + 3) / 4 * 4;

	/* Neither product nor sum overflows: 32 bits times a small number. */
	*offset = start + nr * element_bytes;
	return *offset <= gsym->bytes.size ? gsym->bytes.data + start : NULL;
}

static int find_tables(struct kprof_gsym *gsym)
{
	const struct kprof_gsym_header *header = &gsym->header;
	uint64_t offset = sizeof(*header);
	const uint8_t *nr_files;

	gsym->starts = take_table(gsym, &offset, header->nr_functions,
				  header->start_bytes);
	gsym->places = take_table(gsym, &offset, header->nr_functions,
				  sizeof(uint32_t));
	nr_files = take_table(gsym, &offset, 1, sizeof(uint32_t));
	if (!nr_files)
		return -EBADMSG;
	memcpy(&gsym->nr_files, nr_files, sizeof(gsym->nr_files));
	gsym->files =
		take_table(gsym, &offset, gsym->nr_files, 2 * sizeof(uint32_t));
	if (!gsym->files)
		return -EBADMSG;
	offset = header->strings_offset;
	if (!header->strings_bytes ||
	    offset + header->strings_bytes > gsym->bytes.size ||
	    gsym->bytes.data[offset + header->strings_bytes - 1])
		return -EBADMSG;
	gsym->strings = (const char *)gsym->bytes.data + offset;
	return 0;
}

static int open_span(struct kprof_gsym_span bytes, bool owns_bytes,
		     struct kprof_gsym **ret)
{
	struct kprof_gsym *gsym = calloc(1, sizeof(*gsym));
	int err;

	if (!gsym)
		return -ENOMEM;
	gsym->bytes = bytes;
	memcpy(&gsym->header, bytes.data, sizeof(gsym->header));
	err = check_header(gsym) ?: find_tables(gsym);
	if (err) {
		kprof_gsym_close(gsym);
		return err;
	}
	gsym->owns_bytes = owns_bytes;
	*ret = gsym;
	return 0;
}

int kprof_gsym_open_memory(const void *data, size_t size,
			   struct kprof_gsym **ret)
{
	if (size < sizeof(struct kprof_gsym_header))
		return -ENOEXEC;
	return open_span((struct kprof_gsym_span){data, size}, false, ret);
}

/* Opening never waits, and what is no regular file is not read. */
int kprof_gsym_open(const char *path, struct kprof_gsym **ret)
{
	_cleanup_close_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct kprof_gsym_span bytes;
	struct stat st;
	void *data;
	int err;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size < (off_t)sizeof(struct kprof_gsym_header))
		return -ENOEXEC;
	bytes.size = (size_t)st.st_size;
	if ((off_t)bytes.size != st.st_size)
		return -EFBIG;
	data = mmap(NULL, bytes.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return -errno;
	bytes.data = data;
	err = open_span(bytes, true, ret);
	if (err)
		munmap(data, bytes.size);
	return err;
}

void kprof_gsym_close(struct kprof_gsym *gsym)
{
	if (!gsym)
		return;
	for (size_t i = 0; i <= KPROF_GSYM_MAX_DEPTH; i++)
		kprof_strbuf_deinit(&gsym->paths[i].text);
	/* munmap() reads nothing, but its argument is not const. */
	if (gsym->owns_bytes)
		munmap((void *)(uintptr_t)gsym->bytes.data, gsym->bytes.size);
	free(gsym);
}

/* Tables */

const char *kprof_gsym_string(const struct kprof_gsym *gsym, uint32_t offset)
{
	return offset < gsym->header.strings_bytes ? gsym->strings + offset
						   : NULL;
}

static uint64_t relative_start(const struct kprof_gsym *gsym, uint32_t index)
{
	const uint8_t *at =
		gsym->starts + (size_t)index * gsym->header.start_bytes;
	uint64_t wide;
	uint32_t word;
	uint16_t half;

	switch (gsym->header.start_bytes) {
	case 1:
		return *at;
	case 2:
		memcpy(&half, at, sizeof(half));
		return half;
	case 4:
		memcpy(&word, at, sizeof(word));
		return word;
	default:
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
}

uint64_t kprof_gsym_start(const struct kprof_gsym *gsym, uint32_t index)
{
	return gsym->header.base_address + relative_start(gsym, index);
}

uint32_t kprof_gsym_place(const struct kprof_gsym *gsym, uint32_t index)
{
	uint32_t place;

	memcpy(&place, gsym->places + (size_t)index * sizeof(place),
	       sizeof(place));
	return place;
}

bool kprof_gsym_file(const struct kprof_gsym *gsym, uint32_t file,
		     uint32_t *directory_ret, uint32_t *name_ret)
{
	const uint8_t *at = gsym->files + (size_t)file * 8;

	if (file >= gsym->nr_files)
		return false;
	memcpy(directory_ret, at, sizeof(*directory_ret));
	memcpy(name_ret, at + sizeof(*directory_ret), sizeof(*name_ret));
	return true;
}

/* Functions */

static int fail(struct kprof_gsym_fault *fault, uint64_t offset,
		const char *what)
{
	if (fault) {
		fault->offset = offset;
		fault->what = what;
	}
	return -EBADMSG;
}

static void note_block(struct kprof_gsym_entry *entry, uint32_t type,
		       struct kprof_gsym_span span)
{
	if (type == KPROF_GSYM_LINES)
		entry->lines = span;
	else if (type == KPROF_GSYM_INLINES)
		entry->inlines = span;
}

/* Blocks of unknown types are of no interest. */
static int read_blocks(const struct kprof_gsym *gsym,
		       struct kprof_gsym_cursor *cursor,
		       struct kprof_gsym_entry *ret,
		       struct kprof_gsym_fault *fault)
{
	for (size_t i = 0; i < MAX_BLOCKS; i++) {
		uint64_t offset = (uint64_t)(cursor->at - gsym->bytes.data);
		uint32_t type = kprof_gsym_u32(cursor);
		uint32_t size = kprof_gsym_u32(cursor);

		if (cursor->has_failed ||
		    size > (size_t)(cursor->end - cursor->at))
			return fail(fault, offset,
				    "a block is longer than the file");
		if (type == KPROF_GSYM_END)
			return 0;
		note_block(ret, type,
			   (struct kprof_gsym_span){cursor->at, size});
		cursor->at += size;
	}
	return fail(fault, (uint64_t)(cursor->at - gsym->bytes.data),
		    "the function has too many blocks");
}

int kprof_gsym_read_entry(const struct kprof_gsym *gsym, uint32_t index,
			  struct kprof_gsym_entry *ret,
			  struct kprof_gsym_fault *fault)
{
	uint32_t place = kprof_gsym_place(gsym, index);
	struct kprof_gsym_cursor cursor;
	uint32_t size, name;
	int err;

	if (place >= gsym->bytes.size)
		return fail(fault,
			    (uint64_t)(gsym->places - gsym->bytes.data) +
				    (uint64_t)index * sizeof(place),
			    "the function lies outside of the file");
	cursor = kprof_gsym_cursor((struct kprof_gsym_span){
		gsym->bytes.data + place, gsym->bytes.size - place});
	size = kprof_gsym_u32(&cursor);
	name = kprof_gsym_u32(&cursor);
	*ret = (struct kprof_gsym_entry){
		.function.start = kprof_gsym_start(gsym, index),
		.function.size = size,
		.function.name = kprof_gsym_string(gsym, name),
	};
	if (cursor.has_failed)
		return fail(fault, place, "the function is cut off");
	if (!ret->function.name || !ret->function.name[0])
		return fail(fault, place + sizeof(uint32_t),
			    "the function has no name");
	err = read_blocks(gsym, &cursor, ret, fault);
	ret->function.has_lines = ret->lines.size;
	ret->function.has_inlines = ret->inlines.size;
	return err;
}

/* How many functions start at or before @relative. */
static uint32_t nr_up_to(const struct kprof_gsym *gsym, uint64_t relative)
{
	uint32_t low = 0, high = gsym->header.nr_functions;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (relative_start(gsym, middle) <= relative)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A function without a size has its first address only. */
static bool covers(const struct kprof_gsym_function *function, uint64_t address)
{
	return address - function->start < (function->size ?: 1);
}

/* Of several with one start the first that is long enough, the shortest. */
int kprof_gsym_find_entry(const struct kprof_gsym *gsym, uint64_t address,
			  struct kprof_gsym_entry *ret)
{
	uint64_t relative = address - gsym->header.base_address;
	uint32_t end, first;

	if (address < gsym->header.base_address)
		return -ENOENT;
	end = nr_up_to(gsym, relative);
	if (!end)
		return -ENOENT;
	first = end - 1;
	while (first && end - first < MAX_TWINS &&
	       relative_start(gsym, first - 1) == relative_start(gsym, end - 1))
		first--;
	for (; first < end; first++) {
		int err = kprof_gsym_read_entry(gsym, first, ret, NULL);

		if (err)
			return err;
		if (covers(&ret->function, address))
			return 0;
	}
	return -ENOENT;
}

int kprof_gsym_find(const struct kprof_gsym *gsym, uint64_t address,
		    struct kprof_gsym_function *ret)
{
	struct kprof_gsym_entry entry;
	int err = kprof_gsym_find_entry(gsym, address, &entry);

	if (!err)
		*ret = entry.function;
	return err;
}

int kprof_gsym_function(const struct kprof_gsym *gsym, uint32_t index,
			struct kprof_gsym_function *ret)
{
	struct kprof_gsym_entry entry;
	int err;

	if (index >= gsym->header.nr_functions)
		return -ENOENT;
	err = kprof_gsym_read_entry(gsym, index, &entry, NULL);
	if (!err)
		*ret = entry.function;
	return err;
}
