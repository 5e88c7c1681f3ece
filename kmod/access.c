// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may sample whom.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * ptrace_may_access() is not exported. But opening /proc/PID/maps runs it,
 * with all security modules, so an unprivileged caller names a process by a
 * descriptor of that file, and the module opens the same file again with the
 * caller's credentials.
 */
#include "access.h"

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/string.h>

static bool both_have(const struct file *device, int capability)
{
	return file_ns_capable(device, &init_user_ns, capability) &&
	       capable(capability);
}

bool kprof_access_is_privileged(const struct file *device)
{
	return both_have(device, CAP_PERFMON) ||
	       both_have(device, CAP_SYS_ADMIN);
}

bool kprof_access_kernel_addresses(const struct file *device)
{
	return file_ns_capable(device, &init_user_ns, CAP_SYSLOG);
}

/* The number in /proc/NUMBER/maps; -EINVAL for any other file. */
static int maps_file_number(const struct file *file)
{
	struct super_block *sb = file_inode(file)->i_sb;
	char name[sizeof("4194304")];
	struct dentry *parent;
	bool is_maps;
	int number;

	if (sb->s_magic != PROC_SUPER_MAGIC)
		return -EINVAL;
	parent = dget_parent(file->f_path.dentry);
	spin_lock(&file->f_path.dentry->d_lock);
	is_maps = !strcmp(file->f_path.dentry->d_name.name, "maps");
	spin_unlock(&file->f_path.dentry->d_lock);
	/* Not /proc/PID/task/TID/maps, whose parent's parent is not the root. */
	is_maps = is_maps && parent->d_parent == sb->s_root;
	spin_lock(&parent->d_lock);
	strscpy(name, parent->d_name.name, sizeof(name));
	spin_unlock(&parent->d_lock);
	dput(parent);
	if (!is_maps || kstrtoint(name, 10, &number) || number <= 0)
		return -EINVAL;
	return number;
}

/*
 * Kernel threads have no memory, and procfs opens their maps unchecked. Into a
 * user namespace that a user has made, the kernel lets the user look.
 */
static int check_process(struct pid *pid, bool privileged)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);
	int err = 0;

	if (!task)
		return -ESRCH;
	if (task->flags & PF_KTHREAD)
		err = -EINVAL;
	else if (!privileged &&
		 task_cred_xxx(task, user_ns) != current_user_ns())
		err = -EPERM;
	put_task_struct(task);
	return err;
}

static int check_by_opening(const struct file *file)
{
	struct file *again = dentry_open(&file->f_path, O_RDONLY | O_LARGEFILE,
					 current_cred());

	if (IS_ERR(again))
		return PTR_ERR(again) == -EACCES ? -EPERM : PTR_ERR(again);
	fput(again);
	return 0;
}

/*
 * The pid is taken by number before the file is opened: if the open succeeds,
 * the process behind the file is alive, and the number was its all the time.
 */
static int pid_from_maps_file(const struct file *file, bool privileged,
			      struct pid **ret)
{
	int number = maps_file_number(file);
	struct pid *pid;
	int err;

	if (number < 0)
		return number;
	rcu_read_lock();
	pid = get_pid(find_pid_ns(number, proc_pid_ns(file_inode(file)->i_sb)));
	rcu_read_unlock();
	if (!pid)
		return -ESRCH;
	err = check_process(pid, privileged);
	if (!err)
		err = check_by_opening(file);
	if (err) {
		put_pid(pid);
		return err;
	}
	*ret = pid;
	return 0;
}

int kprof_access_pid_from_maps_fd(int fd, bool privileged, struct pid **ret)
{
	struct file *file = fget(fd);
	int err;

	if (!file)
		return -EBADF;
	err = pid_from_maps_file(file, privileged, ret);
	fput(file);
	return err;
}

static bool same_ids(const struct cred *cred, const struct cred *opener)
{
	return uid_eq(cred->uid, opener->fsuid) &&
	       uid_eq(cred->euid, opener->fsuid) &&
	       uid_eq(cred->suid, opener->fsuid) &&
	       gid_eq(cred->gid, opener->fsgid) &&
	       gid_eq(cred->egid, opener->fsgid) &&
	       gid_eq(cred->sgid, opener->fsgid);
}

/*
 * What the kernel's read check compares with file-system credentials
 * (__ptrace_may_access, cap_ptrace_access_check), but for the hooks of other
 * security modules, which only run when a process is named.
 */
bool kprof_access_allows_sample(const struct cred *opener,
				struct task_struct *task)
{
	const struct cred *cred =
		rcu_dereference_check(task->real_cred, irqs_disabled() ||
						       rcu_read_lock_held());

	return same_ids(cred, opener) && cred->user_ns == opener->user_ns &&
	       cap_issubset(cred->cap_permitted, opener->cap_effective) &&
	       !(task->flags & PF_KTHREAD) && kprof_task_dumpable(task);
}
