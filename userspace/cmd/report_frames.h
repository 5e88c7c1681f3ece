/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames: the names in stacks, one number for each.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A function is what pprof takes for one: a name. A frame is a name in a
 * binary: two programs' main() are one function and two frames.
 */
#ifndef CMD_REPORT_FRAMES_H
#define CMD_REPORT_FRAMES_H

#include "lib/kprof.h"
#include "util/hash.h"
#include "util/vector.h"

/* What is one: the file's name and line are parts of a name then, or all. */
enum kprof_frames_by {
	KPROF_FRAMES_BY_FUNCTION,
	KPROF_FRAMES_BY_LINE,
	KPROF_FRAMES_BY_BINARY,
};

/**
 * struct kprof_frame - a name in a binary
 * @name: as pprof shows it
 * @system_name: as in the symbol table; where several have one name, of any
 * @binary: file name of its mapping, "" for none
 * @function: index; frames of the same name have the same
 * @in_kernel: it is the kernel's or a module's
 */
struct kprof_frame {
	const char *name;
	const char *system_name;
	const char *binary;
	uint32_t function;
	bool in_kernel;
};

/**
 * struct kprof_frames - the frames of a profile
 * @profile: the profile; it owns the strings
 * @by: what is one
 * @frames: all frames
 * @functions: of each function, one frame
 * @ids: the frames of each location in turn, innermost first
 * @first_ids: of each location, index into @ids; one more at the end
 */
struct kprof_frames {
	struct kprof_profile *profile;
	enum kprof_frames_by by;
	vector(struct kprof_frame) frames;
	vector(uint32_t) functions;
	vector(uint32_t) ids;
	vector(uint32_t) first_ids;
	struct kprof_index frame_index;
	struct kprof_map function_ids;
};

/* 0 or -errno; kprof_frames_deinit() is needed in any case. */
int kprof_frames_init(struct kprof_frames *frames,
		      struct kprof_profile *profile, enum kprof_frames_by by);
void kprof_frames_deinit(struct kprof_frames *frames);

/* The frame called @name in @binary, added if there is none. 0 or -errno. */
int kprof_frames_add(struct kprof_frames *frames, const char *name,
		     const char *binary, uint32_t *ret);

typedef vector(uint32_t) kprof_frame_list;

/* The frames of a sample, leaf first; replaces what @ret holds. 0 or -ENOMEM.
 */
int kprof_frames_expand(const struct kprof_frames *frames,
			const struct kprof_sample *sample,
			kprof_frame_list *ret);

#endif /* CMD_REPORT_FRAMES_H */
