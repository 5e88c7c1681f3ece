/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looking at a file's content in the page cache, without I/O.
 *
 * Copyright (C) 2026 The kprof authors
 */
#ifndef KPROF_COMPAT_PAGE_CACHE_H
#define KPROF_COMPAT_PAGE_CACHE_H

#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/pagemap.h>

/*
 * secretmem files have pages that the kernel does not map; what tells them
 * from others is that nobody can read() them.
 */
static inline bool kprof_has_page_cache(const struct file *file)
{
	return file->f_op->read_iter && file->f_mapping;
}

#ifdef KPROF_HAVE_FIND_GET_PAGE
static inline struct page *kprof_lookup_page(struct file *file, pgoff_t index)
{
	return find_get_page(file->f_mapping, index);
}
#else
/* Went with the last of the page functions in v7.1. */
static inline struct page *kprof_lookup_page(struct file *file, pgoff_t index)
{
	struct folio *folio = filemap_get_folio(file->f_mapping, index);

	return IS_ERR(folio) ? NULL : folio_file_page(folio, index);
}
#endif

static inline struct page *kprof_cached_page(struct file *file, pgoff_t index)
{
	struct page *page;

	if (!kprof_has_page_cache(file))
		return NULL;
	page = kprof_lookup_page(file, index);
	if (page && !PageUptodate(page)) {
		put_page(page);
		return NULL;
	}
	return page;
}

/*
 * Process context. Copies @bytes at @offset if all of them are cached; 0 or
 * -EAGAIN. The page may change while it is copied: so may the file.
 */
static inline int kprof_peek_page_cache(struct file *file, u64 offset, void *to,
					u32 bytes)
{
	while (bytes) {
		struct page *page = kprof_cached_page(file,
						      offset >> PAGE_SHIFT);
		u32 at = offset_in_page(offset);
		u32 part = min_t(u32, bytes, PAGE_SIZE - at);
		char *from;

		if (!page)
			return -EAGAIN;
		from = kmap_atomic(page);
		memcpy(to, from + at, part);
		kunmap_atomic(from);
		put_page(page);
		to += part;
		offset += part;
		bytes -= part;
	}
	return 0;
}

#endif /* KPROF_COMPAT_PAGE_CACHE_H */
