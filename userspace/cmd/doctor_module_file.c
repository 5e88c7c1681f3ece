// SPDX-License-Identifier: GPL-2.0-only
/*
 * kprofctl doctor: would this kernel take that file of the module?
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "doctor_machine.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/gzip.h"
#include "util/io.h"
#include "util/xz.h"

enum {
	MAX_MODULE_BYTES = 64 << 20,
};

/* Content */

static const char signature_mark[] = "~Module signature appended~\n";

struct content {
	char *data;
	size_t len;
};

static bool ends_with(const char *text, const char *suffix)
{
	size_t len = strlen(text), suffix_len = strlen(suffix);

	return len >= suffix_len && !strcmp(text + len - suffix_len, suffix);
}

/* 0 or -errno; -ENOTSUP for what cannot be unpacked here. */
static int read_content(const char *path, struct content *ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *data = NULL;
	size_t len;
	int err;

	if (fd < 0)
		return -errno;
	err = kprof_io_read_all(fd, MAX_MODULE_BYTES, &data, &len);
	if (err)
		return err;
	if (ends_with(path, ".xz"))
		return kprof_xz_inflate(data, len, MAX_MODULE_BYTES, &ret->data,
					&ret->len);
	if (ends_with(path, ".gz"))
		return kprof_gzip_inflate(data, len, MAX_MODULE_BYTES,
					  &ret->data, &ret->len);
	if (ends_with(path, ".zst"))
		return -ENOTSUP;
	ret->data = no_cleanup_ptr(data);
	ret->len = len;
	return 0;
}

/* Architecture */

static const struct {
	const char *name;
	uint16_t machine;
	unsigned char class;
} machines[] = {
	{"x86_64", EM_X86_64, ELFCLASS64}, {"aarch64", EM_AARCH64, ELFCLASS64},
	{"riscv64", EM_RISCV, ELFCLASS64}, {"armv", EM_ARM, ELFCLASS32},
	{"i686", EM_386, ELFCLASS32},
};

/* False if it is certain that it is for another one. */
static bool fits_machine(const struct content *content, const char *machine)
{
	/* Up to e_machine both classes are the same. */
	const Elf32_Ehdr *head = (const void *)content->data;

	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++)
		if (!strncmp(machine, machines[i].name,
			     strlen(machines[i].name)))
			return head->e_machine == machines[i].machine &&
			       head->e_ident[EI_CLASS] == machines[i].class;
	return true;
}

/* Version */

/* Of "vermagic" and the like: NUL-terminated words in .modinfo. */
static const char *find_info(const struct content *content, const char *key)
{
	size_t len = strlen(key);
	const char *end = content->data + content->len;
	const char *at = content->data;

	while ((at = memmem(at, end - at, key, len))) {
		if (at > content->data && !at[-1])
			return at + len;
		at += len;
	}
	return NULL;
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += len)
		if ((at == text || at[-1] == ' ') &&
		    (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

/*
 * What of the module's version the kernel's does not have, NULL for nothing.
 * uname() says in its own words what the version says in its. Where symbols
 * have versions of their own, the kernel does not ask for the release.
 */
static const char *find_difference(const struct kprof_doctor_machine *machine,
				   const char *vermagic)
{
	size_t len = strlen(machine->release);
	bool is_preemptible = has_word(machine->version, "PREEMPT") ||
			      has_word(machine->version, "PREEMPT_DYNAMIC");
	bool for_preemptible = has_word(vermagic, "preempt");
	bool for_rt = has_word(vermagic, "preempt_rt");

	if (!has_word(vermagic, "modversions") &&
	    (strncmp(vermagic, machine->release, len) || vermagic[len] != ' '))
		return "release";
	if (has_word(vermagic, "SMP") != has_word(machine->version, "SMP"))
		return "SMP";
	/* Newer kernels that are PREEMPT_RT may be called preempt as well. */
	if (has_word(machine->version, "PREEMPT_RT"))
		return for_rt || for_preemptible ? NULL : "PREEMPT_RT";
	if (for_rt)
		return "PREEMPT_RT";
	return for_preemptible == is_preemptible ? NULL : "PREEMPT";
}

static bool look_at_vermagic(struct kprof_doctor *doctor,
			     const struct kprof_doctor_machine *machine,
			     const char *path, const struct content *content)
{
	const char *vermagic = find_info(content, "vermagic=");
	const char *difference;

	if (!vermagic) {
		kprof_doctor_bad(doctor,
				 "%s is no kernel module: make clean, "
				 "then make",
				 path);
		return false;
	}
	difference = find_difference(machine, vermagic);
	if (difference)
		kprof_doctor_bad(doctor,
				 "%s was built for another kernel (\"%s\", "
				 "this is %s %s; differs: %s): make clean, "
				 "then make KDIR=/lib/modules/%s/build",
				 path, vermagic, machine->release,
				 machine->version, difference,
				 machine->release);
	else
		kprof_doctor_ok(doctor, "%s is for this kernel", path);
	return !difference;
}

/* Signature */

static bool is_enforced(const struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *enforce = kprof_doctor_read(
		machine, "/sys/module/module/parameters/sig_enforce");

	return enforce && *enforce == 'Y';
}

/* "integrity" or "confidentiality"; NULL if there is no lockdown. */
static const char *find_lockdown(const struct kprof_doctor_machine *machine)
{
	_cleanup_free_ char *text =
		kprof_doctor_read(machine, "/sys/kernel/security/lockdown");

	if (text && strstr(text, "[integrity]"))
		return "integrity";
	if (text && strstr(text, "[confidentiality]"))
		return "confidentiality";
	return NULL;
}

static bool is_signed(const struct content *content)
{
	size_t len = strlen(signature_mark);

	return content->len > len &&
	       !memcmp(content->data + content->len - len, signature_mark, len);
}

static bool look_at_signature(struct kprof_doctor *doctor,
			      const struct kprof_doctor_machine *machine,
			      const char *path, const struct content *content)
{
	const char *lockdown = find_lockdown(machine);
	bool is_needed = lockdown || is_enforced(machine);

	if (is_signed(content)) {
		kprof_doctor_ok(doctor, "it is signed%s",
				is_needed
					? "; this kernel takes it if it knows "
					  "the key, else insmod says \"Key was "
					  "rejected by service\""
					: "");
		return true;
	}
	if (!is_needed) {
		kprof_doctor_ok(doctor,
				"it is not signed, and this kernel "
				"does not ask for it");
		return true;
	}
	kprof_doctor_bad(
		doctor,
		"it is not signed, and this kernel takes signed modules only "
		"(%s%s): insmod would say \"%s\". Sign it, scripts/sign-file "
		"sha256 KEY.priv KEY.der %s, with a key that the kernel knows "
		"(mokutil --import KEY.der), or switch off Secure Boot or "
		"module.sig_enforce",
		lockdown ? "lockdown: " : "module.sig_enforce", lockdown ?: "",
		lockdown ? "Operation not permitted"
			 : "Key was rejected by service",
		path);
	return false;
}

void kprof_doctor_module_file(struct kprof_doctor *doctor,
			      struct kprof_doctor_machine *machine,
			      const char *path)
{
	_cleanup_free_ char *whole = kprof_doctor_path(machine, "%s", path);
	struct content content = {};
	int err = whole ? read_content(whole, &content) : -ENOMEM;
	bool fits;

	if (err == -ENOTSUP) {
		kprof_doctor_ok(doctor, "%s is compressed, and not looked into",
				path);
		machine->has_fitting_file = true;
	} else if (err) {
		kprof_doctor_bad(doctor, "%s cannot be read: %s", path,
				 strerror(-err));
	} else if (content.len < sizeof(Elf64_Ehdr) ||
		   memcmp(content.data, ELFMAG, SELFMAG)) {
		kprof_doctor_bad(doctor,
				 "%s is no kernel module: make clean, "
				 "then make",
				 path);
	} else if (!fits_machine(&content, machine->machine)) {
		kprof_doctor_bad(doctor,
				 "%s is for another machine than %s: make "
				 "clean, then make, ARCH= and CROSS_COMPILE= "
				 "being what this one is",
				 path, machine->machine);
	} else {
		fits = look_at_vermagic(doctor, machine, path, &content);
		machine->has_fitting_file =
			fits &&
			look_at_signature(doctor, machine, path, &content);
	}
	free(content.data);
}
