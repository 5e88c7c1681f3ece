// SPDX-License-Identifier: GPL-2.0
/*
 * A target that attacks the walker: registers, frames and unwind tables that
 *lead into the kernel, into devices, to memory that is not there or that
 *somebody withholds, and in circles. Each stack must end for the right reason,
 *in bounded time, and leave the target as it was: no fault taken, no page
 *brought in.
 *
 *	attack
 *
 * Prints TAP, and "longest_ns N", the longest interrupt that was measured.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "attack.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define X86_64	   62
#define NR_SAMPLES 50
#define MAX_STACKS 4096
#define READ_BYTES (1 << 16)

DEFINE_HOLD_REGISTERS();

static uint64_t longest_ns;

/* What a target tells of itself before it holds its registers. */
struct told {
	bool has_aimed;
	int fd;
};

struct target {
	pid_t pid;
	struct told told;
};

static struct memory make_memory(void)
{
	char *at = mmap(NULL, 5 * AREA, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct memory memory = {
		.ram = at,
		.none = at + AREA,
		.hole = at + 2 * AREA,
		.fresh = at + 3 * AREA,
		.special = at + 4 * AREA,
	};

	if (at == MAP_FAILED || mprotect(memory.none, AREA, PROT_NONE) ||
	    munmap(memory.hole, AREA) || munmap(memory.special, AREA) ||
	    madvise(memory.fresh, AREA, MADV_NOHUGEPAGE))
		die("memory");
	memset(memory.ram, 0, AREA);
	return memory;
}

static void be_target(const struct attack *attack, int tell)
{
	struct memory memory = make_memory();
	struct regs regs = {.fd = -1};
	struct told told;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	told.has_aimed = attack->aim(&memory, &regs);
	told.fd = regs.fd;
	if (write(tell, &told, sizeof(told)) != sizeof(told))
		die("write");
	/* Its code is there before anybody looks. */
	hold_registers(memory.none - memory.ram, 0, 1, 0);
	hold_registers(regs.sp, regs.fp, UINT64_MAX, regs.other);
	_exit(1);
}

static struct target target_of(const struct attack *attack)
{
	struct target target;
	int tell[2];

	if (pipe(tell))
		die("pipe");
	fflush(stdout);
	target.pid = fork();
	if (!target.pid)
		be_target(attack, tell[1]);
	close(tell[1]);
	if (read(tell[0], &target.told, sizeof(target.told)) !=
	    sizeof(target.told))
		die("%s: the target", attack->name);
	close(tell[0]);
	return target;
}

static uint64_t faults_of(pid_t pid)
{
	unsigned long minor = 0, major = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file || fscanf(file,
			    "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u "
			    "%lu %*u %lu",
			    &minor, &major) != 2)
		die("%s", path);
	fclose(file);
	return minor + major;
}

/* All mappings and what of them is in memory */
static char *maps_of(pid_t pid)
{
	char *text = calloc(1, READ_BYTES), path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "re");
	if (!text || !file)
		die("%s", path);
	while (fgets(line, sizeof(line), file) &&
	       strlen(text) + sizeof(line) < READ_BYTES)
		if (strchr(line, '-') || !strncmp(line, "Rss:", 4))
			strcat(text, line);
	fclose(file);
	return text;
}

/* Whether nobody waits for a page */
static bool is_quiet(const struct target *target)
{
	int process, fd, ready;

	if (target->told.fd < 0)
		return true;
	process = (int)syscall(SYS_pidfd_open, target->pid, 0);
	fd = (int)syscall(SYS_pidfd_getfd, process, target->told.fd, 0);
	if (fd < 0)
		die("pidfd_getfd");
	ready = poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0);
	close(fd);
	close(process);
	return !ready;
}

/* The table of this program: the loop has @rule, and nothing else has one. */
struct table {
	struct kprof_unwind_table head;
	struct kprof_unwind_rule rules[2];
	uint32_t first_row[2];
	struct kprof_unwind_row rows[2];
};

static uint64_t file_offset(uint64_t at)
{
	unsigned long start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) ==
			    3 &&
		    at >= start && at < end) {
			fclose(maps);
			return at - start + offset;
		}
	die("no mapping of the loop");
}

static void load_table(int fd, const struct kprof_unwind_rule *rule)
{
	uint64_t start = file_offset(CODE);
	uint64_t end = start + (uint64_t)(hold_loop_end - hold_loop);
	struct table table = {
		.head =
			{
				.magic = KPROF_UNWIND_MAGIC,
				.machine = X86_64,
				.bytes = sizeof(table),
				.first_page =
					(uint32_t)(start >>
						   KPROF_UNWIND_PAGE_BITS),
				.nr_pages = 1,
				.nr_rows = 2,
				.nr_rules = 2,
			},
		.rules = {{.cfa = KPROF_CFA_OUTERMOST}, *rule},
		.first_row = {0, 2},
		.rows = {{(uint16_t)start, 1}, {(uint16_t)end, 0}},
	};
	struct kprof_load_args args = {
		.size = sizeof(args),
		.flags = KPROF_LOAD_FILE,
		.table = (uintptr_t)&table,
		.table_bytes = sizeof(table),
		.id_bytes = sizeof(struct kprof_file_id),
	};
	struct kprof_file_id id = {};
	struct stat self;

	if (stat("/proc/self/exe", &self))
		die("stat");
	id.inode = self.st_ino;
	id.dev_major = major(self.st_dev);
	id.dev_minor = minor(self.st_dev);
	memcpy(args.id, &id, sizeof(id));
	if (ioctl(fd, KPROF_IOC_LOAD, &args))
		die("load");
}

static int start_session(const struct attack *attack, pid_t pid)
{
	struct kprof_setup_args args = setup_args();
	int fd = device_open();

	args.period_ns = 100000;
	args.max_depth = attack->max_depth;
	args.max_sample_us = attack->max_sample_us;
	args.flags = attack->rule ? KPROF_SETUP_UNWIND_TABLES : 0;
	if (ioctl(fd, KPROF_IOC_SETUP, &args))
		die("setup");
	if (attack->rule)
		load_table(fd, attack->rule);
	if (session_attach(fd, KPROF_ATTACH_PID, pid))
		die("attach");
	/* Rows are found by what a snapshot shows. */
	while (!session_stats(fd).snapshots)
		usleep(1000);
	if (ioctl(fd, KPROF_IOC_START))
		die("start");
	return fd;
}

struct seen {
	uint64_t right;
	uint64_t wrong;
	/* The last wrong one, else the last */
	uint16_t end;
	uint16_t nr_user;
};

struct shape {
	uint64_t id;
	uint64_t pc;
	uint16_t end;
	uint16_t nr_user;
};

static void judge(const struct attack *attack, const struct shape *shape,
		  struct seen *seen)
{
	bool is_right = attack->ends & 1U << shape->end &&
			(!attack->nr_user || attack->nr_user == shape->nr_user);

	/* On its way into the loop, or in the signal that ends it */
	if (shape->pc < CODE || shape->pc >= (uintptr_t)hold_loop_end)
		return;
	if (is_right)
		seen->right++;
	else
		seen->wrong++;
	if (is_right && seen->wrong)
		return;
	seen->end = shape->end;
	seen->nr_user = shape->nr_user;
}

static void feed(const struct attack *attack, const struct kprof_record *rec,
		 struct shape *shapes, uint32_t *nr, struct seen *seen)
{
	const struct kprof_record_sample *sample = (const void *)rec;
	const struct kprof_record_stack *stack = (const void *)rec;

	if (rec->type == KPROF_REC_STACK && *nr < MAX_STACKS && stack->nr_user)
		shapes[(*nr)++] = (struct shape){
			.id = stack->stack_id,
			.pc = stack->frames[stack->nr_kernel],
			.end = stack->user_end,
			.nr_user = stack->nr_user,
		};
	if (rec->type != KPROF_REC_SAMPLE)
		return;
	for (uint32_t i = 0; i < *nr; i++)
		if (shapes[i].id == sample->stack_id) {
			judge(attack, &shapes[i], seen);
			return;
		}
}

/* Sampling has ended: all that is left */
static struct seen read_all(const struct attack *attack, int fd)
{
	static uint64_t buffer[READ_BYTES / 8];
	static struct shape shapes[MAX_STACKS];
	struct seen seen = {};
	uint32_t nr = 0;
	ssize_t bytes;

	while ((bytes = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < bytes;) {
			const struct kprof_record *rec =
				(const void *)((char *)buffer + at);

			feed(attack, rec, shapes, &nr, &seen);
			at += rec->size;
		}
	if (bytes < 0)
		die("read");
	return seen;
}

static struct seen sample(const struct attack *attack, pid_t pid)
{
	int fd = start_session(attack, pid);
	struct kprof_stats stats;
	struct seen seen;

	while (session_stats(fd).taken_samples < NR_SAMPLES)
		usleep(1000);
	if (ioctl(fd, KPROF_IOC_FLUSH))
		die("flush");
	seen = read_all(attack, fd);
	stats = session_stats(fd);
	/* What was asked to take longer says nothing. */
	if (stats.handler_max_ns > longest_ns && !attack->max_sample_us)
		longest_ns = stats.handler_max_ns;
	close(fd);
	return seen;
}

static void run_attack(const struct attack *attack)
{
	const char *how = attack->rule ? "rows" : "frames";
	struct target target = target_of(attack);
	char name[96], *before, *after;
	uint64_t nr_faults;
	struct seen seen;

	snprintf(name, sizeof(name), "%s_%s", how, attack->name);
	if (!target.told.has_aimed) {
		target_end(target.pid);
		printf("# %s: this machine has none\n", name);
		return;
	}
	usleep(2000);
	nr_faults = faults_of(target.pid);
	before = maps_of(target.pid);
	seen = sample(attack, target.pid);
	after = maps_of(target.pid);
	nr_faults = faults_of(target.pid) - nr_faults;
	tap_ok(seen.right && !seen.wrong, name,
	       "expected ends %#x and %u frames, got %llu samples of that "
	       "kind and %llu others; end %u, %u frames",
	       attack->ends, attack->nr_user, (unsigned long long)seen.right,
	       (unsigned long long)seen.wrong, seen.end, seen.nr_user);
	snprintf(name, sizeof(name), "%s_%s_leaves_no_trace", how,
		 attack->name);
	tap_ok(!nr_faults && !strcmp(before, after) && is_quiet(&target), name,
	       "expected the same memory, no fault and nobody woken, got %llu "
	       "faults, %s memory, %s",
	       (unsigned long long)nr_faults,
	       strcmp(before, after) ? "other" : "the same",
	       is_quiet(&target) ? "nobody" : "somebody");
	free(before);
	free(after);
	target_end(target.pid);
}

int main(void)
{
	struct kprof_info info;
	int fd;

	for (size_t i = 0; i < nr_frame_attacks; i++)
		run_attack(&frame_attacks[i]);
	for (size_t i = 0; i < nr_row_attacks; i++)
		run_attack(&row_attacks[i]);
	fd = device_open();
	info = device_settled(fd, 0);
	tap_equal(info.nr_sessions + info.nr_tracked + info.nr_spaces +
			  info.nr_ring_pages + info.nr_unwind_tables,
		  0, "nothing_is_held");
	close(fd);
	printf("longest_ns %llu\n", (unsigned long long)longest_ns);
	return tap_end();
}
