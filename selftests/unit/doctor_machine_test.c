// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of kprofctl doctor: what is wrong with a machine is said, with what to
 * do, and nothing else is. The machine is a directory.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/doctor_machine.h"

#include <elf.h>
#include <sys/stat.h>

#include "test.h"

#define RELEASE "6.1.0-18-amd64"

static char root[64];
static struct kprof_doctor_machine machine;

static int create(void **state)
{
	(void)state;
	machine = (struct kprof_doctor_machine){
		.root = test_make_directory(root),
		.device = "/dev/kprof",
		.release = RELEASE,
		.version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1",
		.machine = "x86_64",
		.port = 6060,
	};
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	test_remove_directory(root);
	return 0;
}

/* A file of the machine, with the directories that it takes. */
static void add_bytes(const char *path, const void *data, size_t len)
{
	char whole[256], command[512];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	snprintf(command, sizeof(command), "mkdir -p \"$(dirname '%s')\"",
		 whole);
	assert_int_equal(system(command), 0);
	file = fopen(whole, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void add(const char *path, const char *text)
{
	add_bytes(path, text, strlen(text));
}

/* A module: as much of one as is looked at. */
static void add_module(const char *path, uint16_t elf_machine,
		       const char *vermagic, const char *tail)
{
	char bytes[512] = {};
	Elf64_Ehdr *head = (void *)bytes;
	size_t len = sizeof(*head);

	memcpy(head->e_ident, ELFMAG, SELFMAG);
	head->e_ident[EI_CLASS] = ELFCLASS64;
	head->e_machine = elf_machine;
	len += 1 + sprintf(bytes + len, "license=GPL");
	len += 1 + sprintf(bytes + len, "vermagic=%s", vermagic);
	len += sprintf(bytes + len, "%s", tail);
	add_bytes(path, bytes, len);
}

static void add_good_module(void)
{
	add_module("/lib/modules/" RELEASE "/updates/kprof.ko", EM_X86_64,
		   RELEASE " SMP preempt mod_unload modversions ", "");
}

typedef void look_fn(struct kprof_doctor *doctor,
		     struct kprof_doctor_machine *machine);

static void look_at_kernel(struct kprof_doctor *doctor,
			   struct kprof_doctor_machine *at)
{
	kprof_doctor_kernel(doctor, at);
}

static void look_at_port(struct kprof_doctor *doctor,
			 struct kprof_doctor_machine *at)
{
	kprof_doctor_port(doctor, at);
}

static void look_at_device(struct kprof_doctor *doctor,
			   struct kprof_doctor_machine *at)
{
	struct kprof_module_info info;

	assert_false(kprof_doctor_device(doctor, at, &info));
}

/* Is @part in a line that starts with @verdict? How many bad ones are there? */
static void assert_in(const char *text, const char *verdict, const char *part,
		      unsigned int nr_bad, unsigned int got_bad)
{
	char *copy = strdup(text), *rest = copy, *line;
	bool is_said = false;

	while ((line = strsep(&rest, "\n")))
		is_said |= !strncmp(line, verdict, strlen(verdict)) &&
			   strstr(line, part);
	free(copy);
	if (!is_said || got_bad != nr_bad)
		fail_msg("expected '%s' after '%s' and %u bad, got %u:\n%s",
			 part, verdict, nr_bad, got_bad, text);
}

static void assert_says(look_fn *look, const char *verdict, const char *part,
			unsigned int nr_bad)
{
	struct kprof_doctor doctor = {};
	char *text;
	size_t len;

	doctor.out = open_memstream(&text, &len);
	look(&doctor, &machine);
	fclose(doctor.out);
	assert_in(text, verdict, part, nr_bad, doctor.nr_bad);
	free(text);
}

/* Kernel */

static void a_kernel_that_is_too_old_is_bad(void **state)
{
	(void)state;
	assert_says(look_at_kernel, "ok ", "Linux " RELEASE " on x86_64", 0);
	machine.release = "5.9.16";
	assert_says(look_at_kernel, "bad ", "for 5.10 and newer", 1);
	machine.release = "4.19.0";
	assert_says(look_at_kernel, "bad ", "for 5.10 and newer", 1);
	machine.release = "7.3";
	assert_says(look_at_kernel, "ok ", "Linux 7.3", 0);
}

static void a_kernel_without_modules_is_bad(void **state)
{
	(void)state;
	assert_says(look_at_kernel, "ok ", "is not to be had", 0);
	add("/boot/config-" RELEASE,
	    "CONFIG_MODULES_TREE=y\n# CONFIG_MODULES is not set\n");
	assert_says(look_at_kernel, "bad ", "CONFIG_MODULES=y", 1);
	add("/boot/config-" RELEASE,
	    "CONFIG_MODULES=y\nCONFIG_TRACEPOINTS=y\nCONFIG_KALLSYMS=y\n");
	assert_says(look_at_kernel, "ok ", "no rate above the tick", 0);
}

static void switched_off_loading_is_bad_unless_it_is_loaded(void **state)
{
	(void)state;
	add("/proc/sys/kernel/modules_disabled", "0\n");
	assert_says(look_at_kernel, "ok ", "Linux", 0);
	add("/proc/sys/kernel/modules_disabled", "1\n");
	assert_says(look_at_kernel, "bad ", "kernel.modules_disabled=1", 1);
	add("/sys/module/kprof/initstate", "live\n");
	assert_says(look_at_kernel, "ok ", "Linux", 0);
}

/* Module */

static void without_module_and_headers_both_are_asked_for(void **state)
{
	(void)state;
	assert_says(kprof_doctor_module, "bad ", "no kprof.ko below", 3);
	assert_says(kprof_doctor_module, "bad ", "linux-headers-" RELEASE, 3);
	assert_says(kprof_doctor_module, "bad ", "insmod kprof.ko", 3);
	add("/lib/modules/" RELEASE "/build/Makefile", "");
	assert_says(kprof_doctor_module, "ok ", "kernel headers", 2);
}

static void a_good_file_only_has_to_be_loaded(void **state)
{
	(void)state;
	add_good_module();
	assert_says(kprof_doctor_module, "ok ", "is for this kernel", 1);
	assert_says(kprof_doctor_module, "ok ", "does not ask for it", 1);
	assert_says(kprof_doctor_module, "ok ", "none needed", 1);
	assert_says(kprof_doctor_module, "bad ",
		    "insmod /lib/modules/" RELEASE "/updates/kprof.ko", 1);
}

static void assert_file(const char *vermagic, const char *difference)
{
	char part[64];

	add_module("/kprof.ko", EM_X86_64, vermagic, "");
	machine.module = "/kprof.ko";
	machine.has_fitting_file = false;
	add("/lib/modules/" RELEASE "/build/Makefile", "");
	snprintf(part, sizeof(part), "differs: %s", difference);
	assert_says(kprof_doctor_module, "bad ", part, 2);
	assert_false(machine.has_fitting_file);
}

static void a_file_for_another_kernel_is_bad(void **state)
{
	(void)state;
	assert_file("6.1.0-17-amd64 SMP preempt mod_unload ", "release");
	assert_file("6.1.0-18-amd64x SMP preempt mod_unload ", "release");
	/* With versions of symbols the release is not asked for. */
	assert_file("6.1.0-17-amd64 preempt modversions ", "SMP");
	assert_file(RELEASE " preempt mod_unload ", "SMP");
	assert_file(RELEASE " SMP mod_unload ", "PREEMPT");
	assert_file(RELEASE " SMP preempt_rt mod_unload ", "PREEMPT_RT");
	machine.version = "#1 SMP Debian";
	assert_file(RELEASE " SMP preempt mod_unload ", "PREEMPT");
}

static void a_file_for_another_machine_is_bad(void **state)
{
	(void)state;
	add_module("/kprof.ko", EM_AARCH64, RELEASE " SMP ", "");
	machine.module = "/kprof.ko";
	add("/lib/modules/" RELEASE "/build/Makefile", "");
	assert_says(kprof_doctor_module, "bad ", "another machine than x86_64",
		    2);
}

static void what_is_no_module_is_bad(void **state)
{
	(void)state;
	machine.module = "/kprof.ko";
	add("/lib/modules/" RELEASE "/build/Makefile", "");
	assert_says(kprof_doctor_module, "bad ", "No such file", 2);
	add("/kprof.ko", "hello");
	assert_says(kprof_doctor_module, "bad ", "no kernel module", 2);
}

static void an_unsigned_file_is_bad_where_signatures_are_enforced(void **state)
{
	(void)state;
	add_good_module();
	add("/sys/module/module/parameters/sig_enforce", "Y\n");
	assert_says(kprof_doctor_module, "bad ", "Key was rejected by service",
		    3);
	add("/sys/module/module/parameters/sig_enforce", "N\n");
	add("/sys/kernel/security/lockdown",
	    "[none] integrity confidentiality\n");
	machine.has_fitting_file = false;
	assert_says(kprof_doctor_module, "ok ", "does not ask for it", 1);
	add("/sys/kernel/security/lockdown",
	    "none [integrity] confidentiality\n");
	machine.has_fitting_file = false;
	assert_says(kprof_doctor_module, "bad ", "Operation not permitted", 3);
	assert_says(kprof_doctor_module, "bad ", "mokutil --import", 3);
}

static void a_signed_file_is_ok_where_signatures_are_enforced(void **state)
{
	(void)state;
	add_module("/lib/modules/" RELEASE "/extra/kprof.ko", EM_X86_64,
		   RELEASE " SMP preempt mod_unload ",
		   "~Module signature appended~\n");
	add("/sys/module/module/parameters/sig_enforce", "Y\n");
	assert_says(kprof_doctor_module, "ok ", "it is signed", 1);
}

static void assert_refusal(const char *record, const char *advice)
{
	add("/dev/kmsg", record);
	assert_says(kprof_doctor_module, "bad ", advice, 2);
}

static void the_kernels_last_refusal_is_explained(void **state)
{
	(void)state;
	add_good_module();
	assert_refusal("4,600,9,-;kprof: version magic 'a' should be 'b'\n",
		       "built for another kernel");
	assert_refusal("4,601,9,-;kprof: Unknown symbol task_foo (err -2)\n",
		       "does not export");
	assert_refusal(
		"5,602,9,-;module: kprof: loading of module with "
		"unavailable key is rejected\n",
		"mokutil --import");
	assert_refusal(
		"5,603,9,-;Lockdown: insmod: unsigned module loading is "
		"restricted; see man kernel_lockdown.7\n",
		"signed modules only");
	add("/dev/kmsg", "6,1,9,-;other: version magic 'a' should be 'b'\n");
	assert_says(kprof_doctor_module, "bad ", "is not loaded", 1);
}

static void a_loaded_module_needs_neither_file_nor_headers(void **state)
{
	(void)state;
	add("/sys/module/kprof/initstate", "live\n");
	add("/sys/module/kprof/version", "0.1.0\n");
	assert_says(kprof_doctor_module, "ok ", "is loaded, version 0.1.0", 0);
	assert_true(machine.is_loaded);
	add("/sys/module/kprof/initstate", "going\n");
	assert_says(kprof_doctor_module, "bad ", "the module is going", 1);
}

/* Device */

static void a_device_that_is_not_there_or_none_is_bad(void **state)
{
	(void)state;
	assert_says(look_at_device, "bad ", "there is no /dev/kprof", 1);
	add("/dev/kprof", "");
	assert_says(look_at_device, "bad ", "is no device", 1);
}

static void assert_limits(const struct kprof_module_info *info,
			  const char *verdict, const char *part,
			  unsigned int nr_bad)
{
	struct kprof_doctor doctor = {};
	char *text;
	size_t len;

	doctor.out = open_memstream(&text, &len);
	kprof_doctor_limits(&doctor, info);
	fclose(doctor.out);
	assert_in(text, verdict, part, nr_bad, doctor.nr_bad);
	free(text);
}

static void limits_that_are_reached_or_missing_are_bad(void **state)
{
	struct kprof_module_info info = {
		.features = KPROF_MODULE_HIGH_RES,
		.max_rate_hz = 50000,
		.max_sessions = 8,
		.nr_sessions = 7,
		.max_cpu_percent = 5,
		.tick_hz = 250,
	};

	(void)state;
	assert_limits(&info, "ok ", "7 of 8 sessions", 0);
	assert_limits(&info, "ok ", "at most 5 % of a CPU", 0);
	assert_limits(&info, "ok ", "up to 50000 Hz", 0);
	info.nr_sessions = 8;
	assert_limits(&info, "bad ", "all 8 sessions are in use", 1);
	info.max_cpu_percent = 0;
	assert_limits(&info, "bad ", "max_cpu_percent is 0", 2);
	info.features = 0;
	assert_limits(&info, "bad ", "at most 250 Hz", 3);
}

/* Sampling */

static void assert_sample(const struct kprof_doctor_sample *sample,
			  const char *verdict, const char *part,
			  unsigned int nr_bad)
{
	struct kprof_doctor doctor = {};
	char *text;
	size_t len;

	doctor.out = open_memstream(&text, &len);
	kprof_doctor_judge_sample(&doctor, sample);
	fclose(doctor.out);
	assert_in(text, verdict, part, nr_bad, doctor.nr_bad);
	free(text);
}

static void a_second_of_sampling_is_judged_by_what_was_due(void **state)
{
	struct kprof_doctor_sample
		good =
			{
				.cpu_seconds = 1,
				.rate_hz = 99,
				.summary =
					{
						.samples = 98,
						.complete_samples = 98,
						.counters = {.taken_samples =
								     98,
							     .delivered_weight =
								     98},
					},
			},
		sample = good;

	(void)state;
	assert_sample(&sample, "ok ", "98 samples, none lost", 0);
	/* On a machine that is busy it ran for less. */
	sample.cpu_seconds = 0.1;
	sample.summary.counters.delivered_weight = 9;
	assert_sample(&sample, "ok ", "98 samples", 0);
	sample = good;
	sample.summary.counters.delivered_weight = 20;
	assert_sample(&sample, "bad ", "where 99 were due", 1);
	sample = good;
	sample.summary.counters.lost_samples = 3;
	assert_sample(&sample, "bad ", "3 of 98 samples were lost", 1);
	sample = good;
	sample.summary.counters.is_throttled = true;
	assert_sample(&sample, "ok ", "98 samples", 0);
	sample.summary.counters.delivered_weight = 120;
	assert_sample(&sample, "bad ", "max_cpu_percent", 1);
	sample = good;
	sample.summary.complete_samples = 10;
	assert_sample(&sample, "bad ", "only 10 % of 98 stacks", 1);
	sample = good;
	sample.summary.samples = 0;
	sample.summary.empty_reason = "nothing ran";
	assert_sample(&sample, "bad ", "nothing ran", 1);
}

/* Port */

#define HEAD \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n"
#define LISTENS(state)                                  \
	HEAD "   0: 0100007F:17AC 00000000:0000 " state \
	     " 00000000:00000000 00:00000000 00000000     0        0 4711 1\n"

static void a_port_is_free_ours_or_anothers(void **state)
{
	char command[256];

	(void)state;
	add("/proc/net/tcp", HEAD);
	assert_says(look_at_port, "ok ", "port 6060 is free", 0);
	/* A connection from there is no listener. */
	add("/proc/net/tcp", LISTENS("01"));
	assert_says(look_at_port, "ok ", "port 6060 is free", 0);
	add("/proc/net/tcp", LISTENS("0A"));
	assert_says(look_at_port, "bad ", "somebody else", 1);
	add("/proc/12/comm", "nginx\n");
	snprintf(command, sizeof(command),
		 "mkdir -p %s/proc/12/fd && ln -s 'socket:[4711]' "
		 "%s/proc/12/fd/3",
		 root, root);
	assert_int_equal(system(command), 0);
	assert_says(look_at_port, "bad ", "nginx has port 6060", 1);
	add("/proc/12/comm", "kprofctl\n");
	assert_says(look_at_port, "ok ", "listens on port 6060", 0);
}

static void a_port_that_is_wanted_has_to_be_listened_on(void **state)
{
	(void)state;
	machine.is_port_wanted = true;
	add("/proc/net/tcp6", HEAD);
	assert_says(look_at_port, "bad ", "start 'kprofctl serve'", 1);
}

#define test(name) cmocka_unit_test_setup_teardown(name, create, destroy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_kernel_that_is_too_old_is_bad),
		test(a_kernel_without_modules_is_bad),
		test(switched_off_loading_is_bad_unless_it_is_loaded),
		test(without_module_and_headers_both_are_asked_for),
		test(a_good_file_only_has_to_be_loaded),
		test(a_file_for_another_kernel_is_bad),
		test(a_file_for_another_machine_is_bad),
		test(what_is_no_module_is_bad),
		test(an_unsigned_file_is_bad_where_signatures_are_enforced),
		test(a_signed_file_is_ok_where_signatures_are_enforced),
		test(the_kernels_last_refusal_is_explained),
		test(a_loaded_module_needs_neither_file_nor_headers),
		test(a_device_that_is_not_there_or_none_is_bad),
		test(limits_that_are_reached_or_missing_are_bad),
		test(a_second_of_sampling_is_judged_by_what_was_due),
		test(a_port_is_free_ours_or_anothers),
		test(a_port_that_is_wanted_has_to_be_listened_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
