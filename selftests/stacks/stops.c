// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads files of recorded stops.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "stops.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const void *take(struct stops *stops, size_t bytes)
{
	const char *at = stops->at;

	if ((size_t)(stops->end - at) < bytes)
		return NULL;
	stops->at += bytes;
	return at;
}

static int map_file(const char *path, const char **start, size_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *map;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &status)) {
		close(fd);
		return -errno;
	}
	map = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -errno;
	*start = map;
	*bytes = (size_t)status.st_size;
	return 0;
}

int stops_open(struct stops *stops, const char *path)
{
	const struct stops_header *header;
	const char *start = NULL;
	size_t bytes = 0;
	int err = map_file(path, &start, &bytes);

	if (err)
		return err;
	*stops = (struct stops){.at = start, .end = start + bytes};
	header = take(stops, sizeof(*header));
	if (!header ||
	    memcmp(header->magic, STOPS_MAGIC, sizeof(header->magic)) ||
	    header->nr_regs > STOPS_MAX_REGS)
		return -EINVAL;
	stops->header = *header;
	return 0;
}

/* Lines stay in a copy that lives as long as the process: there are few. */
static int read_maps(struct stops *stops, const char *body, size_t bytes)
{
	char *text = strndup(body, bytes), *line, *next;
	size_t nr = 0;

	if (!text)
		return -ENOMEM;
	for (const char *c = text; *c; c++)
		nr += *c == '\n';
	stops->mappings = calloc(nr + 1, sizeof(*stops->mappings));
	if (!stops->mappings)
		return -ENOMEM;
	stops->nr_mappings = 0;
	for (line = text; (next = strchr(line, '\n')); line = next + 1) {
		struct stops_mapping *mapping =
			&stops->mappings[stops->nr_mappings++];

		*next = '\0';
		mapping->start = strtoull(line, &line, 16);
		mapping->end = strtoull(line, &line, 16);
		mapping->offset = strtoull(line, &line, 16);
		mapping->build_id = strtok(line, " ");
		mapping->path = strtok(NULL, "");
		if (!mapping->build_id || !mapping->path)
			return -EINVAL;
	}
	stops->maps_number++;
	return 0;
}

static int read_stop(struct stops *stops)
{
	const struct stops_stop *stop = take(stops, sizeof(*stop));

	if (!stop || stop->nr_pieces > STOPS_MAX_PIECES)
		return -EINVAL;
	stops->stop = *stop;
	for (uint32_t i = 0; i < stop->nr_pieces; i++) {
		const struct stops_piece *piece = take(stops, sizeof(*piece));

		if (!piece)
			return -EINVAL;
		stops->pieces[i] = *piece;
		stops->bytes[i] = take(stops, piece->bytes);
		if (!stops->bytes[i])
			return -EINVAL;
	}
	return 1;
}

int stops_next(struct stops *stops)
{
	while (stops->at < stops->end) {
		const struct stops_record *record =
			take(stops, sizeof(*record));
		const char *body;
		int err;

		if (!record)
			return -EINVAL;
		if (record->type == STOPS_STOP)
			return read_stop(stops);
		body = take(stops, record->bytes);
		if (!body)
			return -EINVAL;
		err = record->type == STOPS_MAPS
			      ? read_maps(stops, body, record->bytes)
			      : 0;
		if (err)
			return err;
	}
	return 0;
}

bool stops_read(const struct stops *stops, uint64_t address, void *to,
		size_t bytes)
{
	for (uint32_t i = 0; i < stops->stop.nr_pieces; i++) {
		const struct stops_piece *piece = &stops->pieces[i];
		uint64_t at = address - piece->address;

		if (at < piece->bytes && piece->bytes - at >= bytes) {
			memcpy(to, stops->bytes[i] + at, bytes);
			return true;
		}
	}
	return false;
}

const struct stops_mapping *stops_mapping_of(const struct stops *stops,
					     uint64_t address)
{
	for (size_t i = 0; i < stops->nr_mappings; i++)
		if (address >= stops->mappings[i].start &&
		    address < stops->mappings[i].end)
			return &stops->mappings[i];
	return NULL;
}

unsigned int stops_sp(uint32_t machine)
{
	switch (machine) {
	case EM_X86_64:
		return 7;
	case EM_AARCH64:
		return 31;
	default:
		return EM_RISCV == machine ? 2 : 13;
	}
}
