/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces: which file was mapped where, when.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The module shows an address space in snapshots; a sample lies between two of
 * them (see MAPS in linux/kprof.h). What one sample may believe is a view: the
 * mappings of the snapshot before it and of the one after it. An address is
 * only named where both agree. Where any two snapshots of a space have shown
 * different files at one address, that range is contested: a sample between
 * two others may have met either, and only one that was taken exactly at a
 * snapshot is believed.
 *
 * Snapshots are forgotten when no sample can ask for them any more, so memory
 * is bounded by what was ever mapped, not by how long it was watched.
 */
#ifndef LIB_SPACE_H
#define LIB_SPACE_H

#include "lib/binary.h"
#include "lib/record.h"
#include "util/hash.h"
#include "util/vector.h"

#include <stdbool.h>
#include <stdint.h>

/* What a view says of addresses for which it has no mapping. */
enum {
	/* There is no code. */
	KPROF_VMA_NONE = UINT32_MAX,
	/* The snapshots do not agree. */
	KPROF_VMA_CHANGING = UINT32_MAX - 1,
	/* There is no snapshot, or not all of one. */
	KPROF_VMA_UNKNOWN = UINT32_MAX - 2,
	/* Mappings are below. */
	KPROF_VMA_FIRST_SPECIAL = KPROF_VMA_UNKNOWN,
};

/**
 * struct kprof_vma - a mapping, as processes have it; each once
 * @start: first address
 * @end: first address after it
 * @file_offset: of @start
 * @binary: index into the binaries
 */
struct kprof_vma {
	uint64_t start;
	uint64_t end;
	uint64_t file_offset;
	uint32_t binary;
};

struct kprof_epoch;
struct kprof_jit;
struct kprof_space;

enum {
	/* So many that have ended keep their snapshots: no need to hurry. */
	KPROF_GONE_SPACES = 64,
};

/* A space that ended in a pass. */
struct kprof_gone_space {
	uint32_t space;
	uint32_t pass;
};

/**
 * struct kprof_spaces - all address spaces of a session
 * @binaries: files behind the mappings
 * @vmas: mappings of all spaces
 * @vma_index: over them
 * @all: the spaces
 * @gone: of these, ended, but samples of them may still be in the rings
 * @by_id: their index by the module's id
 * @pass: how often the rings were drained
 * @last_serial: of the newest epoch
 * @has_exact_maps: see KPROF_MODULE_EXACT_MAPS
 * @is_over: no snapshot will come any more
 */
struct kprof_spaces {
	struct kprof_binaries binaries;
	vector(struct kprof_vma) vmas;
	struct kprof_index vma_index;
	vector(struct kprof_space *) all;
	vector(struct kprof_gone_space) gone;
	struct kprof_map by_id;
	uint32_t pass;
	uint32_t last_serial;
	bool has_exact_maps;
	bool is_over;
};

void kprof_spaces_init(struct kprof_spaces *spaces, bool has_exact_maps);
void kprof_spaces_deinit(struct kprof_spaces *spaces);

/* The index of a space by its id; made if there is none. */
int kprof_spaces_find(struct kprof_spaces *spaces, uint32_t space_id,
		      uint32_t *ret);
int kprof_spaces_add_mmap(struct kprof_spaces *spaces,
			  const struct kprof_event_mmap *mmap);
/* Completes a snapshot; opens the files that are new. Gives the space's index.
 */
int kprof_spaces_add_maps(struct kprof_spaces *spaces,
			  const struct kprof_event_maps *maps, uint32_t *ret);
/*
 * Forgets snapshots of @space that nobody can ask for: samples wait from
 * @generation on, and all rings have been drained twice since.
 */
void kprof_spaces_prune(struct kprof_spaces *spaces, uint32_t space,
			uint32_t generation);
/*
 * Whether so many spaces have ended that the next pass forgets their
 * snapshots: those who have samples of them must ask before.
 */
bool kprof_spaces_are_gone(const struct kprof_spaces *spaces);
/* All rings have been drained once more. */
void kprof_spaces_next_pass(struct kprof_spaces *spaces);
/* The recording is over: what has no snapshot after it gets none. */
void kprof_spaces_end(struct kprof_spaces *spaces);

/**
 * struct kprof_space_view - what a sample may believe
 * @before: newest snapshot that is not after it; NULL if there is none at all
 * @after: oldest that is not before it; likewise
 * @is_exact: taken exactly at a snapshot
 */
struct kprof_space_view {
	const struct kprof_epoch *before;
	const struct kprof_epoch *after;
	bool is_exact;
};

/*
 * For samples of generations @first to @last. -EAGAIN as long as a snapshot
 * may still come that belongs to it.
 */
int kprof_spaces_view(const struct kprof_spaces *spaces, uint32_t space,
		      uint32_t first, uint32_t last,
		      struct kprof_space_view *ret);
/* Numbers that are equal for equal views of one space, never 0. */
uint64_t kprof_space_view_key(const struct kprof_space_view *view);
/* Index of the mapping at @address, or KPROF_VMA_*. */
uint32_t kprof_space_view_lookup(const struct kprof_spaces *spaces,
				 const struct kprof_space_view *view,
				 uint64_t address);

/* For samples that are not exact; meaningful at the end. */
bool kprof_spaces_is_contested(const struct kprof_spaces *spaces,
			       uint32_t space, uint64_t address);
/* The binary of the program itself, KPROF_NO_INDEX if it is not known. */
uint32_t kprof_spaces_program(const struct kprof_spaces *spaces,
			      uint32_t space);
/* What is known of code without a file; the descriptors stay the space's. */
struct kprof_jit kprof_spaces_jit(const struct kprof_spaces *spaces,
				  uint32_t space_id);
/* A process that uses it, 0 if none is known. */
int32_t kprof_spaces_pid(const struct kprof_spaces *spaces, uint32_t space);

#endif /* LIB_SPACE_H */
