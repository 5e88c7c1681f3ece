// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stops threads of a program at random instants of CPU time and records them.
 *
 *	record -o FILE -n STOPS [-s SEED] -- COMMAND [ARGUMENT...]
 *
 * Copyright (C) 2026 The kprof authors
 *
 * After a random time one of the threads that are running is interrupted: from
 * user mode, where it is, not at its next system call. Then it is stepped for a
 * random number of instructions, and for a share of the stops on to the next
 * prologue, epilogue or linkage stub, so that these are not rare. A command
 * that ends is run again.
 */
#include "place.h"
#include "tracee.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

enum {
	MEAN_PAUSE_US = 700,
	MAX_STEPS = 50,
	/* Percent of the stops that look for a prologue, ... */
	SEEK_PERCENT = 40,
	/* ... and the least share of those that are in one */
	LEAST_PERCENT = 30,
	MAX_SEEK_STEPS = 1000,
	MAX_STEPS_INSIDE = 4,
	/*
	 * So many pauses are left out at the start of each run: it is the
	 * loader's, the same in all programs, and of few stops a large part.
	 */
	WARM_UP_PAUSES = 100,
	/* Nothing ran for so many pauses: the program hangs. */
	MAX_IDLE = 20000,
};

struct recording {
	struct tracee tracee;
	FILE *file;
	unsigned int nr;
	unsigned int wanted;
	unsigned int nr_special;
};

static void die(const char *what)
{
	fprintf(stderr, "record: %s\n", what);
	exit(1);
}

static void put(struct recording *recording, const void *data, size_t bytes)
{
	if (fwrite(data, 1, bytes, recording->file) != bytes)
		die("cannot write");
}

static void put_maps(struct recording *recording)
{
	struct stops_record record = {.type = STOPS_MAPS};
	char *text = NULL;
	size_t bytes = 0;
	FILE *stream = open_memstream(&text, &bytes);

	for (size_t i = 0; i < recording->tracee.nr_mappings; i++) {
		const struct stops_mapping *mapping =
			&recording->tracee.mappings[i];

		fprintf(stream, "%llx %llx %llx %s %s\n",
			(unsigned long long)mapping->start,
			(unsigned long long)mapping->end,
			(unsigned long long)mapping->offset, mapping->build_id,
			mapping->path);
	}
	while (ftell(stream) % 8)
		fputc('\0', stream);
	fclose(stream);
	record.bytes = (uint32_t)bytes;
	put(recording, &record, sizeof(record));
	put(recording, text, bytes);
	free(text);
}

static void put_stop(struct recording *recording, struct stops_stop *stop,
		     enum stops_place place)
{
	struct tracee_piece pieces[STOPS_MAX_PIECES];
	struct stops_record record = {STOPS_STOP, sizeof(*stop)};

	stop->place = place;
	stop->nr_pieces = tracee_stacks(&recording->tracee, stop, pieces);
	for (uint32_t i = 0; i < stop->nr_pieces; i++)
		record.bytes += sizeof(struct stops_piece) +
				(uint32_t)pieces[i].piece.bytes;
	put(recording, &record, sizeof(record));
	put(recording, stop, sizeof(*stop));
	for (uint32_t i = 0; i < stop->nr_pieces; i++) {
		put(recording, &pieces[i].piece, sizeof(struct stops_piece));
		put(recording, pieces[i].data, pieces[i].piece.bytes);
		free(pieces[i].data);
	}
}

static enum stops_place where(const struct tracee *tracee, uint64_t pc)
{
	for (size_t i = 0; i < tracee->nr_mappings; i++) {
		const struct stops_mapping *mapping = &tracee->mappings[i];
		struct place_file *file;

		if (pc < mapping->start || pc >= mapping->end)
			continue;
		file = place_file_get(mapping->path);
		return file ? place_of(file,
				       pc - mapping->start + mapping->offset)
			    : PLACE_UNKNOWN;
	}
	return PLACE_UNKNOWN;
}

static bool is_special(enum stops_place place)
{
	return place == PLACE_PARTIAL || place == PLACE_PLT;
}

static bool want_special(const struct recording *recording)
{
	return recording->nr_special * 100 < recording->nr * LEAST_PERCENT ||
	       rand() % 100 < SEEK_PERCENT;
}

/* On to the next special place, then some instructions more within it. */
static bool seek(struct recording *recording, struct stops_stop *stop)
{
	struct tracee *tracee = &recording->tracee;
	int inside = rand() % MAX_STEPS_INSIDE;

	for (int i = 0; i < MAX_SEEK_STEPS; i++) {
		if (is_special(where(tracee, stop->pc)) && !inside--)
			break;
		if (!tracee_step(tracee, stop))
			return false;
	}
	return true;
}

/* Returns false if the thread is gone. */
static bool take_stop(struct recording *recording, struct stops_stop *stop)
{
	struct tracee *tracee = &recording->tracee;
	enum stops_place place;

	/* At least one: it may be at the end of a system call. */
	for (int i = rand() % MAX_STEPS; i >= 0; i--)
		if (!tracee_step(tracee, stop))
			return false;
	if (tracee_read_maps(tracee))
		put_maps(recording);
	if (want_special(recording) && !seek(recording, stop))
		return false;
	if (tracee_read_maps(tracee))
		put_maps(recording);
	place = where(tracee, stop->pc);
	put_stop(recording, stop, place);
	recording->nr_special += is_special(place);
	recording->nr++;
	return true;
}

static void pause_randomly(void)
{
	struct timespec pause = {
		.tv_nsec = rand() % (2 * MEAN_PAUSE_US) * 1000L,
	};

	nanosleep(&pause, NULL);
}

static void record_run(struct recording *recording, char **command)
{
	struct tracee *tracee = &recording->tracee;
	struct stops_stop stop;
	int idle = 0, pauses = 0;

	if (!tracee_start(tracee, command))
		die("cannot start the command");
	while (recording->nr < recording->wanted) {
		pause_randomly();
		if (!tracee_handle_events(tracee))
			break;
		if (pauses++ < WARM_UP_PAUSES)
			continue;
		if (!tracee_interrupt(tracee, &stop)) {
			if (idle++ == MAX_IDLE)
				die("the program does not run");
			continue;
		}
		idle = 0;
		if (take_stop(recording, &stop))
			tracee_continue(tracee, (int)stop.tid);
	}
	tracee_kill(tracee);
}

/* All processes have the same one, at another address. */
static char *save_vdso(const char *path)
{
	const char *image = (const char *)getauxval(AT_SYSINFO_EHDR);
	unsigned long long start, end, bytes = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	FILE *file = NULL;
	char *name = NULL, line[512];

	while (image && maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%llx-%llx", &start, &end) == 2 &&
		    start == (unsigned long long)image)
			bytes = end - start;
	if (maps)
		fclose(maps);
	if (asprintf(&name, "%s.vdso", path) > 0)
		file = fopen(name, "we");
	if (!file || fwrite(image, 1, bytes, file) != bytes || fclose(file))
		die("cannot write the vdso");
	return realpath(name, NULL);
}

static char **parse(struct recording *recording, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+o:n:s:")) != -1) {
		if (option == 'o') {
			recording->file = fopen(optarg, "we");
			recording->tracee.vdso = save_vdso(optarg);
		} else if (option == 'n')
			recording->wanted = (unsigned int)atoi(optarg);
		else if (option == 's')
			srand((unsigned int)atoi(optarg));
	}
	if (!recording->file || !recording->wanted || optind == argc)
		die("usage: record -o FILE -n STOPS [-s SEED] -- COMMAND...");
	return argv + optind;
}

int main(int argc, char **argv)
{
	struct recording recording = {0};
	struct stops_header header = {
		.machine = tracee_machine(),
		.nr_regs = tracee_nr_regs(),
	};
	char **command = parse(&recording, argc, argv);

	memcpy(header.magic, STOPS_MAGIC, sizeof(header.magic));
	put(&recording, &header, sizeof(header));
	while (recording.nr < recording.wanted)
		record_run(&recording, command);
	if (fclose(recording.file))
		die("cannot write");
	printf("%u stops, %u in a prologue, epilogue or linkage stub\n",
	       recording.nr, recording.nr_special);
	return 0;
}
