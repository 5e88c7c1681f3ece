/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recorded stops of threads: registers, stack and mappings of an instant, from
 * which any unwinder can tell the chain of callers without the process.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A file of stops, in the byte order of the machine that wrote it:
 *
 *	struct stops_header
 *	records, each: struct stops_record, then its body
 *
 * Body of STOPS_MAPS: text, one line for each executable mapping of a file,
 * "START END OFFSET BUILD-ID PATH" in hexadecimal, BUILD-ID "-" if there is
 * none. It holds for the stops behind it, up to the next such record.
 *
 * Body of STOPS_STOP: struct stops_stop, then nr_pieces times struct
 * stops_piece with its bytes. The first piece is the stack, from RED_ZONE bytes
 * below the stack pointer up to the end of its mapping or STOPS_MAX_PIECE
 * bytes. The others are of stacks that it points into: a signal handler's own
 * one and the interrupted one.
 *
 * Bodies are padded with zeros to a multiple of 8 bytes.
 */
#ifndef SELFTESTS_STACKS_STOPS_H
#define SELFTESTS_STACKS_STOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define STOPS_MAGIC "kprofst1"

enum {
	STOPS_MAPS = 1,
	STOPS_STOP = 2,
	STOPS_MAX_REGS = 40,
	STOPS_MAX_PIECES = 8,
	STOPS_MAX_PIECE = 1 << 20,
	STOPS_RED_ZONE = 128,
};

/* Where in its function a thread was stopped, by the function's CFI. */
enum stops_place {
	PLACE_UNKNOWN,
	PLACE_BODY,
	/* the frame is not yet, or no longer, as large as it gets */
	PLACE_PARTIAL,
	/* in a procedure linkage table */
	PLACE_PLT,
};

/**
 * struct stops_header - how a file starts
 * @magic: STOPS_MAGIC, without the 0 at its end
 * @machine: e_machine of the ELF header
 * @nr_regs: of each stop
 */
struct stops_header {
	char magic[8];
	uint32_t machine;
	uint32_t nr_regs;
};

struct stops_record {
	uint32_t type;
	/* of the body, a multiple of 8 */
	uint32_t bytes;
};

/**
 * struct stops_stop - one thread at one instant
 * @pc: of the next instruction
 * @regs: by DWARF's numbers: x86-64 rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8
 *	to r15, rip; arm64 x0 to x30, sp; riscv64 x0 (0) to x31
 */
struct stops_stop {
	uint32_t tid;
	uint32_t place;
	uint32_t nr_pieces;
	uint32_t pad;
	uint64_t pc;
	uint64_t regs[STOPS_MAX_REGS];
};

struct stops_piece {
	uint64_t address;
	/* a multiple of 8 */
	uint64_t bytes;
};

/* An executable mapping of a file. */
struct stops_mapping {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	const char *build_id;
	const char *path;
};

/**
 * struct stops - a file that is being read
 * @maps_number: counts the STOPS_MAPS records up to here
 */
struct stops {
	const char *at;
	const char *end;
	struct stops_header header;
	unsigned int maps_number;
	struct stops_mapping *mappings;
	size_t nr_mappings;
	struct stops_stop stop;
	struct stops_piece pieces[STOPS_MAX_PIECES];
	const char *bytes[STOPS_MAX_PIECES];
};

/**
 * stops_open() - map a file of stops
 * Returns 0 or -errno; -EINVAL if it is none.
 */
int stops_open(struct stops *stops, const char *path);

/**
 * stops_next() - go to the next stop, which is in @stops then
 * Returns 1, 0 at the end, or -EINVAL where the file is damaged.
 */
int stops_next(struct stops *stops);

/**
 * stops_read() - memory of the thread at this stop
 * Returns false if it was not recorded.
 */
bool stops_read(const struct stops *stops, uint64_t address, void *to,
		size_t bytes);

/* The mapping that @address is in, or NULL. */
const struct stops_mapping *stops_mapping_of(const struct stops *stops,
					     uint64_t address);

/* Number of the stack pointer in the registers of a machine. */
unsigned int stops_sp(uint32_t machine);

#endif /* SELFTESTS_STACKS_STOPS_H */
