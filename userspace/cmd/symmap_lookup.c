// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl symmap lookup: what a symbol map says of addresses.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Of standard input whatever has come is one batch, so that who writes an
 * address and waits for its answer gets it. Answers are printed in the order
 * of the questions.
 */
#include "cmd/symmap.h"

#include "cmd/cmd.h"
#include "util/cleanup.h"
#include "util/strbuf.h"
#include "util/vector.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	/* Some ten thousand addresses, and some megabytes of answers. */
	CHUNK_BYTES = 1 << 19,
};

/* A piece of the text of all answers. */
struct piece {
	size_t start;
	size_t size;
};

/**
 * struct batch - addresses, and what is said of them
 * @addresses: as they were asked for
 * @pieces: of @text, one for each address
 * @text: in the order in which the map answers
 */
struct batch {
	vector(uint64_t) addresses;
	vector(struct piece) pieces;
	struct kprof_strbuf text;
};

static void batch_deinit(struct batch *batch)
{
	vector_free(&batch->addresses);
	vector_free(&batch->pieces);
	kprof_strbuf_deinit(&batch->text);
}

define_cleanup(cleanup_gsym, struct kprof_gsym *, kprof_gsym_close)

/* Answers */

static void append_frame(struct kprof_strbuf *text,
			 const struct kprof_symbol_frame *frame,
			 bool is_inlined)
{
	kprof_strbuf_append_str(text, frame->name);
	if (frame->file[0])
		kprof_strbuf_appendf(text, " at %s:%" PRIu32, frame->file,
				     frame->line);
	kprof_strbuf_append_str(text, is_inlined ? " (inlined)\n" : "\n");
}

/* One line for each frame; the address is at the start of the first. */
static int append_answer(void *context, const struct kprof_gsym_answer *answer)
{
	struct batch *batch = context;
	struct kprof_strbuf *text = &batch->text;
	size_t start = text->len;

	kprof_strbuf_appendf(text, "0x%" PRIx64 ": ",
			     batch->addresses.data[answer->index]);
	if (answer->err)
		kprof_strbuf_append_str(text, answer->err == -ENOENT
						      ? "??\n"
						      : "?? (damaged)\n");
	for (uint32_t i = 0; !answer->err && i < answer->nr_frames; i++) {
		if (i)
			kprof_strbuf_append_str(text, "    ");
		append_frame(text, &answer->frames[i],
			     i + 1 < answer->nr_frames);
	}
	batch->pieces.data[answer->index] =
		(struct piece){start, text->len - start};
	return text->err;
}

/* Prints the answers, and forgets the addresses. 0 or what to exit with. */
static int answer_batch(struct kprof_gsym *gsym, struct batch *batch)
{
	const struct kprof_gsym_visitor visitor = {append_answer, batch};
	size_t nr = batch->addresses.nr;
	int err;

	kprof_strbuf_reset(&batch->text);
	err = vector_reserve(&batch->pieces, nr);
	if (!err)
		err = kprof_gsym_frames_all(gsym, batch->addresses.data, nr,
					    &visitor);
	if (err)
		return kprof_cmd_cannot(err, NULL, "look up addresses");
	for (size_t i = 0; i < nr; i++)
		fwrite(batch->text.data + batch->pieces.data[i].start, 1,
		       batch->pieces.data[i].size, stdout);
	fflush(stdout);
	batch->addresses.nr = 0;
	return 0;
}

/* Questions: 0 or what to exit with */

static int add_address(struct batch *batch, const char *text)
{
	uint64_t address;
	char *end;
	int err;

	errno = 0;
	address = strtoull(text, &end, 16);
	if (end == text || *end || errno)
		return kprof_cmd_misuse("symmap", "'%s' is no address", text);
	err = vector_push(&batch->addresses, address);
	return err ? kprof_cmd_cannot(err, NULL, "look up addresses") : 0;
}

static int add_lines(struct batch *batch, char *text)
{
	int status = 0;
	char *line;

	while (!status && (line = strsep(&text, "\n"))) {
		line[strcspn(line, " \t\r")] = '\0';
		if (line[0])
			status = add_address(batch, line);
	}
	return status;
}

/* The whole lines of @chunk; at the end of input the last one is whole, too. */
static size_t whole_lines(const char *chunk, size_t filled, bool is_end)
{
	const char *newline = memrchr(chunk, '\n', filled);

	if (is_end || (!newline && filled == CHUNK_BYTES))
		return filled;
	return newline ? (size_t)(newline - chunk) + 1 : 0;
}

static int answer_lines(struct kprof_gsym *gsym, struct batch *batch,
			const char *chunk, size_t size)
{
	_cleanup_free_ char *lines = strndup(chunk, size);
	int status;

	if (!lines)
		return kprof_cmd_cannot(-ENOMEM, NULL, "look up addresses");
	status = add_lines(batch, lines);
	/* Those before what is no address are answered. */
	return answer_batch(gsym, batch) ?: status;
}

static int answer_stdin(struct kprof_gsym *gsym, struct batch *batch)
{
	_cleanup_free_ char *chunk = malloc(CHUNK_BYTES);
	size_t filled = 0, whole;
	int status = 0;
	ssize_t nr = 1;

	if (!chunk)
		return kprof_cmd_cannot(-ENOMEM, NULL, "look up addresses");
	while (!status && nr) {
		nr = read(STDIN_FILENO, chunk + filled, CHUNK_BYTES - filled);
		if (nr < 0 && errno == EINTR)
			continue;
		if (nr < 0)
			return kprof_cmd_cannot(-errno, NULL, "read addresses");
		filled += (size_t)nr;
		whole = whole_lines(chunk, filled, !nr);
		status = answer_lines(gsym, batch, chunk, whole);
		filled -= whole;
		memmove(chunk, chunk + whole, filled);
	}
	return status;
}

int kprof_symmap_lookup(int argc, char **argv)
{
	_cleanup_(batch_deinit) struct batch batch = {};
	_cleanup_(cleanup_gsym) struct kprof_gsym *gsym = NULL;
	int status;

	if (argc < 2)
		return kprof_cmd_misuse("symmap", "look up where?");
	status = kprof_symmap_open(argv[1], &gsym);
	if (status)
		return status;
	if (argc == 2)
		return answer_stdin(gsym, &batch);
	for (int i = 2; !status && i < argc; i++)
		status = add_address(&batch, argv[i]);
	return answer_batch(gsym, &batch) ?: status;
}
