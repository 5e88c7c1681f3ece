// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt: one timer per CPU and session.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The path from kprof_sampler_tick() down allocates nothing, sleeps never,
 * faults never, prints nothing. It is bounded by the depth and the time that
 * a stack walk may take, plus three records. All its memory exists before the
 * first timer is armed and is freed after the last one has been cancelled.
 */
#include "sampler.h"
#include "access.h"
#include "budget.h"
#include "notify.h"
#include "space.h"
#include "track.h"
#include "unwind_rows.h"

#include <linux/cpuhotplug.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/irq_regs.h>

static enum cpuhp_state hotplug_state;

/* When this CPU's current task was switched in; 0 if nobody tells. */
static DEFINE_PER_CPU(u64, switched_ns);

void kprof_sampler_switched(u64 now_ns)
{
	this_cpu_write(switched_ns, now_ns);
}

void kprof_sampler_forget_switches(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		per_cpu(switched_ns, cpu) = 0;
}

/* Names change rarely and are read without a lock: a torn one heals itself. */
static bool same_name(const char *told, const char *comm)
{
	return data_race(((const u64 *)told)[0] == ((const u64 *)comm)[0] &&
			 ((const u64 *)told)[1] == ((const u64 *)comm)[1]);
}

static void copy_name(char *to, const char *comm)
{
	data_race(memcpy(to, comm, KPROF_COMM_LEN));
}

/*
 * Only this CPU counts. Whoever reads meanwhile is a bit behind; the final
 * counts are read after the last interrupt.
 */
static __always_inline void count(u64 *counter, u64 nr)
{
	data_race(*counter += nr);
}

/*
 * The first thread stays as long as this one is alive. A thread that has been
 * released runs on for a while, and nothing keeps its group_leader then.
 */
static const char *process_name(const struct task_struct *task)
{
	return pid_alive(task) ? task->group_leader->comm : task->comm;
}

static void refresh_names(struct kprof_context *context,
			  const struct task_struct *task)
{
	const char *comm = process_name(task);

	/* The first thread's name is the process's: one look does for both. */
	if (likely(same_name(context->thread_comm, task->comm) &&
		   (comm == task->comm || same_name(context->comm, comm))))
		return;
	copy_name(context->thread_comm, task->comm);
	copy_name(context->comm, comm);
	context->told = false;
}

/*
 * The address of an mm_struct says who it is only while the space holds it:
 * hence the id, which changes when the space is freed.
 */
static bool is_space_of(const struct kprof_context *context,
			const struct mm_struct *mm)
{
	const struct kprof_space *space = context->space;

	if (!space)
		return !mm;
	return READ_ONCE(space->mm) == mm &&
	       READ_ONCE(space->id) == context->space_id;
}

static bool is_context_of(const struct kprof_context *context,
			  const struct task_struct *task)
{
	return context->task == task &&
	       context->start_ns == task->start_time &&
	       is_space_of(context, task->mm);
}

static void enter_space(const struct kprof_sampler *sampler,
			struct kprof_context *context, struct task_struct *task)
{
	context->space = NULL;
	context->space_id = 0;
	if (task->mm)
		context->space = kprof_spaces_enter(
			sampler->spaces, task->mm,
			task_tgid_nr_ns(task, sampler->pid_ns));
	if (context->space)
		context->space_id = READ_ONCE(context->space->id);
}

/* False, and counted, if current is not the opener's any more. */
static bool may_sample(struct kprof_cpu *cpu, struct task_struct *task)
{
	const struct kprof_sampler *sampler = cpu->sampler;

	if (likely(!sampler->restricted) ||
	    kprof_access_allows_sample(sampler->opener, task))
		return true;
	count(&cpu->counts.denied_samples, 1);
	return false;
}

/* What is rare is kept out of line: it would cost the usual path registers. */
static noinline struct kprof_context *
make_context(struct kprof_cpu *cpu, struct kprof_context *context,
	     struct task_struct *task)
{
	const struct kprof_sampler *sampler = cpu->sampler;

	/* The check comes first: to enter a space is to show its mappings. */
	if (!kprof_track_wants(sampler->track, task) || !may_sample(cpu, task))
		return NULL;
	context->task = task;
	context->start_ns = task->start_time;
	context->told = false;
	enter_space(sampler, context, task);
	copy_name(context->thread_comm, task->comm);
	copy_name(context->comm, process_name(task));
	return context;
}

/*
 * The context of current, or NULL if it is not to be sampled. A task that has
 * a context has been found to be tracked, and stays so until it ends; whether
 * it may be seen is asked each time.
 */
static struct kprof_context *get_context(struct kprof_cpu *cpu,
					 struct task_struct *task)
{
	struct kprof_context *context = kprof_intern_context(&cpu->intern, task);

	if (unlikely(!is_context_of(context, task)))
		return make_context(cpu, context, task);
	if (!may_sample(cpu, task))
		return NULL;
	refresh_names(context, task);
	return context;
}

static void fill_ids(const struct kprof_sampler *sampler,
		     struct kprof_record_context *rec)
{
	struct pid_namespace *own = task_active_pid_ns(current);

	rec->pid = task_tgid_nr_ns(current, sampler->pid_ns);
	rec->tid = task_pid_nr_ns(current, sampler->pid_ns);
	/* An exiting task has no process id and so no namespace. */
	if (own) {
		rec->ns_pid = task_tgid_nr_ns(current, own);
		rec->ns_tid = task_pid_nr_ns(current, own);
	}
}

static noinline bool tell_context(struct kprof_cpu *cpu,
				  struct kprof_context *context)
{
	struct kprof_record_context rec = {
		.rec = { .type = KPROF_REC_CONTEXT, .size = sizeof(rec) },
		.context_id = kprof_context_id(&cpu->intern, context),
		.space_id = context->space_id,
		.start_ns = context->start_ns,
	};

	if (!kprof_ring_reserve(&cpu->ring, sizeof(rec)))
		return false;
	fill_ids(cpu->sampler, &rec);
	if (current->flags & KPROF_PF_NO_USER_REGS)
		rec.flags |= KPROF_CONTEXT_KERNEL_TASK;
	copy_name(rec.comm, context->comm);
	copy_name(rec.thread_comm, context->thread_comm);
	rec.comm[KPROF_COMM_LEN - 1] = 0;
	rec.thread_comm[KPROF_COMM_LEN - 1] = 0;
	kprof_ring_put(&cpu->ring, &rec, sizeof(rec));
	kprof_ring_commit(&cpu->ring);
	context->told = true;
	return true;
}

static noinline bool tell_lost(struct kprof_cpu *cpu)
{
	struct kprof_record_lost rec = {
		.rec = { .type = KPROF_REC_LOST, .size = sizeof(rec) },
		.cause = KPROF_LOST_RING_FULL,
		.samples = cpu->untold_samples,
		.weight = cpu->untold_weight,
		.cpu = cpu->cpu,
	};

	if (!kprof_ring_reserve(&cpu->ring, sizeof(rec)))
		return false;
	kprof_ring_put(&cpu->ring, &rec, sizeof(rec));
	kprof_ring_commit(&cpu->ring);
	cpu->untold_samples = 0;
	cpu->untold_weight = 0;
	return true;
}

static void put_sample(struct kprof_ring *ring,
		       const struct kprof_record_sample *sample)
{
	struct kprof_record_sample *rec;

	BUILD_BUG_ON(sizeof(*rec) > KPROF_RING_SPARE_BYTES);
	rec = kprof_ring_open_record(ring, sizeof(*rec));
	*rec = *sample;
	kprof_ring_close_record(ring, rec, sizeof(*rec));
	kprof_ring_commit(ring);
}

/* False if the ring has no room; then nothing is half told. */
static bool deliver(struct kprof_cpu *cpu, struct kprof_context *context,
		    u32 generation, u64 now_ns, u32 weight)
{
	const struct kprof_record_sample sample = {
		.rec = { .type = KPROF_REC_SAMPLE, .size = sizeof(sample) },
		.weight = weight,
		.time_ns = now_ns,
		.stack_id = cpu->stack.hash,
		.context_id = kprof_context_id(&cpu->intern, context),
		.generation = generation,
	};

	if (unlikely(cpu->untold_samples) && !tell_lost(cpu))
		return false;
	if (unlikely(!context->told) && !tell_context(cpu, context))
		return false;
	if (!kprof_intern_stack(&cpu->intern, &cpu->ring, &cpu->stack))
		return false;
	if (!kprof_ring_reserve(&cpu->ring, sizeof(sample)))
		return false;
	put_sample(&cpu->ring, &sample);
	return true;
}

static void count_sample(struct kprof_cpu *cpu, bool delivered, u32 weight)
{
	struct kprof_counts *counts = &cpu->counts;

	count(&counts->taken_samples, 1);
	count(&counts->taken_weight, weight);
	if (likely(delivered))
		return;
	if (!cpu->untold_samples)
		kprof_notify_reader(cpu->sampler->notify);
	count(&counts->lost_samples, 1);
	count(&counts->lost_weight, weight);
	cpu->untold_samples++;
	cpu->untold_weight += weight;
}

/* Every wakeup_bytes written, so at the latest at twice that fill. */
static void wake_reader(struct kprof_cpu *cpu)
{
	if (likely((s32)(cpu->ring.head - cpu->wake_at) < 0))
		return;
	cpu->wake_at = cpu->ring.head + cpu->sampler->wakeup_bytes;
	kprof_notify_reader(cpu->sampler->notify);
}

/*
 * Whether the timer may sleep until a target is switched in. Asked of a task
 * that was not sampled; one that is a target but may not be seen keeps it
 * awake, so that it is counted as denied.
 */
static bool may_park(const struct kprof_sampler *sampler,
		     struct task_struct *task)
{
	return sampler->parks && !kprof_track_wants(sampler->track, task);
}

/* Not when it has been switched off between the expiry and now. */
static void park(struct kprof_cpu *cpu)
{
	if (cpu->state == KPROF_CPU_SAMPLING)
		cpu->state = KPROF_CPU_PARKED;
}

/* False if current is not to be sampled. */
static bool take_sample(struct kprof_cpu *cpu, struct pt_regs *regs, u64 now_ns,
			u32 weight)
{
	const struct kprof_sampler *sampler = cpu->sampler;
	struct task_struct *task = current;
	struct kprof_context *context = get_context(cpu, task);
	const struct kprof_code_map *code = NULL;
	u32 generation = 0;

	if (!context)
		return false;
	if (context->space)
		generation = kprof_space_generation(
			sampler->spaces, context->space, task->mm);
	if (unlikely(sampler->unwind.walk_rows) && context->space)
		code = kprof_space_code(context->space);
	kprof_unwind(&sampler->unwind, code, regs, now_ns, &cpu->stack);
	count_sample(cpu, deliver(cpu, context, generation, now_ns, weight),
		     weight);
	wake_reader(cpu);
	return true;
}

/* One in a few is timed: reading the clock again is not for nothing. */
static void charge(struct kprof_cpu *cpu, u64 start_ns)
{
	u64 now_ns = ktime_get_mono_fast_ns();
	u64 ns = now_ns - start_ns;

	count(&cpu->counts.handler_ns, ns);
	count(&cpu->counts.handler_measured, 1);
	if (ns > cpu->counts.handler_max_ns)
		WRITE_ONCE(cpu->counts.handler_max_ns, ns);
	kprof_budget_charge(ns, now_ns);
}

static void note_throttle(struct kprof_cpu *cpu, u32 every, u64 now_ns)
{
	if (likely(cpu->every == every))
		return;
	WRITE_ONCE(cpu->every, every);
	WRITE_ONCE(cpu->every_since_ns, now_ns);
	kprof_notify_worker(cpu->sampler->notify);
}

/*
 * Interrupts off, this CPU: the point of a cell has passed. @regs are those of
 * the interrupt that tells, NULL in the scheduler. False if current is not to
 * be sampled.
 */
static bool pass_point(struct kprof_cpu *cpu, struct pt_regs *regs, u64 now_ns)
{
	u32 every = min(kprof_budget_every(), cpu->max_every);
	u64 since_ns = this_cpu_read(switched_ns);
	struct kprof_cells_due due;

	note_throttle(cpu, every, now_ns);
	due = kprof_cells_advance(&cpu->cells, now_ns, since_ns, every);
	if (unlikely(due.missed) && !is_idle_task(current))
		count(&cpu->counts.missed_cells, due.missed);
	if (unlikely(!due.valid))
		return true;
	return take_sample(cpu, regs, now_ns, due.valid);
}

/*
 * Hard interrupt, also on PREEMPT_RT. Bounded as said at the top. Comes early
 * when the scheduler has passed the point meanwhile.
 */
static enum hrtimer_restart kprof_sampler_tick(struct hrtimer *timer)
{
	struct kprof_cpu *cpu = container_of(timer, struct kprof_cpu, timer);
	u64 now_ns = ktime_get_mono_fast_ns();

	if (likely(now_ns >= cpu->cells.point_ns) &&
	    unlikely(!pass_point(cpu, get_irq_regs(), now_ns)) &&
	    may_park(cpu->sampler, current))
		park(cpu);
	hrtimer_set_expires(timer, ns_to_ktime(cpu->cells.point_ns));
	if (data_race(cpu->counts.interrupts++) % KPROF_BUDGET_TIMED == 0)
		charge(cpu, now_ns);
	return likely(cpu->state == KPROF_CPU_SAMPLING) ? HRTIMER_RESTART :
							  HRTIMER_NORESTART;
}

/*
 * The probe, interrupts off, current is the task that goes: a point that has
 * passed since the scheduler turned interrupts off is still its. The timer's
 * interrupt comes when somebody else runs.
 */
void kprof_sampler_switch_out(struct kprof_sampler *sampler, u64 now_ns)
{
	struct kprof_cpu *cpu = sampler->cpus[smp_processor_id()];

	if (cpu && cpu->state == KPROF_CPU_SAMPLING &&
	    unlikely(now_ns >= cpu->cells.point_ns))
		pass_point(cpu, NULL, now_ns);
}

/*
 * On this CPU, interrupts off. The first point is the first one after
 * @since_ns: cells that passed while nothing was to be sampled are nobody's.
 */
static void start_timer(struct kprof_cpu *cpu, u64 since_ns)
{
	lockdep_assert_irqs_disabled();
	cpu->state = KPROF_CPU_SAMPLING;
	kprof_cells_seek(&cpu->cells, since_ns, cpu->every);
	hrtimer_start(&cpu->timer, ns_to_ktime(cpu->cells.point_ns),
		      HRTIMER_MODE_ABS_PINNED_HARD);
}

/*
 * hrtimer_start() with the run-queue lock held, in the probe of sched_switch,
 * is what perf does.
 */
void kprof_sampler_switch_in(struct kprof_sampler *sampler,
			     struct task_struct *task, u64 now_ns)
{
	struct kprof_cpu *cpu;
	unsigned long flags;

	local_irq_save(flags);
	cpu = sampler->cpus[smp_processor_id()];
	if (cpu && cpu->state == KPROF_CPU_PARKED &&
	    kprof_track_wants(sampler->track, task))
		start_timer(cpu, now_ns);
	local_irq_restore(flags);
}

/* IPI, or on this CPU with interrupts off. */
static void look_at_current(void *sampler)
{
	kprof_sampler_switch_in(sampler, current, ktime_get_mono_fast_ns());
}

void kprof_sampler_unpark(struct kprof_sampler *sampler)
{
	if (sampler->parks)
		on_each_cpu_mask(sampler->mask, look_at_current, sampler, true);
}

/* Process context on the CPU that came up, or is up when a session starts. */
static int kprof_sampler_online(unsigned int nr, struct hlist_node *node)
{
	struct kprof_sampler *sampler =
		hlist_entry(node, struct kprof_sampler, hotplug);
	struct kprof_cpu *cpu = sampler->cpus[nr];
	unsigned long flags;

	if (!cpu)
		return 0;
	kprof_budget_refresh();
	local_irq_save(flags);
	cpu->cells.origin_ns = sampler->start_ns;
	start_timer(cpu, ktime_get_mono_fast_ns());
	local_irq_restore(flags);
	return 0;
}

/*
 * Process context on the CPU that goes down, or when a session stops. Off
 * comes first: after that no probe starts the timer again.
 */
static int kprof_sampler_offline(unsigned int nr, struct hlist_node *node)
{
	struct kprof_sampler *sampler =
		hlist_entry(node, struct kprof_sampler, hotplug);
	struct kprof_cpu *cpu = sampler->cpus[nr];
	unsigned long flags;

	if (!cpu)
		return 0;
	local_irq_save(flags);
	cpu->state = KPROF_CPU_OFF;
	local_irq_restore(flags);
	hrtimer_cancel(&cpu->timer);
	return 0;
}

int kprof_sampler_register(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "kprof:online",
					    kprof_sampler_online,
					    kprof_sampler_offline);

	if (state < 0)
		return state;
	hotplug_state = state;
	return 0;
}

void kprof_sampler_unregister(void)
{
	cpuhp_remove_multi_state(hotplug_state);
}

static void destroy_stack(struct kprof_stack *stack)
{
	kvfree(stack->frames);
	kvfree(stack->row_cache);
}

static int make_stack(struct kprof_stack *stack,
		      const struct kprof_unwind_config *config)
{
	u32 nr = KPROF_MAX_KERNEL_FRAMES + config->max_depth;

	stack->frames = kvcalloc(nr + DIV_ROUND_UP(nr, 64), sizeof(u64),
				 GFP_KERNEL);
	if (config->walk_rows)
		stack->row_cache = kvzalloc(sizeof(*stack->row_cache),
					    GFP_KERNEL);
	if (stack->frames && (stack->row_cache || !config->walk_rows))
		return 0;
	destroy_stack(stack);
	return -ENOMEM;
}

static void destroy_cpu(struct kprof_cpu *cpu)
{
	if (!cpu)
		return;
	kprof_ring_deinit(&cpu->ring);
	destroy_stack(&cpu->stack);
	kvfree(cpu);
}

static struct kprof_cpu *create_cpu(struct kprof_sampler *sampler, int nr)
{
	struct kprof_cpu *cpu;

	cpu = kvzalloc_node(sizeof(*cpu), GFP_KERNEL, cpu_to_node(nr));
	if (!cpu)
		return NULL;
	cpu->sampler = sampler;
	cpu->cpu = nr;
	cpu->every = 1;
	cpu->throttle_told = 1;
	cpu->max_every = max_t(u64, 1, div64_u64(KPROF_BUDGET_WINDOW_NS,
						 sampler->period_ns));
	cpu->wake_at = sampler->wakeup_bytes;
	if (make_stack(&cpu->stack, &sampler->unwind))
		goto err_cpu;
	if (kprof_ring_init(&cpu->ring, sampler->ring_bytes, nr))
		goto err_stack;
	kprof_cells_init(&cpu->cells, sampler->period_ns, sampler->seed + nr,
			 sampler->jitter);
	hrtimer_setup(&cpu->timer, kprof_sampler_tick, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
	return cpu;

err_stack:
	destroy_stack(&cpu->stack);
err_cpu:
	kvfree(cpu);
	return NULL;
}

int kprof_sampler_init(struct kprof_sampler *sampler)
{
	int nr;

	sampler->cpus = kcalloc(nr_cpu_ids, sizeof(*sampler->cpus), GFP_KERNEL);
	if (!sampler->cpus)
		return -ENOMEM;
	for_each_cpu(nr, sampler->mask) {
		sampler->cpus[nr] = create_cpu(sampler, nr);
		if (!sampler->cpus[nr]) {
			kprof_sampler_deinit(sampler);
			return -ENOMEM;
		}
	}
	return 0;
}

void kprof_sampler_deinit(struct kprof_sampler *sampler)
{
	int nr;

	if (!sampler->cpus)
		return;
	for (nr = 0; nr < nr_cpu_ids; nr++)
		destroy_cpu(sampler->cpus[nr]);
	kfree(sampler->cpus);
	sampler->cpus = NULL;
}

int kprof_sampler_start(struct kprof_sampler *sampler)
{
	int err;

	if (!sampler->start_ns) {
		kprof_budget_calibrate();
		sampler->start_ns = ktime_get_mono_fast_ns();
	}
	err = cpuhp_state_add_instance(hotplug_state, &sampler->hotplug);
	sampler->running = !err;
	return err;
}

void kprof_sampler_stop(struct kprof_sampler *sampler)
{
	if (!sampler->running)
		return;
	cpuhp_state_remove_instance(hotplug_state, &sampler->hotplug);
	sampler->running = false;
}

void kprof_sampler_count(const struct kprof_sampler *sampler,
			 struct kprof_stats *stats)
{
	int nr;

	for_each_cpu(nr, sampler->mask) {
		const struct kprof_counts *counts = &sampler->cpus[nr]->counts;
		/* Read first: what is lost later has been taken by then. */
		u64 lost_samples = READ_ONCE(counts->lost_samples);
		u64 lost_weight = READ_ONCE(counts->lost_weight);
		u64 taken_samples = READ_ONCE(counts->taken_samples);
		u64 taken_weight = READ_ONCE(counts->taken_weight);

		stats->interrupts += READ_ONCE(counts->interrupts);
		stats->taken_samples += taken_samples;
		stats->taken_weight += taken_weight;
		stats->lost_samples[KPROF_LOST_RING_FULL] += lost_samples;
		stats->lost_weight[KPROF_LOST_RING_FULL] += lost_weight;
		stats->delivered_samples += taken_samples - lost_samples;
		stats->delivered_weight += taken_weight - lost_weight;
		stats->missed_cells += READ_ONCE(counts->missed_cells);
		stats->denied_samples += READ_ONCE(counts->denied_samples);
		stats->handler_ns += READ_ONCE(counts->handler_ns);
		stats->handler_measured += READ_ONCE(counts->handler_measured);
		stats->handler_max_ns = max(stats->handler_max_ns,
					    READ_ONCE(counts->handler_max_ns));
	}
}
