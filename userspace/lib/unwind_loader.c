// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compiles and loads the unwind tables of files as a recording meets them.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "lib/unwind_loader.h"

#include "lib/binary.h"
#include "lib/device.h"
#include "lib/elf_file.h"
#include "util/cleanup.h"
#include "util/vector.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

/**
 * struct job - a file to do
 * @image: how the module knows it
 * @path: owned
 * @fd: owned; -1 for the vdso
 * @build_id: in hexadecimal, may be empty
 */
struct job {
	struct kprof_device_image image;
	char *path;
	int fd;
	char build_id[KPROF_BUILD_ID_SIZE];
};

/**
 * struct kprof_unwind_loader - the thread and what it has to do
 * @device: takes the tables
 * @options: for whoever gives them
 * @next_binary: those before have been handed on
 * @known: images that there was a job for
 * @lock: of all that follows
 * @changed: something did
 * @thread: valid if @has_thread
 * @jobs: from @next_job on to do
 * @is_busy: with a job that is not in @jobs any more
 * @is_ending: no further job is to be begun
 */
struct kprof_unwind_loader {
	const struct kprof_device *device;
	const struct kprof_unwind_options *options;
	size_t next_binary;
	vector(struct kprof_device_image) known;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool has_thread;
	vector(struct job) jobs;
	size_t next_job;
	bool is_busy;
	bool is_ending;
	struct kprof_unwind_tally tally;
};

/* The thread */

static void count(struct kprof_unwind_loader *loader, int err)
{
	struct kprof_unwind_tally *tally = &loader->tally;

	if (!err) {
		tally->nr_loaded++;
	} else if (err == -ENOENT) {
		tally->nr_without++;
	} else {
		tally->nr_refused++;
		tally->refused_error = tally->refused_error ?: err;
	}
}

/* -ENOENT if there is no unwind information, or none that can be read. */
static int load(struct kprof_unwind_loader *loader, const struct job *job)
{
	const struct kprof_mapping mapping = {
		.filename = job->path,
		.build_id = job->build_id,
		.fd = job->fd,
	};
	struct kprof_unwind_image image;
	int err = kprof_unwind_get(&mapping, loader->options, &image);

	if (err)
		return err == -ENOMEM ? err : -ENOENT;
	err = kprof_device_load(loader->device, &job->image, image.table,
				image.bytes);
	kprof_unwind_image_deinit(&image);
	return err;
}

static void close_job(struct job *job)
{
	kprof_cleanup_close(&job->fd);
	free(no_cleanup_ptr(job->path));
}

/* With the lock; waits for it and for a job. False at the end. */
static bool next_job(struct kprof_unwind_loader *loader, struct job *ret)
{
	while (!loader->is_ending && loader->next_job == loader->jobs.nr)
		pthread_cond_wait(&loader->changed, &loader->lock);
	if (loader->is_ending)
		return false;
	*ret = loader->jobs.data[loader->next_job++];
	if (loader->next_job == loader->jobs.nr)
		loader->jobs.nr = loader->next_job = 0;
	return true;
}

/* Less urgent than draining, which the process may have more priority for. */
static void *run(void *context)
{
	struct kprof_unwind_loader *loader = context;
	struct job job;
	int err;

	(void)!setpriority(PRIO_PROCESS, 0, 0);
	pthread_mutex_lock(&loader->lock);
	while (next_job(loader, &job)) {
		loader->is_busy = true;
		pthread_mutex_unlock(&loader->lock);
		err = load(loader, &job);
		close_job(&job);
		pthread_mutex_lock(&loader->lock);
		loader->is_busy = false;
		count(loader, err);
		pthread_cond_broadcast(&loader->changed);
	}
	pthread_mutex_unlock(&loader->lock);
	return NULL;
}

/* Signals are for whoever started the recording. */
static int start_thread(struct kprof_unwind_loader *loader)
{
	sigset_t all, before;
	int err;

	if (loader->has_thread)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&loader->thread, NULL, run, loader);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	loader->has_thread = !err;
	return -err;
}

/* Lifetime */

int kprof_unwind_loader_create(const struct kprof_device *device,
			       const struct kprof_unwind_options *options,
			       struct kprof_unwind_loader **ret)
{
	struct kprof_unwind_loader *loader = calloc(1, sizeof(*loader));
	pthread_condattr_t attributes;

	if (!loader)
		return -ENOMEM;
	loader->device = device;
	loader->options = options;
	pthread_mutex_init(&loader->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&loader->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	*ret = loader;
	return 0;
}

static void end_thread(struct kprof_unwind_loader *loader)
{
	pthread_mutex_lock(&loader->lock);
	loader->is_ending = true;
	pthread_cond_broadcast(&loader->changed);
	pthread_mutex_unlock(&loader->lock);
	if (loader->has_thread)
		pthread_join(loader->thread, NULL);
}

void kprof_unwind_loader_destroy(struct kprof_unwind_loader *loader)
{
	if (!loader)
		return;
	end_thread(loader);
	for (size_t i = loader->next_job; i < loader->jobs.nr; i++)
		close_job(&loader->jobs.data[i]);
	vector_free(&loader->jobs);
	vector_free(&loader->known);
	pthread_cond_destroy(&loader->changed);
	pthread_mutex_destroy(&loader->lock);
	free(loader);
}

/* Jobs */

static bool is_image(const struct kprof_device_image *a,
		     const struct kprof_device_image *b)
{
	if (a->is_vdso || b->is_vdso)
		return a->is_vdso == b->is_vdso;
	if (a->build_id_bytes || b->build_id_bytes)
		return a->build_id_bytes == b->build_id_bytes &&
		       !memcmp(a->build_id, b->build_id, a->build_id_bytes);
	return a->inode == b->inode && a->dev_major == b->dev_major &&
	       a->dev_minor == b->dev_minor;
}

/* -EEXIST if it was before. */
static int make_known(struct kprof_unwind_loader *loader,
		      const struct kprof_device_image *image)
{
	vector_for_each (&loader->known, known)
		if (is_image(known, image))
			return -EEXIST;
	return vector_push(&loader->known, *image);
}

/* Takes what the job owns over. */
static int add_job(struct kprof_unwind_loader *loader, struct job *job)
{
	int err = make_known(loader, &job->image);

	if (err == -EEXIST) {
		close_job(job);
		return 0;
	}
	err = err ?: start_thread(loader);
	pthread_mutex_lock(&loader->lock);
	if (!err)
		err = vector_push(&loader->jobs, *job);
	pthread_cond_broadcast(&loader->changed);
	pthread_mutex_unlock(&loader->lock);
	if (err)
		close_job(job);
	return err;
}

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void set_build_id(struct job *job, const char *hex)
{
	struct kprof_device_image *image = &job->image;
	size_t bytes = strlen(hex) / 2;

	strcpy(job->build_id, hex);
	/* The module does not know longer ones. */
	image->build_id_bytes = bytes <= sizeof(image->build_id) ? bytes : 0;
	for (uint32_t i = 0; i < image->build_id_bytes; i++)
		image->build_id[i] =
			hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]);
}

static int add_binary(struct kprof_unwind_loader *loader,
		      const struct kprof_binary *binary)
{
	struct job job = {
		.image.inode = binary->inode,
		.image.dev_major = binary->dev_major,
		.image.dev_minor = binary->dev_minor,
		.image.is_vdso = kprof_binary_is_own_vdso(binary),
		.fd = -1,
	};

	if (!job.image.is_vdso && (binary->fd < 0 || !binary->is_file))
		return 0;
	set_build_id(&job, binary->build_id);
	/* The module knows only what it read itself. */
	if (binary->is_known_by_path)
		job.image.build_id_bytes = 0;
	job.path = strdup(binary->path);
	if (binary->fd >= 0)
		job.fd = fcntl(binary->fd, F_DUPFD_CLOEXEC, 0);
	if (job.path && (job.fd >= 0 || job.image.is_vdso))
		return add_job(loader, &job);
	close_job(&job);
	return 0;
}

int kprof_unwind_loader_add(struct kprof_unwind_loader *loader,
			    const struct kprof_binaries *binaries)
{
	int err = 0;

	while (!err && loader->next_binary < binaries->all.nr)
		err = add_binary(loader,
				 &binaries->all.data[loader->next_binary++]);
	return err;
}

/* As the module would name it when it maps it. */
static int name_file(struct job *job)
{
	struct kprof_elf_file *elf;
	struct stat status;
	int err = kprof_elf_file_open_fd(job->fd, &elf);

	if (err)
		return err;
	set_build_id(job, elf->build_id);
	kprof_elf_file_close(elf);
	if (fstat(job->fd, &status))
		return -errno;
	job->image.inode = status.st_ino;
	job->image.dev_major = major(status.st_dev);
	job->image.dev_minor = minor(status.st_dev);
	return 0;
}

/* What cannot be read now may be later, and is no trouble. */
static int add_file(const char *path, void *context)
{
	struct job job = {
		.path = strdup(path),
		.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY),
	};

	if (job.path && job.fd >= 0 && !name_file(&job))
		return add_job(context, &job);
	close_job(&job);
	return 0;
}

int kprof_unwind_loader_add_program(struct kprof_unwind_loader *loader,
				    const char *path)
{
	return kprof_unwind_needed(path, add_file, loader);
}

bool kprof_unwind_loader_wait(struct kprof_unwind_loader *loader,
			      unsigned int timeout_ms)
{
	struct timespec until;
	bool is_done;
	int err = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&loader->lock);
	while (!err && (loader->is_busy || loader->jobs.nr))
		err = pthread_cond_timedwait(&loader->changed, &loader->lock,
					     &until);
	is_done = !loader->is_busy && !loader->jobs.nr;
	pthread_mutex_unlock(&loader->lock);
	return is_done;
}

void kprof_unwind_loader_tally(struct kprof_unwind_loader *loader,
			       struct kprof_unwind_tally *ret)
{
	pthread_mutex_lock(&loader->lock);
	*ret = loader->tally;
	pthread_mutex_unlock(&loader->lock);
}
