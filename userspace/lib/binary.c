// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files behind mappings, each once, and kept open.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Files are opened as soon as they are seen: what is deleted or replaced later
 * in the recording can still be symbolized. Descriptors are bounded by the
 * soft limit of the process; beyond it files are left to be opened by path.
 */
#include "lib/binary.h"

#include "lib/elf_file.h"
#include "lib/sym_jitdump.h"
#include "lib/sym_vdso.h"
#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	/* Descriptors left for everything else. */
	SPARE_DESCRIPTORS = 64,
	MAX_DESCRIPTORS = 4096,
};

static const char anonymous_path[] = "//anon";

void kprof_binaries_deinit(struct kprof_binaries *binaries)
{
	vector_for_each (&binaries->all, binary) {
		kprof_cleanup_close(&binary->fd);
		free(binary->path);
	}
	vector_free(&binaries->all);
	kprof_index_deinit(&binaries->index);
}

/* Identity */

static const char *known_build_id(const struct kprof_binary *binary)
{
	return binary->is_known_by_path ? "" : binary->build_id;
}

static bool is_equal(const void *array, uint32_t position, const void *key)
{
	const struct kprof_binary *a =
		(const struct kprof_binary *)array + position;
	const struct kprof_binary *b = key;

	if (*known_build_id(a) || *b->build_id)
		return !strcmp(known_build_id(a), b->build_id);
	return a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor && a->space_id == b->space_id &&
	       a->is_file == b->is_file && !strcmp(a->path, b->path);
}

static uint64_t hash_of(const struct kprof_binary *binary)
{
	if (*binary->build_id)
		return kprof_hash_bytes(binary->build_id,
					strlen(binary->build_id));
	return kprof_hash_combine(
		kprof_hash_bytes(binary->path, strlen(binary->path)),
		kprof_hash_combine(binary->inode, binary->space_id));
}

static void hex_encode(const uint8_t *data, size_t bytes, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (; bytes; data++, bytes--) {
		*ret++ = digits[*data >> 4];
		*ret++ = digits[*data & 15];
	}
}

/* The kernel gives the same code to every process under these names. */
static bool is_shared_special(const char *path)
{
	static const char *const names[] = {"[vdso]", "[vsyscall]", "[vectors]",
					    "[sigpage]"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(path, names[i]))
			return true;
	return false;
}

bool kprof_binary_is_own_vdso(const struct kprof_binary *binary)
{
	return !strcmp(binary->path, "[vdso]") &&
	       binary->dev_major == (sizeof(long) > 4);
}

static void take_build_id(const struct kprof_elf_file *elf,
			  struct kprof_binary *binary)
{
	if (strlen(elf->build_id) < sizeof(binary->build_id)) {
		strcpy(binary->build_id, elf->build_id);
		binary->is_known_by_path = true;
	}
}

/* 32-bit tasks have a [vdso] of their own: tell it by its addresses. */
static void describe_special(const struct kprof_event_mmap *mmap,
			     struct kprof_binary *binary)
{
	if (is_shared_special(binary->path))
		binary->dev_major = mmap->start >> 32 != 0;
	else
		binary->space_id = mmap->space_id;
}

/*
 * Memory that the kernel shows as a file: of memfd_create(), of System V, of
 * mmap() with MAP_SHARED. A program may be run from the first; then it has a
 * build-id.
 */
static bool is_memory(const struct kprof_binary *binary)
{
	static const char *const prefixes[] = {"/memfd:", "/SYSV", "/dev/zero",
					       "/anon_hugepage"};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (!strncmp(binary->path, prefixes[i], strlen(prefixes[i])))
			return !*binary->build_id;
	return false;
}

static int describe(const struct kprof_event_mmap *mmap,
		    struct kprof_binary *ret)
{
	struct kprof_binary binary = {
		.path = mmap->path_bytes ? strndup(mmap->path, mmap->path_bytes)
					 : strdup(anonymous_path),
		.is_file = mmap->path_bytes && !mmap->is_special,
		.fd = -1,
	};

	if (!binary.path)
		return -ENOMEM;
	if (binary.is_file) {
		binary.inode = mmap->inode;
		binary.dev_major = mmap->dev_major;
		binary.dev_minor = mmap->dev_minor;
		hex_encode(mmap->build_id, mmap->build_id_bytes,
			   binary.build_id);
		if (is_memory(&binary))
			binary.space_id = mmap->space_id;
	} else {
		describe_special(mmap, &binary);
	}
	*ret = binary;
	return 0;
}

/* So that it can be named where another kernel runs, which has another one. */
static void identify_vdso(struct kprof_binary *binary)
{
	struct kprof_elf_file *elf;

	if (!kprof_binary_is_own_vdso(binary) || kprof_vdso_open(&elf))
		return;
	take_build_id(elf, binary);
	kprof_elf_file_close(elf);
}

static int add(struct kprof_binaries *binaries, struct kprof_binary *binary,
	       uint64_t hash)
{
	int err = kprof_index_reserve(&binaries->index);

	identify_vdso(binary);
	if (!err)
		err = vector_push(&binaries->all, *binary);
	if (!err)
		err = kprof_index_add(&binaries->index, hash,
				      binaries->all.nr - 1);
	return err;
}

int kprof_binaries_add(struct kprof_binaries *binaries,
		       const struct kprof_event_mmap *mmap, uint32_t *ret)
{
	struct kprof_binary binary;
	int err = describe(mmap, &binary);
	uint32_t found;
	uint64_t hash;

	if (err)
		return err;
	hash = hash_of(&binary);
	found = kprof_index_find(&binaries->index, hash, is_equal,
				 binaries->all.data, &binary);
	if (found != KPROF_INDEX_NONE) {
		free(binary.path);
		*ret = found;
		return 0;
	}
	err = add(binaries, &binary, hash);
	if (err) {
		free(binary.path);
		return err;
	}
	*ret = binaries->all.nr - 1;
	return 0;
}

/* Content */

static size_t max_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) ||
	    limit.rlim_cur > MAX_DESCRIPTORS)
		return MAX_DESCRIPTORS - SPARE_DESCRIPTORS;
	return limit.rlim_cur > SPARE_DESCRIPTORS
		       ? limit.rlim_cur - SPARE_DESCRIPTORS
		       : 1;
}

static bool may_open(struct kprof_binaries *binaries, size_t nr)
{
	if (!binaries->max_open)
		binaries->max_open = max_descriptors();
	return binaries->nr_open + nr <= binaries->max_open;
}

bool kprof_binaries_take_descriptors(struct kprof_binaries *binaries, size_t nr)
{
	if (!may_open(binaries, nr))
		return false;
	binaries->nr_open += nr;
	return true;
}

/*
 * Without a build-id it must be the same inode. File systems without a device
 * (overlay, btrfs) show processes another device number than the kernel has.
 */
static bool is_same_inode(int fd, const struct kprof_binary *binary)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_ino != binary->inode)
		return false;
	return !major(st.st_dev) || !binary->dev_major ||
	       (major(st.st_dev) == binary->dev_major &&
		minor(st.st_dev) == binary->dev_minor);
}

/* Takes the build-id over where the kernel could not read it. */
static bool accept_elf(int fd, const struct kprof_elf_file *elf,
		       struct kprof_binary *binary)
{
	if (*binary->build_id)
		return !strcmp(elf->build_id, binary->build_id);
	if (!is_same_inode(fd, binary))
		return false;
	take_build_id(elf, binary);
	return true;
}

static bool accept_program(int fd, struct kprof_binary *binary)
{
	struct kprof_elf_file *elf;
	bool accepted;

	if (kprof_elf_file_open_fd(fd, &elf))
		return false;
	accepted = accept_elf(fd, elf, binary);
	kprof_elf_file_close(elf);
	return accepted;
}

/* Programs map their jitdump as code, so that it is found among their files. */
static bool accept_jitdump(int fd, struct kprof_binary *binary)
{
	const char *slash = strrchr(binary->path, '/');
	int len = 0;

	if (!slash)
		return false;
	sscanf(slash, "/jit-%*[0-9].dump%n", &len);
	if (!len || slash[len] || !is_same_inode(fd, binary) ||
	    !kprof_jitdump_is_dump(fd))
		return false;
	binary->is_jitdump = true;
	return true;
}

/*
 * O_NONBLOCK, and a look at the kind before reading: a path may have become a
 * FIFO or a device that does things when it is read.
 */
static bool try_open(struct kprof_binary *binary, const char *path)
{
	_cleanup_close_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 ||
	    (!accept_program(fd, binary) && !accept_jitdump(fd, binary)))
		return false;
	binary->fd = no_cleanup_fd(fd);
	return true;
}

static bool open_mapped(struct kprof_binary *binary,
			const struct kprof_binary_hint *hint)
{
	char path[80];

	snprintf(path, sizeof(path),
		 "/proc/%" PRId32 "/map_files/%" PRIx64 "-%" PRIx64, hint->pid,
		 hint->start, hint->end);
	return try_open(binary, path);
}

static bool open_in_root(struct kprof_binary *binary,
			 const struct kprof_binary_hint *hint)
{
	char path[PATH_MAX + 32];

	if (hint->is_deleted || *binary->path != '/')
		return false;
	snprintf(path, sizeof(path), "/proc/%" PRId32 "/root%s", hint->pid,
		 binary->path);
	return try_open(binary, path);
}

static bool open_executable(struct kprof_binary *binary,
			    const struct kprof_binary_hint *hint)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%" PRId32 "/exe", hint->pid);
	return try_open(binary, path);
}

void kprof_binaries_open(struct kprof_binaries *binaries, uint32_t nr,
			 const struct kprof_binary_hint *hint)
{
	struct kprof_binary *binary = &binaries->all.data[nr];
	bool opened;

	if (!binary->is_file || binary->fd >= 0 || !may_open(binaries, 1))
		return;
	if (binary->space_id) {
		/* Nowhere else: inode numbers of memory say little. */
		binaries->nr_open += hint->pid > 0 && open_mapped(binary, hint);
		return;
	}
	opened = !hint->is_deleted && *binary->path == '/' &&
		 try_open(binary, binary->path);
	if (!opened && hint->pid > 0)
		opened = open_mapped(binary, hint) ||
			 open_in_root(binary, hint) ||
			 open_executable(binary, hint);
	binaries->nr_open += opened;
}
