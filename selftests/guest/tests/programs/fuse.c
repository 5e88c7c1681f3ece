// SPDX-License-Identifier: GPL-2.0
/*
 * A file system in user space, by the kernel's own protocol: just enough to
 * look a file up, map it, read it and write it.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "fuse.h"
#include "common.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define FILE_NODE    2
#define BUFFER_BYTES (1 << 17)
/* A page, so that nothing is read that nobody wants */
#define MOST_BYTES 4096
#define FOR_EVER   1000000

struct content {
	const void *data;
	size_t bytes;
};

static void answer(int fd, uint64_t unique, int error, const void *data,
		   size_t bytes)
{
	struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + bytes),
		.error = error,
		.unique = unique,
	};
	struct iovec parts[] = {
		{&head, sizeof(head)},
		{(void *)(uintptr_t)data, bytes},
	};

	/* Whoever asked may be gone. */
	if (writev(fd, parts, 2) < 0 && errno != ENOENT)
		die("answering the kernel");
}

static struct fuse_attr attributes(uint64_t node, const struct content *content)
{
	bool is_file = node == FILE_NODE;

	return (struct fuse_attr){
		.ino = node,
		.size = is_file ? content->bytes : 0,
		.blocks = content->bytes / 512,
		.mode = is_file ? S_IFREG | 0777 : S_IFDIR | 0755,
		.nlink = 1,
		.blksize = 4096,
	};
}

static void answer_init(int fd, uint64_t unique)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = 31,
		.max_readahead = MOST_BYTES,
		.flags = FUSE_ASYNC_READ,
		.max_background = 16,
		.congestion_threshold = 16,
		.max_write = MOST_BYTES,
		.time_gran = 1,
	};

	answer(fd, unique, 0, &out, sizeof(out));
}

static void answer_lookup(int fd, uint64_t unique,
			  const struct content *content)
{
	struct fuse_entry_out out = {
		.nodeid = FILE_NODE,
		.entry_valid = FOR_EVER,
		.attr_valid = FOR_EVER,
		.attr = attributes(FILE_NODE, content),
	};

	answer(fd, unique, 0, &out, sizeof(out));
}

static void answer_attributes(int fd, const struct fuse_in_header *in,
			      const struct content *content)
{
	struct fuse_attr_out out = {
		.attr_valid = FOR_EVER,
		.attr = attributes(in->nodeid, content),
	};

	answer(fd, in->unique, 0, &out, sizeof(out));
}

static void answer_read(int fd, uint64_t unique, const struct fuse_read_in *in,
			const struct content *content)
{
	size_t offset =
		in->offset < content->bytes ? in->offset : content->bytes;
	size_t left = content->bytes - offset;

	answer(fd, unique, 0, (const char *)content->data + offset,
	       in->size < left ? in->size : left);
}

static void serve(int fd, const struct fuse_in_header *in,
		  const struct content *content)
{
	const struct fuse_write_in *write_in = (const void *)(in + 1);
	struct fuse_write_out write_out = {};
	struct fuse_open_out open_out = {.open_flags = FOPEN_KEEP_CACHE};

	switch (in->opcode) {
	case FUSE_INIT:
		answer_init(fd, in->unique);
		break;
	case FUSE_LOOKUP:
		answer_lookup(fd, in->unique, content);
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		answer_attributes(fd, in, content);
		break;
	case FUSE_OPEN:
		answer(fd, in->unique, 0, &open_out, sizeof(open_out));
		break;
	case FUSE_READ:
		answer_read(fd, in->unique, (const void *)(in + 1), content);
		break;
	case FUSE_WRITE:
		write_out.size = write_in->size;
		answer(fd, in->unique, 0, &write_out, sizeof(write_out));
		break;
	case FUSE_RELEASE:
		answer(fd, in->unique, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(fd, in->unique, -ENOSYS, NULL, 0);
	}
}

static void serve_all(int fd, const struct content *content)
{
	static uint64_t buffer[BUFFER_BYTES / 8];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		ssize_t bytes = read(fd, buffer, sizeof(buffer));

		/* Unmounted, or a request that was taken back */
		if (bytes < 0 && errno == ENODEV)
			_exit(0);
		if (bytes >= (ssize_t)sizeof(struct fuse_in_header))
			serve(fd, (const void *)buffer, content);
	}
}

struct fuse fuse_start(char *directory, const void *content, size_t bytes)
{
	const struct content all = {content, bytes};
	struct fuse fuse = {.directory = directory};
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	if (fd < 0)
		die("/dev/fuse");
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if ((mkdir(directory, 0755) && errno != EEXIST) ||
	    mount("hanging", directory, "fuse", 0, options))
		die("%s", directory);
	fuse.pid = fork();
	if (!fuse.pid)
		serve_all(fd, &all);
	close(fd);
	return fuse;
}

void fuse_hang(const struct fuse *fuse)
{
	int status;

	kill(fuse->pid, SIGSTOP);
	if (waitpid(fuse->pid, &status, WUNTRACED) != fuse->pid ||
	    !WIFSTOPPED(status))
		die("stopping the daemon");
}

void fuse_go_on(const struct fuse *fuse)
{
	kill(fuse->pid, SIGCONT);
}

/* Its end is the end of the connection: whoever waits gets an error. */
void fuse_end(struct fuse *fuse)
{
	kill(fuse->pid, SIGKILL);
	waitpid(fuse->pid, NULL, 0);
	umount2(fuse->directory, MNT_DETACH);
}
