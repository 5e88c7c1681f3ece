// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/kprof: copies in, validates, calls the session.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "chardev.h"
#include "session.h"

#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/kprof.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

static int kprof_chardev_open(struct inode *inode, struct file *file)
{
	struct kprof_session *session;
	int err = kprof_session_create(file, &session);

	if (err)
		return err;
	file->private_data = session;
	kprof_allow_high_offsets(file);
	return 0;
}

static int kprof_chardev_release(struct inode *inode, struct file *file)
{
	kprof_session_close(file->private_data);
	return 0;
}

/*
 * Structs that only go out start with the size that the caller has room for,
 * so that they can grow. 8 bytes always come back: size and flags.
 */
static int copy_grown(void __user *to, void *from, u32 bytes)
{
	u32 room;

	if (get_user(room, (u32 __user *)to))
		return -EFAULT;
	if (room < 2 * sizeof(u32))
		return -EINVAL;
	room = min(room, bytes);
	*(u32 *)from = room;
	return copy_to_user(to, from, room) ? -EFAULT : 0;
}

static int ioctl_info(void __user *arg)
{
	struct kprof_info info;

	kprof_session_info(&info);
	return copy_grown(arg, &info, sizeof(info));
}

static int ioctl_stats(struct kprof_session *session, void __user *arg)
{
	struct kprof_stats stats;
	int err = kprof_session_stats(session, &stats);

	return err ?: copy_grown(arg, &stats, sizeof(stats));
}

static_assert(KPROF_MAX_CPUS_BYTES * 8 >= NR_CPUS);

/* Bit n of the caller's bytes is CPU n, whatever the size of a word is. */
static int get_cpus(const struct kprof_setup_args *args, struct cpumask *mask)
{
	const u8 __user *from = u64_to_user_ptr(args->cpus);
	u32 at, bit;
	u8 byte;

	cpumask_clear(mask);
	for (at = 0; at < args->cpus_bytes; at++) {
		if (get_user(byte, from + at))
			return -EFAULT;
		for (bit = 0; bit < 8; bit++) {
			if (!(byte & (1U << bit)))
				continue;
			if (at * 8 + bit >= nr_cpu_ids)
				return -EINVAL;
			cpumask_set_cpu(at * 8 + bit, mask);
		}
	}
	return 0;
}

static int put_cpus(const struct kprof_setup_args *args,
		    struct kprof_session *session)
{
	u8 __user *to = u64_to_user_ptr(args->cpus);
	u32 at, bit;

	for (at = 0; at < args->cpus_bytes; at++) {
		u8 byte = 0;

		for (bit = 0; bit < 8; bit++)
			if (kprof_session_ring(session,
					       KPROF_RING_CPU(at * 8 + bit)))
				byte |= 1U << bit;
		if (put_user(byte, to + at))
			return -EFAULT;
	}
	return 0;
}

/* A bitmap that names no CPU asks for the default set. */
static int set_up(struct kprof_session *session, const struct file *file,
		  struct kprof_setup_args *args, struct cpumask *mask)
{
	int err = 0;

	if (args->cpus)
		err = get_cpus(args, mask);
	if (err)
		return err;
	err = kprof_session_setup(session, file, args,
				  cpumask_empty(mask) ? NULL : mask);
	if (!err && args->cpus)
		err = put_cpus(args, session);
	return err;
}

static int ioctl_setup(struct kprof_session *session, const struct file *file,
		       void __user *arg)
{
	struct kprof_setup_args args;
	cpumask_var_t mask;
	int err;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.size != sizeof(args) || !args.cpus != !args.cpus_bytes ||
	    args.cpus_bytes > KPROF_MAX_CPUS_BYTES)
		return -EINVAL;
	if (!zalloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	err = set_up(session, file, &args, mask);
	free_cpumask_var(mask);
	if (!err && copy_to_user(arg, &args, sizeof(args)))
		err = -EFAULT;
	return err;
}

static int ioctl_attach(struct kprof_session *session, const struct file *file,
			void __user *arg)
{
	struct kprof_attach_args args;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.size != sizeof(args))
		return -EINVAL;
	return kprof_session_attach(session, file, &args);
}

static int ioctl_load(struct kprof_session *session, void __user *arg)
{
	struct kprof_load_args args;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (args.size != sizeof(args))
		return -EINVAL;
	return kprof_session_load(session, &args);
}

static long session_ioctl(struct kprof_session *session, const struct file *file,
			  unsigned int command, void __user *arg)
{
	switch (command) {
	case KPROF_IOC_SETUP:
		return ioctl_setup(session, file, arg);
	case KPROF_IOC_ATTACH:
		return ioctl_attach(session, file, arg);
	case KPROF_IOC_START:
		return kprof_session_start(session);
	case KPROF_IOC_STOP:
		return kprof_session_stop(session);
	case KPROF_IOC_FLUSH:
		return kprof_session_flush(session);
	case KPROF_IOC_STATS:
		return ioctl_stats(session, arg);
	case KPROF_IOC_LOAD:
		return ioctl_load(session, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

/*
 * One at a time for each session. User memory is copied meanwhile, which may
 * take as long as a FUSE daemon or a userfaultfd likes: whoever waits for that
 * can be killed.
 */
static long kprof_chardev_ioctl(struct file *file, unsigned int command,
				unsigned long arg)
{
	struct kprof_session *session = file->private_data;
	void __user *user = (void __user *)arg;
	long ret;

	if (command == KPROF_IOC_INFO)
		return ioctl_info(user);
	if (mutex_lock_killable(&session->lock))
		return -EINTR;
	ret = session_ioctl(session, file, command, user);
	mutex_unlock(&session->lock);
	return ret;
}

static bool is_set_up(struct kprof_session *session)
{
	/* What SETUP made is seen by whoever sees that it is done. */
	return smp_load_acquire(&session->state) != KPROF_SESSION_NEW;
}

static int kprof_chardev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct kprof_session *session = file->private_data;
	unsigned long pages_per_ring = KPROF_MMAP_STRIDE >> PAGE_SHIFT;
	struct kprof_ring *ring;
	int err;

	if (KPROF_ALIASING_CACHE)
		return -ENODEV;
	if (current->mm != session->opener_mm)
		return -EPERM;
	if (!(vma->vm_flags & VM_SHARED) || vma->vm_flags & VM_EXEC ||
	    vma->vm_pgoff % pages_per_ring)
		return -EINVAL;
	if (!is_set_up(session))
		return -EBADFD;
	ring = kprof_session_ring(session, vma->vm_pgoff / pages_per_ring);
	if (!ring || vma->vm_end - vma->vm_start != kprof_ring_map_bytes(ring))
		return -EINVAL;
	err = kprof_session_choose_output(session, KPROF_OUTPUT_MMAP);
	if (err)
		return err;
	vm_flags_set(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP);
	/*
	 * A snapshot holds the files of executable mappings, and may wait for
	 * this session's reader, who must be able to end the session.
	 */
	vm_flags_clear(vma, VM_MAYEXEC);
	return kprof_ring_mmap(ring, vma);
}

static bool is_flushed(struct kprof_session *session)
{
	/* The final record is seen by whoever sees that it is written. */
	return smp_load_acquire(&session->state) == KPROF_SESSION_FLUSHED;
}

static __poll_t kprof_chardev_poll(struct file *file, poll_table *wait)
{
	struct kprof_session *session = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &session->readers, wait);
	if (!is_set_up(session))
		return EPOLLERR;
	if (kprof_session_has_data(session))
		events |= EPOLLIN | EPOLLRDNORM;
	if (is_flushed(session))
		events |= EPOLLHUP;
	return events;
}

static int ring_cpu(int index)
{
	return index - KPROF_RING_CPU(0);
}

/* A ring's records behind a record that names it. 0: the ring is empty. */
static ssize_t read_ring(struct kprof_session *session, int index,
			 char __user *to, size_t room)
{
	struct kprof_ring *ring = kprof_session_ring(session, index);
	struct kprof_record_ring name = {
		.rec = { .type = KPROF_REC_RING, .size = sizeof(name) },
		.cpu = ring_cpu(index),
	};
	ssize_t bytes;

	if (!ring)
		return 0;
	if (room < sizeof(name))
		return -EMSGSIZE;
	/* First, because what has been read from the ring is gone. */
	if (copy_to_user(to, &name, sizeof(name)))
		return -EFAULT;
	bytes = kprof_ring_read(ring, to + sizeof(name), room - sizeof(name));
	return bytes > 0 ? bytes + sizeof(name) : bytes;
}

/* All rings once, beginning with the one whose turn it is. */
static ssize_t read_rings(struct kprof_session *session, char __user *to,
			  size_t room)
{
	int nr = KPROF_RING_CPU(nr_cpu_ids);
	size_t done = 0;
	int n;

	for (n = 0; n < nr; n++) {
		int index = (session->read_ring + n) % nr;
		ssize_t bytes = read_ring(session, index, to + done,
					  room - done);

		if (bytes == -EMSGSIZE) {
			session->read_ring = index;
			return done ?: -EINVAL;
		}
		if (bytes < 0)
			return done ?: bytes;
		done += bytes;
	}
	return done;
}

/* The state is looked at before the rings: what is in them then is all. */
static ssize_t read_once(struct kprof_session *session, char __user *to,
			 size_t room, bool *end)
{
	ssize_t bytes;

	*end = is_flushed(session);
	if (mutex_lock_interruptible(&session->read_lock))
		return -ERESTARTSYS;
	bytes = read_rings(session, to, room);
	mutex_unlock(&session->read_lock);
	return bytes;
}

static ssize_t kprof_chardev_read(struct file *file, char __user *to,
				  size_t room, loff_t *pos)
{
	struct kprof_session *session = file->private_data;
	bool end;
	int err = kprof_session_choose_output(session, KPROF_OUTPUT_READ);

	if (err)
		return err;
	for (;;) {
		ssize_t bytes = read_once(session, to, room, &end);

		if (bytes || end)
			return bytes;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(session->readers,
					       kprof_session_has_data(session) ||
					       is_flushed(session));
		if (err)
			return err;
	}
}

static const struct file_operations kprof_chardev_fops = {
	.owner = THIS_MODULE,
	KPROF_HIGH_OFFSETS
	.open = kprof_chardev_open,
	.release = kprof_chardev_release,
	.unlocked_ioctl = kprof_chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = kprof_chardev_mmap,
	.poll = kprof_chardev_poll,
	.read = kprof_chardev_read,
	.llseek = noop_llseek,
};

static struct miscdevice kprof_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KPROF_DEVICE_NAME,
	.mode = 0600,
	.fops = &kprof_chardev_fops,
};

int kprof_chardev_register(void)
{
	return misc_register(&kprof_device);
}

void kprof_chardev_unregister(void)
{
	misc_deregister(&kprof_device);
}
