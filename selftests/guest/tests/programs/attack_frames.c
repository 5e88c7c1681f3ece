// SPDX-License-Identifier: GPL-2.0
/*
 * Attacks on the walker by frame pointers.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "attack.h"

#include <glob.h>
#include <linux/userfaultfd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t address(const void *pointer)
{
	return (uintptr_t)pointer;
}

/* Two frames, the second of which leads to @last and returns to @ret. */
static bool chain(struct memory *m, struct regs *regs, uint64_t last,
		  uint64_t ret)
{
	uint64_t *frames = (void *)m->ram;

	frames[2] = address(&frames[4]);
	frames[3] = CODE;
	frames[4] = last;
	frames[5] = ret;
	regs->sp = address(frames);
	regs->fp = address(&frames[2]);
	return true;
}

#define LEADS_TO(name, last)                                  \
	static bool name(struct memory *m, struct regs *regs) \
	{                                                     \
		return chain(m, regs, last, CODE);            \
	}
LEADS_TO(to_kernel, KERNEL)
LEADS_TO(to_kernel_text, TEXT)
LEADS_TO(to_neither, NEITHER)
LEADS_TO(to_end_4, END_4)
LEADS_TO(to_end_4_word, END_4 + 8)
LEADS_TO(to_end_5, END_5)
LEADS_TO(to_itself, address(m->ram + 32))
LEADS_TO(to_before, address(m->ram + 16))
LEADS_TO(to_stack_pointer, address(m->ram))
LEADS_TO(to_odd, address(m->ram + 4096 + 4))
LEADS_TO(to_none, address(m->none + 64))
LEADS_TO(to_hole, address(m->hole + 64))
LEADS_TO(to_fresh, address(m->fresh + 64))
LEADS_TO(to_edge, address(m->none - 8))
LEADS_TO(to_nobody, 0)
#undef LEADS_TO

#define RETURNS_TO(name, ret)                                     \
	static bool name(struct memory *m, struct regs *regs)     \
	{                                                         \
		return chain(m, regs, address(m->ram + 64), ret); \
	}
RETURNS_TO(returns_to_kernel, TEXT)
RETURNS_TO(returns_to_neither, NEITHER)
RETURNS_TO(returns_to_first_page, 4095)
RETURNS_TO(returns_to_nobody, 0)
#undef RETURNS_TO

#define STACK_AT(name, at)                                    \
	static bool name(struct memory *m, struct regs *regs) \
	{                                                     \
		chain(m, regs, 0, CODE);                      \
		regs->sp = at;                                \
		return true;                                  \
	}
STACK_AT(stack_in_kernel, KERNEL)
STACK_AT(stack_in_neither, NEITHER)
STACK_AT(stack_at_zero, 0)
STACK_AT(stack_above, address(m->ram + 64))
#undef STACK_AT

static bool no_frame(struct memory *m, struct regs *regs)
{
	chain(m, regs, 0, CODE);
	regs->fp = 0;
	return true;
}

static bool frame_in_kernel(struct memory *m, struct regs *regs)
{
	chain(m, regs, 0, CODE);
	regs->fp = KERNEL;
	return true;
}

/* As many frames as fit */
static bool deep(struct memory *m, struct regs *regs)
{
	uint64_t *frames = (void *)m->ram;

	for (uint32_t i = 2; i + 2 < AREA / 8; i += 2) {
		frames[i] = address(&frames[i + 2]);
		frames[i + 1] = CODE;
	}
	regs->sp = address(frames);
	regs->fp = address(&frames[2]);
	return true;
}

/* The gap below memory that grows down: a fault there would grow it. */
static bool to_guard(struct memory *m, struct regs *regs)
{
	char *grows = mmap(
		m->special + 32768, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);

	if (grows == MAP_FAILED)
		die("MAP_GROWSDOWN");
	*grows = 1;
	return chain(m, regs, address(grows - 4096), CODE);
}

static bool to_file(struct memory *m, struct regs *regs, int fd, int flags,
		    size_t bytes)
{
	if (fd < 0)
		return false;
	if (mmap(m->special, bytes, PROT_READ, flags | MAP_FIXED, fd, 0) ==
	    MAP_FAILED)
		die("mmap");
	close(fd);
	return chain(m, regs, address(m->special + 64), CODE);
}

/* Behind the end of a file there is a page, and it is a SIGBUS. */
static bool behind_end_of_file(struct memory *m, struct regs *regs)
{
	int fd = memfd_create("short", MFD_CLOEXEC);

	if (fd < 0)
		die("memfd_create");
	return to_file(m, regs, fd, MAP_SHARED, 4096);
}

/* Registers of a timer */
static bool to_hpet(struct memory *m, struct regs *regs)
{
	return to_file(m, regs, open("/dev/hpet", O_RDONLY | O_CLOEXEC),
		       MAP_SHARED, 4096);
}

/* Registers of a disk controller that has no driver here */
static bool to_pci(struct memory *m, struct regs *regs)
{
	glob_t found;
	int fd = -1;

	if (glob("/sys/bus/pci/devices/0000:00:1f.2/resource5", 0, NULL,
		 &found))
		return false;
	fd = open(found.gl_pathv[0], O_RDWR | O_CLOEXEC);
	globfree(&found);
	return to_file(m, regs, fd, MAP_SHARED, 4096);
}

/* Where the vdso has its data: pages that no memory is behind */
static bool to_vvar(struct memory *m, struct regs *regs)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long start = 0;
	char line[256];

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "[vvar]"))
			sscanf(line, "%lx", &start);
	if (maps)
		fclose(maps);
	return start && chain(m, regs, start + 128, CODE);
}

/* The ring of a session of its own */
static bool to_ring(struct memory *m, struct regs *regs)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();

	args.ring_bytes = 4096;
	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("setup");
	if (mmap(m->special, 3 * 4096, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, KPROF_MMAP_STRIDE) == MAP_FAILED)
		die("mmap of a ring");
	/* The descriptor goes with the process. */
	return chain(m, regs, address(m->special + 4096), CODE);
}

/* A page that waits for whoever has the userfaultfd */
static bool to_userfaultfd(struct memory *m, struct regs *regs)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {
		.range = {.start = address(m->special), .len = AREA},
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	regs->fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (regs->fd < 0)
		return false;
	if (mmap(m->special, AREA, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED ||
	    ioctl(regs->fd, UFFDIO_API, &api) ||
	    ioctl(regs->fd, UFFDIO_REGISTER, &range))
		die("userfaultfd");
	return chain(m, regs, address(m->special + 64), CODE);
}

/* A stack there: not even the first frame can be read. */
static bool on_userfaultfd(struct memory *m, struct regs *regs)
{
	if (!to_userfaultfd(m, regs))
		return false;
	regs->sp = address(m->special + 4096);
	regs->fp = address(m->special + 4096 + 64);
	return true;
}

#define DEVICE_ENDS (ONLY(NO_UNWIND_INFO) | ONLY(COMPLETE) | ONLY(UNREADABLE))

/* Five levels of page tables put some of these into user space. */
const struct attack frame_attacks[] = {
	ATTACK("kernel", to_kernel, ONLY(NO_UNWIND_INFO), 3),
	ATTACK("kernel_text", to_kernel_text, ONLY(NO_UNWIND_INFO), 3),
	ATTACK("non_canonical", to_neither, ONLY(NO_UNWIND_INFO), 3),
	ATTACK("end_of_user_space", to_end_4, ONLY(UNREADABLE), 3),
	ATTACK("last_word_of_user_space", to_end_4_word, ONLY(UNREADABLE), 3),
	ATTACK("end_of_5_levels", to_end_5,
	       ONLY(NO_UNWIND_INFO) | ONLY(UNREADABLE), 3),
	ATTACK("cycle_of_one", to_itself, ONLY(NO_UNWIND_INFO), 3),
	ATTACK("cycle", to_before, ONLY(NO_UNWIND_INFO), 3),
	ATTACK("below_the_frame", to_stack_pointer, ONLY(NO_UNWIND_INFO), 3),
	ATTACK("misaligned", to_odd, ONLY(NO_UNWIND_INFO), 3),
	ATTACK("no_access", to_none, ONLY(UNREADABLE), 3),
	ATTACK("unmapped", to_hole, ONLY(UNREADABLE), 3),
	ATTACK("never_touched", to_fresh, ONLY(UNREADABLE), 3),
	ATTACK("across_the_edge", to_edge, ONLY(UNREADABLE), 3),
	ATTACK("guard_gap", to_guard, ONLY(UNREADABLE), 3),
	ATTACK("behind_the_file", behind_end_of_file, ONLY(UNREADABLE), 3),
	ATTACK("outermost", to_nobody, ONLY(COMPLETE), 3),
	ATTACK("return_to_kernel", returns_to_kernel, ONLY(NO_UNWIND_INFO), 2),
	ATTACK("return_to_non_canonical", returns_to_neither,
	       ONLY(NO_UNWIND_INFO), 2),
	ATTACK("return_to_first_page", returns_to_first_page,
	       ONLY(NO_UNWIND_INFO), 2),
	ATTACK("return_to_nobody", returns_to_nobody, ONLY(COMPLETE), 2),
	ATTACK("stack_in_kernel", stack_in_kernel, ONLY(NO_UNWIND_INFO), 1),
	ATTACK("stack_in_non_canonical", stack_in_neither, ONLY(NO_UNWIND_INFO),
	       1),
	ATTACK("stack_at_zero", stack_at_zero, ONLY(NO_UNWIND_INFO), 1),
	ATTACK("stack_above_the_frame", stack_above, ONLY(NO_UNWIND_INFO), 1),
	ATTACK("no_frame", no_frame, ONLY(COMPLETE), 1),
	ATTACK("frame_in_kernel", frame_in_kernel, ONLY(NO_UNWIND_INFO), 1),
	ATTACK("deep", deep, ONLY(DEPTH), 127),
	ATTACK("as_deep_as_can_be", deep, ONLY(DEPTH), 1024, .max_depth = 1024,
	       .max_sample_us = 10000),
	ATTACK("longer_than_allowed", deep, ONLY(TIME), 0, .max_depth = 1024,
	       .max_sample_us = 1),
	ATTACK("hpet", to_hpet, DEVICE_ENDS, 0),
	ATTACK("pci", to_pci, DEVICE_ENDS, 0),
	ATTACK("vvar", to_vvar, DEVICE_ENDS, 0),
	ATTACK("ring", to_ring, ONLY(COMPLETE), 3),
	ATTACK("userfaultfd", to_userfaultfd, ONLY(UNREADABLE), 3),
	ATTACK("stack_on_userfaultfd", on_userfaultfd, ONLY(UNREADABLE), 1),
};
const size_t nr_frame_attacks = COUNT(frame_attacks);
