// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings and stacks of a traced program.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "place.h"
#include "tracee.h"

#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

static char *read_text(pid_t pid)
{
	char path[64], *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	/* No maps have a 0 byte. */
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

static void add_mapping(struct tracee *tracee, const struct tracee_range *range,
			uint64_t offset, const char *path)
{
	const char *name = strcmp(path, "[vdso]") ? path : tracee->vdso;
	struct place_file *file = *name == '/' ? place_file_get(name) : NULL;

	if (!file)
		return;
	tracee->mappings[tracee->nr_mappings++] = (struct stops_mapping){
		.start = range->start,
		.end = range->end,
		.offset = offset,
		.build_id = place_build_id(file),
		.path = strdup(name),
	};
}

static void add_line(struct tracee *tracee, const char *line)
{
	struct tracee_range range;
	unsigned long long start, end, offset;
	char mode[8], path[512] = "";

	if (sscanf(line, "%llx-%llx %4s %llx %*s %*s %511[^\n]", &start, &end,
		   mode, &offset, path) < 4)
		return;
	range = (struct tracee_range){start, end};
	if (mode[2] == 'x')
		add_mapping(tracee, &range, offset, path);
	else if (mode[1] == 'w')
		tracee->ranges[tracee->nr_ranges++] = range;
}

static void forget_maps(struct tracee *tracee)
{
	for (size_t i = 0; i < tracee->nr_mappings; i++)
		free((char *)tracee->mappings[i].path);
	free(tracee->mappings);
	free(tracee->ranges);
	tracee->nr_mappings = 0;
	tracee->nr_ranges = 0;
}

static void parse(struct tracee *tracee, const char *text)
{
	size_t lines = 0;

	for (const char *c = text; *c; c++)
		lines += *c == '\n';
	tracee->mappings = calloc(lines + 1, sizeof(*tracee->mappings));
	tracee->ranges = calloc(lines + 1, sizeof(*tracee->ranges));
	while (*text) {
		add_line(tracee, text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

static bool same_mappings(const struct tracee *one, const struct tracee *two)
{
	if (one->nr_mappings != two->nr_mappings)
		return false;
	for (size_t i = 0; i < one->nr_mappings; i++)
		if (one->mappings[i].start != two->mappings[i].start ||
		    one->mappings[i].end != two->mappings[i].end ||
		    one->mappings[i].offset != two->mappings[i].offset ||
		    strcmp(one->mappings[i].path, two->mappings[i].path))
			return false;
	return true;
}

bool tracee_read_maps(struct tracee *tracee)
{
	struct tracee old = *tracee;
	char *text = read_text(tracee->pid);
	bool changed;

	if (!text || (old.maps_text && !strcmp(text, old.maps_text))) {
		free(text);
		return false;
	}
	tracee->maps_text = text;
	tracee->nr_mappings = 0;
	tracee->nr_ranges = 0;
	parse(tracee, text);
	changed = !same_mappings(tracee, &old);
	forget_maps(&old);
	free(old.maps_text);
	return changed;
}

static const struct tracee_range *range_of(const struct tracee *tracee,
					   uint64_t address)
{
	for (size_t i = 0; i < tracee->nr_ranges; i++)
		if (address >= tracee->ranges[i].start &&
		    address < tracee->ranges[i].end)
			return &tracee->ranges[i];
	return NULL;
}

static bool is_stack(const struct tracee *tracee,
		     const struct tracee_range *range)
{
	for (unsigned int i = 0; i < tracee->nr_stacks; i++)
		if (tracee->stacks[i] >= range->start &&
		    tracee->stacks[i] < range->end)
			return true;
	return false;
}

static bool read_piece(const struct tracee *tracee,
		       const struct tracee_range *range, uint64_t sp,
		       struct tracee_piece *ret)
{
	uint64_t start = (sp - STOPS_RED_ZONE) & ~7ull;
	struct iovec local, remote;
	ssize_t got;

	if (start < range->start)
		start = range->start;
	ret->piece.address = start;
	ret->piece.bytes = range->end - start;
	if (ret->piece.bytes > STOPS_MAX_PIECE)
		ret->piece.bytes = STOPS_MAX_PIECE;
	ret->data = malloc(ret->piece.bytes);
	if (!ret->data)
		return false;
	local = (struct iovec){ret->data, ret->piece.bytes};
	remote = (struct iovec){(void *)start, ret->piece.bytes};
	got = process_vm_readv(tracee->pid, &local, 1, &remote, 1, 0);
	if (got <= 0) {
		free(ret->data);
		return false;
	}
	ret->piece.bytes = (uint64_t)got & ~7ull;
	return true;
}

/* The lowest address in @range that a word of @piece has; 0 if none has. */
static uint64_t lowest_pointer(const struct tracee_piece *piece,
			       const struct tracee_range *range)
{
	const uint64_t *words = (const uint64_t *)piece->data;
	uint64_t lowest = 0;

	for (size_t i = 0; i < piece->piece.bytes / sizeof(*words); i++)
		if (words[i] >= range->start && words[i] < range->end &&
		    (!lowest || words[i] < lowest))
			lowest = words[i];
	return lowest;
}

uint32_t tracee_stacks(struct tracee *tracee, const struct stops_stop *stop,
		       struct tracee_piece *pieces)
{
	uint64_t sp = stop->regs[stops_sp(tracee_machine())], pointer;
	const struct tracee_range *own = range_of(tracee, sp);
	uint32_t nr = 0;

	if (!own || !read_piece(tracee, own, sp, &pieces[nr++]))
		return 0;
	if (!is_stack(tracee, own))
		tracee_add_stack(tracee, sp);
	for (size_t i = 0; i < tracee->nr_ranges && nr < STOPS_MAX_PIECES;
	     i++) {
		const struct tracee_range *other = &tracee->ranges[i];

		if (other == own || !is_stack(tracee, other))
			continue;
		pointer = lowest_pointer(&pieces[0], other);
		if (pointer && read_piece(tracee, other, pointer, &pieces[nr]))
			nr++;
	}
	return nr;
}
