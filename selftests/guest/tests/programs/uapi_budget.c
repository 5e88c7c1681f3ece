// SPDX-License-Identifier: GPL-2.0
/*
 * What sampling may cost: all sessions together no more than max_cpu_percent,
 * which is left by full rate again when it gets cheaper, and a stack no more
 * than max_sample_us. Where an instruction takes a nanosecond.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "uapi.h"

#define DEEP	   500
#define ALL_FRAMES 1024
#define WORK_NS	   400000000
#define PERCENT	   2
/* The module's default */
#define MAX_PERCENT 5
/* 10 kHz: 500 frames cost more than the limit, a few do not */
#define USUAL_NS   100000
#define FASTEST_NS 20000
/* 50 kHz: one session costs less than the limit, three more */
#define SEVERAL_NS  20000
#define NR_SESSIONS 3

static volatile sig_atomic_t is_shallow;

static void go_up(int signal)
{
	(void)signal;
	is_shallow = 1;
}

FRAME static uint64_t stay(void)
{
	LEAF_FRAME();
	return multiply_add(3, 1000);
}

/* Works below so many frames until it is told to work at the surface. */
FRAME static void dive(int depth)
{
	if (depth)
		dive(depth - 1);
	else
		while (!is_shallow)
			stay();
	KEEP_FRAME();
}

static pid_t diver_start(int depth)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	signal(SIGUSR1, go_up);
	is_shallow = !depth;
	dive(depth);
	for (;;)
		stay();
}

struct session {
	int fd;
	pid_t target;
	uint64_t period_ns;
	uint64_t cpu_ns;
	struct stream *stream;
};

static struct session start(pid_t target, uint64_t period_ns, uint32_t max_us)
{
	struct kprof_setup_args args = setup_args();
	struct session session = {
		.fd = device_open(),
		.target = target,
		.period_ns = period_ns,
		.stream = stream_create(),
	};

	args.period_ns = period_ns;
	args.max_depth = ALL_FRAMES;
	args.max_sample_us = max_us;
	/* Room for all, so that reading does not cost either */
	args.ring_bytes = 1 << 22;
	if (ioctl(session.fd, KPROF_IOC_SETUP, &args) ||
	    session_attach(session.fd, KPROF_ATTACH_PID, target))
		die("setup");
	session.cpu_ns = target_cpu_ns(target);
	if (ioctl(session.fd, KPROF_IOC_START))
		die("KPROF_IOC_START");
	return session;
}

static void finish(struct session *session)
{
	if (ioctl(session->fd, KPROF_IOC_STOP) ||
	    ioctl(session->fd, KPROF_IOC_FLUSH))
		die("KPROF_IOC_FLUSH");
	session->cpu_ns = target_cpu_ns(session->target) - session->cpu_ns;
	stream_read_all(session->stream, session->fd);
	close(session->fd);
}

/* What handlers took of the processor meanwhile, in hundredths of a percent */
static uint64_t share(const struct kprof_stats *from,
		      const struct kprof_stats *to)
{
	uint64_t measured = to->handler_measured - from->handler_measured;
	double mean = (double)(to->handler_ns - from->handler_ns) /
		      (double)(measured ? measured : 1);

	return (uint64_t)(10000 * mean *
			  (double)(to->interrupts - from->interrupts) /
			  (double)(to->stop_ns - from->stop_ns));
}

static void check_weights(const struct session *session, const char *name)
{
	uint64_t weight_ns = (session->stream->weight +
			      session->stream->final.missed_cells) *
			     session->period_ns;
	uint64_t tolerance = session->cpu_ns * PERCENT / 100;

	tap_ok(weight_ns >= session->cpu_ns - tolerance &&
		       weight_ns <= session->cpu_ns + tolerance,
	       name, "expected %llu ms, got %llu ms",
	       (unsigned long long)session->cpu_ns / 1000000,
	       (unsigned long long)weight_ns / 1000000);
}

static bool is_throttled(const struct session *session)
{
	return session->stream->final.flags & KPROF_STATS_THROTTLED;
}

static void test_time_limit(void)
{
	pid_t target = diver_start(DEEP);
	struct session cut = start(target, 10 * USUAL_NS, 2), whole;

	target_work(target, WORK_NS / 10);
	finish(&cut);
	whole = start(target, 10 * USUAL_NS, 10000);
	target_work(target, WORK_NS / 10);
	finish(&whole);
	tap_equal(cut.stream->ends, 1 << KPROF_END_TIME,
		  "stacks_end_when_the_time_is_over");
	tap_equal(whole.stream->ends & (1 << KPROF_END_TIME), 0,
		  "stacks_do_not_end_before");
	tap_ok(cut.stream->final.handler_max_ns <
		       whole.stream->final.handler_max_ns,
	       "the_limit_bounds_the_longest_interrupt",
	       "expected less than %llu ns, got %llu ns",
	       (unsigned long long)whole.stream->final.handler_max_ns,
	       (unsigned long long)cut.stream->final.handler_max_ns);
	printf("# longest interrupt: %llu ns with a limit of 2 us, %llu ns for "
	       "%d frames\n",
	       (unsigned long long)cut.stream->final.handler_max_ns,
	       (unsigned long long)whole.stream->final.handler_max_ns, DEEP);
	target_end(target);
	free(cut.stream);
	free(whole.stream);
}

/* As fast as it goes, as deep as it gets; it takes a while until it is right.
 */
static void test_throttle(void)
{
	pid_t target = diver_start(DEEP);
	struct session session = start(target, FASTEST_NS, 0);
	struct kprof_stats before, after;
	uint64_t taken;

	target_work(target, 2 * WORK_NS);
	before = session_stats(session.fd);
	target_work(target, WORK_NS);
	after = session_stats(session.fd);
	taken = share(&before, &after);
	finish(&session);
	tap_ok(is_throttled(&session) && session.stream->nr_throttles,
	       "too_much_is_throttled", "expected THROTTLE records, got %u",
	       session.stream->nr_throttles);
	tap_ok(taken <= 100 * MAX_PERCENT, "the_limit_is_kept",
	       "expected at most %d %%, got %llu hundredths", MAX_PERCENT,
	       (unsigned long long)taken);
	check_weights(&session, "weights_are_right_when_throttled");
	printf("# 50 kHz, %d frames: %llu samples in %llu ms, %llu hundredths "
	       "of a percent, %u THROTTLE records\n",
	       DEEP, (unsigned long long)session.stream->samples,
	       (unsigned long long)session.cpu_ns / 1000000,
	       (unsigned long long)taken, session.stream->nr_throttles);
	target_end(target);
	free(session.stream);
}

/* Deep is too dear, shallow is not: one way and back, and no swinging. */
static void test_recovery(void)
{
	pid_t target = diver_start(DEEP);
	struct session session = start(target, USUAL_NS, 0);
	uint64_t deep, shallow;

	target_work(target, WORK_NS);
	kill(target, SIGUSR1);
	target_work(target, WORK_NS);
	deep = session_stats(session.fd).taken_samples;
	target_work(target, WORK_NS / 2);
	shallow = session_stats(session.fd).taken_samples - deep;
	finish(&session);
	tap_ok(is_throttled(&session), "deep_stacks_are_throttled",
	       "expected KPROF_STATS_THROTTLED, got flags %#x",
	       session.stream->final.flags);
	tap_ok(shallow >= WORK_NS / 2 / USUAL_NS * 9 / 10,
	       "the_full_rate_comes_back", "expected %d samples, got %llu",
	       WORK_NS / 2 / USUAL_NS, (unsigned long long)shallow);
	tap_ok(session.stream->nr_throttles <= 8, "the_rate_does_not_swing",
	       "expected at most 8 THROTTLE records, got %u",
	       session.stream->nr_throttles);
	check_weights(&session, "weights_are_right_before_and_after");
	printf("# recovery: %u THROTTLE records\n",
	       session.stream->nr_throttles);
	target_end(target);
	free(session.stream);
}

static void test_sum(void)
{
	struct kprof_stats before[NR_SESSIONS], after;
	struct session alone, all[NR_SESSIONS];
	pid_t target = diver_start(0);
	unsigned int nr = 0;
	uint64_t sum = 0;

	alone = start(target, SEVERAL_NS, 0);
	target_work(target, WORK_NS);
	finish(&alone);
	tap_ok(!is_throttled(&alone), "one_session_is_cheap_enough",
	       "expected no throttling, got %u THROTTLE records",
	       alone.stream->nr_throttles);
	for (int i = 0; i < NR_SESSIONS; i++)
		all[i] = start(target, SEVERAL_NS, 0);
	target_work(target, WORK_NS);
	for (int i = 0; i < NR_SESSIONS; i++)
		before[i] = session_stats(all[i].fd);
	target_work(target, WORK_NS);
	for (int i = 0; i < NR_SESSIONS; i++) {
		after = session_stats(all[i].fd);
		sum += share(&before[i], &after);
	}
	for (int i = 0; i < NR_SESSIONS; i++) {
		finish(&all[i]);
		nr += is_throttled(&all[i]);
		check_weights(&all[i], "weights_of_one_of_several");
		free(all[i].stream);
	}
	tap_equal(nr, NR_SESSIONS, "together_they_are_throttled");
	tap_ok(sum <= 100 * MAX_PERCENT, "the_limit_is_that_of_their_sum",
	       "expected at most %d %%, got %llu hundredths", MAX_PERCENT,
	       (unsigned long long)sum);
	printf("# %d sessions: %llu hundredths of a percent\n", NR_SESSIONS,
	       (unsigned long long)sum);
	target_end(target);
	free(alone.stream);
}

int main(void)
{
	test_time_limit();
	test_throttle();
	test_recovery();
	test_sum();
	return tap_end();
}
