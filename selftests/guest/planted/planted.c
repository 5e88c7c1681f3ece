// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits one mistake on purpose, when it is loaded, to prove that a kernel made
 * to find such mistakes does, and that "run" believes it. Never for a machine
 * that somebody uses.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>

static char *mistake = "";
module_param(mistake, charp, 0444);
MODULE_PARM_DESC(mistake, "Which one");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spinning);
static DEFINE_RAW_SPINLOCK(raw);

/*
 * A cache of its own: the allocator looks at what is written in freed memory
 * when it gives the cache's pages back, where nothing found it before.
 */
static int use_after_free(void)
{
	struct kmem_cache *cache;
	u64 *object;

	cache = kmem_cache_create("planted", 256, 0, 0, NULL);
	if (!cache)
		return -ENOMEM;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	if (!object) {
		kmem_cache_destroy(cache);
		return -ENOMEM;
	}
	kmem_cache_free(cache, object);
	OPTIMIZER_HIDE_VAR(object);
	/* The first word may be the allocator's own */
	object[16] = 1;
	kmem_cache_destroy(cache);
	return 0;
}

/* Several, as a stale copy on a stack may look like a reference to one */
static int leak(void)
{
	void *object;
	int i;

	for (i = 0; i < 16; i++) {
		object = kmalloc(1000, GFP_KERNEL);
		if (!object)
			return -ENOMEM;
		OPTIMIZER_HIDE_VAR(object);
	}
	return 0;
}

static int lock_inversion(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
	return 0;
}

/* On PREEMPT_RT the inner lock sleeps */
static int raw_nesting(void)
{
	raw_spin_lock(&raw);
	spin_lock(&spinning);
	spin_unlock(&spinning);
	raw_spin_unlock(&raw);
	return 0;
}

static int atomic_sleep(void)
{
	void *object;

	spin_lock(&spinning);
	object = kmalloc(100, GFP_KERNEL);
	spin_unlock(&spinning);
	kfree(object);
	return 0;
}

static int undefined_shift(void)
{
	int bits = 40;

	OPTIMIZER_HIDE_VAR(bits);
	return (1 << bits) == 3 ? -EDOM : 0;
}

static void never(struct timer_list *timer)
{
}

static int free_active_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return -ENOMEM;
	timer_setup(timer, never, 0);
	mod_timer(timer, jiffies + 1000 * HZ);
	kfree(timer);
	return 0;
}

static unsigned long shared;
static DECLARE_COMPLETION(counted);

static int count(void *unused)
{
	unsigned long i;

	for (i = 0; i < 1000000; i++) {
		shared++;
		barrier();
		cond_resched();
	}
	complete(&counted);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

static int race(void)
{
	struct task_struct *one, *other;

	one = kthread_run(count, NULL, "planted/1");
	if (IS_ERR(one))
		return PTR_ERR(one);
	other = kthread_run(count, NULL, "planted/2");
	wait_for_completion(&counted);
	if (!IS_ERR(other)) {
		wait_for_completion(&counted);
		kthread_stop(other);
	}
	kthread_stop(one);
	return PTR_ERR_OR_ZERO(other);
}

static const struct {
	const char *name;
	int (*commit)(void);
} mistakes[] = {
	{ "use_after_free", use_after_free },
	{ "leak", leak },
	{ "lock_inversion", lock_inversion },
	{ "raw_nesting", raw_nesting },
	{ "atomic_sleep", atomic_sleep },
	{ "undefined_shift", undefined_shift },
	{ "free_active_timer", free_active_timer },
	{ "race", race },
};

static int __init planted_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++)
		if (!strcmp(mistakes[i].name, mistake))
			return mistakes[i].commit();
	return -EINVAL;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);
MODULE_DESCRIPTION("Mistakes on purpose, to test the testers");
MODULE_LICENSE("GPL");
