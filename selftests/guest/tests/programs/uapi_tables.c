// SPDX-License-Identifier: GPL-2.0
/*
 * Unwind tables: every argument of LOAD wrong once, tables that are damaged, and
 * what tables do to the stacks of a function that only they understand.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#include <elf.h>
#include <inttypes.h>
#include <linux/kprof_unwind.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MAX_PAGES	64
#define READ_BYTES	(1 << 16)
#define NR_RELOADS	2000

enum {
	RULE_OUTERMOST,
	RULE_ODD,
	NR_RULES,
};

/*
 * A frame that no frame pointer leads out of: it is 1 there, and the link register
 * 0. ODD_BYTES lie between the stack pointer and what has been saved: the frame
 * pointer, above it the return address.
 */
void odd_frame(void);
extern char odd_frame_loop[], odd_frame_end[];

#define ODD_BYTES	64

#if defined(__x86_64__)
enum { MACHINE = EM_X86_64, SP_REGISTER = 7 };
#define ENTER		"push %rbp\nmov $1, %ebp\nsub $64, %rsp\n"
#define LOOP		"inc %rax\njmp odd_frame_loop\n"
#elif defined(__aarch64__)
enum { MACHINE = EM_AARCH64, SP_REGISTER = 31 };
#define ENTER		"stp x29, x30, [sp, #-16]!\nmov x29, #1\nmov x30, #0\n" \
			"sub sp, sp, #64\n"
#define LOOP		"add x0, x0, #1\nb odd_frame_loop\n"
#elif defined(__riscv)
enum { MACHINE = EM_RISCV, SP_REGISTER = 2 };
#define ENTER		"addi sp, sp, -16\nsd ra, 8(sp)\nsd s0, 0(sp)\n"	\
			"li s0, 1\nli ra, 0\naddi sp, sp, -64\n"
#define LOOP		"addi a0, a0, 1\nj odd_frame_loop\n"
#elif defined(__arm__)
enum { MACHINE = EM_ARM, SP_REGISTER = 13 };
#define ENTER		".arm\npush {r11, lr}\nmov r11, #1\nmov lr, #0\n" \
			"sub sp, sp, #64\n"
#define LOOP		"add r0, r0, #1\nb odd_frame_loop\n"
#endif

__asm__(".pushsection .text\n"
	".globl odd_frame\n"
	".type odd_frame, %function\n"
	"odd_frame:\n" ENTER
	".globl odd_frame_loop\n"
	"odd_frame_loop:\n" LOOP
	".globl odd_frame_end\n"
	"odd_frame_end:\n" LOOP
	".popsection\n");

static FRAME void call_odd_frame(void)
{
	odd_frame();
	KEEP_FRAME();
}

struct table {
	struct kprof_unwind_table head;
	struct kprof_unwind_rule rules[NR_RULES];
	uint32_t first_row[MAX_PAGES + 1];
	struct kprof_unwind_row rows[MAX_PAGES + 2];
};

/* Offset of an address of this program in its file */
static uint64_t file_offset(const void *address)
{
	uint64_t start, end, offset, at = (uintptr_t)address;
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	if (!maps)
		die("maps");
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64, &start,
			   &end, &offset) == 3 &&
		    at >= start && at < end) {
			fclose(maps);
			return at - start + offset;
		}
	die("no mapping of %p", address);
}

/* Everything is outermost, but the loop of odd_frame() has @rule. */
static struct table make_table(uint16_t rule)
{
	uint64_t start = file_offset(odd_frame_loop);
	uint64_t end = file_offset(odd_frame_end);
	struct table table = {
		.head = {
			.magic = KPROF_UNWIND_MAGIC,
			.machine = MACHINE,
			.bytes = sizeof(table),
			.nr_pages = MAX_PAGES,
			.nr_rules = NR_RULES,
		},
		.rules = {
			[RULE_OUTERMOST] = { .cfa = KPROF_CFA_OUTERMOST },
			[RULE_ODD] = {
				.cfa = KPROF_CFA_REGISTER,
				.cfa_register = SP_REGISTER,
				.cfa_offset = ODD_BYTES + 2 * sizeof(long),
				.ra_offset = -(int)sizeof(long),
				.saved = KPROF_SAVED_CFA,
				.fp_offset = -2 * (int)sizeof(long),
			},
		},
	};
	uint32_t nr = 0;

	if (end >> KPROF_UNWIND_PAGE_BITS != start >> KPROF_UNWIND_PAGE_BITS ||
	    end >> KPROF_UNWIND_PAGE_BITS >= MAX_PAGES)
		die("the program lies badly");
	for (uint32_t page = 0; page < MAX_PAGES; page++) {
		table.first_row[page] = nr;
		table.rows[nr++].rule = RULE_OUTERMOST;
		if (start >> KPROF_UNWIND_PAGE_BITS != page)
			continue;
		table.rows[nr].offset = start;
		table.rows[nr++].rule = rule;
		table.rows[nr].offset = end;
		table.rows[nr++].rule = RULE_OUTERMOST;
	}
	table.first_row[MAX_PAGES] = nr;
	table.head.nr_rows = nr;
	if (nr != MAX_PAGES + 2)
		die("rows");
	return table;
}

/* This program has no build-id. */
static struct kprof_load_args load_args(const struct table *table)
{
	struct kprof_load_args args = {
		.size = sizeof(args),
		.flags = KPROF_LOAD_FILE,
		.table = (uintptr_t)table,
		.table_bytes = table ? sizeof(*table) : 0,
		.id_bytes = sizeof(struct kprof_file_id),
	};
	struct kprof_file_id id;
	struct stat stat_self;

	if (stat("/proc/self/exe", &stat_self))
		die("stat");
	id = (struct kprof_file_id){
		.inode = stat_self.st_ino,
		.dev_major = major(stat_self.st_dev),
		.dev_minor = minor(stat_self.st_dev),
	};
	memcpy(args.id, &id, sizeof(id));
	return args;
}

static long load(int fd, const struct table *table)
{
	struct kprof_load_args args = load_args(table);

	return ioctl(fd, KPROF_IOC_LOAD, &args);
}

static int tables_session(void)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();

	args.flags |= KPROF_SETUP_UNWIND_TABLES;
	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("setup");
	return fd;
}

static void test_states(const struct table *table)
{
	int fd = device_open();

	tap_errno(load(fd, table), EBADFD, "load_before_setup");
	close(fd);
	fd = session_open();
	tap_errno(load(fd, table), EBADFD, "load_without_unwind_tables");
	close(fd);
	fd = tables_session();
	tap_errno(load(fd, NULL), ENOENT, "unload_of_nothing");
	tap_errno(load(fd, table), 0, "load");
	tap_errno(load(fd, table), 0, "load_again");
	tap_equal(device_info(fd).nr_unwind_tables, 1, "one_table_for_a_file");
	tap_equal(device_info(fd).unwind_bytes, sizeof(*table),
		  "tables_are_counted");
	tap_errno(load(fd, NULL), 0, "unload");
	tap_equal(device_info(fd).unwind_bytes, 0, "no_table_after_unload");
	tap_errno(load(fd, table), 0, "load_after_unload");
	if (ioctl(fd, KPROF_IOC_FLUSH))
		die("flush");
	tap_errno(load(fd, table), EBADFD, "load_after_flush");
	close(fd);
	fd = device_open();
	tap_equal(device_settled(fd, 0).nr_unwind_tables, 0,
		  "tables_go_with_the_last_session");
	close(fd);
}

static void set_max_unwind_mib(const char *mib)
{
	int fd = open("/sys/module/kprof/parameters/max_unwind_mib", O_WRONLY);

	if (fd < 0 || write(fd, mib, strlen(mib)) < 0)
		die("max_unwind_mib");
	close(fd);
}

static void test_args(const struct table *table)
{
#define FIELD(field)                            \
	offsetof(struct kprof_load_args, field), \
		sizeof(((struct kprof_load_args *)0)->field)
	static const struct {
		const char *name;
		size_t offset, bytes;
		uint64_t value;
		int err;
	} wrong[] = {
		{"size", FIELD(size), 0, EINVAL},
		{"no_flag", FIELD(flags), 0, EINVAL},
		{"two_flags", FIELD(flags), 3, EINVAL},
		{"unknown_flag", FIELD(flags), 8, EINVAL},
		{"vdso_with_id", FIELD(flags), KPROF_LOAD_VDSO, EINVAL},
		{"file_id_too_short", FIELD(id_bytes), 12, EINVAL},
		{"id_too_long", FIELD(id_bytes), 33, EINVAL},
		{"rest_of_id", offsetof(struct kprof_load_args, id) + 31, 1, 1,
		 EINVAL},
		{"no_bytes", FIELD(table_bytes), 0, EINVAL},
		{"few_bytes", FIELD(table_bytes), 31, EBADMSG},
		{"too_many_bytes", FIELD(table_bytes), (64 << 20) + 1, EFBIG},
		{"bad_pointer", FIELD(table), 16, EFAULT},
		/* Refused before it is copied: it reaches beyond the table */
		{"more_than_all_may_take", FIELD(table_bytes), (1 << 20) + 1,
		 ENOSPC},
	};
#undef FIELD
	int fd = tables_session();

	set_max_unwind_mib("1");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct kprof_load_args args = load_args(table);
		char name[64];

		memcpy((char *)&args + wrong[i].offset, &wrong[i].value,
		       wrong[i].bytes);
		snprintf(name, sizeof(name), "load_%s", wrong[i].name);
		tap_errno(ioctl(fd, KPROF_IOC_LOAD, &args), wrong[i].err, name);
	}
	tap_equal(device_info(fd).unwind_bytes, 0, "nothing_was_loaded");
	set_max_unwind_mib("0");
	close(fd);
}

/* A byte of the head changed: all of it means something. */
static void test_damage(const struct table *good)
{
	uint64_t nr_taken = 0, first_taken = 0;
	int fd = tables_session();

	for (size_t at = 0; at < sizeof(good->head); at++) {
		struct table table = *good;

		((unsigned char *)&table)[at] ^= 0x41;
		if (load(fd, &table) == -1 && errno == EBADMSG)
			continue;
		if (!nr_taken++)
			first_taken = at;
	}
	/* The table may as well begin elsewhere in the file. */
	tap_ok(nr_taken == sizeof(good->head.first_page) &&
		       first_taken == offsetof(struct kprof_unwind_table,
					       first_page),
	       "damaged_head_is_refused",
	       "expected only bytes of first_page to pass, got %llu bytes from "
	       "%llu on",
	       (unsigned long long)nr_taken, (unsigned long long)first_taken);
	close(fd);
}

/* Tables of files that nobody maps, until there are too many bytes */
static void test_limit(const struct table *table)
{
	int fd = tables_session();
	uint32_t nr = 0;
	long result;

	set_max_unwind_mib("1");
	do {
		struct kprof_load_args args = load_args(table);

		args.flags = KPROF_LOAD_BUILD_ID;
		memcpy(args.id, &nr, sizeof(nr));
		result = ioctl(fd, KPROF_IOC_LOAD, &args);
	} while (!result && ++nr < 1 << 20);
	tap_errno(result, ENOSPC, "too_many_tables");
	tap_equal(nr, (1 << 20) / sizeof(*table), "as_many_as_fit");
	tap_equal(device_info(fd).nr_unwind_tables, nr, "tables_that_are_there");
	set_max_unwind_mib("0");
	close(fd);
}

/* Stacks */

struct shapes {
	uint64_t samples;
	uint64_t walked;
	uint64_t cut;
	uint64_t fallback;
	uint64_t other;
};

#define MAX_STACKS 4096

struct known {
	uint64_t id;
	uint64_t *shape;
};

static uint64_t *shape_of(const struct kprof_record_stack *stack,
			  struct shapes *shapes)
{
	const __u64 *user = stack->frames + stack->nr_kernel;
	bool has_caller = stack->nr_user == 2 &&
			  user[1] > (uintptr_t)call_odd_frame &&
			  user[1] < (uintptr_t)call_odd_frame + 64;

	if (stack->flags & KPROF_STACK_FALLBACK)
		return stack->nr_user == 1 ? &shapes->fallback :
					     &shapes->other;
	if (stack->user_end != KPROF_END_COMPLETE)
		return &shapes->other;
	if (stack->nr_user == 1)
		return &shapes->cut;
	return has_caller ? &shapes->walked : &shapes->other;
}

static void count_record(const struct kprof_record *rec, struct known *known,
			 uint32_t *nr, struct shapes *shapes)
{
	const struct kprof_record_sample *sample = (const void *)rec;
	const struct kprof_record_stack *stack = (const void *)rec;

	if (rec->type == KPROF_REC_STACK && *nr < MAX_STACKS)
		known[(*nr)++] = (struct known){stack->stack_id,
						shape_of(stack, shapes)};
	if (rec->type != KPROF_REC_SAMPLE)
		return;
	shapes->samples++;
	for (uint32_t i = 0; i < *nr; i++)
		if (known[i].id == sample->stack_id) {
			++*known[i].shape;
			return;
		}
	shapes->other++;
}

/* After FLUSH: all that is left. Definitions of all rings are one set. */
static struct shapes read_shapes(int fd)
{
	static struct known known[MAX_STACKS];
	static uint64_t buffer[READ_BYTES / 8];
	struct shapes shapes = {};
	uint32_t nr = 0;
	ssize_t bytes;

	while ((bytes = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < bytes;) {
			const struct kprof_record *rec =
				(const void *)((char *)buffer + at);

			count_record(rec, known, &nr, &shapes);
			at += rec->size;
		}
	if (bytes < 0)
		die("read");
	return shapes;
}

static pid_t odd_target(void)
{
	pid_t pid = fork();

	if (!pid) {
		call_odd_frame();
		_exit(1);
	}
	return pid;
}

/* So that the module knows the target's mappings before it samples. */
static void wait_for_snapshot(int fd)
{
	while (!session_stats(fd).snapshots)
		usleep(1000);
}

static struct shapes sample(const struct table *table)
{
	struct timespec while_sampling = {.tv_nsec = 300000000};
	pid_t pid = odd_target();
	int fd = tables_session();
	struct shapes shapes;

	usleep(20000);
	if (table && load(fd, table))
		die("load");
	if (session_attach(fd, KPROF_ATTACH_PID, pid))
		die("attach");
	/* The worker looks at it right away. */
	wait_for_snapshot(fd);
	if (ioctl(fd, KPROF_IOC_START))
		die("start");
	nanosleep(&while_sampling, NULL);
	if (ioctl(fd, KPROF_IOC_FLUSH))
		die("flush");
	shapes = read_shapes(fd);
	close(fd);
	target_end(pid);
	return shapes;
}

static void check_shapes(const struct shapes *got, uint64_t all,
			 const char *name)
{
	tap_ok(got->samples > 20 && all == got->samples, name,
	       "expected more than 20 samples and all of that kind, got %llu: "
	       "%llu with the caller, %llu outermost, %llu by frame pointers, "
	       "%llu others",
	       (unsigned long long)got->samples,
	       (unsigned long long)got->walked, (unsigned long long)got->cut,
	       (unsigned long long)got->fallback,
	       (unsigned long long)got->other);
}

static void test_walk(const struct table *odd, const struct table *outermost)
{
	struct shapes shapes = sample(odd);

	check_shapes(&shapes, shapes.walked, "row_finds_the_caller");
	shapes = sample(outermost);
	check_shapes(&shapes, shapes.cut, "outermost_row_ends_the_stack");
	shapes = sample(NULL);
	check_shapes(&shapes, shapes.fallback,
		     "no_table_falls_back_to_frame_pointers");
}

/* Whatever table is there at that moment, a stack is of one of them. */
static void test_under_fire(const struct table *odd,
			    const struct table *outermost)
{
	pid_t pid = odd_target();
	int fd = tables_session();
	struct shapes shapes;

	if (session_attach(fd, KPROF_ATTACH_PID, pid))
		die("attach");
	wait_for_snapshot(fd);
	if (ioctl(fd, KPROF_IOC_START))
		die("start");
	/* A table that replaces one stays at least until RCU has let that go. */
	for (int i = 0; i < NR_RELOADS; i++) {
		const struct table *tables[] = {odd, outermost, odd, NULL};

		if (load(fd, tables[i % 4]))
			die("load %d", i);
	}
	if (ioctl(fd, KPROF_IOC_FLUSH))
		die("flush");
	shapes = read_shapes(fd);
	tap_ok(shapes.walked && shapes.cut && shapes.fallback && !shapes.other,
	       "tables_replaced_under_fire",
	       "expected samples of all three kinds and no others, got %llu "
	       "with the caller, %llu outermost, %llu by frame pointers, %llu "
	       "others",
	       (unsigned long long)shapes.walked,
	       (unsigned long long)shapes.cut,
	       (unsigned long long)shapes.fallback,
	       (unsigned long long)shapes.other);
	close(fd);
	target_end(pid);
}

int main(void)
{
	struct table odd = make_table(RULE_ODD);
	struct table outermost = make_table(RULE_OUTERMOST);
	int fd;

	test_states(&odd);
	test_args(&odd);
	test_damage(&odd);
	test_limit(&odd);
	test_walk(&odd, &outermost);
	test_under_fire(&odd, &outermost);
	fd = device_open();
	tap_equal(device_settled(fd, 0).nr_unwind_tables, 0, "no_table_is_left");
	close(fd);
	return tap_end();
}
