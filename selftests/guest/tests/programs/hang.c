// SPDX-License-Identifier: GPL-2.0
/*
 * Files of a daemon that hangs: code that is mapped from there, stacks that lie
 * there, arguments that come from there, and an address space whose lock is not
 * free as long as the daemon does not answer.
 *
 *	hang DIRECTORY
 *
 * Nothing here may wait for the daemon; in the end the module is unloaded while
 * it still hangs. Prints TAP.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "fuse.h"
#include "registers.h"
#include "uapi.h"

#include <pthread.h>
#include <sys/prctl.h>

#define FILE_BYTES 65536
#define PAGE	   4096
#define NR_SAMPLES 50
#define READ_BYTES 65536
#define MAX_STACKS 512
/* Of 10 ms; only a hang gets there */
#define PATIENCE 3000

DEFINE_HOLD_REGISTERS();

static char *map_file(const struct fuse *fuse, int protection, int flags,
		      off_t offset)
{
	char path[128], *at;
	int fd;

	snprintf(path, sizeof(path), "%s/file", fuse->directory);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("%s", path);
	at = mmap(NULL, PAGE, protection, flags, fd, offset);
	if (at == MAP_FAILED)
		die("mmap");
	close(fd);
	return at;
}

/* A child that says when it is ready and then does not end */
static pid_t start_child(const struct fuse *fuse,
			 void (*be)(const struct fuse *fuse, int tell))
{
	int tell[2];
	char ready;
	pid_t pid;

	if (pipe(tell))
		die("pipe");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be(fuse, tell[1]);
		_exit(1);
	}
	close(tell[1]);
	if (read(tell[0], &ready, 1) != 1)
		die("a child");
	close(tell[0]);
	return pid;
}

static void say_ready(int tell)
{
	if (write(tell, "", 1) != 1)
		die("write");
}

static char state_of(pid_t thread)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", thread);
	file = fopen(path, "re");
	if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = 0;
	if (file)
		fclose(file);
	return state;
}

static void wait_until_it_waits(pid_t thread)
{
	for (int tries = 0; state_of(thread) != 'D'; tries++) {
		if (tries == PATIENCE)
			die("%d does not wait", thread);
		usleep(10000);
	}
}

static bool ends_in_time(pid_t pid)
{
	for (int tries = 0; tries < PATIENCE; tries++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return true;
		usleep(10000);
	}
	return false;
}

struct seen {
	uint64_t samples;
	uint64_t unreadable;
	int32_t build_id_state;
	bool is_final;
};

struct known {
	uint64_t id;
	bool is_unreadable;
};

static void feed(const struct kprof_record *rec, struct known *known,
		 uint32_t *nr, struct seen *seen)
{
	const struct kprof_record_sample *sample = (const void *)rec;
	const struct kprof_record_stack *stack = (const void *)rec;
	const struct kprof_record_mmap *map = (const void *)rec;
	const struct kprof_record_stats *stats = (const void *)rec;

	if (rec->type == KPROF_REC_MMAP && strstr(map->path, "/file"))
		seen->build_id_state = map->build_id_state;
	if (rec->type == KPROF_REC_STATS)
		seen->is_final = stats->stats.flags & KPROF_STATS_FINAL;
	if (rec->type == KPROF_REC_STACK && *nr < MAX_STACKS)
		known[(*nr)++] = (struct known){
			stack->stack_id,
			stack->user_end == KPROF_END_UNREADABLE,
		};
	if (rec->type != KPROF_REC_SAMPLE)
		return;
	seen->samples++;
	for (uint32_t i = 0; i < *nr; i++)
		if (known[i].id == sample->stack_id) {
			seen->unreadable += known[i].is_unreadable;
			return;
		}
}

static struct seen read_all(int fd)
{
	static uint64_t buffer[READ_BYTES / 8];
	static struct known known[MAX_STACKS];
	struct seen seen = {.build_id_state = -1};
	uint32_t nr = 0;
	ssize_t bytes;

	while ((bytes = read(fd, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < bytes;) {
			const struct kprof_record *rec =
				(const void *)((char *)buffer + at);

			feed(rec, known, &nr, &seen);
			at += rec->size;
		}
	if (bytes < 0)
		die("read");
	return seen;
}

static struct seen sample(pid_t pid, struct kprof_stats *stats)
{
	int fd = session_open();
	struct seen seen;

	if (session_attach(fd, KPROF_ATTACH_PID, pid) ||
	    ioctl(fd, KPROF_IOC_START))
		die("start");
	while (session_stats(fd).taken_samples < NR_SAMPLES)
		usleep(1000);
	if (ioctl(fd, KPROF_IOC_FLUSH))
		die("flush");
	seen = read_all(fd);
	*stats = session_stats(fd);
	tap_errno(close(fd), 0, "close_returns");
	return seen;
}

/* The second page of the file, which is an endless loop */
static void be_code(const struct fuse *fuse, int tell)
{
	char *code = map_file(fuse, PROT_READ | PROT_EXEC, MAP_PRIVATE, PAGE);
	volatile char there = *code;

	(void)there;
	say_ready(tell);
	((void (*)(void))code)();
}

static void test_code(const struct fuse *fuse)
{
	pid_t pid = start_child(fuse, be_code);
	struct kprof_stats stats;
	struct seen seen;

	fuse_hang(fuse);
	seen = sample(pid, &stats);
	tap_ok(seen.is_final && seen.samples >= NR_SAMPLES,
	       "code_of_a_hanging_daemon_is_sampled",
	       "expected %d samples and an end, got %llu and %s", NR_SAMPLES,
	       (unsigned long long)seen.samples,
	       seen.is_final ? "an end" : "none");
	tap_equal((uint64_t)seen.build_id_state, KPROF_BUILD_ID_NOT_READ,
		  "its_build_id_is_not_waited_for");
	target_end(pid);
	fuse_go_on(fuse);
}

/* A stack whose second frame would have to be read from the file */
static void be_stack(const struct fuse *fuse, int tell)
{
	char *page =
		map_file(fuse, PROT_READ | PROT_WRITE, MAP_PRIVATE, 2 * PAGE);
	uint64_t *frames = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* A walk goes up. */
	if (frames == MAP_FAILED || (char *)frames > page)
		die("the memory lies badly");
	frames[2] = (uintptr_t)page;
	frames[3] = (uintptr_t)hold_loop;
	say_ready(tell);
	hold_registers((uintptr_t)frames, (uintptr_t)&frames[2], UINT64_MAX, 0);
}

static void test_stack(const struct fuse *fuse)
{
	struct kprof_stats stats;
	struct seen seen;
	pid_t pid;

	pid = start_child(fuse, be_stack);
	fuse_hang(fuse);
	usleep(10000);
	seen = sample(pid, &stats);
	tap_ok(seen.unreadable >= NR_SAMPLES / 2,
	       "stack_of_a_hanging_daemon_is_unreadable",
	       "expected nearly all of %llu samples, got %llu",
	       (unsigned long long)seen.samples,
	       (unsigned long long)seen.unreadable);
	tap_ok(state_of(pid) == 'R', "nobody_waits_for_its_stack",
	       "expected a target that runs, got state %c", state_of(pid));
	target_end(pid);
	fuse_go_on(fuse);
}

/* What the threads of be_locked() share; the parent sees it, too */
static struct shared {
	char *page;
	_Atomic pid_t threads[3];
	_Atomic bool may_write_back;
} * shared;

static void *write_back(void *argument)
{
	shared->threads[0] = thread_id();
	while (!shared->may_write_back)
		usleep(1000);
	msync(shared->page, PAGE, MS_SYNC);
	return argument;
}

/* The fault waits until the page has been written, with the lock held. */
static void *write_again(void *argument)
{
	shared->threads[1] = thread_id();
	while (state_of(shared->threads[0]) != 'D')
		usleep(1000);
	*shared->page = 2;
	return argument;
}

/* Whoever wants the lock after this one has to wait as well. */
static void *map_more(void *argument)
{
	shared->threads[2] = thread_id();
	while (state_of(shared->threads[1]) != 'D')
		usleep(1000);
	mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return argument;
}

static void be_locked(const struct fuse *fuse, int tell)
{
	void *(*const functions[])(void *) = {write_back, write_again,
					      map_more};
	pthread_t threads[3];

	shared->page =
		map_file(fuse, PROT_READ | PROT_WRITE, MAP_SHARED, 3 * PAGE);
	*shared->page = 1;
	for (int i = 0; i < 3; i++)
		if (pthread_create(&threads[i], NULL, functions[i], NULL))
			die("pthread_create");
	say_ready(tell);
	for (;;)
		multiply_add(1, 1000);
}

static pid_t start_locked(const struct fuse *fuse)
{
	pid_t pid = start_child(fuse, be_locked);

	fuse_hang(fuse);
	shared->may_write_back = true;
	while (!shared->threads[2])
		usleep(1000);
	wait_until_it_waits(shared->threads[2]);
	return pid;
}

static void test_locked(pid_t pid)
{
	struct kprof_stats stats;
	struct seen seen = sample(pid, &stats);

	tap_ok(seen.is_final && seen.samples >= NR_SAMPLES,
	       "who_holds_its_lock_is_sampled",
	       "expected %d samples and an end, got %llu and %s", NR_SAMPLES,
	       (unsigned long long)seen.samples,
	       seen.is_final ? "an end" : "none");
	tap_ok(stats.snapshots_failed > 0, "a_lock_is_not_waited_for",
	       "expected snapshots that were given up, got %llu",
	       (unsigned long long)stats.snapshots_failed);
	tap_ok(state_of(shared->threads[2]) == 'D', "the_lock_was_not_free",
	       "expected a thread that waits, got state %c",
	       state_of(shared->threads[2]));
}

static int argument_session;

static void be_argument(const struct fuse *fuse, int tell)
{
	char *page = map_file(fuse, PROT_READ, MAP_PRIVATE, 4 * PAGE);
	struct kprof_load_args args = {
		.size = sizeof(args),
		.flags = KPROF_LOAD_VDSO,
		.table = (uintptr_t)page,
		.table_bytes = PAGE,
	};

	say_ready(tell);
	/* Until the parent has made the daemon hang */
	raise(SIGSTOP);
	ioctl(argument_session, KPROF_IOC_LOAD, &args);
}

static void be_second(const struct fuse *fuse, int tell)
{
	(void)fuse;
	say_ready(tell);
	session_stats(argument_session);
}

/* Who waits for an argument, and who waits for that one, can be killed. */
static void test_argument(const struct fuse *fuse)
{
	struct kprof_setup_args args = setup_args();
	pid_t loads, waits;

	argument_session = device_open();
	args.flags = KPROF_SETUP_UNWIND_TABLES;
	if (ioctl(argument_session, KPROF_IOC_SETUP, &args))
		die("setup");
	loads = start_child(fuse, be_argument);
	if (waitpid(loads, NULL, WUNTRACED) != loads)
		die("waitpid");
	fuse_hang(fuse);
	kill(loads, SIGCONT);
	wait_until_it_waits(loads);
	waits = start_child(fuse, be_second);
	wait_until_it_waits(waits);
	kill(waits, SIGKILL);
	tap_ok(ends_in_time(waits), "who_waits_for_a_session_can_be_killed",
	       "expected its end, got none");
	kill(loads, SIGKILL);
	tap_ok(ends_in_time(loads), "who_waits_for_an_argument_can_be_killed",
	       "expected its end, got none");
	close(argument_session);
	fuse_go_on(fuse);
}

static void test_unload(void)
{
	long result = -1;

	for (int tries = 0; tries < PATIENCE && result; tries++) {
		result = syscall(SYS_delete_module, "kprof", O_NONBLOCK);
		if (result)
			usleep(10000);
	}
	tap_errno(result, 0, "the_module_goes_while_the_daemon_hangs");
}

int main(int argc, char **argv)
{
	static char content[FILE_BYTES];
	struct fuse fuse;
	pid_t locked;

	if (argc != 2) {
		fprintf(stderr, "usage: hang DIRECTORY\n");
		return 2;
	}
	/* jmp . */
	for (size_t i = 0; i < sizeof(content); i += 2)
		memcpy(content + i, "\xeb\xfe", 2);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	fuse = fuse_start(argv[1], content, sizeof(content));
	test_code(&fuse);
	test_stack(&fuse);
	test_argument(&fuse);
	locked = start_locked(&fuse);
	test_locked(locked);
	test_unload();
	fuse_end(&fuse);
	target_end(locked);
	return tap_end();
}
