// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules of unwind tables in words.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include "cmd/unwind.h"

#include "kmod/unwind_table.h"
#include "util/cleanup.h"
#include "util/strbuf.h"

#include <stdio.h>
#include <string.h>

enum {
	NR_X86 = 16,
};

static const char *register_name(uint16_t machine, unsigned int reg,
				 char buf[static 8])
{
	static const char *const x86[NR_X86] = {
		"rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp",
		"r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15",
	};

	if (machine == KPROF_UNWIND_X86_64 && reg < NR_X86)
		return x86[reg];
	if (machine == KPROF_UNWIND_ARM && reg >= 13 && reg < 16)
		return (const char *const[]){"sp", "lr", "pc"}[reg - 13];
	if (machine == KPROF_UNWIND_ARM64 && reg == 31)
		return "sp";
	snprintf(buf, 8, "%c%u", machine == KPROF_UNWIND_ARM ? 'r' : 'x', reg);
	return buf;
}

static unsigned int stack_pointer(uint16_t machine)
{
	switch (machine) {
	case KPROF_UNWIND_X86_64:
		return 7;
	case KPROF_UNWIND_ARM64:
		return 31;
	case KPROF_UNWIND_RISCV64:
		return 2;
	default:
		return 13;
	}
}

static unsigned int frame_register(uint16_t machine, unsigned int which)
{
	switch (machine) {
	case KPROF_UNWIND_X86_64:
		return 6;
	case KPROF_UNWIND_ARM64:
		return 29;
	case KPROF_UNWIND_RISCV64:
		return 8;
	default:
		return which ? 7 : 11;
	}
}

static void add_offset(struct kprof_strbuf *out, int offset)
{
	if (offset)
		kprof_strbuf_appendf(out, "%+d", offset);
}

static void add_cfa(struct kprof_strbuf *out,
		    const struct kprof_unwind_rule *rule, uint16_t machine)
{
	bool is_memory = rule->cfa == KPROF_CFA_MEMORY;
	bool is_plt = rule->cfa == KPROF_CFA_PLT;
	unsigned int reg = is_plt ? stack_pointer(machine) : rule->cfa_register;
	char buf[8];

	kprof_strbuf_appendf(out, "%s%s", is_memory ? "[" : "",
			     register_name(machine, reg, buf));
	add_offset(out, rule->cfa_offset);
	if (is_memory) {
		kprof_strbuf_appendf(out, "]");
		add_offset(out, rule->cfa_add);
	}
	if (is_plt)
		kprof_strbuf_appendf(out, ", and 8 more from byte %d of 16 on",
				     rule->cfa_add);
}

static void add_saved(struct kprof_strbuf *out, const char *name,
		      unsigned int saved, int offset)
{
	if (saved == KPROF_SAVED_SAME)
		return;
	if (saved == KPROF_SAVED_LOST) {
		kprof_strbuf_appendf(out, ", %s lost", name);
		return;
	}
	kprof_strbuf_appendf(out, ", %s [%s", name,
			     saved == KPROF_SAVED_CFA ? "cfa" : name);
	add_offset(out, offset);
	kprof_strbuf_appendf(out, "]");
}

static void add_ra(struct kprof_strbuf *out,
		   const struct kprof_unwind_rule *rule, uint16_t machine)
{
	char buf[8];

	if (rule->ra == KPROF_RA_REGISTER) {
		kprof_strbuf_appendf(
			out, ", return %s",
			register_name(machine, (unsigned int)rule->ra_offset,
				      buf));
		return;
	}
	kprof_strbuf_appendf(out, ", return [cfa");
	add_offset(out, rule->ra_offset);
	kprof_strbuf_appendf(out, "]");
}

static void describe(struct kprof_strbuf *out,
		     const struct kprof_unwind_rule *rule, uint16_t machine)
{
	char buf[8];

	switch (rule->cfa) {
	case KPROF_CFA_UNKNOWN:
		kprof_strbuf_appendf(out, "unknown");
		return;
	case KPROF_CFA_OUTERMOST:
		kprof_strbuf_appendf(out, "outermost");
		return;
	case KPROF_CFA_SIGNAL:
		kprof_strbuf_appendf(
			out, "signal, registers at %s",
			register_name(machine, stack_pointer(machine), buf));
		add_offset(out, rule->cfa_offset);
		return;
	}
	add_cfa(out, rule, machine);
	add_ra(out, rule, machine);
	for (unsigned int i = 0; i < 2; i++)
		add_saved(
			out,
			register_name(machine, frame_register(machine, i), buf),
			i ? rule->saved >> 4 : rule->saved & 15,
			i ? rule->fp1_offset : rule->fp_offset);
}

void kprof_unwind_rule_text(const struct kprof_unwind_rule *rule,
			    uint16_t machine,
			    char ret[static KPROF_UNWIND_TEXT_BYTES])
{
	_cleanup_strbuf_ struct kprof_strbuf out = {};

	describe(&out, rule, machine);
	snprintf(ret, KPROF_UNWIND_TEXT_BYTES, "%s", kprof_strbuf_str(&out));
}
