// SPDX-License-Identifier: GPL-2.0-only
/*
 * Snapshots of an address space: its executable mappings as records.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * The lock of the address space is only tried for, because its holder may
 * wait for a page that a hanging FUSE daemon or userfaultfd never brings.
 * Under it mappings are copied and files referenced; paths and build-ids,
 * which may need I/O, are looked up after it has been dropped.
 */
#include "snapshot.h"
#include "build_id.h"
#include "code_map.h"
#include "control.h"
#include "image.h"
#include "space.h"

#include <linux/dcache.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kprof.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

enum {
	SPARE_MAPPINGS = 32,
	/*
	 * A space is looked at again after this, and after twice as long each
	 * time that nothing has changed: malloc changes the hints as well.
	 */
	SHORTEST_PAUSE_NS = 2 * NSEC_PER_MSEC,
	LONGEST_PAUSE_NS = NSEC_PER_SEC,
};

/* A mapping, with what its records need. */
struct mapping {
	struct kprof_code_mapping shown;
	struct file *file;
	/* Without a file: a static string or NULL. */
	const char *name;
};

struct snapshot {
	struct mapping *mappings;
	u32 nr;
	u32 room;
	u32 generation;
	u32 flags;
	u64 time_ns;
};

static bool lock_patiently(struct mm_struct *mm, u64 give_up_ns)
{
	while (!mmap_read_trylock(mm)) {
		if (ktime_get_ns() > give_up_ns)
			return false;
		usleep_range(500, 2000);
	}
	return true;
}

/* As in /proc/PID/maps, where [vdso] and the like name themselves. */
static const char *special_name(struct vm_area_struct *vma)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (vma->vm_ops && vma->vm_ops->name)
		return vma->vm_ops->name(vma);
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return "[stack]";
	return NULL;
}

static void take_mapping(struct mapping *to, struct vm_area_struct *vma)
{
	*to = (struct mapping){
		.shown = {
			.start = vma->vm_start,
			.end = vma->vm_end,
		},
	};
	if (vma->vm_flags & VM_WRITE)
		to->shown.flags |= KPROF_MMAP_WRITE;
	if (vma->vm_flags & VM_SHARED)
		to->shown.flags |= KPROF_MMAP_SHARED;
	if (vma->vm_file) {
		const struct inode *inode = kprof_file_inode(vma->vm_file);

		to->file = get_file(vma->vm_file);
		to->shown.file_offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
		to->shown.inode = inode->i_ino;
		to->shown.dev = inode->i_sb->s_dev;
	} else {
		to->name = special_name(vma);
		to->shown.flags |= KPROF_MMAP_SPECIAL;
	}
}

/*
 * One hold of the lock, so that the snapshot is of one moment. Bounded by the
 * number of mappings (sysctl vm.max_map_count, 65,530 by default).
 */
static void walk_vmas(struct mm_struct *mm, struct snapshot *snapshot)
{
	unsigned long addr = 0;
	struct vm_area_struct *vma;

	while ((vma = find_vma(mm, addr))) {
		addr = vma->vm_end;
		if (!(vma->vm_flags & VM_EXEC))
			continue;
		if (snapshot->nr == snapshot->room) {
			snapshot->flags |= KPROF_MAPS_TRUNCATED;
			return;
		}
		take_mapping(&snapshot->mappings[snapshot->nr++], vma);
	}
}

static int look(struct kprof_space *space, struct mm_struct *mm,
		u64 give_up_ns, struct snapshot *snapshot)
{
	if (!lock_patiently(mm, give_up_ns))
		return -EBUSY;
	snapshot->time_ns = ktime_get_ns();
	walk_vmas(mm, snapshot);
	snapshot->generation = kprof_space_sync(space, mm);
	mmap_read_unlock(mm);
	return 0;
}

/*
 * The path as /proc/PID/maps shows it. @buffer has PATH_MAX bytes; on failure
 * the mapping is shown without a path rather than not at all.
 */
static const char *path_of(const struct mapping *mapping, char *buffer)
{
	const char *path;

	if (!mapping->file)
		return mapping->name ?: "//anon";
	path = d_path(kprof_file_path(mapping->file), buffer, PATH_MAX);
	return IS_ERR(path) ? "" : path;
}

static bool is_deleted(const struct mapping *mapping)
{
	return mapping->file && !kprof_file_inode(mapping->file)->i_nlink;
}

/* Whose unwind table holds in a mapping; NULL if nothing names the file. */
static struct kprof_image *image_of(const struct kprof_spaces *spaces,
				    const struct mapping *mapping,
				    const struct kprof_record_mmap *rec)
{
	struct kprof_file_id file_id = {
		.inode = rec->inode,
		.dev_major = rec->dev_major,
		.dev_minor = rec->dev_minor,
	};
	struct kprof_image_key key;

	if (!spaces->walks_rows)
		return NULL;
	if (rec->build_id_state == KPROF_BUILD_ID_OK)
		kprof_image_key_init(&key, &spaces->scope, KPROF_LOAD_BUILD_ID,
				     rec->build_id, rec->build_id_bytes);
	else if (mapping->file)
		kprof_image_key_init(&key, &spaces->scope, KPROF_LOAD_FILE,
				     &file_id, sizeof(file_id));
	else if (mapping->name && !strcmp(mapping->name, "[vdso]"))
		kprof_image_key_init(&key, &spaces->scope, KPROF_LOAD_VDSO,
				     NULL, 0);
	else
		return NULL;
	return kprof_image_get(&key);
}

static void fill_build_id(const struct mapping *mapping,
			  struct kprof_record_mmap *rec)
{
	u32 bytes;

	if (!mapping->file)
		return;
	rec->build_id_state =
		kprof_build_id_read(mapping->file, rec->build_id, &bytes);
	rec->build_id_bytes = bytes;
}

static void show_mapping(const struct kprof_spaces *spaces,
			 struct kprof_control *control,
			 const struct kprof_space *space,
			 const struct mapping *mapping,
			 struct kprof_code_mapping *to, char *buffer)
{
	const char *path = path_of(mapping, buffer);
	u32 path_bytes = min_t(u32, strlen(path) + 1, PATH_MAX - 8);
	u32 padded = ALIGN(path_bytes, 8);
	struct kprof_record_mmap rec = {
		.rec = {
			.type = KPROF_REC_MMAP,
			.size = sizeof(rec) + padded,
		},
		.space_id = space->id,
		.epoch = space->epoch,
		.flags = mapping->shown.flags,
		.start = mapping->shown.start,
		.end = mapping->shown.end,
		.file_offset = mapping->shown.file_offset,
		.inode = mapping->shown.inode,
		.dev_major = MAJOR(mapping->shown.dev),
		.dev_minor = MINOR(mapping->shown.dev),
		.build_id_state = KPROF_BUILD_ID_NO_FILE,
		.path_bytes = path_bytes,
	};

	fill_build_id(mapping, &rec);
	if (is_deleted(mapping))
		rec.flags |= KPROF_MMAP_DELETED;
	*to = mapping->shown;
	to->image = image_of(spaces, mapping, &rec);
	/* d_path() builds from the end of the buffer. */
	memmove(buffer, path, path_bytes);
	memset(buffer + path_bytes - 1, 0, padded - path_bytes + 1);
	kprof_control_write(control, &rec, sizeof(rec), buffer, padded);
}

static u32 nr_shown(const struct kprof_space *space)
{
	const struct kprof_code_map *code = kprof_space_shown(space);

	return code ? code->nr : 0;
}

static void write_maps(struct kprof_control *control,
		       const struct kprof_space *space, u32 generation,
		       u32 flags, u64 time_ns)
{
	struct kprof_record_maps rec = {
		.rec = { .type = KPROF_REC_MAPS, .size = sizeof(rec) },
		.space_id = space->id,
		.generation = generation,
		.epoch = space->epoch,
		.nr_mappings = nr_shown(space),
		.flags = flags,
		.time_ns = time_ns,
		.pid = READ_ONCE(space->pid),
	};

	kprof_control_write(control, &rec, sizeof(rec), NULL, 0);
}

static bool is_same(const struct kprof_space *space,
		    const struct snapshot *snapshot)
{
	const struct kprof_code_map *code = kprof_space_shown(space);
	u32 n;

	if (!code || code->nr != snapshot->nr)
		return false;
	for (n = 0; n < snapshot->nr; n++)
		if (memcmp(&code->mappings[n], &snapshot->mappings[n].shown,
			   offsetof(struct kprof_code_mapping, image)))
			return false;
	return true;
}

/* Interrupts see a map when it is whole. */
static int show_code(struct kprof_spaces *spaces, struct kprof_space *space,
		     const struct snapshot *snapshot,
		     struct kprof_control *control, char *buffer)
{
	struct kprof_code_map *code = kprof_code_map_create(snapshot->nr);
	u32 n;

	if (!code)
		return -ENOMEM;
	space->epoch++;
	for (n = 0; n < snapshot->nr; n++)
		show_mapping(spaces, control, space, &snapshot->mappings[n],
			     &code->mappings[n], buffer);
	kprof_space_show(spaces, space, code);
	return 0;
}

static int show(struct kprof_spaces *spaces, struct kprof_space *space,
		const struct snapshot *snapshot, struct kprof_control *control)
{
	char *buffer;
	int err;

	if (is_same(space, snapshot)) {
		space->pause_ns = min_t(u64, space->pause_ns * 2,
					LONGEST_PAUSE_NS);
		return 0;
	}
	space->pause_ns = SHORTEST_PAUSE_NS;
	buffer = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	err = show_code(spaces, space, snapshot, control, buffer);
	kfree(buffer);
	return err;
}

static void drop_files(struct snapshot *snapshot)
{
	u32 n;

	for (n = 0; n < snapshot->nr; n++)
		if (snapshot->mappings[n].file)
			fput(snapshot->mappings[n].file);
	snapshot->nr = 0;
}

/*
 * Room for a few more mappings than last time; when that was too little,
 * again with twice as much.
 */
static int look_with_room(struct kprof_space *space, struct mm_struct *mm,
			  u64 give_up_ns, struct snapshot *snapshot)
{
	int err;

	snapshot->room = min_t(u32, nr_shown(space) + SPARE_MAPPINGS,
			       KPROF_SNAPSHOT_MAPPINGS);
	for (;;) {
		snapshot->mappings = kvmalloc_array(snapshot->room,
						    sizeof(struct mapping),
						    GFP_KERNEL);
		if (!snapshot->mappings)
			return -ENOMEM;
		err = look(space, mm, give_up_ns, snapshot);
		if (err || !(snapshot->flags & KPROF_MAPS_TRUNCATED) ||
		    snapshot->room == KPROF_SNAPSHOT_MAPPINGS)
			return err;
		drop_files(snapshot);
		kvfree(snapshot->mappings);
		snapshot->flags = 0;
		snapshot->room = min_t(u32, snapshot->room * 2,
				       KPROF_SNAPSHOT_MAPPINGS);
	}
}

static int look_and_show(struct kprof_spaces *spaces, struct kprof_space *space,
			 struct mm_struct *mm, u64 give_up_ns,
			 struct snapshot *snapshot,
			 struct kprof_control *control)
{
	int err = look_with_room(space, mm, give_up_ns, snapshot);

	/* Not held any longer: showing may wait for the reader. */
	mmput(mm);
	if (!err)
		err = show(spaces, space, snapshot, control);
	drop_files(snapshot);
	kvfree(snapshot->mappings);
	return err;
}

int kprof_snapshot(struct kprof_spaces *spaces, u32 index, u64 give_up_ns,
		   struct kprof_control *control)
{
	struct kprof_space *space = &spaces->entries[index];
	struct mm_struct *mm = kprof_space_hold(spaces, index);
	struct snapshot snapshot = { .time_ns = ktime_get_ns() };
	int err;

	if (!mm)
		return -ESRCH;
	err = look_and_show(spaces, space, mm, give_up_ns, &snapshot, control);
	if (err) {
		snapshot.flags |= KPROF_MAPS_UNAVAILABLE;
		snapshot.generation = atomic64_read(&space->state) >> 32;
		space->pause_ns = LONGEST_PAUSE_NS;
	}
	write_maps(control, space, snapshot.generation, snapshot.flags,
		   snapshot.time_ns);
	space->due_ns = ktime_get_ns() + space->pause_ns;
	return err;
}

void kprof_snapshot_exit(struct kprof_spaces *spaces, u32 index,
			 struct kprof_control *control)
{
	struct kprof_space *space = &spaces->entries[index];

	write_maps(control, space, atomic64_read(&space->state) >> 32,
		   KPROF_MAPS_EXIT, ktime_get_ns());
}
