/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An ELF file that is read: identity, program headers, bytes.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef LIB_ELF_FILE_H
#define LIB_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libelf.h>

enum {
	/* Longest build-id that is understood, in bytes. */
	KPROF_ELF_BUILD_ID_MAX = 64,
	KPROF_ELF_BUILD_ID_HEX = 2 * KPROF_ELF_BUILD_ID_MAX + 1,
};

/**
 * struct kprof_elf_segment - a PT_LOAD program header
 * @offset: in the file
 * @file_bytes: how much of it is in the file
 * @vaddr: where the linker put it
 * @memory_bytes: its size in memory
 * @is_executable: PF_X
 */
struct kprof_elf_segment {
	uint64_t offset;
	uint64_t file_bytes;
	uint64_t vaddr;
	uint64_t memory_bytes;
	bool is_executable;
};

/**
 * struct kprof_elf_file - an ELF program or shared object
 * @elf: for libelf calls that read
 * @machine: EM_*
 * @build_id: lower-case hexadecimal, "" if it has none
 * @segments: the PT_LOAD ones
 * @nr_segments: how many
 * @takes_objects: relocatable files are welcome
 * @fd: the file, -1 if @memory is it
 * @owns_fd: closes it
 * @memory: the file's bytes, owned by somebody else
 * @size: of the file in bytes
 * @is_partial: its .symtab does not know every function
 */
struct kprof_elf_file {
	Elf *elf;
	unsigned int machine;
	char build_id[KPROF_ELF_BUILD_ID_HEX];
	struct kprof_elf_segment *segments;
	size_t nr_segments;
	bool takes_objects;
	int fd;
	bool owns_fd;
	const void *memory;
	uint64_t size;
	bool is_partial;
};

/*
 * -ENOEXEC for what is no ELF program or shared object, -EINVAL for what is no
 * regular file. Opening never waits: no FIFO or device is opened.
 */
int kprof_elf_file_open(const char *path, struct kprof_elf_file **ret);
/* The same, or a relocatable file: parts of debug information are in such. */
int kprof_elf_file_open_object(const char *path, struct kprof_elf_file **ret);
/* @fd stays the caller's, and open until the file is closed. */
int kprof_elf_file_open_fd(int fd, struct kprof_elf_file **ret);
/* @data stays the caller's. Any bytes are safe. */
int kprof_elf_file_open_memory(const void *data, size_t size,
			       struct kprof_elf_file **ret);
void kprof_elf_file_close(struct kprof_elf_file *file);

/* Where it is, links resolved: an absolute path, to be freed. NULL if unknown. */
char *kprof_elf_file_path(const struct kprof_elf_file *file);

/*
 * Copies bytes of the file; returns how many, fewer only at its end. Read, not
 * mapped: a file that shrinks meanwhile is a short read, not a SIGBUS.
 */
size_t kprof_elf_file_read(const struct kprof_elf_file *file, uint64_t offset,
			   void *buf, size_t size);

/*
 * Was a large part of the file never written? Nothing is stored of it, so that
 * a small file could make us read, and keep, any number of zeros.
 */
bool kprof_elf_file_is_hollow(const struct kprof_elf_file *file,
			      uint64_t offset, uint64_t size);

/* Has it code, or is it one that has only debug information of another? */
bool kprof_elf_file_has_code(const struct kprof_elf_file *file);

/* The virtual address of a file offset, -ENOENT if it is not loaded. */
int kprof_elf_file_vaddr(const struct kprof_elf_file *file, uint64_t offset,
			 uint64_t *ret);
/*
 * The virtual address where a mapping of @size bytes starts, for files whose
 * program headers have lost their offsets (objcopy --only-keep-debug). -ENOENT
 * unless exactly one executable segment has that size.
 */
int kprof_elf_file_vaddr_by_size(const struct kprof_elf_file *file,
				 uint64_t size, uint64_t *ret);

/* The build-id in notes of this machine's byte order, as hexadecimal. */
int kprof_elf_notes_build_id(const void *notes, size_t size,
			     char ret[static KPROF_ELF_BUILD_ID_HEX]);

#endif /* LIB_ELF_FILE_H */
