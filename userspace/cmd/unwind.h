/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of kprofctl unwind.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef CMD_UNWIND_H
#define CMD_UNWIND_H

#include <stdint.h>

struct kprof_unwind_image;
struct kprof_unwind_rule;

/* Each takes its own arguments, argv[0] is its name; returns an exit status. */
int kprof_unwind_preload(int argc, char **argv);
int kprof_unwind_show(int argc, char **argv);

enum {
	KPROF_UNWIND_TEXT_BYTES = 128,
};

/* A rule in words: "rsp+16, return [cfa-8], rbp [cfa-16]". */
void kprof_unwind_rule_text(const struct kprof_unwind_rule *rule,
			    uint16_t machine,
			    char ret[static KPROF_UNWIND_TEXT_BYTES]);
/* Prints what is known of a table, one fact a line. */
void kprof_unwind_print_facts(const struct kprof_unwind_image *image);
/* Prints all rows. */
void kprof_unwind_print_rows(const struct kprof_unwind_image *image);

#endif /* CMD_UNWIND_H */
