// SPDX-License-Identifier: GPL-2.0-only
/*
 * Symbol source: /proc/kallsyms, the kernel's own list of its functions.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A line is "address type name", and "\t[module]" for what is no part of the
 * kernel itself. There are no sizes: a function ends where the next one starts.
 * The kernel has hundreds of thousands of symbols; the names of functions are
 * kept one after the other in one buffer.
 */
#include "lib/sym_kallsyms.h"

#include "lib/kernel_places.h"
#include "lib/symbol_table.h"
#include "util/cleanup.h"
#include "util/log.h"
#include "util/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* What is read at once; a longer line is skipped. */
	CHUNK_BYTES = 65536,
	/* The last function of all ends here at the latest. */
	MAX_FUNCTION_BYTES = 1 << 20,
	/* Modules; systems have some hundred. */
	MAX_AREAS = 4096,
	MAX_NAMES_BYTES = 1 << 30,
};

struct kallsyms {
	struct kprof_symbol_table table;
	/* NUL-terminated, at the offset that a table entry has as name. */
	struct kprof_strbuf names;
	/* The first is the kernel itself. */
	vector(struct kprof_symbol_area) areas;
	size_t nr_hidden;
};

/* A line, cut into its parts. */
struct line {
	uint64_t address;
	char type;
	const char *name;
	size_t name_len;
	/* With its brackets; not there if the length is 0. */
	const char *module;
	size_t module_len;
};

/* Parsing */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

static bool split_line(const char *text, size_t len, struct line *ret)
{
	const char *end = text + len, *p = text;

	*ret = (struct line){};
	for (; p < end && p - text < 16 && hex_digit(*p) >= 0; p++)
		ret->address = ret->address << 4 | (uint64_t)hex_digit(*p);
	if (p == text || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return false;
	ret->type = p[1];
	ret->name = p + 3;
	for (p = ret->name; p < end && *p != '\t' && *p != ' ';)
		p++;
	ret->name_len = (size_t)(p - ret->name);
	if (p < end && *p == '\t' && p + 1 < end && p[1] == '[') {
		ret->module = p + 1;
		ret->module_len = (size_t)(end - p - 1);
	}
	return ret->name_len > 0 && !memchr(text, '\0', len);
}

static bool is_function(const struct line *line)
{
	return line->type == 't' || line->type == 'T' || line->type == 'w' ||
	       line->type == 'W';
}

static bool name_is(const struct line *line, const char *name)
{
	return !line->module_len && line->name_len == strlen(name) &&
	       !memcmp(line->name, name, line->name_len);
}

static bool area_is(const struct kprof_symbol_area *area,
		    const struct line *line)
{
	return !strncmp(area->name, line->module, line->module_len) &&
	       area->name[line->module_len] == '\0';
}

/* Lines of a module come together, so the newest area is likely. */
static int find_area(struct kallsyms *kallsyms, const struct line *line,
		     uint16_t *ret)
{
	size_t nr = kallsyms->areas.nr;
	char *name;
	int err;

	if (!line->module_len) {
		*ret = 0;
		return 0;
	}
	for (size_t i = nr; i-- > 1;) {
		if (area_is(&kallsyms->areas.data[i], line)) {
			*ret = (uint16_t)i;
			return 0;
		}
	}
	if (nr == MAX_AREAS)
		return -ENOSPC;
	name = strndup(line->module, line->module_len);
	if (!name)
		return -ENOMEM;
	err = vector_push(&kallsyms->areas,
			  (struct kprof_symbol_area){.name = name});
	if (err)
		free(name);
	*ret = (uint16_t)nr;
	return err;
}

static enum kprof_symbol_rank rank_of(char type)
{
	if (type == 'T')
		return KPROF_SYMBOL_GLOBAL;
	return type == 't' ? KPROF_SYMBOL_LOCAL : KPROF_SYMBOL_WEAK;
}

static int add_function(struct kallsyms *kallsyms, const struct line *line)
{
	struct kprof_symbol_entry entry = {
		.start = line->address,
		.size = MAX_FUNCTION_BYTES,
		.name = (uint32_t)kallsyms->names.len,
		.rank = (uint8_t)rank_of(line->type),
		.is_open = true,
	};
	int err;

	if (kallsyms->names.len > MAX_NAMES_BYTES)
		return -ENOSPC;
	err = find_area(kallsyms, line, &entry.group);
	if (err)
		return err;
	kprof_strbuf_append(&kallsyms->names, line->name, line->name_len);
	kprof_strbuf_append_char(&kallsyms->names, '\0');
	if (kallsyms->names.err)
		return kallsyms->names.err;
	/* Behind it is data: it ends the last function and is none. */
	if (name_is(line, "_etext"))
		entry.size = 0;
	return kprof_symbol_table_add(&kallsyms->table, &entry);
}

static int add_line(struct kallsyms *kallsyms, const char *text, size_t len)
{
	struct line line;
	int err;

	if (!split_line(text, len, &line) || !is_function(&line))
		return 0;
	if (!line.address) {
		kallsyms->nr_hidden++;
		return 0;
	}
	if (name_is(&line, KPROF_KERNEL_START))
		kallsyms->areas.data[0].start = line.address;
	if (name_is(&line, "_etext"))
		kallsyms->areas.data[0].limit = line.address;
	err = add_function(kallsyms, &line);
	return err == -ENOSPC ? 0 : err;
}

/* Adds the whole lines in @text; says how many bytes they are. */
static int add_lines(struct kallsyms *kallsyms, const char *text, size_t size,
		     size_t *ret)
{
	const char *start = text, *end = text + size, *newline;

	while ((newline = memchr(start, '\n', (size_t)(end - start)))) {
		int err = add_line(kallsyms, start, (size_t)(newline - start));

		if (err)
			return err;
		start = newline + 1;
	}
	*ret = (size_t)(start - text);
	return 0;
}

/* A module reaches from its first to its last function. */
static void find_module_ranges(struct kallsyms *kallsyms)
{
	vector_for_each (&kallsyms->table.entries, entry) {
		struct kprof_symbol_area *area =
			&kallsyms->areas.data[entry->group];

		if (entry->group == 0)
			continue;
		if (!area->start)
			area->start = entry->start;
		area->limit = entry->start + entry->size;
	}
}

static int finish(struct kallsyms *kallsyms)
{
	struct kprof_symbol_area *kernel = &kallsyms->areas.data[0];

	if (!kernel->start || kernel->limit <= kernel->start)
		kernel->start = kernel->limit = 0;
	kprof_symbol_table_finish(&kallsyms->table);
	find_module_ranges(kallsyms);
	return kallsyms->table.entries.nr ? 0 : -ENOENT;
}

/* Opening and closing */

static void kallsyms_close(void *opaque)
{
	struct kallsyms *kallsyms = opaque;

	if (!kallsyms)
		return;
	for (size_t i = 1; i < kallsyms->areas.nr; i++)
		free((char *)(uintptr_t)kallsyms->areas.data[i].name);
	vector_free(&kallsyms->areas);
	kprof_strbuf_deinit(&kallsyms->names);
	kprof_symbol_table_deinit(&kallsyms->table);
	free(kallsyms);
}

define_cleanup(cleanup_kallsyms, struct kallsyms *, kallsyms_close)

	static int kallsyms_create(struct kallsyms **ret)
{
	_cleanup_(cleanup_kallsyms) struct kallsyms *kallsyms = NULL;
	int err;

	kallsyms = calloc(1, sizeof(*kallsyms));
	if (!kallsyms)
		return -ENOMEM;
	err = vector_push(&kallsyms->areas,
			  (struct kprof_symbol_area){
				  .name = KPROF_KERNEL_MAPPING,
			  });
	if (err)
		return err;
	*ret = no_cleanup_ptr(kallsyms);
	return 0;
}

int kprof_kallsyms_parse(const char *text, size_t size, void **ret)
{
	_cleanup_(cleanup_kallsyms) struct kallsyms *kallsyms = NULL;
	size_t done;
	int err;

	err = kallsyms_create(&kallsyms);
	if (err)
		return err;
	err = add_lines(kallsyms, text, size, &done);
	if (err)
		return err;
	err = finish(kallsyms);
	if (err)
		return err;
	*ret = no_cleanup_ptr(kallsyms);
	return 0;
}

static int read_file(struct kallsyms *kallsyms, int fd)
{
	_cleanup_free_ char *chunk = malloc(CHUNK_BYTES);
	size_t filled = 0, done;

	if (!chunk)
		return -ENOMEM;
	for (;;) {
		ssize_t nr = read(fd, chunk + filled, CHUNK_BYTES - filled);
		int err;

		if (nr < 0 && errno == EINTR)
			continue;
		if (nr <= 0)
			return nr < 0 ? -errno : 0;
		filled += (size_t)nr;
		err = add_lines(kallsyms, chunk, filled, &done);
		if (err)
			return err;
		if (!done && filled == CHUNK_BYTES)
			done = filled;
		filled -= done;
		memmove(chunk, chunk + done, filled);
	}
}

static int kallsyms_open(const struct kprof_symbol_binary *binary, void **ret)
{
	_cleanup_(cleanup_kallsyms) struct kallsyms *kallsyms = NULL;
	_cleanup_close_ int fd = -1;
	int err;

	if (!binary->kallsyms)
		return -ENOENT;
	err = kallsyms_create(&kallsyms);
	if (err)
		return err;
	fd = open(binary->kallsyms, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	err = fd < 0 ? -errno : read_file(kallsyms, fd);
	if (err == -ENOMEM)
		return err;
	if (err) {
		log_warning("kernel functions have no names: %s: %s",
			    binary->kallsyms, strerror(-err));
		return -ENOENT;
	}
	err = finish(kallsyms);
	if (err) {
		if (kallsyms->nr_hidden)
			log_warning(
				"kernel functions have no names: %s hides the "
				"addresses (needs CAP_SYSLOG, or "
				"kernel.kptr_restrict=0)",
				binary->kallsyms);
		return err;
	}
	*ret = no_cleanup_ptr(kallsyms);
	return 0;
}

/* Finding */

static size_t count_underscores(const char *name)
{
	return strspn(name, "_");
}

/*
 * Is @a a better name than @b, ranks considered? Marks like __entry_text_start
 * share their address with a function, whose name starts with fewer of "_".
 */
static bool is_better(const char *a, int a_rank, const char *b, int b_rank)
{
	if (a_rank != b_rank)
		return a_rank < b_rank;
	if (count_underscores(a) != count_underscores(b))
		return count_underscores(a) < count_underscores(b);
	if (strlen(a) != strlen(b))
		return strlen(a) < strlen(b);
	return strcmp(a, b) < 0;
}

static int kallsyms_find(void *opaque, uint64_t address,
			 struct kprof_symbol *ret)
{
	struct kallsyms *kallsyms = opaque;
	const struct kprof_symbol_entry *best;
	struct kprof_symbol_match match;
	int err;

	err = kprof_symbol_table_find(&kallsyms->table, address, &match);
	if (err)
		return err;
	best = match.entries;
	for (size_t i = 1; i < match.nr; i++) {
		const struct kprof_symbol_entry *entry = &match.entries[i];

		if (is_better(kallsyms->names.data + entry->name, entry->rank,
			      kallsyms->names.data + best->name, best->rank))
			best = entry;
	}
	*ret = (struct kprof_symbol){
		.name = kallsyms->names.data + best->name,
		.start = match.start,
		.end = match.end,
		.area = &kallsyms->areas.data[best->group],
	};
	return 0;
}

const struct kprof_symbolizer_ops kprof_kallsyms_ops = {
	.name = "kallsyms",
	.open = kallsyms_open,
	.find = kallsyms_find,
	.close = kallsyms_close,
};
