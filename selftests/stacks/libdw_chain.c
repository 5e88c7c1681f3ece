// SPDX-License-Identifier: GPL-2.0-only
/*
 * The chains of recorded stops as libdw, eu-stack's unwinder, sees them.
 *
 *	libdw_chain FILE
 *
 * Prints a line for each stop: its number from 0 on, how the walk ended, and
 * the pcs, innermost first, in hexadecimal.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "image.h"
#include "stops.h"

#include <elfutils/libdwfl.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FRAMES = 4096 };

struct chain {
	Dwarf_Addr pcs[MAX_FRAMES];
	unsigned int nr;
};

static void die(const char *what)
{
	fprintf(stderr, "libdw_chain: %s\n", what);
	exit(1);
}

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread_arg)
{
	const struct stops *stops = arg;

	(void)dwfl;
	if (*thread_arg)
		return 0;
	*thread_arg = arg;
	return (pid_t)stops->stop.tid;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *arg, void **thread_arg)
{
	(void)dwfl;
	(void)tid;
	*thread_arg = arg;
	return true;
}

/*
 * Code is read for what it is: libdw knows some signal trampolines by their
 * instructions.
 */
static bool read_memory(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result,
			void *arg)
{
	const struct stops *stops = arg;

	(void)dwfl;
	*result = 0;
	return stops_read(stops, address, result, sizeof(*result)) ||
	       image_read(stops, address, result, sizeof(*result));
}

static bool set_registers(Dwfl_Thread *thread, void *thread_arg)
{
	const struct stops *stops = thread_arg;

	dwfl_thread_state_register_pc(thread, stops->stop.pc);
	return dwfl_thread_state_registers(
		thread, 0, stops->header.nr_regs,
		(const Dwarf_Word *)stops->stop.regs);
}

/* What is shipped is all there is: no file of debug information is looked for.
 */
static int no_debug_file(Dwfl_Module *module, void **data, const char *name,
			 Dwarf_Addr base, const char *file, const char *link,
			 GElf_Word crc, char **found)
{
	(void)module;
	(void)data;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)crc;
	(void)found;
	return -1;
}

static Dwfl *report_files(struct stops *stops)
{
	static const Dwfl_Callbacks callbacks = {
		.find_debuginfo = no_debug_file,
		.section_address = dwfl_offline_section_address,
	};
	static const Dwfl_Thread_Callbacks thread_callbacks = {
		.next_thread = next_thread,
		.get_thread = get_thread,
		.memory_read = read_memory,
		.set_initial_registers = set_registers,
	};
	Dwfl *dwfl = dwfl_begin(&callbacks);

	dwfl_report_begin(dwfl);
	for (size_t i = 0; i < stops->nr_mappings; i++) {
		const struct stops_mapping *mapping = &stops->mappings[i];
		struct image *image = image_get(mapping->path);

		if (!dwfl_report_elf(dwfl, mapping->path, mapping->path, -1,
				     image_base(image, mapping), false))
			die(dwfl_errmsg(-1));
	}
	dwfl_report_end(dwfl, NULL, NULL);
	if (!dwfl_attach_state(dwfl, NULL, (pid_t)stops->stop.tid,
			       &thread_callbacks, stops))
		die(dwfl_errmsg(-1));
	return dwfl;
}

static int add_frame(Dwfl_Frame *frame, void *arg)
{
	struct chain *chain = arg;

	if (chain->nr == MAX_FRAMES ||
	    !dwfl_frame_pc(frame, &chain->pcs[chain->nr], NULL))
		return DWARF_CB_ABORT;
	chain->nr++;
	return DWARF_CB_OK;
}

static void print_chain(unsigned int number, const struct chain *chain,
			const char *end)
{
	printf("%u %s", number, end);
	for (unsigned int i = 0; i < chain->nr; i++)
		printf(" %llx", (unsigned long long)chain->pcs[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	unsigned int maps_number = 0, number = 0;
	struct stops stops;
	Dwfl *dwfl = NULL;
	int err;

	if (argc != 2 || stops_open(&stops, argv[1]))
		die("usage: libdw_chain FILE");
	while ((err = stops_next(&stops)) > 0) {
		struct chain chain = {.nr = 0};

		if (maps_number != stops.maps_number) {
			dwfl_end(dwfl);
			dwfl = report_files(&stops);
			maps_number = stops.maps_number;
		}
		err = dwfl_getthread_frames(dwfl, (pid_t)stops.stop.tid,
					    add_frame, &chain);
		print_chain(number++, &chain, err ? "error" : "complete");
	}
	dwfl_end(dwfl);
	if (err)
		die("the file is damaged");
	return 0;
}
