// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of recordings in the background, on disk.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/session_dir.h"

#include "util/cleanup.h"
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	MAX_FILE_BYTES = 1 << 20,
};

static const char *const files[] = {"status", "log", "exit", "pid"};

/* Places */

/* Nobody else may have prepared it. */
static int check_private(const char *path)
{
	struct stat st;

	if (lstat(path, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 022)
		return -EPERM;
	return 0;
}

int kprof_sessions_path(char **ret)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int bytes;

	if (!geteuid())
		bytes = asprintf(ret, "/run/kprof");
	else if (runtime && *runtime == '/')
		bytes = asprintf(ret, "%s/kprof", runtime);
	else
		bytes = asprintf(ret, "/tmp/kprof-%u", (unsigned int)geteuid());
	if (bytes >= 0)
		return 0;
	*ret = NULL;
	return -ENOMEM;
}

static int session_path(const char *name, char **ret)
{
	_cleanup_free_ char *sessions = NULL;
	int err = kprof_sessions_path(&sessions);

	if (err)
		return err;
	if (asprintf(ret, "%s/%s", sessions, name) >= 0)
		return 0;
	*ret = NULL;
	return -ENOMEM;
}

static int make_private(const char *path)
{
	if (mkdir(path, 0700) && errno != EEXIST)
		return -errno;
	return check_private(path);
}

static int open_dir(struct kprof_session_dir *dir, int pid_flags)
{
	dir->fd = open(dir->path,
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir->fd < 0)
		return -errno;
	dir->lock_fd =
		openat(dir->fd, "pid",
		       O_RDWR | O_CLOEXEC | O_NOFOLLOW | pid_flags, 0600);
	return dir->lock_fd < 0 ? -errno : 0;
}

int kprof_session_dir_create(const char *name, struct kprof_session_dir *ret)
{
	_cleanup_free_ char *sessions = NULL;
	int err = kprof_sessions_path(&sessions);

	*ret = (struct kprof_session_dir)KPROF_SESSION_DIR_INIT;
	if (!err)
		err = make_private(sessions);
	if (!err)
		err = session_path(name, &ret->path);
	if (!err)
		err = make_private(ret->path);
	if (!err)
		err = open_dir(ret, O_CREAT);
	if (err)
		kprof_session_dir_close(ret);
	return err;
}

int kprof_session_dir_open(const char *name, struct kprof_session_dir *ret)
{
	int err;

	*ret = (struct kprof_session_dir)KPROF_SESSION_DIR_INIT;
	err = session_path(name, &ret->path);
	if (!err)
		err = check_private(ret->path);
	if (!err)
		err = open_dir(ret, 0);
	if (err)
		kprof_session_dir_close(ret);
	return err;
}

void kprof_session_dir_close(struct kprof_session_dir *dir)
{
	kprof_cleanup_close(&dir->fd);
	kprof_cleanup_close(&dir->lock_fd);
	free(dir->path);
	*dir = (struct kprof_session_dir)KPROF_SESSION_DIR_INIT;
}

/*
 * The lock: of the open file, so that a child that inherits it holds it too,
 * and one that can be asked about without taking it.
 */

static int lock(const struct kprof_session_dir *dir, int command, short type,
		struct flock *ret)
{
	*ret = (struct flock){.l_type = type, .l_whence = SEEK_SET};
	return fcntl(dir->lock_fd, command, ret) ? -errno : 0;
}

/* The file may have been removed between opening and locking it. */
static bool is_in_place(const struct kprof_session_dir *dir)
{
	struct stat ours, there;

	return !fstat(dir->lock_fd, &ours) &&
	       !fstatat(dir->fd, "pid", &there, AT_SYMLINK_NOFOLLOW) &&
	       ours.st_ino == there.st_ino;
}

int kprof_session_dir_lock(struct kprof_session_dir *dir)
{
	struct flock flock;
	char pid[16];
	int err = lock(dir, F_OFD_SETLK, F_WRLCK, &flock);

	if (err == -EAGAIN || err == -EACCES)
		return -EWOULDBLOCK;
	if (err)
		return err;
	if (!is_in_place(dir))
		return -EWOULDBLOCK;
	unlinkat(dir->fd, "status", 0);
	unlinkat(dir->fd, "exit", 0);
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(dir->lock_fd, 0) ||
	    pwrite(dir->lock_fd, pid, strlen(pid), 0) < 0)
		return -errno;
	return 0;
}

int kprof_session_dir_wait(const struct kprof_session_dir *dir)
{
	struct flock flock;
	int err;

	do
		err = lock(dir, F_OFD_SETLKW, F_WRLCK, &flock);
	while (err == -EINTR);
	return err;
}

enum kprof_session_state
kprof_session_dir_state(const struct kprof_session_dir *dir)
{
	struct flock flock;

	if (!lock(dir, F_OFD_GETLK, F_WRLCK, &flock) && flock.l_type != F_UNLCK)
		return KPROF_SESSION_RUNNING;
	return faccessat(dir->fd, "exit", F_OK, 0) ? KPROF_SESSION_DIED
						   : KPROF_SESSION_ENDED;
}

void kprof_session_dir_remove(struct kprof_session_dir *dir)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlinkat(dir->fd, files[i], 0);
	rmdir(dir->path);
}

/* Files */

int kprof_session_dir_write(const struct kprof_session_dir *dir,
			    const char *file, const char *text)
{
	_cleanup_close_ int fd = -1;
	char temporary[32];
	int err;

	/* Whoever reads it gets the old one or the new one. */
	snprintf(temporary, sizeof(temporary), ".%s", file);
	fd = openat(dir->fd, temporary,
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		    0600);
	if (fd < 0)
		return -errno;
	err = kprof_io_write(fd, text, strlen(text));
	if (!err && renameat(dir->fd, temporary, dir->fd, file))
		err = -errno;
	if (err)
		unlinkat(dir->fd, temporary, 0);
	return err;
}

char *kprof_session_dir_read(const struct kprof_session_dir *dir,
			     const char *file)
{
	_cleanup_close_ int fd =
		openat(dir->fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	size_t bytes;
	char *text;

	if (fd < 0 || kprof_io_read_all(fd, MAX_FILE_BYTES, &text, &bytes))
		return NULL;
	return text;
}

pid_t kprof_session_dir_pid(const struct kprof_session_dir *dir)
{
	_cleanup_free_ char *text = kprof_session_dir_read(dir, "pid");

	return text ? atoi(text) : 0;
}

int kprof_session_dir_open_log(const struct kprof_session_dir *dir)
{
	int fd = openat(dir->fd, "log",
			O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC |
				O_NOFOLLOW,
			0600);

	return fd < 0 ? -errno : fd;
}

/* Status */

int kprof_session_status_write(const struct kprof_session_dir *dir,
			       const struct kprof_session_status *status)
{
	_cleanup_free_ char *text = NULL;

	if (asprintf(&text,
		     "%d %" PRIu32 " %.1f %" PRIu64 " %" PRIu64 " %" PRIu64
		     " %.2f %.3f %.1f %d\n%s\n%s\n",
		     (int)status->pid, status->rate_hz, status->seconds,
		     status->samples, status->lost, status->missed,
		     status->cost_us, status->cpu_percent, status->longest_us,
		     status->is_throttled, status->targets,
		     status->output) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return kprof_session_dir_write(dir, "status", text);
}

/* The next line of *text, which moves behind it. */
static void take_line(const char **text, char *ret, size_t bytes)
{
	size_t len = strcspn(*text, "\n");

	snprintf(ret, bytes, "%.*s", (int)len, *text);
	*text += len + ((*text)[len] == '\n');
}

int kprof_session_status_read(const struct kprof_session_dir *dir,
			      struct kprof_session_status *ret)
{
	_cleanup_free_ char *text = kprof_session_dir_read(dir, "status");
	const char *at = text;
	char numbers[256];
	int pid, is_throttled;

	if (!text)
		return -ENOENT;
	*ret = (struct kprof_session_status){};
	take_line(&at, numbers, sizeof(numbers));
	take_line(&at, ret->targets, sizeof(ret->targets));
	take_line(&at, ret->output, sizeof(ret->output));
	if (sscanf(numbers,
		   "%d %" SCNu32 " %lf %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %lf %lf %lf %d",
		   &pid, &ret->rate_hz, &ret->seconds, &ret->samples,
		   &ret->lost, &ret->missed, &ret->cost_us, &ret->cpu_percent,
		   &ret->longest_us, &is_throttled) != 10)
		return -EBADMSG;
	ret->pid = pid;
	ret->is_throttled = is_throttled;
	return 0;
}
