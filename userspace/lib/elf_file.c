// SPDX-License-Identifier: GPL-2.0-only
/*
 * An ELF file that is read: identity, program headers, bytes.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * Files come from whoever is profiled, so nothing in them is trusted: libelf
 * checks headers against the file's size, and what is allocated here by a
 * number from the file is bounded by a constant.
 */
#include "lib/elf_file.h"

#include "util/cleanup.h"
#include "util/io.h"
#include "util/vector.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* The kernel runs no file with more than 64 KiB of them. */
	MAX_PROGRAM_HEADERS = 65536 / sizeof(Elf32_Phdr),
	/* Where notes are looked for; linked files have about 40. */
	MAX_SECTIONS = 65536,
	MAX_NOTE_BYTES = 1 << 20,
	/* Of all sections; linkers write some KiB. */
	MAX_SECTION_NAME_BYTES = 16 << 20,
	/* What is smaller may well be hollow. */
	MIN_HOLLOW_BYTES = 16 << 20,
	/* Segments are compared by pages of this size. */
	PAGE_BYTES = 4096,
};

static void hex_encode(const uint8_t *data, size_t size, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		*ret++ = digits[data[i] >> 4];
		*ret++ = digits[data[i] & 15];
	}
	*ret = '\0';
}

static int find_build_id_note(Elf_Data *data, char *ret)
{
	size_t offset = 0, next, name, desc;
	GElf_Nhdr note;

	while ((next = gelf_getnote(data, offset, &note, &name, &desc)) > 0) {
		const char *bytes = data->d_buf;

		if (note.n_type == NT_GNU_BUILD_ID &&
		    note.n_namesz == sizeof("GNU") &&
		    !memcmp(bytes + name, "GNU", sizeof("GNU")) &&
		    note.n_descsz > 0 &&
		    note.n_descsz <= KPROF_ELF_BUILD_ID_MAX) {
			hex_encode((const uint8_t *)bytes + desc, note.n_descsz,
				   ret);
			return 0;
		}
		offset = next;
	}
	return -ENOENT;
}

int kprof_elf_notes_build_id(const void *notes, size_t size,
			     char ret[static KPROF_ELF_BUILD_ID_HEX])
{
	/* gelf_getnote() reads through d_buf, which is not const. */
	Elf_Data data = {
		.d_buf = (void *)(uintptr_t)notes,
		.d_size = size,
		.d_type = ELF_T_NHDR,
		.d_version = EV_CURRENT,
	};

	return find_build_id_note(&data, ret);
}

static int build_id_at(struct kprof_elf_file *file, uint64_t offset,
		       uint64_t size)
{
	Elf_Data *data;

	if (size > MAX_NOTE_BYTES || offset > file->size ||
	    size > file->size - offset)
		return -ENOENT;
	data = elf_getdata_rawchunk(file->elf, (int64_t)offset, size,
				    ELF_T_NHDR);
	if (!data)
		return -ENOENT;
	return find_build_id_note(data, file->build_id);
}

/*
 * Sections first: in separate debug files they are right and the program
 * headers are not.
 */
static void read_build_id(struct kprof_elf_file *file, size_t nr_phdrs)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;
	GElf_Phdr phdr;

	for (size_t i = 0; i < MAX_SECTIONS; i++) {
		section = elf_nextscn(file->elf, section);
		if (!section)
			break;
		if (gelf_getshdr(section, &shdr) && shdr.sh_type == SHT_NOTE &&
		    !build_id_at(file, shdr.sh_offset, shdr.sh_size))
			return;
	}
	for (size_t i = 0; i < nr_phdrs; i++) {
		if (gelf_getphdr(file->elf, (int)i, &phdr) &&
		    phdr.p_type == PT_NOTE &&
		    !build_id_at(file, phdr.p_offset, phdr.p_filesz))
			return;
	}
}

static int read_segments(struct kprof_elf_file *file, size_t nr_phdrs)
{
	vector(struct kprof_elf_segment) segments = {};
	GElf_Phdr phdr;

	for (size_t i = 0; i < nr_phdrs; i++) {
		if (!gelf_getphdr(file->elf, (int)i, &phdr) ||
		    phdr.p_type != PT_LOAD)
			continue;
		if (vector_push(&segments,
				(struct kprof_elf_segment){
					.offset = phdr.p_offset,
					.file_bytes = phdr.p_filesz,
					.vaddr = phdr.p_vaddr,
					.memory_bytes = phdr.p_memsz,
					.is_executable = phdr.p_flags & PF_X,
				})) {
			vector_free(&segments);
			return -ENOMEM;
		}
	}
	file->segments = segments.data;
	file->nr_segments = segments.nr;
	return 0;
}

/* libelf reads all of them when it is asked for one. */
static bool has_too_many_names(Elf *elf)
{
	GElf_Shdr shdr;
	size_t names;

	return !elf_getshdrstrndx(elf, &names) &&
	       gelf_getshdr(elf_getscn(elf, names), &shdr) &&
	       shdr.sh_type != SHT_NOBITS &&
	       shdr.sh_size > MAX_SECTION_NAME_BYTES;
}

static int read_headers(struct kprof_elf_file *file)
{
	size_t nr_phdrs;
	GElf_Ehdr ehdr;
	int err;

	if (!file->elf || elf_kind(file->elf) != ELF_K_ELF ||
	    !gelf_getehdr(file->elf, &ehdr) ||
	    (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN &&
	     !(file->takes_objects && ehdr.e_type == ET_REL)))
		return -ENOEXEC;
	if (elf_getphdrnum(file->elf, &nr_phdrs) ||
	    nr_phdrs > MAX_PROGRAM_HEADERS || has_too_many_names(file->elf))
		return -ENOEXEC;
	file->machine = ehdr.e_machine;
	err = read_segments(file, nr_phdrs);
	if (err)
		return err;
	read_build_id(file, nr_phdrs);
	return 0;
}

static bool all_zero(const unsigned char *bytes, size_t size)
{
	while (size && !*bytes) {
		bytes++;
		size--;
	}
	return size == 0;
}

/*
 * Above 65279 the number of sections is somewhere else, and libelf allocates
 * by it: several times the size of the file. Files that were linked do not
 * have so many.
 */
static bool has_too_many_sections(const struct kprof_elf_file *file)
{
	union {
		unsigned char ident[EI_NIDENT];
		Elf32_Ehdr narrow;
		Elf64_Ehdr wide;
	} header = {};
	const unsigned char *bytes = header.ident;
	size_t offset_at = offsetof(Elf64_Ehdr, e_shoff);
	size_t offset_bytes = sizeof(header.wide.e_shoff);
	size_t number_at = offsetof(Elf64_Ehdr, e_shnum);

	kprof_elf_file_read(file, 0, &header, sizeof(header));
	if (header.ident[EI_CLASS] == ELFCLASS32) {
		offset_at = offsetof(Elf32_Ehdr, e_shoff);
		offset_bytes = sizeof(header.narrow.e_shoff);
		number_at = offsetof(Elf32_Ehdr, e_shnum);
	}
	return !all_zero(bytes + offset_at, offset_bytes) &&
	       all_zero(bytes + number_at, sizeof(header.wide.e_shnum));
}

/* Takes over @file, which may be NULL. */
static int open_file(struct kprof_elf_file *file, struct kprof_elf_file **ret)
{
	int err;

	if (!file)
		return -ENOMEM;
	if (has_too_many_sections(file)) {
		kprof_elf_file_close(file);
		return -ENOEXEC;
	}
	elf_version(EV_CURRENT);
	if (file->memory)
		/* elf_memory() only reads, but its argument is not const. */
		file->elf =
			elf_memory((char *)(uintptr_t)file->memory, file->size);
	else
		file->elf = elf_begin(file->fd, ELF_C_READ, NULL);
	err = read_headers(file);
	if (err) {
		kprof_elf_file_close(file);
		return err;
	}
	*ret = file;
	return 0;
}

static struct kprof_elf_file *file_create(int fd, const void *memory,
					  uint64_t size)
{
	struct kprof_elf_file *file = calloc(1, sizeof(*file));

	if (!file)
		return NULL;
	file->fd = fd;
	file->memory = memory;
	file->size = size;
	return file;
}

int kprof_elf_file_open_memory(const void *data, size_t size,
			       struct kprof_elf_file **ret)
{
	if (size < EI_NIDENT)
		return -ENOEXEC;
	return open_file(file_create(-1, data, size), ret);
}

static int check_regular(int err, const struct stat *st)
{
	if (err)
		return -errno;
	if (!S_ISREG(st->st_mode))
		return -EINVAL;
	return st->st_size < EI_NIDENT ? -ENOEXEC : 0;
}

static int open_fd(int fd, bool takes_objects, struct kprof_elf_file **ret)
{
	struct kprof_elf_file *file;
	struct stat st;
	int err = check_regular(fstat(fd, &st), &st);

	if (err)
		return err;
	file = file_create(fd, NULL, (uint64_t)st.st_size);
	if (file)
		file->takes_objects = takes_objects;
	return open_file(file, ret);
}

int kprof_elf_file_open_fd(int fd, struct kprof_elf_file **ret)
{
	return open_fd(fd, false, ret);
}

/*
 * Looked at before it is opened, because opening alone makes some devices act,
 * and after, because the name may have been given to another file between.
 */
static int open_path(const char *path, bool takes_objects,
		     struct kprof_elf_file **ret)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	int err;

	err = check_regular(stat(path, &st), &st);
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	err = open_fd(fd, takes_objects, ret);
	if (err)
		return err;
	(*ret)->owns_fd = true;
	(void)no_cleanup_fd(fd);
	return 0;
}

int kprof_elf_file_open(const char *path, struct kprof_elf_file **ret)
{
	return open_path(path, false, ret);
}

int kprof_elf_file_open_object(const char *path, struct kprof_elf_file **ret)
{
	return open_path(path, true, ret);
}

void kprof_elf_file_close(struct kprof_elf_file *file)
{
	if (!file)
		return;
	elf_end(file->elf);
	if (file->owns_fd)
		close(file->fd);
	free(file->segments);
	free(file);
}

char *kprof_elf_file_path(const struct kprof_elf_file *file)
{
	char link[32], path[PATH_MAX];
	ssize_t len;

	if (file->fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file->fd);
	len = readlink(link, path, sizeof(path));
	if (len <= 0 || len == sizeof(path) || path[0] != '/')
		return NULL;
	return strndup(path, (size_t)len);
}

size_t kprof_elf_file_read(const struct kprof_elf_file *file, uint64_t offset,
			   void *buf, size_t size)
{
	if (offset >= file->size)
		return 0;
	if (size > file->size - offset)
		size = file->size - offset;
	if (file->memory) {
		memcpy(buf, (const char *)file->memory + offset, size);
		return size;
	}
	return kprof_io_read_at(file->fd, offset, buf, size);
}

bool kprof_elf_file_is_hollow(const struct kprof_elf_file *file,
			      uint64_t offset, uint64_t size)
{
	off_t middle = (off_t)(offset + size / 2);

	return size >= MIN_HOLLOW_BYTES && file->fd >= 0 &&
	       lseek(file->fd, middle, SEEK_HOLE) == middle &&
	       (uint64_t)middle < file->size;
}

/* objcopy --only-keep-debug leaves sections of code without their content. */
bool kprof_elf_file_has_code(const struct kprof_elf_file *file)
{
	Elf_Scn *section = NULL;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(file->elf, section)))
		if (gelf_getshdr(section, &shdr) &&
		    shdr.sh_flags & SHF_EXECINSTR && shdr.sh_type == SHT_NOBITS)
			return false;
	return true;
}

static const struct kprof_elf_segment *
find_segment(const struct kprof_elf_file *file, uint64_t offset,
	     bool is_executable)
{
	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &file->segments[i];

		if (segment->is_executable == is_executable &&
		    offset >= segment->offset &&
		    offset - segment->offset < segment->file_bytes)
			return segment;
	}
	return NULL;
}

/* Two segments may share a page of the file: code is what is asked for. */
int kprof_elf_file_vaddr(const struct kprof_elf_file *file, uint64_t offset,
			 uint64_t *ret)
{
	const struct kprof_elf_segment *segment;

	segment = find_segment(file, offset, true);
	if (!segment)
		segment = find_segment(file, offset, false);
	if (!segment)
		return -ENOENT;
	*ret = offset - segment->offset + segment->vaddr;
	return 0;
}

int kprof_elf_file_vaddr_by_size(const struct kprof_elf_file *file,
				 uint64_t size, uint64_t *ret)
{
	size_t nr_found = 0;

	for (size_t i = 0; i < file->nr_segments; i++) {
		const struct kprof_elf_segment *segment = &file->segments[i];
		uint64_t in_page = segment->vaddr % PAGE_BYTES;
		uint64_t bytes = in_page + segment->memory_bytes;

		bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
		if (!segment->is_executable || bytes != size)
			continue;
		*ret = segment->vaddr - in_page;
		nr_found++;
	}
	return nr_found == 1 ? 0 : -ENOENT;
}
